"""The vault in this process: every private and symmetric key, behind the Vault port.

Decides which key answers a request. Gives out signatures, wraps and index bits, never a private key. Never
decides who may ask: the desk does.

Compartment keys are made when first asked for, written before they are used, and escrowed to the offline
recovery key: a sealed box of key | SHA-256(JCS{compartment, epoch}). Whoever holds the recovery key and the
data folder can open every document; the recovery key itself is given out once, by `create_vault`.

The same object works inside the application (demo) and inside the vault process (vault_process.py).
"""

from __future__ import annotations

import hmac
import os
import resource
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl import bindings

from engine.errors import Broken, Unavailable
from engine.ports import KeyModule, KeyToWrap, Prepared, SealedContent
from engine.trust import blind, identifiers, keys, opening
from engine.trust.envelope import Signature
from engine.trust.kdf import hkdf
from engine.trust.keys import SigningKey
from engine.trust.wrap import Wrap, WrapContext
from engine.trust.wrap import unwrap as open_wrap
from engine.trust.wrap import wrap as make_wrap
from storage import epochs as epochs_of_ring
from storage import tagged_notes
from storage.disk import Disk
from storage.keyring import (
    Ring,
    RingFile,
    configuration_folder,
    open_sealed,
    ring_id,
    seal,
    write_unseal_file,
)
from storage.last_signed import EMPTY, LastSigned, Signed
from storage.passphrases import Passphrases
from storage.person_keys import Limits, PersonKeys
from storage.trial_permits import TrialPermits
from storage.unsealing import FILE, Lock, lock_by_file

INDEX_BITS = blind.INDEX_BITS
"""Bits of a blind index value: at 100,000 documents about 3 share one by chance (trust.md §3)."""

_ROOT_KEYS = 3
_REGISTRAR_KEYS = 2


@dataclass(frozen=True, slots=True)
class NewVault:
    """A vault just made, and the secret half of its offline recovery key, which is kept nowhere else."""

    vault: ProcessVault
    recovery_secret: bytes


class ProcessVault:
    """Keys of one agency, opened."""

    def __init__(
        self,
        ring: Ring,
        file: RingFile,
        people: PersonKeys,
        last_signed: LastSigned,
        module: KeyModule | None = None,
    ) -> None:
        """With a module the platform signs there, and the ring holds no platform key."""
        self._ring, self._file, self._people = ring, file, people
        self.last_signed = last_signed
        """The log signer's memory of what it signed, for the journal."""
        self._sign_platform, self._platform_key = _platform(ring, module)
        self._log = keys.signing_key(ring.log)
        self._registrar = tuple(keys.signing_key(seed) for seed in ring.registrar)
        self._root = tuple(keys.signing_key(seed) for seed in ring.root)
        self._platform_kid = identifiers.kid(self._platform_key)
        self._kids: dict[bytes, str] = {}
        self.permits = TrialPermits(people.is_unlocked)
        self._note_keys: dict[str, bytes] = {}
        self._index_keys: dict[str, bytes] = {}
        self._last_head: Signed | None = None
        self._lock = threading.Lock()

    # -- people --

    def enrol(self, person: str, passphrase: str) -> bytes:
        """Make a person's Ed25519 key under a passphrase (tier S0); returns the raw public key."""
        return self._people.enrol(person, passphrase)

    def make_next_key(self, person: str, passphrase: str) -> bytes:
        """A key that waits to be adopted; returns the raw public key."""
        return self._people.make_next(person, passphrase)

    def adopt_key(self, person: str, public_key: bytes) -> bool:
        """Let the waiting key take the old one's place; False when that key is not waiting."""
        return self._people.adopt(person, public_key)

    def forget_key(self, person: str) -> None:
        """Destroy a person's keys."""
        self._people.forget(person)

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
        return Signature(self._platform_kid, self._platform_key, self._sign_platform(message))

    def sign_event(self, token: str | None, person: str, message: bytes) -> tuple[Signature, Signature]:
        """The person's signature, then the platform's, over one event; `NeedsUnlock`."""
        return self.sign_as(token, person, message), self.sign_platform(message)

    def sign_registrar(self, message: bytes) -> tuple[Signature, ...]:
        """The signatures of every registrar key (demo: all are held here)."""
        return tuple(_signed(key, message) for key in self._registrar)

    def sign_root(self, message: bytes) -> tuple[Signature, ...]:
        """The signatures of every root key (demo: all are held here).

        `Unavailable("root.offline")` where an agency keeps them apart, as a real one does.
        """
        if not self._root:
            raise Unavailable("root.offline")
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
            "platform": self._platform_key,
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

    def unwrap_all(self, wraps: Sequence[Wrap]) -> tuple[bytes, ...]:
        """The keys of one document, in the order of its wraps."""
        return tuple(self.unwrap(one) for one in wraps)

    def allow_trial(self, token: str | None, person: str, scope: str, documents: int) -> str:
        """A permit of the person whose key the token opens; `NeedsUnlock`."""
        self.sign_as(token, person, f"fengjian/trial/v1\0{scope}\0{documents}".encode())
        return self.permits.allow(token or "", scope, documents)

    def open_contents(
        self, permit: str, contents: Sequence[SealedContent]
    ) -> tuple[tuple[bytes, ...], ...]:
        """The plain bytes of each piece (engine.trust.opening says what is checked)."""
        self.permits.use(permit, contents)
        return tuple(
            tuple([
                opening.open_plain(self.unwrap(one.wrap), one.header, one.kc, one.nonce, one.ct)
                for one in each.pieces
            ])
            for each in contents
        )  # fmt: skip

    def prepare(
        self, doc: str, wanted: Sequence[KeyToWrap], indexed: Mapping[str, str], purpose: str, note: bytes
    ) -> Prepared:
        """What one new event needs of the vault before it is signed: wraps, index bits, a sealed note.

        The note carries the whole keyed hashes of which the bits are the beginning (storage.tagged_notes).
        """
        hashes = {index: self._keyed_hash(index, normalized) for index, normalized in indexed.items()}
        tags = {index: digest[: tagged_notes.TAG_BYTES] for index, digest in hashes.items()}
        return Prepared(
            tuple(self.wrap(doc, one.klass, one.compartment, one.dk) for one in wanted),
            {index: blind.first_bits(digest, INDEX_BITS) for index, digest in hashes.items()},
            self.seal_note(purpose, tagged_notes.join(tags, note), doc.encode()) if note else b"",
        )

    def _newest(self, compartment: str) -> tuple[int, bytes]:
        epochs = self._ring.compartments.get(compartment)
        if epochs is None:
            with self._lock:
                epochs = self._ring.compartments.get(compartment)
                if epochs is None:
                    epochs_of_ring.turn(self._ring, self._file, compartment)
                    epochs = self._ring.compartments[compartment]
        epoch = max(epochs)
        return epoch, epochs[epoch].key

    def epochs(self) -> Mapping[str, tuple[int, ...]]:
        """{compartment: its epochs that still open wraps, oldest first}."""
        return {name: tuple(sorted(held)) for name, held in sorted(self._ring.compartments.items())}

    def turn_epoch(self, compartment: str) -> int:
        """Begin a new epoch; its number."""
        with self._lock:
            return epochs_of_ring.turn(self._ring, self._file, compartment)

    def rewrap(self, wraps: Sequence[Wrap]) -> tuple[Wrap, ...]:
        """The same document keys under the newest epochs; `Broken` when one does not open."""
        return epochs_of_ring.move(self._ring, wraps)

    def retire_epochs(self, compartment: str, below: int) -> None:
        """Destroy the keys of the epochs before `below`."""
        with self._lock:
            epochs_of_ring.retire(self._ring, self._file, compartment, below)

    # -- index and notes --

    def blind(self, index: str, normalized: str) -> str:
        """The first 15 bits of the keyed hash of a normalized value, hexadecimal (trust.md §3)."""
        return blind.first_bits(self._keyed_hash(index, normalized), INDEX_BITS)

    def subject_key(self, index: str, normalized: str) -> str:
        """The whole keyed hash, hexadecimal: what a document keeps of whom it is about, not a name."""
        return self._keyed_hash(index, normalized).hex()

    def _keyed_hash(self, index: str, normalized: str) -> bytes:
        key = self._index_keys.get(index)
        if key is None:
            key = blind.index_key(
                self._ring.index_root, agency=self._ring.id, form="", field=index, index="exact", epoch=1
            )
            self._index_keys[index] = key
        return blind.keyed_hash(key, normalized)

    def carries(
        self, purpose: str, sealed: bytes, context: bytes, index: str, normalized: str
    ) -> bool | None:
        """Whether the document of a note made by `prepare` has this value in that index; None = not told."""
        tag = tagged_notes.tag_in(open_sealed(self._note_key(purpose), sealed, context), index)
        if tag is None:
            return None
        return hmac.compare_digest(tag, self._keyed_hash(index, normalized)[: tagged_notes.TAG_BYTES])

    def seal_note(self, purpose: str, data: bytes, context: bytes = b"") -> bytes:
        """Seal something small that is no document; opens only for the same purpose and context."""
        return seal(self._note_key(purpose), data, context)

    def open_note(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes:
        """The note; `Broken("vault.sealed")` when it is not of this purpose and context."""
        return tagged_notes.note_in(open_sealed(self._note_key(purpose), sealed, context))

    def _note_key(self, purpose: str) -> bytes:
        key = self._note_keys.get(purpose)
        if key is None:
            key = hkdf(self._ring.note_root, b"", b"fengjian/note/v1\x00" + purpose.encode("utf-8"), 32)
            self._note_keys[purpose] = key
        return key


def _signed(key: SigningKey, message: bytes) -> Signature:
    return Signature(identifiers.kid(key.public_key), key.public_key, keys.sign(key, message))


def _platform(ring: Ring, module: KeyModule | None) -> tuple[Callable[[bytes], bytes], bytes]:
    if module is not None:
        return module.sign, module.public_key()
    key = keys.signing_key(ring.platform)
    return lambda message: keys.sign(key, message), key.public_key


def create_vault(
    folder: Path,
    passphrases: Passphrases,
    *,
    disk: Disk | None = None,
    unseal_folder: Path | None = None,
    limits: Limits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    lock: Lock | None = None,
    module: KeyModule | None = None,
    root_keys: int = _ROOT_KEYS,
    registrar_keys: int = _REGISTRAR_KEYS,
) -> NewVault:
    """Make the keys of a new agency; `unseal_folder` defaults to the user's configuration folder.

    Without a `lock` or an opened `module` the key lies in that folder too (demo). A real agency asks for no
    `root_keys`: those are made in the ceremony and kept apart.
    """
    disk = disk or Disk()
    recovery_public, recovery_secret = bindings.crypto_box_keypair()
    ring = Ring(
        id=os.urandom(8).hex(),
        platform=b"" if module is not None else os.urandom(32),
        log=os.urandom(32),
        registrar=tuple(os.urandom(32) for _ in range(registrar_keys)),
        root=tuple(os.urandom(32) for _ in range(root_keys)),
        recovery_public=recovery_public,
        index_root=os.urandom(32),
        note_root=os.urandom(32),
    )
    place = unseal_folder or configuration_folder(ring.id)
    memory = LastSigned(place / "last-signed", disk)
    memory.create()
    # The ring comes last: a start that finds it finds everything it needs.
    if module is not None:
        file = RingFile.create_in_module(folder / "ring", disk, ring, module)
    else:
        file = _locked_ring(folder / "ring", disk, ring, place, lock or lock_by_file())
    people = PersonKeys(folder / "people", disk, passphrases, monotonic, limits)
    return NewVault(ProcessVault(ring, file, people, memory, module), recovery_secret)


def _locked_ring(path: Path, disk: Disk, ring: Ring, place: Path, lock: Lock) -> RingFile:
    if lock.facts["mode"] == FILE:
        write_unseal_file(place, disk, lock.key)
    return RingFile.create(path, disk, ring, lock)


def open_vault(
    folder: Path,
    passphrases: Passphrases,
    *,
    disk: Disk | None = None,
    unseal_folder: Path | None = None,
    limits: Limits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    key: bytes | None = None,
    module: KeyModule | None = None,
) -> ProcessVault:
    """Open a vault with its lock's `key`, an opened `module`, or (demo) the unseal file of this machine.

    `Unavailable("vault.sealed")` without any of them, `NotAllowed("unseal.wrong")` when the key is another's.
    """
    disk = disk or Disk()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # keys must not end up in a core file
    place = unseal_folder or configuration_folder(ring_id(folder / "ring"))
    if module is not None:
        file, ring = RingFile.unseal_by_module(folder / "ring", disk, module)
    elif key is not None:
        file, ring = RingFile.unseal(folder / "ring", disk, key)
    else:
        file, ring = RingFile.open(folder / "ring", disk, place)
    people = PersonKeys(folder / "people", disk, passphrases, monotonic, limits)
    return ProcessVault(ring, file, people, LastSigned(place / "last-signed", disk), module)


def is_vault(folder: Path) -> bool:
    """Whether there is a vault in `folder`."""
    return (folder / "ring").exists()
