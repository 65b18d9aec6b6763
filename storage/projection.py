"""The read side in TinyDB: rows that engine.projection makes, their indexes, and the snapshot on the disk.

Decides how rows are found. Never the truth, and never holds a sealed value in clear: it is rebuilt from the
journal when its snapshot is missing, stale or damaged, and gives equal content.

A row is stored with what lists and filters ask for in the open and the rest (steps, places in the journal,
facets, index bits) as one packed text `more`: a third of the memory, and reading costs a few microseconds.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import orjson
from tinydb import TinyDB

from engine import projection
from engine.errors import Broken, NotFound
from engine.ports import ErasableStore, Journal, ListView, RowPage
from engine.projection import Changes, DocumentRow, IdempotentRow
from engine.record import Record
from engine.trust import identifiers
from engine.trust.envelope import EVENT
from storage.disk import Disk
from storage.indexed_table import IndexedTable, MemoryTables
from storage.listing import Listing, cites_of, due_key, is_exact, matches, recent_key
from storage.snapshot import read_snapshot, write_snapshot

_log = logging.getLogger(__name__)

Row = Mapping[str, Any]
_PACKED = ("facets", "blind", "flags", "filled", "steps", "contents", "extras")
_DERIVED = ("more", "cites", "missed")
_SHARED = (
    "form", "version", "digest", "state", "region", "unit", "created_by", "submitted_by",
    "collector", "claimed_by", "channel",
)  # fmt: skip
_SNAPSHOT_EVERY = 2_000


class _Database(TinyDB):
    table_class = IndexedTable  # type: ignore[assignment]  # TinyDB's annotation names its own class only


class TinyStore:
    """Behind the DocumentStore port. One lock around every change and every walk."""

    def __init__(
        self, path: Path, journal: Journal, disk: Disk | None = None, erasable: ErasableStore | None = None
    ) -> None:
        """Open the projection: its snapshot where that can be believed, then the journal's records.

        `erasable` holds the index bits and summaries that records name.
        """
        self._erasable = erasable
        self._path, self._journal, self._disk = path, journal, disk or Disk()
        self._lock = threading.RLock()
        self._saving = threading.Lock()
        self._snapshot_thread: threading.Thread | None = None
        self._pending: deque[tuple[int, Callable[[], None]]] = deque()
        self._closed = False
        self._clear()
        self._saved_size = self._load()
        self._replay()

    def _clear(self) -> None:
        self._database = _Database(storage=MemoryTables)
        self._documents = cast(IndexedTable, self._database.table("documents", listener=self._index))
        self._counters = cast(IndexedTable, self._database.table("counters"))
        self._idempotent = cast(IndexedTable, self._database.table("idempotent"))
        self._listing = Listing()
        self._doc_ids: dict[str, str] = {}
        self._doc_nos: dict[str, tuple[str, ...]] = {}
        self._blind: dict[str, set[str]] = {}
        self._size = 0

    # -- opening --

    def _load(self) -> int:
        found = read_snapshot(self._path)
        if found is None:
            return 0
        try:
            leaf = self._journal.leaf_hash(found.size - 1).hex() if found.size else ""
        except NotFound:
            leaf = "beyond the journal"
        if leaf != found.leaf:
            _log.warning("projection.snapshot_refused", extra={"size": found.size})
            return 0
        documents = found.tables.get("documents", {})
        self._documents.load({doc: _shared(row) for doc, row in documents.items()})
        self._counters.load(found.tables.get("counters", {}))
        self._idempotent.load(found.tables.get("idempotent", {}))
        self._listing.load(documents.values())
        for doc, row in documents.items():
            self._index_names(doc, None, row)
        self._size = found.size
        return found.size

    def _replay(self) -> None:
        for record in self._journal.scan(self._size):
            self.apply(record.index, self._project(record))
        self._pending.clear()

    def _project(self, record: Record) -> Changes:
        if record.envelope.payload_type != EVENT:
            return projection.NOTHING
        statement = orjson.loads(record.envelope.payload)
        event = identifiers.event_id(record.envelope.pae())
        before = self.get(statement["doc"]) if statement["seq"] > 1 else None
        place = record.kept_at()
        kept = None if place is None or self._erasable is None else self._erasable.read(place)
        return projection.project(before, record, event, statement, kept)

    # -- reading --

    @property
    def size(self) -> int:
        """How many records have been applied."""
        return self._size

    def get(self, doc: str) -> DocumentRow | None:
        """The row of a document, or None; the caller may keep it."""
        row = self._documents.row(doc)
        return None if row is None else _unpacked(row)

    def by_doc_id(self, doc_id: str) -> DocumentRow | None:
        """The row with this document id (LTCI-…), or None."""
        doc = self._doc_ids.get(doc_id)
        return None if doc is None else self.get(doc)

    def by_doc_no(self, doc_no: str, region: str = "") -> DocumentRow | None:
        """The row with this official number (in this region, if named); None when none or many have it."""
        with self._lock:
            rows = [self._documents.row(doc) for doc in self._doc_nos.get(doc_no, ())]
        found = [row for row in rows if row is not None and region in ("", row["region"])]
        return _unpacked(found[0]) if len(found) == 1 else None

    def by_blind(self, index: str, bits: str) -> tuple[DocumentRow, ...]:
        """Rows with these index bits: the document looked for and a few that share them by chance."""
        with self._lock:
            rows = [self._documents.row(doc) for doc in sorted(self._blind.get(f"{index} {bits}", ()))]
        return tuple(_unpacked(row) for row in rows if row is not None)

    def counter(self, series: str) -> int:
        """The last number of a series; 0 before the first."""
        row = self._counters.row(series)
        return int(row["value"]) if row is not None else 0

    def idempotent(self, key: str) -> IdempotentRow | None:
        """What a client key was used for, or None."""
        return cast("IdempotentRow | None", self._idempotent.row(key))

    def page(self, view: ListView, after: str | None, limit: int) -> RowPage:
        """Up to `limit` rows of a list after a cursor; `next` is None on the last page."""
        rows: list[DocumentRow] = []
        last = ""
        with self._lock:
            # Where the tally knows how many there are, a first page need not look for more behind the last.
            most = self._listing.tally(view) if after is None and is_exact(view) else -1
            if most == 0:
                return RowPage((), None)
            for key in self._listing.walk(view, after):
                row = self._documents.row(key.rpartition(" ")[2])
                if row is None or not matches(view, row, _more(view, row)):
                    continue
                if len(rows) == limit:
                    return RowPage(tuple(rows), last)
                rows.append(_unpacked(row))
                if len(rows) == most:
                    break
                last = recent_key(row) if view.order == "recent" else due_key(row)
        return RowPage(tuple(rows), None)

    def count(self, view: ListView) -> int:
        """How many rows a list holds."""
        with self._lock:
            if is_exact(view):
                return self._listing.tally(view)
            rows = (self._documents.row(key.rpartition(" ")[2]) for key in self._listing.walk(view, None))
            return sum(1 for row in rows if row is not None and matches(view, row, _more(view, row)))

    def heads(self, view: ListView) -> tuple[tuple[str, str], ...]:
        """(document, newest event) of everything in a list, without unpacking a row."""
        with self._lock:
            rows = (self._documents.row(key.rpartition(" ")[2]) for key in self._listing.walk(view, None))
            found = (row for row in rows if row is not None and matches(view, row, _more(view, row)))
            return tuple((row["doc"], row["head"]) for row in found)

    def rows(self) -> Iterator[DocumentRow]:
        """Every row as it is now."""
        with self._lock:
            held = self._documents.items()
        return (_unpacked(row) for _, row in held)

    # -- changing --

    def apply(self, index: int, changes: Changes) -> None:
        """Take in what the record at `index` changes. One that was applied before changes nothing."""
        with self._lock:
            durable = self._journal.durable_size
            if index < self._size or (index >= durable and self._journal.read_only is not None):
                return
            if index > self._size:
                raise Broken("projection.gap", expected=self._size, given=index)
            self._pending.append((index, self._undo(changes)))
            if changes.row is not None:
                self._documents.put(changes.row["doc"], _packed(changes.row))
            for series, value in changes.counters.items():
                self._counters.put(series, {"value": value})
            if changes.idempotent is not None:
                self._idempotent.put(*changes.idempotent)
            self._size = index + 1
            while self._pending and self._pending[0][0] < durable:
                self._pending.popleft()
        self._snapshot_when_due()

    def forget_undurable(self) -> None:
        """Take back what the journal did not make durable: after it stopped, nobody may see half an event."""
        with self._lock:
            durable = self._journal.durable_size
            while self._pending and self._pending[-1][0] >= durable:
                index, undo = self._pending.pop()
                undo()
                self._size = index

    def _undo(self, changes: Changes) -> Callable[[], None]:
        before: list[tuple[IndexedTable, str, Row | None]] = []
        if changes.row is not None:
            doc = changes.row["doc"]
            before.append((self._documents, doc, self._documents.row(doc)))
        before.extend((self._counters, series, self._counters.row(series)) for series in changes.counters)
        if changes.idempotent is not None:
            key = changes.idempotent[0]
            before.append((self._idempotent, key, self._idempotent.row(key)))

        def undo() -> None:
            for table, row_id, row in before:
                if row is None:
                    table.remove(doc_ids=[cast(int, row_id)])
                else:
                    table.put(row_id, row)

        return undo

    def _index(self, doc: str, before: Row | None, row: Row | None) -> None:
        if before is not None and row is not None:
            self._listing.replace(before, row)
        elif row is not None:
            self._listing.add(row)
        elif before is not None:
            self._listing.remove(before)
        self._index_names(doc, before, row)

    def _index_names(self, doc: str, before: Row | None, row: Row | None) -> None:
        if before is None and row is not None:
            self._doc_ids[row["doc_id"]] = doc
            self._doc_nos[row["doc_no"]] = (*self._doc_nos.get(row["doc_no"], ()), doc)
        elif before is not None and row is None:
            self._doc_ids.pop(before["doc_id"], None)
            left = tuple(one for one in self._doc_nos.get(before["doc_no"], ()) if one != doc)
            self._doc_nos[before["doc_no"]] = left
        old, new = _blind_keys(before), _blind_keys(row)
        for key in old - new:
            self._blind[key].discard(doc)
        for key in new - old:
            self._blind.setdefault(key, set()).add(doc)

    # -- keeping --

    def _snapshot_when_due(self) -> None:
        if self._size - self._saved_size < max(_SNAPSHOT_EVERY, self._saved_size // 2) or self._closed:
            return
        if self._snapshot_thread is None or not self._snapshot_thread.is_alive():
            self._snapshot_thread = threading.Thread(
                target=self.save, kwargs={"pause": 0.002}, name="projection-snapshot", daemon=True
            )
            self._snapshot_thread.start()

    def save(self, pause: float = 0.0) -> bool:
        """Write a snapshot; False when the newest record is not durable yet or the disk refused."""
        with self._saving:
            return self._save(pause)

    def _save(self, pause: float) -> bool:
        with self._lock:
            size = self._size
            if size > self._journal.durable_size:
                self._saved_size = max(self._saved_size, size - _SNAPSHOT_EVERY + 200)  # soon again
                return False
            tables = {
                name: table.items()
                for name, table in (
                    ("documents", self._documents),
                    ("counters", self._counters),
                    ("idempotent", self._idempotent),
                )
            }
        leaf = self._journal.leaf_hash(size - 1).hex() if size else ""
        try:
            write_snapshot(self._path, self._disk, size, leaf, tables, pause=pause)
        except OSError as fault:
            _log.error("projection.snapshot_failed", exc_info=fault)
            return False
        self._saved_size = size
        return True

    def close(self) -> None:
        """Write a last snapshot when there is something new. Close the journal after this, not before."""
        self._closed = True
        if self._snapshot_thread is not None:
            self._snapshot_thread.join()
        if self._size != self._saved_size:
            self.save()
        self._database.close()


def _packed(row: DocumentRow) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in _PACKED}
    kept["cites"], kept["missed"] = cites_of(cast(Row, row)), projection.OVERDUE in row["flags"]
    kept["more"] = orjson.dumps({name: row[name] for name in _PACKED}).decode("utf-8")  # type: ignore[literal-required]
    return _shared(kept)


def _shared(row: dict[str, Any]) -> dict[str, Any]:
    for name in _SHARED:
        row[name] = sys.intern(row[name])  # a hundred thousand rows, a few dozen different texts
    return row


def _unpacked(row: Row) -> DocumentRow:
    whole = {**row, **orjson.loads(row["more"])}
    for name in _DERIVED:
        del whole[name]
    return cast(DocumentRow, whole)


def _more(view: ListView, row: Row) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], orjson.loads(row["more"])) if view.facets else {}


def _blind_keys(row: Row | None) -> set[str]:
    if row is None:
        return set()
    return {f"{index} {bits}" for index, bits in orjson.loads(row["more"])["blind"].items()}
