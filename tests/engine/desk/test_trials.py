"""The trial run over stored documents: counted by cause, named, logged, and nothing else left behind."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from engine.desk import opening_many, trials
from engine.errors import NeedsUnlock, NotAllowed, NotFound, TooMany
from engine.ports import Access
from tests.engine.desk.later_version import NEW_NAME, OLD_NAME, later, lift, said, with_later
from tests.engine.desk.office import HE, LIN, WANG, Office, example


@pytest.fixture
def stocked(office: Office) -> tuple[Office, list[str]]:
    """Three documents, each withdrawn, so that the next one about the same person is allowed."""
    docs = []
    for _ in range(3):
        docs.append(office.submit().doc)
        office.decide(LIN, docs[-1], "withdraw", {"comment": "本人改日再来"})
    return office, docs


def test_causes_are_counted_as_signed_and_as_lifted(stocked: tuple[Office, list[str]]) -> None:
    office, docs = stocked
    size = office.journal.next_index
    found = trials.run(office.desk, office.actors[HE], later(), office.unlocks[HE], lifts=[lift()])
    named = tuple(sorted(docs))
    assert [
        (c.pattern, c.code, c.count, tuple(sorted(c.first))) for c in found.as_signed.causes
    ] == [
        (f"/insured/{NEW_NAME}", "required", 3, named),
        (f"/insured/{OLD_NAME}", "unknown_field", 3, named),
    ]  # fmt: skip
    assert found.lifted is not None
    assert (found.lifted.seen, found.lifted.valid, found.lifted.causes) == (3, 3, ())
    assert (found.population, found.size, found.destroyed, found.is_over) == (3, 3, 0, True)
    assert office.journal.next_index == size
    assert trials.TrialRun.from_json(json.loads(json.dumps(found.as_json()))) == found
    assert example()["insured"]["full_name"] not in said(found.as_json())


def test_the_access_log_names_every_document_that_was_opened(stocked: tuple[Office, list[str]]) -> None:
    office, docs = stocked
    before = list(office.desk.access.entries())
    trials.run(office.desk, office.actors[HE], later(), office.unlocks[HE])
    (entry,) = list(office.desk.access.entries())[len(before) :]
    assert isinstance(entry, Access)
    assert (entry.person, entry.role, entry.purpose) == (office.actors[HE].person, "info_manager", "trial")
    assert entry.what[0] == "trial"
    assert sorted(entry.what[1:]) == sorted(docs)


@pytest.mark.parametrize("who", [LIN, WANG])
def test_only_information_managers_run_a_trial(stocked: tuple[Office, list[str]], who: str) -> None:
    office, _ = stocked
    before = len(list(office.desk.access.entries()))
    with pytest.raises(NotAllowed):
        trials.run(office.desk, office.actors[who], later(), office.unlocks[who])
    assert len(list(office.desk.access.entries())) == before


def test_a_sample_says_its_size_and_is_the_same_each_time(stocked: tuple[Office, list[str]]) -> None:
    office, _ = stocked
    found = [
        trials.run(office.desk, office.actors[HE], later(), office.unlocks[HE], most=2) for _ in range(2)
    ]
    assert [(one.population, one.size, one.as_signed.seen) for one in found] == [(3, 2, 2)] * 2
    assert found[0] == found[1]


def test_it_tells_how_far_it_has_come_and_stops_when_it_is_told_to(
    stocked: tuple[Office, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _ = stocked
    monkeypatch.setattr(trials, "BATCH", 1)
    told: list[trials.TrialRun] = []
    trials.run(office.desk, office.actors[HE], later(), office.unlocks[HE], tell=told.append)
    assert [(one.as_signed.seen, one.is_over) for one in told] == [(1, False), (2, False), (3, False)]
    stopped = trials.run(
        office.desk, office.actors[HE], later(), office.unlocks[HE],
        tell=told.append, is_cancelled=lambda: len(told) >= 4
    )
    assert (stopped.as_signed.seen, stopped.is_over, stopped.was_stopped) == (1, True, True)


class Stingy:
    """The office's vault with a budget: so many documents, then as many again after each wait."""

    def __init__(self, vault: Any, each: int) -> None:
        self._vault, self._each, self._left = vault, each, each
        self.waited: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vault, name)

    def open_contents(self, permit: str, contents: Any) -> Any:
        if self._left < len(contents):
            raise TooMany("vault.budget", retry_after=72)
        self._left -= len(contents)
        return self._vault.open_contents(permit, contents)

    def wait(self, seconds: float) -> None:
        """Time passes and the budget fills."""
        self.waited.append(seconds)
        self._left = self._each


def test_it_waits_for_the_vaults_budget_and_says_so(
    stocked: tuple[Office, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _ = stocked
    monkeypatch.setattr(trials, "BATCH", 1)
    stingy: Any = Stingy(office.desk.vault, 2)
    desk = replace(office.desk, vault=stingy)
    told: list[trials.TrialRun] = []
    found = trials.run(
        desk, office.actors[HE], later(), office.unlocks[HE], tell=told.append, pause=stingy.wait
    )
    assert (found.as_signed.seen, found.was_stopped, stingy.waited) == (3, False, [72])
    assert [(one.as_signed.seen, one.waits) for one in told] == [(1, 0), (2, 0), (2, 72), (3, 0)]


def test_without_time_to_wait_it_ends_with_what_it_has_found(
    stocked: tuple[Office, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _ = stocked
    monkeypatch.setattr(trials, "BATCH", 1)
    stingy: Any = Stingy(office.desk.vault, 2)
    found = trials.run(replace(office.desk, vault=stingy), office.actors[HE], later(), office.unlocks[HE])
    assert (found.as_signed.seen, found.is_over, found.stopped_by) == (2, True, "vault.budget")
    assert [one.count for one in found.as_signed.causes] == [2, 2]


def test_the_version_in_force_finds_no_fault_with_what_it_accepted(
    stocked: tuple[Office, list[str]],
) -> None:
    office, _ = stocked
    in_force = office.desk.registry.get("info_entry", "1.0.0")
    found = trials.run(office.desk, office.actors[HE], in_force, office.unlocks[HE])
    assert (found.as_signed.valid, found.as_signed.causes) == (3, ())


def test_a_lift_that_leads_from_nowhere_stored_is_refused_before_anything_is_opened(
    stocked: tuple[Office, list[str]],
) -> None:
    office, _ = stocked
    with_later(office)
    before = len(list(office.desk.access.entries()))
    with pytest.raises(NotFound):
        trials.run(office.desk, office.actors[HE], later("0.9.0"), office.unlocks[HE], lifts=[lift()])
    assert len(list(office.desk.access.entries())) == before


def test_a_key_that_is_locked_opens_nothing(stocked: tuple[Office, list[str]]) -> None:
    office, _ = stocked
    before = len(list(office.desk.access.entries()))
    for unlock in (None, office.unlocks[LIN]):
        with pytest.raises(NeedsUnlock):
            trials.run(office.desk, office.actors[HE], later(), unlock)
    assert len(list(office.desk.access.entries())) == before


@pytest.mark.parametrize("size", [1, 2, 3, 256])
def test_the_next_batch_may_be_opened_while_one_is_judged(
    stocked: tuple[Office, list[str]], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    office, _ = stocked
    monkeypatch.setattr(trials, "BATCH", size)
    alone = trials.run(office.desk, office.actors[HE], later(), office.unlocks[HE], lifts=[lift()])
    with ThreadPoolExecutor(1) as hands:
        found = trials.run(
            office.desk, office.actors[HE], later(), office.unlocks[HE], lifts=[lift()], ahead=hands
        )
    assert found == alone


def test_a_document_destroyed_meanwhile_is_counted_as_destroyed(
    stocked: tuple[Office, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, docs = stocked
    content_of = opening_many.content_of
    monkeypatch.setattr(
        opening_many, "content_of", lambda desk, row: None if row["doc"] == docs[1] else content_of(desk, row)
    )
    found = trials.run(office.desk, office.actors[HE], later(), office.unlocks[HE])
    assert (found.size, found.destroyed, found.as_signed.seen, found.was_stopped) == (2, 1, 2, False)
