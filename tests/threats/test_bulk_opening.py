"""Row "root on a running unsealed host": how much may be opened, by a server that has been taken over.

The attacker asks the vault whatever the web process may ask, in any person's name, for as long as he likes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.errors import Refused, TooMany
from engine.ports import MOST_WRAPS
from engine.trust.wrap import Wrap
from storage.budgets import HOUR, Budget, Budgets
from storage.passphrases import Passphrases
from storage.vault_house import OPERATIONS
from storage.vault_house import House as VaultHouse
from tests.threats.conftest import House

OF_ONE, OF_ALL = 12, 60
PEOPLE = [f"p_{n:016d}" for n in range(200)]


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def vault_of(house: House, clock: Callable[[], float]) -> VaultHouse:
    """The vault as it runs beside the server, with a small budget."""
    budgets = Budgets(Budget(unwraps=OF_ONE, signatures=5, unwraps_of_all=OF_ALL), clock)
    (unseal,) = (house.configuration / "fengjian").iterdir()
    inside = VaultHouse(house.data / "vault", Passphrases(), budgets, unseal_folder=unseal)
    inside.open_if_unattended()
    return inside


@pytest.fixture
def documents(house: House) -> list[tuple[Wrap, ...]]:
    """The wraps of every document, as the stolen server reads them from its own folder."""
    with house.open():
        return [kept.wraps for _, kept in house.at_work.erasable.scan() if kept.wraps]


def opened(inside: VaultHouse, wraps: tuple[Wrap, ...], person: str) -> bool:
    try:
        keys = inside.answer("unwrap_all", (wraps,), person)
    except TooMany as refused:
        assert refused.code == "vault.budget" and refused.facts["retry_after"] > 0
        return False
    assert len(keys) == len(wraps) and all(len(one) == 32 for one in keys)
    return True


def test_one_person_and_all_names_together_open_the_budget_and_no_more(
    house: House, documents: list[tuple[Wrap, ...]]
) -> None:
    inside = vault_of(house, Clock())
    wraps = documents[0]
    assert sum(opened(inside, wraps, PEOPLE[0]) for _ in range(500)) == OF_ONE
    # Other names do not help for long, nor does the machine's own.
    assert sum(opened(inside, wraps, person) for person in PEOPLE) == OF_ALL - OF_ONE
    assert not any(opened(inside, wraps, person) for person in (*PEOPLE, "system", ""))


def test_patience_gives_the_budget_of_each_hour_and_no_more(
    house: House, documents: list[tuple[Wrap, ...]]
) -> None:
    clock = Clock()
    inside = vault_of(house, clock)
    total, hours = 0, 5
    for second in range(0, int(hours * HOUR), 10):
        clock.seconds = float(second)
        for person in PEOPLE[(second // 10) % 190 :][:4]:
            total += opened(inside, documents[0], person)
    assert OF_ALL * (hours + 1) - 3 <= total <= OF_ALL * (hours + 1)


def test_no_question_opens_more_than_one_document(
    house: House, documents: list[tuple[Wrap, ...]]
) -> None:
    inside = vault_of(house, Clock())
    first, second = documents[0][0], documents[1][0]
    many = tuple(first for _ in range(MOST_WRAPS + 1))
    for wraps in ((first, second), many, (first, replace(first, doc=second.doc))):
        with pytest.raises(Refused) as refused:
            inside.answer("unwrap_all", (wraps,), "system")
        assert refused.value.code == "vault.question"
    # Refused questions cost nothing, and leave the budget whole.
    assert sum(opened(inside, documents[0], "system") for _ in range(OF_ALL * 2)) == OF_ALL


def test_no_other_question_gives_a_key_out(house: House, documents: list[tuple[Wrap, ...]]) -> None:
    inside = vault_of(house, Clock())
    wraps = documents[0]
    keys = set(inside.answer("unwrap_all", (wraps,), PEOPLE[0]))
    for name in ("_ring", "__dict__", "_people", "ring", "export", "last_signed", "_open", "answer"):
        with pytest.raises(Refused):
            inside.answer(name, (), "system")
    assert not {name for name in OPERATIONS if name.startswith("_")}
    # Rewrapping answers with wraps again, under the newest epoch, and with nothing that opens them.
    newest = inside.answer("turn_epoch", (wraps[0].compartment,), "system")
    (again,) = (inside.answer("rewrap", (wraps[:1],), "system"),)
    text = repr((newest, again)).encode() + b"".join(one.ct for one in again)
    assert not [key for key in keys if key in text or key.hex().encode() in text]


def test_signatures_of_a_person_are_counted_though_the_key_is_open(house: House) -> None:
    inside = vault_of(house, Clock())
    person = PEOPLE[0]
    inside.answer("enrol", (person, "fifteen herons in a row"), "system")
    token = inside.answer("unlock", (person, "fifteen herons in a row", "5e" * 32), "system")
    made = 0
    with pytest.raises(TooMany) as refused:
        for number in range(100):
            inside.answer("sign_as", (token, person, b"step %d" % number), PEOPLE[number % 9])
            made += 1
    # Counted by whose key it is, whoever is said to ask.
    assert (made, refused.value.code) == (5, "vault.budget")
