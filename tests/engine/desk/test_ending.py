"""Killed between the steps of a revocation: the next start brings register, directory and keys together."""

from __future__ import annotations

from typing import Any

import pytest

from engine.desk import ending, keys, people
from engine.errors import Broken, NotAllowed
from engine.trust.statement import CLASSES
from tests.engine.desk.administration import GUO, account, key_entry, person, with_administrators
from tests.engine.desk.office import LIN, ZHOU, Office, open_office
from tests.engine.desk.test_keys import audited

COMPARTMENTS = tuple(f"310104.info_entry.{klass}" for klass in CLASSES)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def office() -> Office:
    office = with_administrators(open_office())
    office.submit()
    return office


def killed_at(office: Office, monkeypatch: pytest.MonkeyPatch, port: str, verb: str, act: Any) -> None:
    """Do something and die when a port's verb is called."""

    def die(*_args: object, **_named: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(getattr(office.desk, port), verb, die)
        with pytest.raises(Killed):
            act()


def epochs(office: Office) -> list[int]:
    held = office.desk.vault.epochs()
    return [max(held[name]) for name in COMPARTMENTS if name in held]


PLACES = [
    ("vault", "turn_epoch"), ("directory", "save"), ("vault", "forget_key"), ("vault", "sign_registrar"),
    ("trust", "save_snapshot"),
]  # fmt: skip


@pytest.mark.parametrize(("port", "verb"), PLACES)
def test_a_dismissal_that_was_killed_is_whole_or_has_not_happened(
    office: Office, monkeypatch: pytest.MonkeyPatch, port: str, verb: str
) -> None:
    desk, lin, before = office.desk, person(office, LIN), epochs(office)
    assert before
    guo, unlock = office.actors[GUO], office.unlocks[GUO]
    killed_at(office, monkeypatch, port, verb, lambda: keys.dismiss(desk, guo, lin, unlock))
    ending.settle(desk)
    has_happened = not account(office, LIN).active
    assert has_happened == (PLACES.index((port, verb)) > 1)
    if has_happened:
        assert all(now > then for now, then in zip(epochs(office), before, strict=True))
        entry = key_entry(office, LIN)
        assert entry["reason"] == "dismissed" and entry["valid_to_index"] is not None
        assert not desk.vault.is_unlocked(office.unlocks[LIN])
        with pytest.raises(NotAllowed):
            people.as_of_now(desk, office.actors[LIN])
    else:
        assert key_entry(office, LIN)["valid_to_index"] is None
        keys.dismiss(desk, guo, lin, unlock)
    size = desk.journal.next_index
    ending.settle(desk)
    assert desk.journal.next_index == size  # nothing is left to finish
    assert audited(office) == []


@pytest.mark.parametrize("verb", ["log", "keep"])
def test_a_compromise_keeps_its_suspect_window_through_a_crash(
    office: Office, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    desk, zhou = office.desk, person(office, ZHOU)
    port, name = {"log": ("vault", "sign_registrar"), "keep": ("trust", "save_snapshot")}[verb]
    guo, unlock = office.actors[GUO], office.unlocks[GUO]
    killed_at(office, monkeypatch, port, name, lambda: keys.compromise(desk, guo, zhou, 3, unlock))
    ending.settle(desk)
    entry = key_entry(office, ZHOU)
    assert (entry["reason"], entry["suspect_since_index"]) == ("compromised", 3)
    assert audited(office) == []


def test_a_grant_that_was_taken_away_is_gone_after_a_crash(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, before = office.desk, epochs(office)
    (grant,) = account(office, LIN).grants
    guo, unlock = office.actors[GUO], office.unlocks[GUO]
    killed_at(
        office, monkeypatch, "vault", "sign_registrar",
        lambda: keys.end_grant(desk, guo, person(office, LIN), grant["id"], unlock),
    )  # fmt: skip
    ending.settle(desk)
    assert all(now > then for now, then in zip(epochs(office), before, strict=True))
    entry = next(one for one in people.entries(desk) if one["person"] == person(office, LIN))
    assert [one["valid_to_index"] is None for one in entry["grants"]] == [False]
    assert audited(office) == []


def test_a_register_that_cannot_be_made_again_is_an_alarm(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, lin = office.desk, person(office, LIN)
    guo, unlock = office.actors[GUO], office.unlocks[GUO]
    killed_at(
        office, monkeypatch, "trust", "save_snapshot", lambda: keys.dismiss(desk, guo, lin, unlock)
    )
    other = account(office, ZHOU)
    monkeypatch.setattr(desk.directory, "all", lambda: (other,))
    with pytest.raises(Broken, match=r"register\.lost"):
        ending.settle(desk)
