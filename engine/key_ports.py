"""Ports of everything that holds keys: the vault, a key module, and the store of what can be destroyed.

Decides shapes only; `engine.ports` gives these names on, and is where they are imported from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.record import Erasable
from engine.trust.envelope import Signature
from engine.trust.wrap import Wrap


@dataclass(frozen=True, slots=True)
class KeyToWrap:
    """A document key (32 bytes) and the compartment that is to hold it."""

    klass: str
    compartment: str
    dk: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a vault made for one event: wraps in the order asked, index bits by name, the sealed note."""

    wraps: tuple[Wrap, ...]
    bits: Mapping[str, str]
    note: bytes


MOST_CONTENTS = 256
"""Documents whose contents are opened in one question of a trial run."""


@dataclass(frozen=True, slots=True)
class SealedPiece:
    """One sealed part as the vault opens it: the wrap of its key, and header and key commitment (32 bytes)
    as the signed statement has them (engine.trust.opening)."""

    wrap: Wrap
    header: bytes
    kc: bytes
    nonce: bytes
    ct: bytes


@dataclass(frozen=True, slots=True)
class SealedContent:
    """The sealed parts of one document."""

    doc: str
    pieces: tuple[SealedPiece, ...]


class KeyModule(Protocol):
    """A machine that keeps keys and gives none out: it holds the platform key, and the key over the root key.

    Nothing but `open` works before it was opened: `Unavailable("module.shut")`.
    """

    def open(self, pin: str) -> None:
        """Open the module for this process; `NotAllowed("module.pin")`, `TooMany`."""
        ...

    def public_key(self) -> bytes:
        """The raw Ed25519 public key of the platform key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The raw signature of the platform key."""
        ...

    def wrap(self, label: bytes, key: bytes) -> bytes:
        """32 bytes wrapped under the module's own key, bound to `label`."""
        ...

    def unwrap(self, label: bytes, wrapped: bytes) -> bytes:
        """The 32 bytes; `Broken("module.wrap")` when they were not wrapped here under this label."""
        ...


class Vault(Protocol):
    """Keeps every private and symmetric key; gives out signatures, wraps and index bits, never a private key.

    `token` stands for a person's signing key unlocked in one session. Locked or expired → `NeedsUnlock`.
    A wrong passphrase → `NotAllowed("passphrase")`.
    """

    def enrol(self, person: str, passphrase: str) -> bytes:
        """Make a person's Ed25519 key under a passphrase (tier S0); returns the raw public key."""
        ...

    def unlock(self, person: str, passphrase: str, session: str) -> str: ...
    def is_unlocked(self, token: str | None) -> bool: ...
    def lock_session(self, session: str) -> None: ...
    def sign_as(self, token: str | None, person: str, message: bytes) -> Signature: ...
    def sign_platform(self, message: bytes) -> Signature: ...
    def sign_event(self, token: str | None, person: str, message: bytes) -> tuple[Signature, Signature]:
        """The person's signature, then the platform's, over one event: one question for both."""
        ...

    def sign_registrar(self, message: bytes) -> tuple[Signature, ...]: ...
    def sign_root(self, message: bytes) -> tuple[Signature, ...]:
        """`Unavailable("root.offline")` where the root keys are kept apart, as a real agency does."""
        ...

    def sign_log(self, message: bytes) -> bytes:
        """The raw Ed25519 signature of the log key (C2SP signed note)."""
        ...

    def public_keys(self) -> Mapping[str, Any]:
        """{"platform": bytes, "log": bytes, "registrar": [bytes], "root": [bytes], "recovery": bytes}."""
        ...

    def wrap(self, doc: str, klass: str, compartment: str, dk: bytes) -> Wrap: ...
    def unwrap(self, wrap: Wrap) -> bytes:
        """The document key; `Broken` when the wrap does not open in its own context."""
        ...

    def unwrap_all(self, wraps: Sequence[Wrap]) -> tuple[bytes, ...]:
        """The keys of one document, in the order of its wraps; at most `MOST_WRAPS` in one question."""
        ...

    def allow_trial(self, token: str | None, person: str, scope: str, documents: int) -> str:
        """A permit to open that many documents for a trial run, of one form (`scope`: agency.form).

        It is the person's, whose key is unlocked (else `NeedsUnlock`), and ends when that key is locked.
        """
        ...

    def open_contents(
        self, permit: str, contents: Sequence[SealedContent]
    ) -> tuple[tuple[bytes, ...], ...]:
        """The plain bytes of every piece of at most `MOST_CONTENTS` documents; keys stay in the vault.

        `NotAllowed("vault.permit")` for a permit that is none, is used up or is for another form,
        `NeedsUnlock`, `Broken` when a piece does not open in its own context.
        """
        ...

    def prepare(
        self, doc: str, wanted: Sequence[KeyToWrap], indexed: Mapping[str, str], purpose: str, note: bytes
    ) -> Prepared:
        """All that one new event needs before it is signed, in one question.

        `indexed` is {index name: normalized value}; `note` is sealed for `purpose` in the context of the
        document together with what `carries` needs, and stays empty when it is.
        """
        ...

    def blind(self, index: str, normalized: str) -> str:
        """Truncated keyed index bits of a normalized value, hexadecimal (trust.md §3)."""
        ...

    def subject_key(self, index: str, normalized: str) -> str:
        """64 hexadecimal digits that stand for a normalized value of an index and tell nobody which; the bits
        of `blind` are their beginning (engine.trust.blind.first_bits). They stay in sealed answers."""
        ...

    def seal_note(self, purpose: str, data: bytes, context: bytes = b"") -> bytes:
        """Seal small things that are not documents (drafts, list summaries, accounts)."""
        ...

    def open_note(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes: ...
    def carries(
        self, purpose: str, sealed: bytes, context: bytes, index: str, normalized: str
    ) -> bool | None:
        """Whether the document whose note this is has that value in that index; None for a note that does
        not tell. The bits of an index are shared by chance; this spares the opening of those documents."""
        ...

    # What a key lives through: rotation of a person's key, epochs of a compartment's.

    def make_next_key(self, person: str, passphrase: str) -> bytes:
        """A second key for a person, which signs nothing before `adopt_key`; returns the raw public key."""
        ...

    def adopt_key(self, person: str, public_key: bytes) -> bool:
        """The waiting key becomes the person's, the old one is gone; False when that key is not waiting."""
        ...

    def forget_key(self, person: str) -> None:
        """Destroy a person's keys, the waiting one too, and whatever of them is unlocked."""
        ...

    def epochs(self) -> Mapping[str, tuple[int, ...]]:
        """{compartment: its epochs that still open wraps, oldest first}."""
        ...

    def turn_epoch(self, compartment: str) -> int:
        """Begin a new epoch of a compartment; what is wrapped from here on is wrapped in it."""
        ...

    def rewrap(self, wraps: Sequence[Wrap]) -> tuple[Wrap, ...]:
        """The same document keys under the newest epochs of their compartments; gives out no key."""
        ...

    def retire_epochs(self, compartment: str, below: int) -> None:
        """Destroy the keys of the epochs before `below`: what is still wrapped in them opens no more."""
        ...


class ErasableStore(Protocol):
    """What can be destroyed of each record, outside the journal: wraps, index bits, list summaries.

    `add` is called inside the journal's critical section; the bytes are durable before the record is.
    """

    def add(self, one: Erasable) -> tuple[int, str]:
        """Store it; its place and the SHA-256 of its bytes, which the record's side names."""
        ...

    def read(self, place: int) -> Erasable | None:
        """What stands there, None when it was destroyed; `Broken` when it is damaged."""
        ...

    def replace(self, changes: Mapping[int, Erasable | None]) -> None:
        """Put others in their places (None: nothing), durably; the bytes before are overwritten."""
        ...

    def scan(self) -> Iterator[tuple[int, Erasable]]:
        """Everything that stands, by place."""
        ...
