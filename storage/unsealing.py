"""How a ring's root key is kept shut while the system is off, and what it takes to open it (trust.md §2.1).

Decides the four methods and the public facts each leaves in the ring file. Never keeps a secret: what a
method needs (file, passphrase, shares, PIN) is handed in, and what it makes is handed out once.

    file         32 random bytes beside the ring's owner, in the user's configuration folder (demo)
    passphrase   argon2id(passphrase, salt), t=3, 256 MiB: about half a second a guess
    shares       32 random bytes, split k of n by SLIP-39, kept by custodians
    module       the module wraps the root key itself, and holds the platform key
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share

from engine.errors import Invalid, Problem
from storage.passphrases import MIB, Passphrases, Strength

FILE, PASSPHRASE, SHARES, MODULE = "file", "passphrase", "shares", "module"
CUSTODIANS = Strength(passes=3, memory=256 * MIB)
"""What a guess at the passphrase of the whole agency costs (trust.md §2.1: 0.45 s)."""

MOST_SHARES = 16
SHORTEST_PASSPHRASE = 15


@dataclass(frozen=True, slots=True)
class Lock:
    """A key that opens the root key, the facts that stand in the ring file, and the shares handed out."""

    key: bytes
    facts: Mapping[str, Any]
    shares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of shares that were entered: how many fit together, and how many are needed."""

    have: int
    need: int

    @property
    def is_enough(self) -> bool:
        """Whether the secret can be put together."""
        return self.have >= self.need


def lock_by_file() -> Lock:
    """A random key for the unseal file."""
    return Lock(os.urandom(32), {"mode": FILE})


def lock_by_passphrase(passphrases: Passphrases, passphrase: str, strength: Strength = CUSTODIANS) -> Lock:
    """A key from a passphrase. Raises Invalid (`passphrase.short`) for fewer than 15 characters."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Invalid(problems=[Problem("/passphrase", "passphrase.short", {"least": SHORTEST_PASSPHRASE})])
    salt = os.urandom(16)
    facts = {
        "mode": PASSPHRASE, "salt": salt.hex(), "passes": strength.passes, "memory": strength.memory,
    }  # fmt: skip
    return Lock(passphrases.derive(passphrase, salt, strength), facts)


def lock_by_shares(threshold: int, count: int) -> Lock:
    """A random key split among custodians. Raises Invalid (`shares.numbers`)."""
    key = os.urandom(32)
    facts = {"mode": SHARES, "threshold": threshold, "count": count}
    return Lock(key, facts, split(key, threshold, count))


def key_by_passphrase(passphrases: Passphrases, passphrase: str, facts: Mapping[str, Any]) -> bytes:
    """The key a passphrase makes with the ring file's facts; whether it is right shows when it is used."""
    strength = Strength(facts["passes"], facts["memory"])
    return passphrases.derive(passphrase, bytes.fromhex(facts["salt"]), strength)


def split(secret: bytes, threshold: int, count: int) -> tuple[str, ...]:
    """SLIP-39 shares (33 words for 32 bytes) of which `threshold` of `count` give the secret back.

    Raises Invalid (`shares.numbers`) unless 2 ≤ threshold ≤ count ≤ 16.
    """
    if not 2 <= threshold <= count <= MOST_SHARES:
        raise Invalid(problems=[Problem("/shares", "shares.numbers", {"most": MOST_SHARES})])
    ((*shares,),) = generate_mnemonics(1, [(threshold, count)], secret)
    return tuple(shares)


def combine(shares: Iterable[str]) -> bytes:
    """The secret. Raises Invalid (`shares`) when they are too few, damaged or of different splits."""
    try:
        wanted = [_tidy(one) for one in shares]
        read = [Share.from_mnemonic(one) for one in wanted]
        # The library takes exactly as many as are needed, and so would not look at the rest.
        if len({one.group_parameters() for one in read}) != 1 or len(set(read)) != len(_places(read)):
            raise ValueError("not of one split")
        needed = read[0].member_threshold
        chosen = {one.index: text for one, text in zip(read, wanted, strict=True)}
        secret: bytes = combine_mnemonics(list(chosen.values())[:needed])
        return secret
    except (MnemonicError, ValueError):
        raise Invalid(problems=[Problem("/shares", "shares.wrong")]) from None


def _places(shares: Iterable[Share]) -> set[int]:
    return {one.index for one in shares}


def gather(held: Sequence[str], share: str) -> tuple[tuple[str, ...], Gathered]:
    """One share more. Raises Invalid (`share.wrong`) for one that is damaged or of another split.

    The same share again changes nothing.
    """
    try:
        read = Share.from_mnemonic(_tidy(share))
        others = {one.index: (one, text) for text in held for one in (Share.from_mnemonic(text),)}
    except (MnemonicError, ValueError):
        raise Invalid(problems=[Problem("/share", "share.wrong")]) from None
    if any(one.group_parameters() != read.group_parameters() for one, _ in others.values()):
        raise Invalid(problems=[Problem("/share", "share.wrong")])
    others[read.index] = (read, _tidy(share))
    return tuple(text for _, text in others.values()), Gathered(len(others), read.member_threshold)


def _tidy(share: str) -> str:
    return " ".join(share.lower().split())
