"""The vault in this process: every private and symmetric key, behind the Vault port.

Decides which key answers a request. Gives out signatures, wraps and index bits, never a private key. Never
decides who may ask: the desk does.

Compartment keys are made when first asked for, written before they are used, and escrowed to the offline
recovery key: a sealed box of key | SHA-256(JCS{compartment, epoch}). Whoever holds the recovery key and the
data folder can open every document; the recovery key itself is given out once, by `create_vault`.
"""

from __future__ import annotations

import hashlib
import os
import resource
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl import bindings

from engine.errors import Broken
from engine.trust import blind, canonical, identifiers, keys
from engine.trust.envelope import Signature
from engine.trust.kdf import hkdf
from engine.trust.keys import SigningKey
from engine.trust.wrap import Wrap, WrapContext
from engine.trust.wrap import unwrap as open_wrap
from engine.trust.wrap import wrap as make_wrap
from storage.disk import Disk
from storage.keyring import CompartmentKey, Ring, RingFile, configuration_folder, open_sealed, ring_id, seal
from storage.last_signed import EMPTY, LastSigned, Signed
from storage.passphrases import Passphrases
from storage.person_keys import Limits, PersonKeys

INDEX_BITS = 15
"""Bits of a blind index value: at 100,000 documents about 3 share one by chance (trust.md §3)."""

_ROOT_KEYS = 3
_REGISTRAR_KEYS = 2


@dataclass(frozen=True, slots=True)
class NewVault:
    """A vault just made, and the secret half of its offline recovery key, which is kept nowhere else."""

    vault: ProcessVault
    recovery_secret: bytes


class ProcessVault:
    """Keys of one agency in this process (trust.md D11: later in their own, behind the same port)."""

    def __init__(self, ring: Ring, file: RingFile, people: PersonKeys, last_signed: LastSigned) -> None:
        self._ring, self._file, self._people = ring, file, people
        self.last_signed = last_signed
        """The log signer's memory of what it signed, for the journal."""
        self._platform = keys.signing_key(ring.platform)
        self._log = keys.signing_key(ring.log)
        self._registrar = tuple(keys.signing_key(seed) for seed in ring.registrar)
        self._root = tuple(keys.signing_key(seed) for seed in ring.root)
        self._platform_kid = identifiers.kid(self._platform.public_key)
        self._kids: dict[bytes, str] = {}
        self._note_keys: dict[str, bytes] = {}
        self._index_keys: dict[str, bytes] = {}
        self._last_head: Signed | None = None
        self._lock = threading.Lock()

    # -- people --

    def enrol(self, person: str, passphrase: str) -> bytes:
        """Make a person's Ed25519 key under a passphrase (tier S0); returns the raw public key."""
        return self._people.enrol(person, passphrase)

    def unlock(self, person: str, passphrase: str, session: str) -> str:
        """A token for the person's key in one session; `NotAllowed("passphrase")`, `TooMany`."""
        return self._people.unlock(person, passphrase, session)

    def is_unlocked(self, token: str | None) -> bool:
        """Whether the token still stands for an unlocked key."""
        return self._people.is_unlocked(token)

    def lock_session(self, session: str) -> None:
        """Forget every key unlocked in a session."""
        self._people.lock_session(session)

    # -- signatures --

    def sign_as(self, token: str | None, person: str, message: bytes) -> Signature:
        """The person's signature; `NeedsUnlock` when the token is absent, expired or another person's."""
        public, signature = self._people.sign(token, person, message)
        kid = self._kids.get(public)
        if kid is None:
            kid = self._kids[public] = identifiers.kid(public)
        return Signature(kid, public, signature)

    def sign_platform(self, message: bytes) -> Signature:
        """The platform's signature."""
        return Signature(self._platform_kid, self._platform.public_key, keys.sign(self._platform, message))

    def sign_registrar(self, message: bytes) -> tuple[Signature, ...]:
        """The signatures of every registrar key (demo: all are held here)."""
        return tuple(_signed(key, message) for key in self._registrar)

    def sign_root(self, message: bytes) -> tuple[Signature, ...]:
        """The signatures of every root key (demo: all are held here; a real agency keeps them apart)."""
        return tuple(_signed(key, message) for key in self._root)

    def sign_log(self, message: bytes) -> bytes:
        """The raw Ed25519 signature of the log key over a checkpoint's text (C2SP signed note).

        Signs checkpoints only, and never goes back: `Broken("log.rollback")` for a smaller tree than the
        last one signed, or another of the same size (C2SP tlog-checkpoint).
        """
        lines = message.split(b"\n")
        if len(lines) != 4 or lines[3] or not lines[1].isdigit():
            raise Broken("log.not_a_checkpoint")
        with self._lock:
            size, root = int(lines[1]), b64decode(lines[2])
            last = self._last_head or self.last_signed.read() or EMPTY
            if size < last.size or (size == last.size and root != last.root):
                raise Broken("log.rollback", size=size, last=last.size)
            self._last_head = Signed(size, root)
            return keys.sign(self._log, message)

    def public_keys(self) -> Mapping[str, Any]:
        """{"platform": bytes, "log": bytes, "registrar": [bytes], "root": [bytes], "recovery": bytes}."""
        return {
            "platform": self._platform.public_key,
            "log": self._log.public_key,
            "registrar": [key.public_key for key in self._registrar],
            "root": [key.public_key for key in self._root],
            "recovery": self._ring.recovery_public,
        }

    # -- document keys --

    def wrap(self, doc: str, klass: str, compartment: str, dk: bytes) -> Wrap:
        """The document key under the compartment's newest epoch."""
        epoch, key = self._newest(compartment)
        return make_wrap(key, os.urandom(24), dk, WrapContext(doc, klass, compartment, epoch))

    def unwrap(self, wrap: Wrap) -> bytes:
        """The document key; `Broken` when the wrap does not open in its own context."""
        context = wrap.context
        held = self._ring.compartments.get(context.compartment, {}).get(context.epoch)
        if held is None:
            raise Broken("wrap.broken")
        return open_wrap(held.key, wrap)

    def _newest(self, compartment: str) -> tuple[int, bytes]:
        epochs = self._ring.compartments.get(compartment)
        if epochs is None:
            with self._lock:
                epochs = self._ring.compartments.get(compartment)
                if epochs is None:
                    made = {1: self._new_key(compartment, 1)}
                    self._ring.compartments[compartment] = made
                    try:
                        self._file.write(self._ring)  # before its first use, or what it wraps could be lost
                    except BaseException:
                        del self._ring.compartments[compartment]
                        raise
                    epochs = made
        epoch = max(epochs)
        return epoch, epochs[epoch].key

    def _new_key(self, compartment: str, epoch: int) -> CompartmentKey:
        key = os.urandom(32)
        place = hashlib.sha256(canonical.encode({"compartment": compartment, "epoch": epoch})).digest()
        return CompartmentKey(key, bindings.crypto_box_seal(key + place, self._ring.recovery_public))

    # -- index and notes --

    def blind(self, index: str, normalized: str) -> str:
        """The first 15 bits of the keyed hash of a normalized value, hexadecimal (trust.md §3)."""
        key = self._index_keys.get(index)
        if key is None:
            key = blind.index_key(
                self._ring.index_root, agency=self._ring.id, form="", field=index, index="exact", epoch=1
            )
            self._index_keys[index] = key
        return blind.blind(key, normalized, INDEX_BITS)

    def seal_note(self, purpose: str, data: bytes, context: bytes = b"") -> bytes:
        """Seal something small that is no document; opens only for the same purpose and context."""
        return seal(self._note_key(purpose), data, context)

    def open_note(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes:
        """The note; `Broken("vault.sealed")` when it is not of this purpose and context."""
        return open_sealed(self._note_key(purpose), sealed, context)

    def _note_key(self, purpose: str) -> bytes:
        key = self._note_keys.get(purpose)
        if key is None:
            key = hkdf(self._ring.note_root, b"", b"fengjian/note/v1\x00" + purpose.encode("utf-8"), 32)
            self._note_keys[purpose] = key
        return key


def _signed(key: SigningKey, message: bytes) -> Signature:
    return Signature(identifiers.kid(key.public_key), key.public_key, keys.sign(key, message))


def create_vault(
    folder: Path,
    passphrases: Passphrases,
    *,
    disk: Disk | None = None,
    unseal_folder: Path | None = None,
    limits: Limits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> NewVault:
    """Make the keys of a new agency; `unseal_folder` defaults to the user's configuration folder."""
    disk = disk or Disk()
    recovery_public, recovery_secret = bindings.crypto_box_keypair()
    ring = Ring(
        id=os.urandom(8).hex(),
        platform=os.urandom(32),
        log=os.urandom(32),
        registrar=tuple(os.urandom(32) for _ in range(_REGISTRAR_KEYS)),
        root=tuple(os.urandom(32) for _ in range(_ROOT_KEYS)),
        recovery_public=recovery_public,
        index_root=os.urandom(32),
        note_root=os.urandom(32),
    )
    place = unseal_folder or configuration_folder(ring.id)
    LastSigned(place / "last-signed", disk).create()
    # The ring comes last: a start that finds it finds everything it needs.
    RingFile.create(folder / "ring", disk, ring, place)
    vault = open_vault(
        folder, passphrases, disk=disk, unseal_folder=place, limits=limits, monotonic=monotonic
    )
    return NewVault(vault, recovery_secret)


def open_vault(
    folder: Path,
    passphrases: Passphrases,
    *,
    disk: Disk | None = None,
    unseal_folder: Path | None = None,
    limits: Limits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> ProcessVault:
    """Open a vault; `Unavailable("vault.sealed")` when its unseal file is not on this machine."""
    disk = disk or Disk()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # keys must not end up in a core file
    place = unseal_folder or configuration_folder(ring_id(folder / "ring"))
    file, ring = RingFile.open(folder / "ring", disk, place)
    people = PersonKeys(folder / "people", disk, passphrases, monotonic, limits)
    return ProcessVault(ring, file, people, LastSigned(place / "last-signed", disk))


def is_vault(folder: Path) -> bool:
    """Whether there is a vault in `folder`."""
    return (folder / "ring").exists()
