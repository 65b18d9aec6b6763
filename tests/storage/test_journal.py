"""The journal at work: what is acknowledged is durable and proven, and a failing disk stops it for good."""

from __future__ import annotations

import errno
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from engine.errors import Broken, NotFound, Unavailable
from engine.ports import Committed
from engine.trust import merkle
from storage import segments
from storage.last_signed import LastSigned, Signed
from tests.conftest import ROOT
from tests.simulators.faulty_disk import FaultyDisk
from tests.simulators.samples import record, signer
from tests.storage.places import Place, append, append_in_two_batches


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_an_acknowledged_record_is_proven_under_a_signed_checkpoint(place: Place) -> None:
    journal = place.open()
    receipts = append(journal, 5)
    for receipt in receipts:
        head = signer().open(receipt.checkpoint)
        assert head is not None and head.size == receipt.size
        assert merkle.verify_inclusion(
            receipt.leaf_hash, receipt.index, receipt.size, receipt.proof, head.root
        )
    assert [journal.read(n) for n in range(5)] == [record(n) for n in range(5)]
    assert list(journal.scan(3)) == [record(3), record(4)]
    journal.close()


def test_what_waits_together_shares_one_checkpoint(place: Place) -> None:
    journal = place.open()
    between, _ = append_in_two_batches(place, journal)
    added = place.last_segment.read_bytes()[len(between) :]
    kinds = [frame.magic for frame in segments.frames(added)]
    assert kinds == [segments.RECORD, segments.RECORD, segments.CHECKPOINT]
    journal.close()


def test_a_promise_can_be_asked_for_again(place: Place) -> None:
    journal = place.open()
    append(journal, 2)
    assert journal.when_durable(0, lambda committed: committed.index).result(1) == 0
    with journal.sequencing():
        first = journal.append(record(2), lambda committed: committed)
        again = journal.when_durable(2, lambda committed: committed)
    assert again.result(10) == first.result(10)
    with pytest.raises(NotFound):
        journal.when_durable(3, lambda committed: committed)
    journal.close()


def test_a_record_must_name_the_next_index(place: Place) -> None:
    journal = place.open()
    with pytest.raises(Broken):
        journal.append(record(1), lambda committed: committed)
    assert append(journal)[0].index == 0
    journal.close()


def test_a_start_finds_everything_again_and_goes_on(place: Place) -> None:
    journal = place.open()
    append(journal, 3)
    head = journal.checkpoint()
    journal.close()
    journal = place.open()
    assert (journal.checkpoint(), journal.next_index, journal.read_only) == (head, 3, None)
    append(journal, 2)
    assert list(journal.scan()) == [record(n) for n in range(5)]
    journal.close()


def test_a_second_opening_is_refused_while_the_first_lives(place: Place) -> None:
    journal = place.open()
    with pytest.raises(Unavailable) as refused:
        place.open()
    assert refused.value.code == "journal.locked"
    journal.close()
    place.open().close()


def test_a_second_process_is_refused(place: Place) -> None:
    journal = place.open()
    code = (
        "import sys; from pathlib import Path; from tests.storage.places import Place\n"
        "from engine.errors import Unavailable\n"
        "try: Place(Path(sys.argv[1])).open()\n"
        "except Unavailable as refused: print(refused.code)"
    )
    base = str(place.folder.parent)
    done = subprocess.run(
        [sys.executable, "-c", code, base], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "journal.locked", done.stderr
    journal.close()


def test_segments_follow_each_other_and_are_read_across(place: Place) -> None:
    journal = place.open(segment_bytes=1500)
    append(journal, 12)
    assert len(segments.list_segments(place.folder)) > 3
    assert list(journal.scan()) == [record(n) for n in range(12)]
    assert journal.check_older_segments()
    journal.close()
    journal = place.open(segment_bytes=1500)
    append(journal, 3)
    assert list(journal.scan()) == [record(n) for n in range(15)]
    journal.close()


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO, "short"])
def test_any_failing_call_stops_writing_and_loses_nothing(tmp_path: Path, fault: int | str) -> None:
    calls = FaultyDisk()
    place = Place(tmp_path / "measure")
    journal = place.open(calls, segment_bytes=1500)
    before = len(calls.calls)
    append(journal, 6)
    journal.close()
    for at in range(before + 1, len(calls.calls) + 1):
        place = Place(tmp_path / f"at{at}")
        disk = FaultyDisk(at, fault)
        journal = place.open(disk, segment_bytes=1500)
        acknowledged: list[int] = []
        futures: list[Future[Committed]] = []
        try:
            for _ in range(6):
                with journal.sequencing():
                    future = journal.append(record(journal.next_index), lambda committed: committed)
                futures.append(future)
                acknowledged.append(future.result(10).index)
        except Unavailable as refused:
            assert refused.code == "journal.read_only"
        assert disk.is_broken
        assert all(future.done() for future in futures)
        assert [journal.read(n) for n in acknowledged] == [record(n) for n in acknowledged]
        with pytest.raises(Unavailable):
            append(journal)
        journal.close()
        journal = place.open(segment_bytes=1500)
        assert journal.read_only is None
        assert list(journal.scan())[: len(acknowledged)] == [record(n) for n in acknowledged]
        append(journal)
        journal.close()


def test_no_sync_is_tried_again_after_one_failed(place: Place) -> None:
    disk = FaultyDisk()
    journal = place.open(disk)
    append(journal)
    disk.fail_at = len(disk.calls) + 2  # the write goes through, its sync does not
    with pytest.raises(Unavailable):
        append(journal)
    seen = len(disk.calls)
    with pytest.raises(Unavailable):
        append(journal)
    assert disk.calls[-1] == "datasync"
    journal.close()
    assert len(disk.calls) == seen


def test_the_memory_of_the_signer_survives_a_torn_slot(tmp_path: Path) -> None:
    memory = LastSigned(tmp_path / "last-signed")
    memory.create()
    for size in (1, 2, 3):
        memory.remember(Signed(size, bytes([size]) * 32))
    data = (tmp_path / "last-signed").read_bytes()
    assert LastSigned(tmp_path / "last-signed").read() == Signed(3, b"\x03" * 32)
    (tmp_path / "last-signed").write_bytes(data[:30] + b"?" + data[31:])
    (tmp_path / "second").write_bytes(data[:540] + b"?" + data[541:])
    survivors = {LastSigned(tmp_path / name).read() for name in ("last-signed", "second")}
    assert survivors == {Signed(3, b"\x03" * 32), Signed(2, b"\x02" * 32)}


def test_tiles_and_consistency_proofs_reach_only_what_is_durable(place: Place) -> None:
    journal = place.open()
    append(journal, 3)
    assert journal.tile(0, 0, 3) == b"".join(journal.leaf_hash(n) for n in range(3))
    with pytest.raises(NotFound):
        journal.tile(0, 0, 4)
    with pytest.raises(NotFound):
        journal.consistency(1, 4)
    _, root3, _ = journal.checkpoint()
    proof = journal.consistency(2, 3)
    root2 = merkle.root_of([journal.leaf_hash(0), journal.leaf_hash(1)])
    assert merkle.verify_consistency(2, 3, proof, root2, root3)
    journal.close()
