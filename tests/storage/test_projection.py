"""The projection can be thrown away: snapshot or not, it equals what the journal says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine import projection
from engine.errors import Unavailable
from engine.ports import ListView
from engine.record import Record
from engine.trust import identifiers
from storage.disk import Disk
from storage.journal import FileJournal
from storage.last_signed import LastSigned
from storage.projection import TinyStore
from storage.sorted_keys import SortedKeys
from tests.simulators.faulty_disk import FaultyDisk
from tests.simulators.memory_journal import MemoryJournal, signed_journal
from tests.simulators.samples import LOG_KEY, ORIGIN, doc_name, record, signer

AnyJournal = MemoryJournal | FileJournal


def write(journal: AnyJournal, store: TinyStore, number: int, seq: int = 1, **side: Any) -> None:
    """What the desk does: append one event of a document and project it."""
    changes: dict[str, Any] = {} if seq == 1 else {"from": "submitted", "to": "returned", "header": {}}
    with journal.sequencing():
        made = record(journal.next_index, number, side, seq=seq, **changes)
        journal.append(made, lambda committed: committed)
        before = store.get(doc_name(number)) if seq > 1 else None
        event = identifiers.event_id(made.envelope.pae())
        store.apply(made.index, projection.project(before, made, event, made.statement()))


def fill(journal: AnyJournal, store: TinyStore, count: int) -> None:
    chance, seqs = Random(22), dict[int, int]()
    for index in range(count):
        number = chance.randrange(count // 2)
        seqs[number] = seqs.get(number, 0) + 1
        write(
            journal, store, number, seqs[number],
            idem=f"key {index}", payload="ab" * 32, counters={"310199/2026": index},
            blind={"/insured/id_no": f"{number % 7:04x}"}, summary="c2VhbGVk",
            due_at=f"2026-12-{1 + index % 9:02d}",
        )  # fmt: skip


def content(store: TinyStore) -> Any:
    """Everything a store answers."""
    rows = sorted(store.rows(), key=lambda row: row["doc"])
    lists = [store.page(ListView(states=(state,)), None, 1000) for state in ("submitted", "returned")]
    blind = [store.by_blind("/insured/id_no", f"{n:04x}") for n in range(8)]
    keys = [store.idempotent(f"key {n}") for n in range(100)]
    return store.size, rows, lists, blind, keys, store.counter("310199/2026"), store.count(ListView())


@pytest.fixture
def journal() -> MemoryJournal:
    return signed_journal(ORIGIN, LOG_KEY)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "projection"


def test_a_rebuilt_projection_equals_the_live_one(journal: MemoryJournal, path: Path) -> None:
    live = TinyStore(path, journal)
    fill(journal, live, 60)
    assert content(TinyStore(path.with_name("other"), journal)) == content(live)


def test_a_snapshot_and_the_records_after_it_equal_the_live_one(journal: MemoryJournal, path: Path) -> None:
    live = TinyStore(path, journal)
    fill(journal, live, 40)
    assert live.save()
    write(journal, live, 1000)
    replayed: list[int] = []
    scan = journal.scan

    def scan_and_tell(start: int = 0) -> Iterator[Record]:
        replayed.append(start)
        return scan(start)

    journal.scan = scan_and_tell  # type: ignore[method-assign]
    assert content(TinyStore(path, journal)) == content(live)
    assert replayed == [40]


def test_a_torn_or_damaged_snapshot_is_not_believed(journal: MemoryJournal, path: Path) -> None:
    live = TinyStore(path, journal)
    fill(journal, live, 20)
    live.close()
    expected, whole = content(live), path.read_bytes()
    for at in range(0, len(whole), 211):
        for damaged in (whole[:at], whole[:at] + b"9" + whole[at + 1 :], whole[:at] + b"\n" + whole[at:]):
            path.write_bytes(damaged)
            assert content(TinyStore(path, journal)) == expected


def test_a_snapshot_of_another_log_or_from_beyond_the_journal_is_not_believed(
    journal: MemoryJournal, path: Path
) -> None:
    live = TinyStore(path, journal)
    fill(journal, live, 20)
    live.close()
    shorter = signed_journal(ORIGIN, LOG_KEY)
    shorter.append(record(0, 7), lambda committed: committed)
    assert [row["doc"] for row in TinyStore(path, shorter).rows()] == [doc_name(7)]
    other = signed_journal(ORIGIN, LOG_KEY)
    for index in range(20):
        other.append(record(index, 100 + index), lambda committed: committed)
    assert {row["doc"] for row in TinyStore(path, other).rows()} == {doc_name(100 + n) for n in range(20)}


def test_a_snapshot_is_never_ahead_of_what_is_durable(journal: MemoryJournal, path: Path) -> None:
    store = TinyStore(path, journal)
    write(journal, store, 1)
    journal.hold()
    write(journal, store, 2)
    assert (store.save(), path.exists()) == (False, False)
    journal.release()
    assert (store.save(), path.exists()) == (True, True)


def test_a_disk_that_refuses_the_snapshot_leaves_the_old_one(journal: MemoryJournal, path: Path) -> None:
    disk = FaultyDisk()
    store = TinyStore(path, journal, disk)
    write(journal, store, 1)
    assert store.save()
    before = path.read_bytes()
    disk.fail_at = len(disk.calls) + 2
    write(journal, store, 2)
    assert not store.save()
    assert path.read_bytes() == before
    assert store.count(ListView()) == 2


def test_after_the_journal_stops_nobody_sees_what_was_not_made_durable(tmp_path: Path) -> None:
    last_signed = LastSigned(tmp_path / "last-signed")
    last_signed.create()
    disk = FaultyDisk()
    journal = FileJournal(tmp_path / "journal", signer(), last_signed, disk=disk)
    store = TinyStore(tmp_path / "projection", journal, Disk())
    journal.on_stop = store.forget_undurable
    write(journal, store, 1)
    journal.when_durable(0, lambda committed: committed).result(10)
    before = content(store)
    disk.fail_at = len(disk.calls) + 1
    with journal.sequencing():
        made = record(1, 1, {"idem": "key 1", "payload": "00"}, seq=2, to="returned", header={})
        future = journal.append(made, lambda committed: committed)
        changes = projection.project(store.get(doc_name(1)), made, "event", made.statement())
        store.apply(1, changes)
    assert isinstance(future.exception(10), Unavailable)
    assert content(store) == before
    store.apply(1, changes)
    assert content(store) == before
    store.close()
    journal.close()


def test_a_list_among_many_gives_its_page_without_walking_them_all(
    journal: MemoryJournal, path: Path
) -> None:
    store = TinyStore(path, journal)
    for number in range(300):
        write(journal, store, number)
    looked: list[str] = []
    row = store._documents.row

    def look_and_tell(row_id: str) -> Mapping[str, Any] | None:
        looked.append(row_id)
        return row(row_id)

    store._documents.row = look_and_tell  # type: ignore[method-assign]
    assert len(store.page(ListView(states=("submitted",)), None, 20).rows) == 20
    assert store.page(ListView(region="310198"), None, 20).rows == ()
    assert len(looked) == 21


def test_sorted_keys_agree_with_a_sorted_list() -> None:
    chance, keys, plain = Random(22), SortedKeys(), set[str]()
    for _ in range(6000):
        key = f"{chance.randrange(3000):05d}"
        if key in plain:
            plain.remove(key)
            keys.remove(key)
        else:
            plain.add(key)
            keys.add(key)
    keys.remove("not there")
    ordered = sorted(plain)
    assert list(keys.after(None)) == ordered and len(keys) == len(ordered)
    assert list(keys.before(None)) == ordered[::-1]
    for cursor in ("", "00100", "01500", "02999", "99999"):
        assert list(keys.after(cursor)) == [key for key in ordered if key > cursor]
        assert list(keys.before(cursor)) == [key for key in reversed(ordered) if key < cursor]
    loaded = SortedKeys()
    loaded.load(plain)
    assert list(loaded.after(None)) == ordered
