"""What notices and pieces of work promise, in memory and on the disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from engine.errors import Unavailable
from engine.notice_ports import REFUSED, SENT, Chores, Notice, Notices
from storage.chores import FileChores
from storage.notices import SPARE_LINES, FileNotices
from tests.simulators.faulty_disk import FaultyDisk
from tests.simulators.memory_notices import MemoryChores, MemoryNotices

NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
NINE, TEN = "2026-03-05T01:00:00Z", "2026-03-05T02:00:00Z"


def notice(key: str = "k1", person: str = "p_zhou", made_at: str = NINE) -> Notice:
    return Notice(key, person, "reminder", "d" * 26, "LTCI-ENT-310104-20260305-000001-1", "录〔2026〕1号",
                  "ab" * 32, "submitted", "2026-03-06T09:30:00Z", made_at)  # fmt: skip


@pytest.fixture(params=[MemoryNotices, FileNotices])
def notices(request: pytest.FixtureRequest, tmp_path: Path) -> Notices:
    return MemoryNotices() if request.param is MemoryNotices else FileNotices(tmp_path / "notices.jsonl")


@pytest.fixture(params=[MemoryChores, FileChores])
def chores(request: pytest.FixtureRequest, tmp_path: Path) -> Chores:
    return MemoryChores() if request.param is MemoryChores else FileChores(tmp_path)


def test_a_notice_is_kept_once_for_each_person(notices: Notices) -> None:
    later = notice("k2", made_at=TEN)
    assert notices.add([notice(), notice(), notice(person="p_wu")]) == (notice(), notice(person="p_wu"))
    assert notices.add([notice(), later]) == (later,)
    assert notices.of_person("p_zhou") == (later, notice())
    assert [notices.unread(one) for one in ("p_zhou", "p_wu", "p_lin")] == [2, 1, 0]


def test_what_was_read_and_sent_is_kept_and_nothing_unknown(notices: Notices) -> None:
    notices.add([notice(), notice("k2", made_at=TEN)])
    done = replace(notice(), read_at=TEN, mail=SENT, tries=1)
    notices.keep([done, notice("unknown")])
    assert notices.of_person("p_zhou") == (notice("k2", made_at=TEN), done)
    assert (notices.unread("p_zhou"), notices.to_mail()) == (1, (notice("k2", made_at=TEN),))


def test_what_is_old_goes_unless_its_mail_still_waits(notices: Notices) -> None:
    gone = replace(notice("k2"), mail=REFUSED)
    notices.add([notice(), notice("k2"), notice("k3", made_at=TEN)])
    notices.keep([gone])
    assert notices.has("k2")
    assert [notices.forget(TEN), notices.forget(TEN)] == [1, 0]
    assert [notices.has(key) for key in ("k1", "k2", "k3")] == [True, False, True]
    assert [one.key for one in notices.of_person("p_zhou")] == ["k3", "k1"]


def test_notices_on_the_disk_survive_a_restart_and_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "notices.jsonl"
    first = FileNotices(path)
    first.add([notice(), notice("k2", made_at=TEN)])
    first.keep([replace(notice(), read_at=TEN)])
    first.close()
    with path.open("ab") as file:
        file.write(b'{"key":"k3","person')
    again = FileNotices(path)
    assert again.of_person("p_zhou") == (notice("k2", made_at=TEN), replace(notice(), read_at=TEN))
    again.add([notice("k4", made_at=TEN)])
    again.close()
    assert [one.key for one in FileNotices(path).of_person("p_zhou")] == ["k4", "k2", "k1"]


def test_superseded_lines_are_written_away(tmp_path: Path) -> None:
    path = tmp_path / "notices.jsonl"
    held = FileNotices(path)
    held.add([notice(f"k{number}") for number in range(100)])
    for _ in range(SPARE_LINES // 100 + 3):
        held.keep([replace(one, tries=one.tries + 1) for one in held.of_person("p_zhou")])
    assert path.read_bytes().count(b"\n") < SPARE_LINES
    assert {one.tries for one in FileNotices(path).of_person("p_zhou")} == {SPARE_LINES // 100 + 3}


def test_a_disk_that_refuses_half_a_line_leaves_the_notices_as_they_were(tmp_path: Path) -> None:
    path, disk = tmp_path / "notices.jsonl", FaultyDisk()
    held = FileNotices(path, disk)
    held.add([notice()])
    disk.fail_at, disk.fault = len(disk.calls) + 1, "short"
    with pytest.raises(Unavailable):
        held.add([notice("k2")])
    disk.fail_at, disk.is_broken = None, False
    assert held.of_person("p_zhou") == FileNotices(path).of_person("p_zhou") == (notice(),)
    held.add([notice("k3")])
    assert [one.key for one in FileNotices(path).of_person("p_zhou")] == ["k3", "k1"]


def test_a_piece_is_one_holders_at_a_time_and_done_once_a_slot(chores: Chores) -> None:
    assert chores.claim("archive", NINE, "a", NOW, LATER)
    assert not chores.claim("archive", NINE, "b", NOW, LATER)
    assert chores.claim("notices", NINE, "b", NOW, LATER)
    assert (chores.finish("archive", NINE, "b"), chores.finish("archive", NINE, "a")) == (False, True)
    assert not chores.claim("archive", NINE, "b", LATER, LATER)
    assert (chores.done("archive"), chores.done("notices")) == (NINE, "")
    assert chores.claim("archive", TEN, "b", LATER, LATER)


def test_what_a_killed_holder_had_is_taken_when_its_time_is_over(chores: Chores) -> None:
    chores.claim("archive", NINE, "killed", NOW, LATER)
    assert not chores.claim("archive", NINE, "b", LATER - timedelta(seconds=1), LATER)
    assert chores.claim("archive", NINE, "b", LATER, LATER + timedelta(minutes=15))
    assert not chores.finish("archive", NINE, "killed")
    assert chores.finish("archive", NINE, "b")


def test_what_is_given_back_is_free_at_once(chores: Chores) -> None:
    chores.claim("archive", NINE, "a", NOW, LATER)
    chores.release("archive", "b")
    assert not chores.claim("archive", NINE, "b", NOW, LATER)
    chores.release("archive", "a")
    assert chores.claim("archive", NINE, "b", NOW, LATER)


def _claims(folder: Path, holder: str) -> int:
    chores = FileChores(folder)
    return sum(chores.claim(f"piece-{number}", NINE, holder, NOW, LATER) for number in range(40))


def test_of_two_processes_each_piece_goes_to_one(tmp_path: Path) -> None:
    with get_context("spawn").Pool(2) as pool:
        won = pool.starmap(_claims, [(tmp_path, "a"), (tmp_path, "b")])
    assert sum(won) == 40
