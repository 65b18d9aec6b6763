"""The journal at a start: what may be cut, what must be left alone, and what opens read-only."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest

from engine.errors import Broken, Unavailable
from storage import segments
from storage.journal import FileJournal
from storage.last_signed import LastSigned
from storage.recovery import recover
from tests.simulators.samples import record, signer
from tests.storage.places import Place, append, append_in_two_batches


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_side_file_may_be_missing_short_or_wrong(place: Place) -> None:
    journal = place.open(segment_bytes=1500)
    append(journal, 10)
    head = journal.checkpoint()
    journal.close()
    side = place.folder / "leaves"
    whole = side.read_bytes()
    one_wrong = whole[:48] + b"\x01" * 48 + whole[96:]
    for damage in (None, b"", whole[:100], b"\x00" * len(whole), one_wrong, whole * 2):
        side.unlink() if damage is None else side.write_bytes(damage)
        journal = place.open(segment_bytes=1500)
        assert (journal.checkpoint(), journal.read_only) == (head, None)
        assert list(journal.scan()) == [record(n) for n in range(10)]
        journal.close()
        assert side.read_bytes() == whole


def test_every_prefix_beyond_the_last_checkpoint_is_cut_and_no_more(place: Place) -> None:
    journal = place.open()
    append(journal)
    kept, memory = append_in_two_batches(place, journal)
    whole = place.last_segment.read_bytes()
    journal.close()
    place.memory.write_bytes(memory)
    (place.folder / "leaves").unlink()
    for length in range(len(kept), len(whole)):
        place.last_segment.write_bytes(whole[:length])
        found = recover(place.folder, signer(), LastSigned(place.memory))
        seen = (found.fault, len(found.tree), found.keep, found.cut_bytes)
        assert seen == (None, 2, len(kept), length - len(kept))
    for length in range(len(kept), len(whole), 97):
        place.last_segment.write_bytes(whole[:length])
        journal = place.open()
        assert (journal.read_only, journal.durable_size) == (None, 2)
        assert list(journal.scan()) == [record(0), record(1)]
        journal.close()
        assert place.last_segment.read_bytes() == kept


def test_every_prefix_short_of_what_was_acknowledged_opens_read_only_and_is_left_alone(place: Place) -> None:
    journal = place.open()
    append(journal, 4)
    whole = place.last_segment.read_bytes()
    journal.close()
    for length in range(0, len(whole), 7):
        place.last_segment.write_bytes(whole[:length])
        journal = place.open()
        assert journal.read_only == "journal.behind_checkpoint"
        assert list(journal.scan()) == [record(n) for n in range(journal.durable_size)]
        with pytest.raises(Unavailable) as refused:
            journal.append(record(journal.next_index), lambda committed: committed)
        assert refused.value.code == "journal.read_only"
        journal.close()
        assert place.last_segment.read_bytes() == whole[:length]


def test_a_damaged_byte_before_the_last_checkpoint_opens_read_only(place: Place) -> None:
    journal = place.open()
    append(journal, 4)
    whole = place.last_segment.read_bytes()
    journal.close()
    for at in range(0, len(whole), 13):
        place.last_segment.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        journal = place.open()
        assert journal.read_only is not None, at
        journal.close()
        assert len(place.last_segment.read_bytes()) == len(whole)


def test_damage_in_an_older_segment_is_found_by_the_check_and_by_reading(place: Place) -> None:
    journal = place.open(segment_bytes=1500)
    append(journal, 8)
    journal.close()
    oldest = segments.list_segments(place.folder)[0].path
    whole = oldest.read_bytes()
    oldest.write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])
    journal = place.open(segment_bytes=1500)
    reasons = [journal.read_only]
    assert not journal.check_older_segments()
    reasons.append(journal.read_only)
    assert reasons == [None, "journal.damaged"]
    with pytest.raises(Broken):
        journal.read(0)
    assert journal.read(7) == record(7)
    journal.close()


def test_the_check_of_older_segments_runs_beside_the_work(place: Place) -> None:
    journal = place.open(segment_bytes=1500)
    append(journal, 8)
    journal.check_in_background()
    append(journal, 2)
    journal.close()
    assert journal.read_only is None


def test_sectors_lost_from_an_unsynced_batch_are_cut_like_a_torn_tail(place: Place) -> None:
    journal = place.open()
    append(journal)
    kept, memory = append_in_two_batches(place, journal)
    whole = place.last_segment.read_bytes()
    journal.close()
    place.memory.write_bytes(memory)
    chance = Random(22)
    for _ in range(60):
        batch = bytearray(whole[len(kept) :])
        for at in range(0, len(batch), 512):
            if chance.random() < 0.4:
                batch[at : at + 512] = bytes(len(batch[at : at + 512]))
        if bytes(batch) == whole[len(kept) :]:
            continue
        place.last_segment.write_bytes(kept + bytes(batch))
        (place.folder / "leaves").unlink(missing_ok=True)
        journal = place.open()
        assert (journal.read_only, journal.durable_size) == (None, 2)
        journal.close()
        assert place.last_segment.read_bytes() == kept


def test_yesterdays_copy_of_the_folder_is_refused(place: Place, tmp_path: Path) -> None:
    journal = place.open()
    append(journal, 3)
    journal.close()
    shutil.copytree(place.folder, tmp_path / "yesterday")
    journal = place.open()
    append(journal, 1)
    journal.close()
    shutil.rmtree(place.folder)
    shutil.copytree(tmp_path / "yesterday", place.folder)
    journal = place.open()
    assert (journal.read_only, journal.durable_size) == ("journal.behind_checkpoint", 3)
    journal.close()


def test_a_log_that_went_another_way_is_refused(place: Place, tmp_path: Path) -> None:
    journal = place.open()
    append(journal, 3)
    journal.close()
    other = Place(tmp_path / "other")
    journal = other.open()
    with journal.sequencing():
        journal.append(record(0, number=99), lambda committed: committed).result(10)
    append(journal, 3)
    journal.close()
    journal = FileJournal(other.folder, signer(), LastSigned(place.memory))
    assert journal.read_only == "journal.forked"
    journal.close()


def test_a_missing_memory_of_the_signer_is_not_taken_for_a_new_log(place: Place) -> None:
    journal = place.open()
    append(journal, 1)
    journal.close()
    place.memory.unlink()
    journal = FileJournal(place.folder, signer(), LastSigned(place.memory))
    assert journal.read_only == "journal.last_signed_missing"
    journal.close()
