"""The file of what can be destroyed: what a crash leaves, and what is really gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import Broken, Unavailable
from storage.disk import Disk
from storage.wraps import FileWraps
from tests.contracts.test_erasable_store_contract import entry


def filled(folder: Path, count: int = 4) -> tuple[FileWraps, list[int]]:
    store = FileWraps(folder)
    places = [store.add(entry(n))[0] for n in range(count)]
    store.flush()
    return store, places


def test_what_was_flushed_is_there_after_a_start(tmp_path: Path) -> None:
    _, places = filled(tmp_path)
    again = FileWraps(tmp_path)
    assert [again.read(place) for place in places] == [entry(n) for n in range(4)]
    assert again.add(entry(9))[0] > places[-1]


def test_the_bytes_of_what_was_destroyed_are_in_no_file(tmp_path: Path) -> None:
    store, places = filled(tmp_path)
    gone = entry(2)
    store.replace({places[2]: None, places[1]: entry(1, epoch=2)})
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for old in (*gone.wraps, *entry(1).wraps):
        assert old.ct not in data and old.ct[16:] not in data
    assert gone.doc.encode() not in data and bytes.fromhex(gone.summary + "00") not in data
    assert entry(3).wraps[0].ct in data


class StopsOverwriting(Disk):
    """Lets the list be written, then fails in the middle of overwriting."""

    def __init__(self) -> None:
        self.left = -1

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        if self.left == 0:
            raise OSError("power")
        self.left -= 1
        return super().pwrite(fd, data[: len(data) // 2] if self.left == 0 else data, offset)


def test_an_interrupted_replacement_is_carried_out_at_the_next_start(tmp_path: Path) -> None:
    disk = StopsOverwriting()
    store = FileWraps(tmp_path, disk)
    places = [store.add(entry(n))[0] for n in range(3)]
    store.flush()
    disk.left = 1  # half of them arrives
    with pytest.raises(Unavailable):
        store.replace({place: entry(n, epoch=2) for n, place in enumerate(places)})
    again = FileWraps(tmp_path)
    assert [again.read(place) for place in places] == [entry(n, epoch=2) for n in range(3)]
    assert not (tmp_path / "erasable.redo").exists()


def test_a_list_that_is_not_whole_was_never_begun(tmp_path: Path) -> None:
    store, places = filled(tmp_path)
    store.close()
    (tmp_path / "erasable.redo").write_bytes(os.urandom(900))
    again = FileWraps(tmp_path)
    assert [again.read(place) for place in places] == [entry(n) for n in range(4)]


def test_a_torn_entry_at_the_end_hides_none_after_it(tmp_path: Path) -> None:
    store, places = filled(tmp_path)
    store.close()
    with (tmp_path / "erasable").open("ab") as file:
        file.write(b"FJw1\x00\x06\x01\xf0 torn")
    again = FileWraps(tmp_path)
    place, _ = again.add(entry(7))
    again.flush()
    assert again.read(place) == entry(7)
    assert [one for _, one in again.scan()] == [*(entry(n) for n in range(4)), entry(7)]
    assert [found for found, _ in again.scan()] == [*places, place]


def test_damage_is_not_taken_for_destruction(tmp_path: Path) -> None:
    store, places = filled(tmp_path)
    with (tmp_path / "erasable").open("r+b") as file:
        file.seek(places[1] + 60)
        file.write(b"\xff\xfe")
    with pytest.raises(Broken):
        store.read(places[1])


def test_many_windows_are_scanned_whole(tmp_path: Path) -> None:
    store, _ = filled(tmp_path, 3000)
    assert [one.doc for _, one in store.scan()] == [entry(n).doc for n in range(3000)]
