"""Row "k share-holders colluding": what custodians can do with their shares and a stolen backup.

Three of five are needed. Two have nothing, whatever they make up; three read everything and still sign in
nobody's name.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import orjson
import pytest
from shamir_mnemonic.share import Share

from engine.desk import reading
from engine.errors import Broken, Invalid, NotAllowed, TooMany, Unavailable
from storage.keyring import configuration_folder, open_sealed
from storage.passphrases import Passphrases
from storage.person_keys import _LABEL
from storage.ring_recovery import open_by_recovery
from storage.unsealing import FILE, combine, split
from storage.vault import open_vault
from tests.threats.conftest import AUDITOR, SESSION, House
from web.ceremony import Sealing
from web.recovery import RecoveryPlan, recover_agency

Place = Callable[[str], Path]
NEEDED, HELD = 3, 5


def invented(own: tuple[str, ...], bit: int) -> str:
    """A share that its makers have no part of: rightly spelled, of the same split, with a value made up."""
    first, second = (Share.from_mnemonic(one) for one in own)
    value = bytes(a ^ b ^ bit for a, b in zip(first.value, second.value, strict=True))
    free = next(n for n in range(16) if n not in (first.index, second.index))
    made: str = replace(first, index=free, value=value).mnemonic()
    return made


def names_in(house: House) -> set[str]:
    return {reading.answers_of(house.at_work, row)["insured"]["full_name"] for row in house.rows()}


def test_below_the_threshold_they_open_nothing_whatever_they_make_up(house: House, another: Place) -> None:
    shares = split(house.recovery_secret, NEEDED, HELD)
    foreign = split(bytes(32), NEEDED, HELD)
    backup = house.copy(another("backup"), with_configuration=False)
    ring = backup.data / "vault" / "ring"
    for two in combinations(shares, 2):
        words = two[0].split()
        tries = [
            two,
            (*two, two[0]),  # one of them twice
            (*two, foreign[4]),  # somebody's share of something else
            (*two, " ".join([*words[:-4], *reversed(words[-4:])])),  # a word list that is no share
            *((*two, invented(two, bit)) for bit in range(8)),
        ]
        for tried in tries:
            with pytest.raises(Invalid):
                combine(tried)
    # Guessing the key itself instead of the shares: each guess is refused by the escrow, and there are 2^256.
    for guess in (bytes(32), house.recovery_secret[::-1], bytes([house.recovery_secret[0] ^ 1]) * 32):
        with pytest.raises((Broken, Unavailable, Invalid, NotAllowed)):
            open_by_recovery(ring, guess)
    plan = RecoveryPlan(shares[:2], Sealing(FILE))
    with pytest.raises(Invalid):
        recover_agency(backup.data, another("tried"), plan)
    assert not another("tried").exists()
    with pytest.raises(Unavailable):
        open_vault(backup.data / "vault", Passphrases(), unseal_folder=another("nowhere"))


def test_at_the_threshold_they_read_all_of_the_backup_and_sign_for_nobody(
    house: House, another: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.open():
        wanted = names_in(house)
        people = [one.person for one in house.at_work.directory.all()]
    backup = house.copy(another("backup"), with_configuration=False)
    shares = split(house.recovery_secret, NEEDED, HELD)
    theirs = House(another("their house") / "data", another("their house") / "configuration")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(theirs.configuration))
    recovered = recover_agency(backup.data, theirs.data, RecoveryPlan(shares[1:4], Sealing(FILE)))
    assert recovered.size > 0
    ring = open_by_recovery(backup.data / "vault" / "ring", combine(shares[2:5]))
    with theirs.open():
        assert names_in(theirs) == wanted  # yes: choose custodians in different bodies
        account = theirs.at_work.directory.by_staff_no(AUDITOR)
        assert account is not None
        for guess in (AUDITOR, account.name, "123456"):
            with pytest.raises((NotAllowed, TooMany)):
                theirs.at_work.vault.unlock(account.person, guess, SESSION)
    # A person's key is shut by the passphrase alone: no key that custodians come by opens it.
    held = [
        house.recovery_secret, ring.platform, ring.log, ring.index_root, ring.note_root, *ring.registrar,
        *ring.root, *(one.key for epochs in ring.compartments.values() for one in epochs.values()),
    ]  # fmt: skip
    for person in people:
        sealed = b64decode(orjson.loads((backup.data / "vault" / "people" / person).read_bytes())["sealed"])
        for key in held:
            with pytest.raises(Broken):
                open_sealed(key, sealed, _LABEL + person.encode())
    # And the agency's own machine is untouched: what they did opened nothing there and stopped nothing.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(house.configuration))
    assert (configuration_folder(ring.id) / "unseal").is_file()
    with house.open():
        assert names_in(house) == wanted
