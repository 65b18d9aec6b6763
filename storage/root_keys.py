"""Root keys as files for offline keeping: made in the ceremony, used when the trust root changes.

Decides the bytes of a root key file. Never keeps a key beyond the call that asked for it, and is no part of
the vault: an agency's root keys lie with different people, on media that are not connected.

    file = JSON {v, agency, public, seed}: Ed25519 seed and public key, hexadecimal, mode 0600
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from engine.errors import Conflict, Invalid, Problem
from engine.trust import identifiers, keys
from engine.trust.envelope import Signature
from storage.disk import Disk


@dataclass(frozen=True, slots=True)
class RootKey:
    """One root key with its secret half."""

    seed: bytes

    @property
    def public(self) -> bytes:
        """The raw public key."""
        return keys.signing_key(self.seed).public_key

    def __repr__(self) -> str:
        return f"RootKey({self.public.hex()})"


def make_root_keys(count: int) -> tuple[RootKey, ...]:
    """New root keys."""
    return tuple(RootKey(os.urandom(32)) for _ in range(count))


def sign_with(held: Iterable[RootKey], message: bytes) -> tuple[Signature, ...]:
    """The signatures of these root keys."""
    made = []
    for one in held:
        key = keys.signing_key(one.seed)
        made.append(Signature(identifiers.kid(key.public_key), key.public_key, keys.sign(key, message)))
    return tuple(made)


def write_root_keys(folder: Path, held: Sequence[RootKey], agency: str) -> tuple[Path, ...]:
    """One file each, `root-1.json` …; Conflict (`root.exists`) rather than writing over one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths = tuple(folder / f"root-{number}.json" for number in range(1, len(held) + 1))
    if any(path.exists() for path in paths):
        raise Conflict("root.exists")
    for path, one in zip(paths, held, strict=True):
        file = {"v": 1, "agency": agency, "public": one.public.hex(), "seed": one.seed.hex()}
        Disk().replace_file(path, orjson.dumps(file))
    return paths


def read_root_key(path: Path) -> RootKey:
    """The root key of a file. Raises Invalid (`root.file`)."""
    try:
        file = orjson.loads(path.read_bytes())
        made = RootKey(bytes.fromhex(file["seed"]))
        is_whole = made.public.hex() == file["public"]
    except (OSError, ValueError, KeyError, TypeError):
        is_whole = False
    if not is_whole:
        raise Invalid(problems=[Problem("", "root.file", {"name": path.name})])
    return made
