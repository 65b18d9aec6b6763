"""A vault without files and without slow passphrases; the keys are the same on every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from nacl import bindings

from engine.errors import Broken, NeedsUnlock, NotAllowed
from engine.ports import KeyToWrap, Prepared, SealedContent
from engine.trust import blind, identifiers, keys, opening
from engine.trust.envelope import Signature
from engine.trust.keys import SigningKey
from engine.trust.wrap import Wrap, WrapContext
from engine.trust.wrap import unwrap as open_wrap
from engine.trust.wrap import wrap as make_wrap
from storage import tagged_notes
from storage.trial_permits import TrialPermits
from tests.simulators.surroundings import SeededRandomness


@dataclass(frozen=True, slots=True)
class _Unlocked:
    person: str
    session: str


class MemoryVault:
    """The Vault port in memory."""

    def __init__(self, seed: bytes = b"an invented agency") -> None:
        self._random = SeededRandomness(seed)
        self._seed = seed
        self._platform, self._log = self._key("platform"), self._key("log")
        self._registrar = (self._key("registrar 1"), self._key("registrar 2"))
        self._root = tuple(self._key(f"root {n}") for n in range(3))
        self._recovery = bindings.crypto_box_seed_keypair(sha256(seed + b"recovery").digest())[0]
        self._people: dict[str, tuple[SigningKey, str]] = {}
        self._next: dict[str, tuple[SigningKey, str]] = {}
        self._unlocked: dict[str, _Unlocked] = {}
        self._epochs: dict[str, list[int]] = {}
        self.permits = TrialPermits(self.is_unlocked)

    def _key(self, name: str) -> SigningKey:
        return keys.signing_key(sha256(self._seed + name.encode()).digest())

    def enrol(self, person: str, passphrase: str) -> bytes:
        key = keys.signing_key(self._random.bytes(32))
        self._people[person] = (key, passphrase)
        self._unlocked = {token: one for token, one in self._unlocked.items() if one.person != person}
        return key.public_key

    def make_next_key(self, person: str, passphrase: str) -> bytes:
        key = keys.signing_key(self._random.bytes(32))
        self._next[person] = (key, passphrase)
        return key.public_key

    def adopt_key(self, person: str, public_key: bytes) -> bool:
        waiting = self._next.get(person)
        if waiting is None or waiting[0].public_key != public_key:
            return False
        self.forget_key(person)
        self._people[person] = waiting
        return True

    def forget_key(self, person: str) -> None:
        self._people.pop(person, None)
        self._next.pop(person, None)
        self._unlocked = {token: one for token, one in self._unlocked.items() if one.person != person}

    def epochs(self) -> Mapping[str, tuple[int, ...]]:
        return {name: tuple(held) for name, held in sorted(self._epochs.items())}

    def turn_epoch(self, compartment: str) -> int:
        held = self._epochs.setdefault(compartment, [])
        held.append(max(held, default=0) + 1)
        return held[-1]

    def rewrap(self, wraps: Sequence[Wrap]) -> tuple[Wrap, ...]:
        return tuple(
            one if one.epoch == self._epochs[one.compartment][-1]
            else self.wrap(one.doc, one.klass, one.compartment, self.unwrap(one))
            for one in wraps
        )  # fmt: skip

    def retire_epochs(self, compartment: str, below: int) -> None:
        held = self._epochs[compartment]
        self._epochs[compartment] = [epoch for epoch in held if epoch >= below or epoch == held[-1]]

    def unlock(self, person: str, passphrase: str, session: str) -> str:
        if person not in self._people or self._people[person][1] != passphrase:
            raise NotAllowed("passphrase")
        token = self._random.bytes(16).hex()
        self._unlocked[token] = _Unlocked(person, session)
        return token

    def is_unlocked(self, token: str | None) -> bool:
        return token in self._unlocked

    def lock_session(self, session: str) -> None:
        self._unlocked = {token: one for token, one in self._unlocked.items() if one.session != session}

    def sign_as(self, token: str | None, person: str, message: bytes) -> Signature:
        one = self._unlocked.get(token or "")
        if one is None or one.person != person:
            raise NeedsUnlock
        return _signed(self._people[person][0], message)

    def sign_platform(self, message: bytes) -> Signature:
        return _signed(self._platform, message)

    def sign_event(self, token: str | None, person: str, message: bytes) -> tuple[Signature, Signature]:
        return self.sign_as(token, person, message), self.sign_platform(message)

    def sign_registrar(self, message: bytes) -> tuple[Signature, ...]:
        return tuple(_signed(key, message) for key in self._registrar)

    def sign_root(self, message: bytes) -> tuple[Signature, ...]:
        return tuple(_signed(key, message) for key in self._root)

    def sign_log(self, message: bytes) -> bytes:
        return keys.sign(self._log, message)

    def public_keys(self) -> Mapping[str, Any]:
        return {
            "platform": self._platform.public_key,
            "log": self._log.public_key,
            "registrar": [key.public_key for key in self._registrar],
            "root": [key.public_key for key in self._root],
            "recovery": self._recovery,
        }

    def wrap(self, doc: str, klass: str, compartment: str, dk: bytes) -> Wrap:
        epoch = self._epochs.setdefault(compartment, [1])[-1]
        context = WrapContext(doc, klass, compartment, epoch)
        return make_wrap(self._compartment(compartment, epoch), self._random.bytes(24), dk, context)

    def unwrap(self, wrap: Wrap) -> bytes:
        if wrap.epoch not in self._epochs.get(wrap.compartment, ()):
            raise Broken("wrap.broken")
        return open_wrap(self._compartment(wrap.context.compartment, wrap.context.epoch), wrap)

    def unwrap_all(self, wraps: Sequence[Wrap]) -> tuple[bytes, ...]:
        return tuple(self.unwrap(one) for one in wraps)

    def allow_trial(self, token: str | None, person: str, scope: str, documents: int) -> str:
        self.sign_as(token, person, b"trial")
        return self.permits.allow(token or "", scope, documents)

    def open_contents(
        self, permit: str, contents: Sequence[SealedContent]
    ) -> tuple[tuple[bytes, ...], ...]:
        self.permits.use(permit, contents)
        return tuple(
            tuple(opening.open_plain(self.unwrap(p.wrap), p.header, p.kc, p.nonce, p.ct) for p in one.pieces)
            for one in contents
        )

    def prepare(
        self, doc: str, wanted: Sequence[KeyToWrap], indexed: Mapping[str, str], purpose: str, note: bytes
    ) -> Prepared:
        tags = {index: self._tag(index, normalized) for index, normalized in indexed.items()}
        return Prepared(
            tuple(self.wrap(doc, one.klass, one.compartment, one.dk) for one in wanted),
            {index: self.blind(index, normalized) for index, normalized in indexed.items()},
            self.seal_note(purpose, tagged_notes.join(tags, note), doc.encode()) if note else b"",
        )

    def _tag(self, index: str, normalized: str) -> bytes:
        return sha256(self._seed + f"tag {index} {normalized}".encode()).digest()[:16]

    def carries(
        self, purpose: str, sealed: bytes, context: bytes, index: str, normalized: str
    ) -> bool | None:
        tag = tagged_notes.tag_in(self._opened(purpose, sealed, context), index)
        return None if tag is None else tag == self._tag(index, normalized)

    def _compartment(self, name: str, epoch: int) -> bytes:
        return sha256(self._seed + f"compartment {name} {epoch}".encode()).digest()

    def blind(self, index: str, normalized: str) -> str:
        return blind.blind(sha256(self._seed + index.encode()).digest(), normalized, 15)

    def subject_key(self, index: str, normalized: str) -> str:
        return blind.keyed_hash(sha256(self._seed + index.encode()).digest(), normalized).hex()

    def seal_note(self, purpose: str, data: bytes, context: bytes = b"") -> bytes:
        nonce = self._random.bytes(24)
        sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
            data, context, nonce, self._note(purpose)
        )
        return nonce + sealed

    def open_note(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes:
        return tagged_notes.note_in(self._opened(purpose, sealed, context))

    def _opened(self, purpose: str, sealed: bytes, context: bytes) -> bytes:
        try:
            return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                sealed[24:], context, sealed[:24], self._note(purpose)
            )
        except Exception:
            raise Broken("vault.sealed") from None

    def _note(self, purpose: str) -> bytes:
        return sha256(self._seed + b"note " + purpose.encode()).digest()


def _signed(key: SigningKey, message: bytes) -> Signature:
    return Signature(identifiers.kid(key.public_key), key.public_key, keys.sign(key, message))
