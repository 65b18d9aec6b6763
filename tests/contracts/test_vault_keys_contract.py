"""What every vault promises of keys that turn: a person's next key, a compartment's next epoch."""

from __future__ import annotations

import pytest

from engine.errors import Broken, NeedsUnlock, NotAllowed
from engine.ports import Vault
from engine.trust.wrap import wrap_set_digest
from tests.contracts.test_vault_contract import holds, vault

__all__ = ["vault"]

DK = b"7" * 32


def test_a_next_key_signs_nothing_until_it_is_adopted(vault: Vault) -> None:
    old = vault.enrol("p_xiaolin", "an umbrella in March")
    token = vault.unlock("p_xiaolin", "an umbrella in March", "morning")
    new = vault.make_next_key("p_xiaolin", "a straw hat in June")
    assert holds(vault.sign_as(token, "p_xiaolin", b"event"), b"event", old)
    with pytest.raises(NotAllowed):
        vault.unlock("p_xiaolin", "a straw hat in June", "morning")
    assert not vault.adopt_key("p_xiaolin", old)
    assert vault.adopt_key("p_xiaolin", new)
    assert not vault.adopt_key("p_xiaolin", new)
    with pytest.raises(NeedsUnlock):
        vault.sign_as(token, "p_xiaolin", b"event")
    with pytest.raises(NotAllowed):
        vault.unlock("p_xiaolin", "an umbrella in March", "morning")
    again = vault.unlock("p_xiaolin", "a straw hat in June", "morning")
    assert holds(vault.sign_as(again, "p_xiaolin", b"event"), b"event", new)


def test_a_forgotten_key_is_gone_with_what_it_had_unlocked(vault: Vault) -> None:
    vault.enrol("p_xiaolin", "one")
    token = vault.unlock("p_xiaolin", "one", "morning")
    vault.make_next_key("p_xiaolin", "two")
    vault.forget_key("p_xiaolin")
    with pytest.raises(NeedsUnlock):
        vault.sign_as(token, "p_xiaolin", b"event")
    for passphrase in ("one", "two"):
        with pytest.raises(NotAllowed):
            vault.unlock("p_xiaolin", passphrase, "morning")


def test_a_new_epoch_wraps_anew_and_the_old_one_still_opens(vault: Vault) -> None:
    place = "310199.first.health"
    first = vault.wrap("d" * 26, "health", place, DK)
    assert vault.epochs()[place] == (1,)
    assert vault.turn_epoch(place) == 2
    second = vault.wrap("e" * 26, "health", place, DK)
    assert (first.epoch, second.epoch) == (1, 2)
    assert (vault.unwrap(first), vault.unwrap(second)) == (DK, DK)


def test_a_rewrapped_key_is_the_same_key_in_the_newest_epoch(vault: Vault) -> None:
    place = "310199.second.health"
    first = vault.wrap("d" * 26, "health", place, DK)
    vault.turn_epoch(place)
    newer = vault.wrap("e" * 26, "health", place, DK)
    moved = vault.rewrap((first, newer))
    assert [one.epoch for one in moved] == [2, 2] and moved[1] == newer
    assert (moved[0].doc, moved[0].dk_id) == (first.doc, first.dk_id) and moved[0].ct != first.ct
    assert vault.unwrap(moved[0]) == DK
    assert wrap_set_digest(moved) == wrap_set_digest(reversed(moved)) != wrap_set_digest((first, newer))


def test_a_retired_epoch_opens_nothing_and_the_newest_never_retires(vault: Vault) -> None:
    place = "310199.third.health"
    first = vault.wrap("d" * 26, "health", place, DK)
    vault.turn_epoch(place)
    (moved,) = vault.rewrap((first,))
    vault.retire_epochs(place, 99)
    assert vault.epochs()[place] == (2,)
    assert vault.unwrap(moved) == DK
    with pytest.raises(Broken):
        vault.unwrap(first)
    with pytest.raises(Broken):
        vault.rewrap((first,))
