"""The key ring file: every key of the agency, sealed under a root key that does not lie beside it.

Decides the bytes of the ring and of the unseal file, and where the unseal file stands. Never signs, seals
or wraps anything: vault.py does, with the keys this gives it.

    unseal file   32 random bytes in hexadecimal, mode 0600, in the user's configuration folder
    ring file     JSON {v, id, root: sealed root key, keys: sealed ring}
    sealed x      nonce (24) | XChaCha20-Poly1305(key, nonce, aad = label, x), base64

Demo mode (trust.md §2.1): whoever has the data folder or its backup alone reads nothing; whoever has this
account on this machine reads everything, and signs as platform, log, registrar and root.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from nacl import bindings

from engine.errors import Broken, Unavailable
from storage.disk import Disk

NONCE_BYTES = 24
_RING_LABEL = b"fengjian/ring/v1\x00"
_ROOT_LABEL = b"fengjian/root-key/v1\x00"


@dataclass(frozen=True, slots=True)
class CompartmentKey:
    """A key-encryption key of one epoch, and its escrow: a sealed box to the offline recovery key."""

    key: bytes
    escrow: bytes


@dataclass(slots=True)
class Ring:
    """The keys in memory. Seeds are Ed25519 seeds; `compartments` is by name, then epoch, newest last."""

    id: str
    platform: bytes
    log: bytes
    registrar: tuple[bytes, ...]
    root: tuple[bytes, ...]
    recovery_public: bytes
    index_root: bytes
    note_root: bytes
    compartments: dict[str, dict[int, CompartmentKey]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Ring(id={self.id})"


def seal(key: bytes, data: bytes, label: bytes) -> bytes:
    """nonce | ciphertext of `data` under `key` (32 bytes), bound to `label`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(data, label, nonce, key)


def open_sealed(key: bytes, sealed: bytes, label: bytes) -> bytes:
    """The data; `Broken("vault.sealed")` when it is not of this key and label."""
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed[NONCE_BYTES:], label, sealed[:NONCE_BYTES], key
        )
    except Exception:
        raise Broken("vault.sealed") from None


def configuration_folder(ring_id: str) -> Path:
    """Where this ring's unseal file and the log signer's memory stand: outside every data folder."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "fengjian" / ring_id


class RingFile:
    """The ring on the disk, opened with its root key."""

    def __init__(self, path: Path, disk: Disk, root_key: bytes, sealed_root: bytes) -> None:
        self._path, self._disk = path, disk
        self._root_key, self._sealed_root = root_key, sealed_root

    @classmethod
    def create(cls, path: Path, disk: Disk, ring: Ring, unseal_folder: Path) -> RingFile:
        """Write a new ring and its unseal file."""
        unseal_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unseal_key, root_key = os.urandom(32), os.urandom(32)
        disk.replace_file(unseal_folder / "unseal", unseal_key.hex().encode("ascii"))
        made = cls(path, disk, root_key, seal(unseal_key, root_key, _ROOT_LABEL))
        made.write(ring)
        return made

    @classmethod
    def open(cls, path: Path, disk: Disk, unseal_folder: Path | None = None) -> tuple[RingFile, Ring]:
        """Open the ring; `Unavailable("vault.sealed")` when the unseal file is not on this machine."""
        outer = orjson.loads(path.read_bytes())
        folder = unseal_folder or configuration_folder(outer["id"])
        try:
            unseal_key = bytes.fromhex((folder / "unseal").read_text("ascii").strip())
        except (FileNotFoundError, ValueError):
            raise Unavailable("vault.sealed", ring=outer["id"]) from None
        sealed_root = b64decode(outer["root"])
        root_key = open_sealed(unseal_key, sealed_root, _ROOT_LABEL)
        inner = orjson.loads(open_sealed(root_key, b64decode(outer["keys"]), _RING_LABEL))
        ring = _ring_from(outer["id"], inner)
        return cls(path, disk, root_key, sealed_root), ring

    def write(self, ring: Ring) -> None:
        """Replace the ring on the disk."""
        keys = seal(self._root_key, orjson.dumps(_ring_json(ring)), _RING_LABEL)
        outer = {"v": 1, "id": ring.id, "root": _text(self._sealed_root), "keys": _text(keys)}
        self._disk.replace_file(self._path, orjson.dumps(outer))


def ring_id(path: Path) -> str:
    """The id of a ring file, which needs no key to read."""
    return str(orjson.loads(path.read_bytes())["id"])


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _ring_json(ring: Ring) -> dict[str, Any]:
    return {
        "platform": _text(ring.platform),
        "log": _text(ring.log),
        "registrar": [_text(seed) for seed in ring.registrar],
        "root": [_text(seed) for seed in ring.root],
        "recovery_public": _text(ring.recovery_public),
        "index_root": _text(ring.index_root),
        "note_root": _text(ring.note_root),
        "compartments": {
            name: {str(epoch): [_text(one.key), _text(one.escrow)] for epoch, one in epochs.items()}
            for name, epochs in ring.compartments.items()
        },
    }


def _ring_from(name: str, value: Mapping[str, Any]) -> Ring:
    return Ring(
        id=name,
        platform=b64decode(value["platform"]),
        log=b64decode(value["log"]),
        registrar=tuple(b64decode(seed) for seed in value["registrar"]),
        root=tuple(b64decode(seed) for seed in value["root"]),
        recovery_public=b64decode(value["recovery_public"]),
        index_root=b64decode(value["index_root"]),
        note_root=b64decode(value["note_root"]),
        compartments={
            compartment: {
                int(epoch): CompartmentKey(b64decode(key), b64decode(escrow))
                for epoch, (key, escrow) in epochs.items()
            }
            for compartment, epochs in value["compartments"].items()
        },
    )
