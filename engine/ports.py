"""The outside world as the engine needs it: every port is a Protocol; fakes live in tests/simulators.

Decides shapes only. A new outside thing = a Protocol here + a fake + one contract suite that runs on both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from engine.projection import Changes, DocumentRow, IdempotentRow
from engine.record import Record
from engine.trust.envelope import Signature
from engine.trust.wrap import Wrap

T = TypeVar("T")


class Clock(Protocol):
    """What time the server says it is (K7: server time decides)."""

    def now(self) -> datetime:
        """The moment, aware, UTC."""
        ...


class Randomness(Protocol):
    """Unpredictable bytes."""

    def bytes(self, count: int) -> bytes:
        """`count` bytes from the operating system's generator."""
        ...


class Calendar(Protocol):
    """Working days of the State Council calendar with make-up days (domain O21)."""

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day."""
        ...


@dataclass(frozen=True, slots=True)
class Committed:
    """A record that is on disk and under a signed checkpoint."""

    index: int
    size: int
    checkpoint: str
    proof: tuple[bytes, ...]
    leaf_hash: bytes


class Journal(Protocol):
    """The truth: an append-only log of records under an RFC 6962 tree. One writer.

    Use: `with journal.sequencing(): index = journal.next_index; ...; journal.append(record, finish)`.
    `append` returns at once; the future is resolved with `finish(committed)` after the record and a signed
    checkpoint that covers it are durable. A failed write resolves it with `Unavailable` and the journal
    stays read-only (`read_only` is then a code) until the process is started anew.
    """

    @property
    def next_index(self) -> int: ...
    @property
    def read_only(self) -> str | None: ...
    @property
    def durable_size(self) -> int: ...
    def sequencing(self) -> AbstractContextManager[None]:
        """The critical section: checks, numbering and append of one event happen inside it."""
        ...

    def append(self, record: Record, finish: Callable[[Committed], T]) -> Future[T]: ...
    def when_durable(self, index: int, finish: Callable[[Committed], T]) -> Future[T]:
        """The same promise for a record appended before; resolved at once when it is durable already."""
        ...

    def read(self, index: int) -> Record:
        """The record at an index, also one that is still on its way to the disk.

        `Broken` when its bytes are damaged, `NotFound` beyond the end.
        """
        ...

    def scan(self, start: int = 0) -> Iterator[Record]: ...
    def checkpoint(self) -> tuple[int, bytes, str]:
        """Size, root hash and signed note of the last durable checkpoint."""
        ...

    def committed(self, index: int) -> Committed:
        """Proof of an index under the last durable checkpoint."""
        ...

    def committed_together(self, indexes: Sequence[int]) -> tuple[Committed, ...]:
        """Proofs of several indexes under one and the same checkpoint."""
        ...

    def stop(self, reason: str) -> None:
        """Accept nothing more in this process: trust is lost, and `reason` (a code) says why."""
        ...

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof of an index in the first `size` records; `NotFound` beyond the last checkpoint."""
        ...

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]: ...
    def leaf_hash(self, index: int) -> bytes: ...
    def tile(self, level: int, number: int, width: int) -> bytes:
        """C2SP tlog-tiles bytes of `width` hashes; `NotFound` when the log is not that large."""
        ...


class Witnessed(Protocol):
    """The newest checkpoint that witnesses outside have cosigned."""

    def newest(self) -> str:
        """A signed note with its cosignatures, "" when there is none yet."""
        ...


MOST_WRAPS = 16
MOST_INDEXED = 64


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

    def prepare(
        self, doc: str, wanted: Sequence[KeyToWrap], indexed: Mapping[str, str], purpose: str, note: bytes
    ) -> Prepared:
        """All that one new event needs before it is signed, in one question.

        `indexed` is {index name: normalized value}; `note` is sealed for `purpose` in the context of the
        document, and stays empty when it is.
        """
        ...

    def blind(self, index: str, normalized: str) -> str:
        """Truncated keyed index bits of a normalized value, hexadecimal (trust.md §3)."""
        ...

    def seal_note(self, purpose: str, data: bytes, context: bytes = b"") -> bytes:
        """Seal small things that are not documents (drafts, list summaries, accounts)."""
        ...

    def open_note(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes: ...


@dataclass(frozen=True, slots=True)
class ListView:
    """Which documents a list holds. Empty means any. All given conditions hold at once."""

    forms: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    unit: str = ""
    region: str = ""
    created_by: str = ""
    claimed_by: str = ""
    collected_by: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    order: str = "due"  # due: earliest deadline first, without one last · recent: newest submission first


@dataclass(frozen=True, slots=True)
class RowPage:
    """One page by keyset: give `next` back as `after`."""

    rows: tuple[DocumentRow, ...]
    next: str | None


class DocumentStore(Protocol):
    """The read side: rows that `engine.projection` makes from records. Rebuilt from the journal at will."""

    @property
    def size(self) -> int:
        """How many records have been applied."""
        ...

    def get(self, doc: str) -> DocumentRow | None: ...
    def by_doc_id(self, doc_id: str) -> DocumentRow | None: ...
    def by_doc_no(self, doc_no: str, region: str = "") -> DocumentRow | None: ...
    def by_blind(self, index: str, bits: str) -> tuple[DocumentRow, ...]: ...
    def counter(self, series: str) -> int: ...
    def idempotent(self, key: str) -> IdempotentRow | None: ...
    def page(self, view: ListView, after: str | None, limit: int) -> RowPage: ...
    def count(self, view: ListView) -> int: ...
    def apply(self, index: int, changes: Changes) -> None: ...
    def rows(self) -> Iterator[DocumentRow]: ...


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A form being filled: sealed on disk, revised by compare-and-set. Not yet a document."""

    id: str
    form: str
    version: str
    revision: int
    answers: Mapping[str, Any]
    created_by: str
    created_at: str
    saved_by: str
    saved_at: str
    doc: str = ""  # the returned document this corrects, else ""
    base_head: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)  # typed, not readable yet; by pointer
    notes: Mapping[str, Any] = field(default_factory=dict)  # pins, clerk-changed derived fields, last field


class DraftStore(Protocol):
    """Drafts. `save` succeeds only when the stored revision is `expected` (0 = new); else `Conflict`."""

    def get(self, draft_id: str) -> StoredDraft | None: ...
    def save(self, draft: StoredDraft, expected: int) -> None: ...
    def discard(self, draft_id: str) -> None: ...
    def of_person(self, person: str) -> tuple[StoredDraft, ...]: ...


@dataclass(frozen=True, slots=True)
class StagedFile:
    """An uploaded file, sealed under its own key; `key` never leaves engine and vault in clear on disk."""

    sha256: str  # of the plain bytes
    media_type: str
    size: int
    blob: str  # SHA-256 of the ciphertext: where the blob lies
    key: bytes
    commit: str
    kc: str
    staged_by: str
    staged_at: str
    name: str = ""


class Blobs(Protocol):
    """Sealed bytes by the digest of their ciphertext. Never by name; never in clear."""

    def put(self, chunks: Iterable[bytes]) -> str: ...
    def open(self, digest: str) -> Iterator[bytes]: ...
    def has(self, digest: str) -> bool: ...
    def stage(self, staged: StagedFile) -> None: ...
    def staged(self, person: str, sha256: str) -> StagedFile | None: ...
    def expire(self, before: str, is_referenced: Callable[[str], bool]) -> int:
        """Forget what was staged before a moment, and its blobs that nothing refers to; how many."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """One reading of sealed content: who, which document, which fields or classes, why (domain O16)."""

    at: str
    person: str
    role: str
    doc: str
    what: tuple[str, ...]
    purpose: str


class AccessLog(Protocol):
    """Chained, append-only. `write` returns when the entry is durable."""

    def write(self, access: Access) -> None: ...
    def entries(self) -> Iterator[Access]: ...


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in, or a partner's machine. Names are sealed at rest."""

    person: str
    staff_no: str
    name: str
    unit: str
    region: str
    password_hash: str
    grants: tuple[Mapping[str, Any], ...]  # engine.lifecycle.people.Grant as JSON
    partner: Mapping[str, str] | None = None
    active: bool = True
    public_key: str = ""  # hex
    tokens: tuple[Mapping[str, Any], ...] = ()  # {"id","hash","name","expires","wrapped_passphrase"}
    title: str = ""


class Directory(Protocol):
    """Accounts of people and partners."""

    def by_staff_no(self, staff_no: str) -> Account | None: ...
    def by_person(self, person: str) -> Account | None: ...
    def by_token(self, token_hash: str) -> Account | None: ...
    def all(self) -> tuple[Account, ...]: ...
    def save(self, account: Account) -> None: ...
    def hash_password(self, password: str) -> str: ...
    def password_is(self, account: Account | None, password: str) -> bool:
        """Takes the same time for an unknown account."""
        ...


class TrustStore(Protocol):
    """Public trust material: the root chain (trust.json) and the snapshots of who may sign."""

    def root_chain(self) -> bytes:
        """The bytes of trust.json."""
        ...

    def save_root_chain(self, data: bytes) -> None: ...
    def snapshots(self) -> tuple[tuple[int, bytes, bytes], ...]:
        """(log index, envelope JSON, people entries JSON) of every snapshot, oldest first."""
        ...

    def save_snapshot(self, index: int, envelope: bytes, people: bytes) -> None: ...
