"""Shares and passphrases that keep a root key shut: SLIP-39's published vectors, and what we make of them."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from shamir_mnemonic import MnemonicError, combine_mnemonics

from engine.errors import Invalid
from storage.passphrases import Passphrases, Strength
from storage.unsealing import combine, gather, key_by_passphrase, lock_by_passphrase, lock_by_shares, split

QUICK = Strength(passes=1, memory=8192)

# From the vectors of SLIP-0039 (256 bits, passphrase TREZOR): one share, two of three.
ONE = (
    "theory painting academic academic armed sweater year military elder discuss acne wildlife boring"
    " employer fused large satoshi bundle carbon diagnose anatomy hamster leaves tracks paces beyond"
    " phantom capital marvel lips brave detect luck"
)
TWO_OF_THREE = (
    "humidity disease academic always aluminum jewelry energy woman receiver strategy amuse duckling lying"
    " evidence network walnut tactics forget hairy rebound impulse brother survive clothes stadium mailman"
    " rival ocean reward venture always armed unwrap",
    "humidity disease academic agency actress jacket gross physics cylinder solution fake mortgage benefit"
    " public busy prepare sharp friar change work slow purchase ruler again tricycle involve viral"
    " wireless mixture anatomy desert cargo upgrade",
)
# Number 12 of the vectors: two shares of one split of which the first says "one is enough".
MISMATCHED = [
    "hour painting academic academic device formal evoke guitar random modern justice filter withdraw trouble"
    " identify mailman insect general cover oven",
    "hour painting academic agency artist again daisy capital beaver fiber much enjoy suitable symbolic"
    " identify photo editor romp float echo",
]


def test_the_published_shares_give_the_published_secrets() -> None:
    assert combine_mnemonics([ONE], b"TREZOR").hex() == (
        "989baf9dcaad5b10ca33dfd8cc75e42477025dce88ae83e75a230086a0e00e92"
    )
    assert combine_mnemonics(TWO_OF_THREE, b"TREZOR").hex() == (
        "c938b319067687e990e05e0da0ecce1278f75ff58d9853f19dcaeed5de104aae"
    )


@pytest.mark.parametrize(
    "shares",
    [
        [ONE.replace("detect luck", "detect lunar")],  # published: invalid checksum
        [ONE.replace("armed", "campus", 1).replace("brave detect luck", "facility obtain sister")],  # padding
        TWO_OF_THREE[:1],  # published: too few
        [*TWO_OF_THREE[:1], ONE],
        MISMATCHED,  # published: shares that say different thresholds
        [*reversed(MISMATCHED)],
        ["not a share"],
        [],
    ],
)
def test_published_faults_are_refused(shares: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        combine(shares)
    assert [one.code for one in refused.value.problems] == ["shares.wrong"]


def test_every_published_vector_comes_out_as_published(third_party_vectors: Path) -> None:
    file = third_party_vectors / "slip39" / "vectors.json"
    if not file.is_file():
        pytest.skip("the SLIP-39 vectors (../shared/vectors/slip39) are not on this machine")
    different = []
    for row in json.loads(file.read_text()):
        shares, secret = row[-3:-1] if len(row) > 3 else row[-2:]
        try:
            found = combine_mnemonics(shares, b"TREZOR").hex()
        except MnemonicError:
            found = ""
        different += [row] if found != secret else []
        if not secret:  # ours opens no set of shares that the paper calls faulty
            with pytest.raises(Invalid):
                combine(shares)
    assert different == []


def test_any_enough_shares_give_the_secret_and_fewer_do_not() -> None:
    secret = bytes(range(32))
    shares = split(secret, 3, 5)
    assert len({len(one.split()) for one in shares}) == 1 and len(shares[0].split()) == 33
    assert {combine(chosen) for chosen in combinations(shares, 3)} == {secret}
    assert combine([f" {one.upper()} \n" for one in shares]) == secret
    for few in combinations(shares, 2):
        with pytest.raises(Invalid):
            combine(few)
    with pytest.raises(Invalid):  # a share of another split is not passed over because enough others came
        combine([*shares[:3], split(secret, 3, 5)[3]])


def test_shares_are_gathered_whatever_their_order_and_only_of_one_split() -> None:
    shares, others = split(bytes(32), 2, 3), split(bytes(32), 2, 3)
    held, gathered = gather((), shares[2])
    assert (gathered.have, gathered.need, gathered.is_enough) == (1, 2, False)
    with pytest.raises(Invalid):
        gather(held, others[0])
    held, gathered = gather(held, shares[2])
    assert gathered.have == 1
    held, gathered = gather(held, shares[0])
    assert (gathered.is_enough, combine(held)) == (True, bytes(32))


@pytest.mark.parametrize(("threshold", "count"), [(1, 3), (4, 3), (2, 17), (0, 0)])
def test_a_split_that_protects_nothing_is_refused(threshold: int, count: int) -> None:
    with pytest.raises(Invalid):
        lock_by_shares(threshold, count)


def test_a_passphrase_makes_the_same_key_from_the_facts_that_lie_in_the_open() -> None:
    passphrases = Passphrases(QUICK)
    lock = lock_by_passphrase(passphrases, "fifteen herons in a row", QUICK)
    assert key_by_passphrase(passphrases, "fifteen herons in a row", lock.facts) == lock.key
    assert key_by_passphrase(passphrases, "fifteen herons in a roW", lock.facts) != lock.key
    assert lock.key.hex() not in json.dumps(dict(lock.facts))
    with pytest.raises(Invalid):
        lock_by_passphrase(passphrases, "fourteen heron", QUICK)
