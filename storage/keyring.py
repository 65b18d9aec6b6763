"""The key ring file: every key of the agency, sealed under a root key that does not lie beside it.

Decides the bytes of the ring and of the unseal file, and where the unseal file stands. Never signs, seals
or wraps anything: vault.py does, with the keys this gives it. How the root key is shut: unsealing.py.

    unseal file   32 random bytes in hexadecimal, mode 0600, in the user's configuration folder (demo)
    ring file     JSON {v, id, seal: facts of the method, root: sealed root key, keys: sealed ring,
                  escrow: sealed box of root key | SHA-256(id) to the offline recovery key}
    sealed x      nonce (24) | XChaCha20-Poly1305(key, nonce, aad = label, x), base64

Demo mode (trust.md §2.1): whoever has the data folder or its backup alone reads nothing; whoever has this
account on this machine reads everything, and signs as platform, log, registrar and root.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from nacl import bindings

from engine.errors import Broken, Invalid, NotAllowed, Problem, Unavailable
from engine.ports import KeyModule
from storage.disk import Disk
from storage.unsealing import FILE, Lock

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

    def __init__(self, path: Path, disk: Disk, root_key: bytes, outer: Mapping[str, Any]) -> None:
        """`outer` holds the members that do not change with the ring: seal, root, escrow."""
        self._path, self._disk = path, disk
        self._root_key, self._outer = root_key, outer

    @classmethod
    def create(cls, path: Path, disk: Disk, ring: Ring, lock: Lock) -> RingFile:
        """Write a new ring whose root key the lock's key opens."""
        root_key = os.urandom(32)
        return cls._create(path, disk, ring, root_key, lock.facts, seal(lock.key, root_key, _ROOT_LABEL))

    @classmethod
    def create_in_module(cls, path: Path, disk: Disk, ring: Ring, module: KeyModule) -> RingFile:
        """Write a new ring whose root key only the module can unwrap."""
        root_key = os.urandom(32)
        return cls._create(
            path, disk, ring, root_key, {"mode": "module"}, module.wrap(_module_label(ring.id), root_key)
        )

    @classmethod
    def _create(
        cls, path: Path, disk: Disk, ring: Ring, root_key: bytes, facts: Mapping[str, Any], sealed_root: bytes
    ) -> RingFile:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        escrow = bindings.crypto_box_seal(root_key + _place(ring.id), ring.recovery_public)
        outer = {"seal": dict(facts), "root": _text(sealed_root), "escrow": _text(escrow)}
        made = cls(path, disk, root_key, outer)
        made.write(ring)
        return made

    @classmethod
    def open(cls, path: Path, disk: Disk, unseal_folder: Path | None = None) -> tuple[RingFile, Ring]:
        """Open a demo's ring; `Unavailable("vault.sealed")` when its unseal file is not on this machine."""
        outer = orjson.loads(path.read_bytes())
        folder = unseal_folder or configuration_folder(outer["id"])
        try:
            unseal_key = bytes.fromhex((folder / "unseal").read_text("ascii").strip())
        except (FileNotFoundError, ValueError):
            raise Unavailable("vault.sealed", ring=outer["id"]) from None
        try:
            return cls.unseal(path, disk, unseal_key)
        except NotAllowed:
            raise Broken("vault.sealed") from None

    @classmethod
    def unseal(cls, path: Path, disk: Disk, unseal_key: bytes) -> tuple[RingFile, Ring]:
        """Open the ring with the key of its lock; `NotAllowed("unseal.wrong")` when it is another's."""
        outer = orjson.loads(path.read_bytes())
        try:
            root_key = open_sealed(unseal_key, b64decode(outer["root"]), _ROOT_LABEL)
        except Broken:
            raise NotAllowed("unseal.wrong") from None
        return cls._opened(path, disk, outer, root_key)

    @classmethod
    def unseal_by_module(cls, path: Path, disk: Disk, module: KeyModule) -> tuple[RingFile, Ring]:
        """Open the ring with a module that has been opened."""
        outer = orjson.loads(path.read_bytes())
        return cls._opened(
            path, disk, outer, module.unwrap(_module_label(outer["id"]), b64decode(outer["root"]))
        )

    @classmethod
    def recover(cls, path: Path, disk: Disk, recovery_secret: bytes) -> tuple[RingFile, Ring]:
        """Open the ring with the offline recovery key alone. Raises Invalid (`shares.other`) when the key is
        not this ring's."""
        outer = orjson.loads(path.read_bytes())
        public = bindings.crypto_scalarmult_base(recovery_secret)
        try:
            plain = bindings.crypto_box_seal_open(b64decode(outer["escrow"]), public, recovery_secret)
        except Exception:
            raise Invalid(problems=[Problem("/shares", "shares.other")]) from None
        if plain[32:] != _place(outer["id"]):
            raise Broken("vault.sealed")
        return cls._opened(path, disk, outer, plain[:32])

    @classmethod
    def _opened(
        cls, path: Path, disk: Disk, outer: Mapping[str, Any], root_key: bytes
    ) -> tuple[RingFile, Ring]:
        inner = orjson.loads(open_sealed(root_key, b64decode(outer["keys"]), _RING_LABEL))
        ring = _ring_from(outer["id"], inner)
        kept = {name: outer[name] for name in ("seal", "root", "escrow") if name in outer}
        return cls(path, disk, root_key, kept), ring

    def write(self, ring: Ring) -> None:
        """Replace the ring on the disk."""
        keys = seal(self._root_key, orjson.dumps(_ring_json(ring)), _RING_LABEL)
        outer = {"v": 1, "id": ring.id, **self._outer, "keys": _text(keys)}
        self._disk.replace_file(self._path, orjson.dumps(outer))


def ring_id(path: Path) -> str:
    """The id of a ring file, which needs no key to read."""
    return str(orjson.loads(path.read_bytes())["id"])


def seal_facts(path: Path) -> Mapping[str, Any]:
    """How the ring is shut (`mode` and the method's public facts), which needs no key to read."""
    facts: Mapping[str, Any] = orjson.loads(path.read_bytes()).get("seal", {"mode": FILE})
    return facts


def write_unseal_file(folder: Path, disk: Disk, key: bytes) -> None:
    """Keep the key of a demo's ring in the user's configuration folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    disk.replace_file(folder / "unseal", key.hex().encode("ascii"))


def _place(ring: str) -> bytes:
    return sha256(b"fengjian/root-escrow/v1\x00" + ring.encode()).digest()


def _module_label(ring: str) -> bytes:
    return b"fengjian/module-root/v1\x00" + ring.encode()


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
