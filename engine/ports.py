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

from engine.key_ports import (
    MOST_CONTENTS,
    ErasableStore,
    KeyModule,
    KeyToWrap,
    Prepared,
    SealedContent,
    SealedPiece,
    Vault,
)
from engine.projection import Changes, DocumentRow, IdempotentRow
from engine.record import Record

__all__ = [
    "MOST_CONTENTS",
    "Access",
    "AccessLog",
    "Account",
    "Blobs",
    "Calendar",
    "Clock",
    "Committed",
    "Directory",
    "DocumentStore",
    "DraftStore",
    "ErasableStore",
    "Journal",
    "KeyModule",
    "KeyToWrap",
    "ListView",
    "Prepared",
    "Randomness",
    "RowPage",
    "SealedContent",
    "SealedPiece",
    "StagedFile",
    "StoredDraft",
    "TrustStore",
    "Vault",
    "Witnessed",
]

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

    def note(self, size: int) -> str:
        """The signed note of an older checkpoint; `NotFound` where none was signed at that size."""
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

    def settled(self, size: int, note: str = "") -> str:
        """The cosigned note on which papers of this size rest: the first that was given here, kept for good;
        "" where none was. Raises `Unavailable`."""
        ...


MOST_WRAPS = 16
MOST_INDEXED = 64


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
    late: bool = False  # entered later than the form allows
    overdue_by: str = ""  # a moment, UTC: those that missed a limit, or whose limit has passed by then
    digest: str = ""  # of the form version the document stands on
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
    def heads(self, view: ListView) -> tuple[tuple[str, str], ...]:
        """(document, newest event) of everything in a list: for what is remembered by them."""
        ...

    def apply(self, index: int, changes: Changes) -> None: ...
    def rows(self) -> Iterator[DocumentRow]: ...
    def save(self) -> bool:
        """Write the rows on the disk anew, with nothing older beside them; False: not yet possible."""
        ...



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
    def forget(self, blobs: Iterable[str], is_shared: Callable[[str], bool]) -> None:
        """Destroy what was staged of these blobs, and the blobs that no other document shares."""
        ...

    def expire(self, before: str, is_referenced: Callable[[str], bool]) -> int:
        """Forget what was staged before a moment, and its blobs that nothing refers to; how many."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """One reading of sealed content: who, which document, which fields or classes, why (domain O16).

    `basis` names what allows it: the task in hand or the approval (engine.desk.grounds); "" where none does.
    """

    at: str
    person: str
    role: str
    doc: str
    what: tuple[str, ...]
    purpose: str
    basis: str = ""


class AccessLog(Protocol):
    """Chained, append-only. `write` returns when the entry is durable."""

    def write(self, access: Access) -> None: ...
    def entries(self) -> Iterator[Access]: ...
    def newest(self, before: int | None = None) -> Iterator[tuple[int, Access]]:
        """Entries with their numbers from 1 on, the newest first; only those before the number `before`."""
        ...


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
    mail: Mapping[str, str] = field(default_factory=dict)  # engine.desk.mail_wishes
    proposals: tuple[Mapping[str, Any], ...] = ()  # what one person proposed for this one: engine.desk.keys


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
