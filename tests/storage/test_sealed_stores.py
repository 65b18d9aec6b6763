"""Drafts, blobs, accounts and the access log on the disk: sealed, whole after a crash."""

from __future__ import annotations

import errno
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import Broken, Unavailable
from engine.ports import Access
from storage.access import FileAccessLog
from storage.blobs import FileBlobs
from storage.drafts import FileDrafts
from storage.people import FileDirectory
from storage.trust_files import TrustFiles
from tests.contracts.test_small_stores_contract import LIN, QUICK, STAGED, draft
from tests.simulators.faulty_disk import FaultyDisk
from tests.simulators.memory_vault import MemoryVault

READING = Access("2026-11-22T02:00:00Z", "p_zhoumin", "reviewer", "a" * 26, ("/insured/id_no",), "task")


def everything(folder: Path) -> bytes:
    """All bytes and all names below a folder."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in paths)


def test_nothing_a_person_typed_lies_in_clear(tmp_path: Path) -> None:
    vault = MemoryVault()
    FileDrafts(tmp_path / "drafts", vault).save(draft(), 0)
    FileBlobs(tmp_path / "blobs", vault).stage(STAGED)
    FileDirectory(tmp_path / "people", vault, QUICK).save(LIN)
    FileAccessLog(tmp_path / "access", vault).write(READING)
    data = everything(tmp_path)
    for text in ("王秀英", "十二月", "照片", "林晓", "1001", "p_zhoumin", STAGED.key.hex()):
        assert text.encode() not in data, text
    assert STAGED.key not in data


def test_a_start_finds_drafts_accounts_and_staged_files_again(tmp_path: Path) -> None:
    vault = MemoryVault()
    FileDrafts(tmp_path / "drafts", vault).save(draft(), 0)
    FileBlobs(tmp_path / "blobs", vault).stage(STAGED)
    FileDirectory(tmp_path / "people", vault, QUICK).save(LIN)
    TrustFiles(tmp_path / "trust").save_snapshot(3, b"snapshot", b"people")
    assert FileDrafts(tmp_path / "drafts", vault).of_person("p_xiaolin") == (draft(),)
    assert FileBlobs(tmp_path / "blobs", vault).staged("p_xiaolin", STAGED.sha256) == STAGED
    directory = FileDirectory(tmp_path / "people", vault, QUICK)
    assert (directory.by_staff_no("1001"), directory.by_token("aa")) == (LIN, LIN)
    assert TrustFiles(tmp_path / "trust").snapshots() == ((3, b"snapshot", b"people"),)


def test_a_file_put_in_anothers_place_does_not_open(tmp_path: Path) -> None:
    drafts = FileDrafts(tmp_path, MemoryVault())
    drafts.save(draft("mine"), 0)
    (tmp_path / "yours.draft").write_bytes((tmp_path / "mine.draft").read_bytes())
    with pytest.raises(Broken):
        drafts.get("yours")


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO, "short"])
def test_a_failing_disk_leaves_the_draft_that_was_there(tmp_path: Path, fault: int | str) -> None:
    for at in range(1, 5):
        folder = tmp_path / str(at)
        vault = MemoryVault()
        FileDrafts(folder, vault).save(draft(), 0)
        disk = FaultyDisk(at, fault)
        with pytest.raises(Unavailable):
            FileDrafts(folder, vault, disk).save(draft(revision=2), 1)
        held = FileDrafts(folder, vault).get("d1")
        # The rename is the moment; only a failing sync of the folder comes after it.
        assert held == (draft() if at <= 3 else draft(revision=2))


def test_two_who_save_at_once_have_one_winner(tmp_path: Path) -> None:
    drafts = FileDrafts(tmp_path, MemoryVault())
    drafts.save(draft(), 0)
    outcomes: list[str] = []

    def save(saved_by: str) -> None:
        try:
            drafts.save(replace(draft(revision=2), saved_by=saved_by), 1)
            outcomes.append(saved_by)
        except Exception as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=save, args=(f"p_{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = drafts.get("d1")
    winners = [outcome for outcome in outcomes if outcome != "Conflict"]
    assert held is not None and winners == [held.saved_by]


def test_a_damaged_blob_is_broken_at_its_end(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path, MemoryVault())
    digest = blobs.put([b"sealed bytes"])
    (tmp_path / digest[:2] / digest).write_bytes(b"sealed bytez")
    with pytest.raises(Broken):
        list(blobs.open(digest))


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def breaks_off() -> object:
        yield b"first"
        raise ConnectionError

    blobs = FileBlobs(tmp_path, MemoryVault())
    with pytest.raises(ConnectionError):
        blobs.put(breaks_off())  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        FileBlobs(tmp_path, MemoryVault(), FaultyDisk(2, errno.ENOSPC)).put([b"first", b"second"])
    (tmp_path / "incoming-left-by-a-crash").write_bytes(b"half")
    FileBlobs(tmp_path, MemoryVault())
    assert [path.name for path in tmp_path.iterdir()] == ["staged"]


def test_an_old_upload_is_forgotten_but_not_what_a_document_holds(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path, MemoryVault())
    used, unused, fresh = (blobs.put([name]) for name in (b"used", b"unused", b"fresh"))
    for digest, blob, day in (("aa", used, "01"), ("bb", unused, "02"), ("cc", fresh, "22")):
        blobs.stage(replace(STAGED, sha256=digest * 32, blob=blob, staged_at=f"2026-11-{day}T02:00:00Z"))
    assert blobs.expire("2026-11-10T00:00:00Z", lambda blob: blob == used) == 2
    assert [blobs.has(blob) for blob in (used, unused, fresh)] == [True, False, True]
    staged = [blobs.staged("p_xiaolin", digest * 32) is not None for digest in ("aa", "bb", "cc")]
    assert staged == [False, False, True]


def test_readings_written_at_once_are_all_there_and_chained(tmp_path: Path) -> None:
    log = FileAccessLog(tmp_path / "access", MemoryVault())

    def write_twenty(number: int) -> None:
        for each in range(20):
            log.write(replace(READING, doc=f"{number}-{each}"))

    threads = [
        threading.Thread(target=write_twenty, args=(number,)) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entry.doc for entry in log.entries()) == sorted(
        f"{n}-{m}" for n in range(8) for m in range(20)
    )
    log.close()


def test_a_torn_end_of_the_access_log_is_put_aside_and_the_chain_goes_on(tmp_path: Path) -> None:
    path, vault = tmp_path / "access", MemoryVault()
    log = FileAccessLog(path, vault)
    log.write(READING)
    log.write(replace(READING, doc="second"))
    log.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    log = FileAccessLog(path, vault)
    log.write(replace(READING, doc="third"))
    assert [entry.doc for entry in log.entries()] == [READING.doc, "third"]
    (aside,) = tmp_path.glob("access.aside-*")
    assert whole[:-5].endswith(aside.read_bytes()) and len(aside.read_bytes()) > 100
    log.close()


def test_a_reading_that_cannot_be_logged_is_refused_and_so_is_every_later_one(tmp_path: Path) -> None:
    disk = FaultyDisk()
    log = FileAccessLog(tmp_path / "access", MemoryVault(), disk)
    log.write(READING)
    disk.fail_at = len(disk.calls) + 2
    for _ in range(2):
        with pytest.raises(Unavailable) as refused:
            log.write(READING)
        assert refused.value.code == "access.disk"
    assert disk.calls[-1] == "datasync"
    log.close()


def test_a_changed_or_removed_entry_breaks_the_chain(tmp_path: Path) -> None:
    path, vault = tmp_path / "access", MemoryVault()
    log = FileAccessLog(path, vault)
    log.write(READING)
    length = len(path.read_bytes())
    log.write(replace(READING, doc="second"))
    log.write(replace(READING, doc="third"))
    whole = path.read_bytes()
    for forged in (whole[length:], whole[:20] + b"?" + whole[21:], whole[:length] + whole[2 * length :]):
        path.write_bytes(forged)
        with pytest.raises(Broken):
            list(log.entries())
    log.close()
