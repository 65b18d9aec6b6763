"""The desk: the ports and settings a use case works with, and what use cases give back.

Decides nothing itself; the use cases beside it do, one file per family of verbs. There is no other door
for writes: web form, JSON API, import, scheduler and command line call the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from engine.lifecycle.measures import NO_MEASURES, Measures
from engine.lifecycle.settings import SettingsBook
from engine.notice_ports import Chores, Notices
from engine.ports import (
    AccessLog,
    Blobs,
    Calendar,
    Clock,
    Directory,
    DocumentStore,
    DraftStore,
    ErasableStore,
    Journal,
    Randomness,
    TrustStore,
    Vault,
    Witnessed,
)
from engine.registry.registry import Registry
from engine.version_ports import FormArchive, VersionDrafts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Agency:
    """Who runs this desk. `origin` names the log (C2SP), `code` the region that stands in document ids.

    `shred_roles` are the roles whose holders may approve a lawful destruction; agency.json may name others.
    `own_days`: so long after it was settled a document is still a task in hand of those who worked on it.
    """

    origin: str
    code: str
    name: str
    name_en: str
    uscc: str
    shred_roles: tuple[str, ...] = ("info_manager", "department_head", "security_admin")
    own_days: int = 30


@dataclass(frozen=True, slots=True)
class Unwitnessed:
    """Where no witness is asked."""

    def newest(self) -> str:
        """There is never a cosigned checkpoint."""
        return ""

    def settled(self, size: int, note: str = "") -> str:
        """Nor an older one."""
        return ""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What form versions are made from.

    `tables` are the code tables that are shipped, by file name; `meta` the meta-schemas annotations, states,
    layout (and lift); `regulation` the text of the clauses that this system began with.
    """

    drafts: VersionDrafts
    archive: FormArchive
    tables: Mapping[str, Any]
    meta: Mapping[str, Mapping[str, Any]]
    regulation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a use case may touch."""

    agency: Agency
    registry: Registry
    vault: Vault
    journal: Journal
    store: DocumentStore
    drafts: DraftStore
    blobs: Blobs
    access: AccessLog
    directory: Directory
    trust: TrustStore
    erasable: ErasableStore
    clock: Clock
    randomness: Randomness
    calendar: Calendar
    workshop: Workshop
    settings: SettingsBook
    notices: Notices
    chores: Chores
    witnessed: Witnessed = field(default_factory=Unwitnessed)
    measures: Measures = NO_MEASURES


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the person who acted is given: where the event lies and the proof that it lies there.

    `proof` is a C2SP tlog-proof text, `checkpoint` the signed note it ends in. `event` is the event id.
    """

    doc: str
    doc_id: str
    doc_no: str
    form: str
    version: str
    seq: int
    transition: str
    state: str
    revision: int
    event: str
    index: int
    received_at: str
    due_at: str
    proof: str
    checkpoint: str
    dropped: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Ticket(Generic[T]):
    """A promise of the journal: resolved when the event is durable and covered by a signed checkpoint."""

    future: Future[T]
    afterwards: Callable[[], None] | None = None

    def wait(self, timeout: float | None = 30.0) -> T:
        """Block until the promise is kept (seconds). Raises what the journal refused with.

        What may only be done once the event is durable is done then; where nobody waits, a later round does
        it.
        """
        result = self.future.result(timeout)
        if self.afterwards is not None:
            self.afterwards()
        return result
