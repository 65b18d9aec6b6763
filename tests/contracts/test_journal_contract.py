"""What every journal promises, the one in memory and the one on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Broken, NotFound, Unavailable
from engine.ports import Committed, Journal
from engine.trust import merkle
from storage.journal import FileJournal
from storage.last_signed import LastSigned
from tests.simulators.memory_journal import MemoryJournal, signed_journal
from tests.simulators.samples import LOG_KEY, ORIGIN, record, signer


@pytest.fixture(params=[MemoryJournal, FileJournal])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    if request.param is MemoryJournal:
        yield signed_journal(ORIGIN, LOG_KEY)
        return
    last_signed = LastSigned(tmp_path / "config" / "last-signed")
    last_signed.create()
    real = FileJournal(tmp_path / "journal", signer(), last_signed)
    yield real
    real.close()


def append(journal: Journal, count: int) -> list[Committed]:
    made = []
    for _ in range(count):
        with journal.sequencing():
            future = journal.append(record(journal.next_index), lambda committed: committed)
        made.append(future.result(10))
    return made


def test_an_empty_journal_has_no_checkpoint(journal: Journal) -> None:
    assert journal.checkpoint() == (0, merkle.EMPTY_ROOT, "")
    assert (journal.next_index, journal.durable_size, journal.read_only) == (0, 0, None)
    with pytest.raises(NotFound):
        journal.read(0)


def test_what_is_appended_is_read_back_and_proven(journal: Journal) -> None:
    receipts = append(journal, 7)
    size, root, note = journal.checkpoint()
    opened = signer().open(note)
    assert opened is not None and (opened.size, opened.root) == (size, root) == (7, journal.checkpoint()[1])
    assert list(journal.scan()) == [record(n) for n in range(7)]
    assert journal.read(4) == record(4)
    for receipt in receipts:
        head = signer().open(receipt.checkpoint)
        assert head is not None and head.size == receipt.size
        assert merkle.verify_inclusion(
            receipt.leaf_hash, receipt.index, receipt.size, receipt.proof, head.root
        )
        now = journal.committed(receipt.index)
        assert merkle.verify_inclusion(receipt.leaf_hash, receipt.index, 7, now.proof, root)
        assert journal.leaf_hash(receipt.index) == receipt.leaf_hash


def test_proofs_asked_for_together_share_one_checkpoint(journal: Journal) -> None:
    append(journal, 5)
    size, root, note = journal.checkpoint()
    found = journal.committed_together((4, 0, 2))
    assert [one.index for one in found] == [4, 0, 2]
    assert {(one.size, one.checkpoint) for one in found} == {(size, note)}
    assert all(merkle.verify_inclusion(one.leaf_hash, one.index, size, one.proof, root) for one in found)
    with pytest.raises(NotFound):
        journal.committed_together((0, 5))


def test_a_record_on_its_way_can_be_read(journal: Journal) -> None:
    with journal.sequencing():
        future = journal.append(record(0), lambda committed: committed)
        assert journal.read(0) == record(0)
    future.result(10)
    assert journal.read(0) == record(0)


def test_the_log_only_grows(journal: Journal) -> None:
    append(journal, 3)
    _, before, _ = journal.checkpoint()
    append(journal, 4)
    _, after, _ = journal.checkpoint()
    assert merkle.verify_consistency(3, 7, journal.consistency(3, 7), before, after)
    with pytest.raises(NotFound):
        journal.consistency(3, 8)


def test_a_wrong_index_is_broken_and_leaves_no_trace(journal: Journal) -> None:
    append(journal, 1)
    with pytest.raises(Broken):
        journal.append(record(5), lambda committed: committed)
    assert (journal.next_index, journal.durable_size) == (1, 1)


def test_a_promise_is_kept_again_for_an_older_record(journal: Journal) -> None:
    append(journal, 2)
    assert journal.when_durable(1, lambda committed: committed.index).result(10) == 1
    with pytest.raises(NotFound):
        journal.when_durable(2, lambda committed: committed)


def test_what_finish_raises_reaches_who_waits_and_the_record_stays(journal: Journal) -> None:
    def refuse(committed: Committed) -> None:
        raise NotFound("test")

    with journal.sequencing():
        future = journal.append(record(0), refuse)
    assert isinstance(future.exception(10), NotFound)
    assert (journal.durable_size, journal.read_only) == (1, None)


def test_tiles_hold_leaf_hashes_and_end_where_the_log_ends(journal: Journal) -> None:
    append(journal, 3)
    assert journal.tile(0, 0, 2) == journal.leaf_hash(0) + journal.leaf_hash(1)
    for level, number, width in ((0, 0, 4), (0, 1, 1), (1, 0, 1)):
        with pytest.raises(NotFound):
            journal.tile(level, number, width)


def test_inclusion_is_proved_in_every_tree_the_log_has_been(journal: Journal) -> None:
    roots = [(append(journal, 1), journal.checkpoint()[1])[1] for _ in range(6)]
    for size, root in enumerate(roots, start=1):
        for index in range(size):
            proof = journal.inclusion(index, size)
            assert merkle.verify_inclusion(journal.leaf_hash(index), index, size, proof, root)
    for index, size in ((3, 3), (0, 0), (-1, 3), (0, 7), (6, 7)):
        with pytest.raises(NotFound):
            journal.inclusion(index, size)


def test_a_stopped_journal_takes_nothing_more_and_says_the_first_reason(journal: Journal) -> None:
    append(journal, 2)
    head = journal.checkpoint()
    journal.stop("journal.behind_witness")
    journal.stop("journal.disk")
    assert journal.read_only == "journal.behind_witness"
    with journal.sequencing(), pytest.raises(Unavailable) as refused:
        journal.append(record(2), lambda committed: committed)
    assert refused.value.facts["reason"] == "journal.behind_witness"
    assert (journal.checkpoint(), list(journal.scan())) == (head, [record(0), record(1)])


def test_the_note_of_an_older_checkpoint_is_kept(journal: Journal) -> None:
    append(journal, 2)
    _, _, older = journal.checkpoint()
    append(journal, 3)
    assert (journal.note(2), journal.note(5)) == (older, journal.checkpoint()[2])
    for size in (0, 6, -1):
        with pytest.raises(NotFound):
            journal.note(size)
