"""What every store of erasable things promises, the one in memory and the one on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ports import ErasableStore
from engine.record import Erasable
from engine.trust.wrap import WrapContext, wrap
from storage.wraps import FileWraps
from tests.simulators.memory_stores import MemoryErasable


def entry(n: int, epoch: int = 1) -> Erasable:
    """What can be destroyed of an invented document."""
    doc, key = f"d{n:025d}", bytes([n % 251]) * 32
    places = [
        WrapContext(doc, klass, f"310199.info_entry.{klass}", epoch) for klass in ("identity", "other")
    ]
    wraps = tuple(wrap(b"k" * 32, bytes([epoch]) * 24, key, place) for place in places)
    return Erasable(doc, wraps, {"info_entry:/insured/id_no": f"{n:04x}"}, "5e" * (n % 300))


@pytest.fixture(params=[MemoryErasable, FileWraps])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ErasableStore]:
    if request.param is MemoryErasable:
        yield MemoryErasable()
        return
    real = FileWraps(tmp_path / "wraps")
    yield real
    real.close()


def settle(store: ErasableStore) -> None:
    """What the journal's writer does before a batch."""
    if isinstance(store, FileWraps):
        store.flush()


def test_what_was_added_is_read_back_before_and_after_it_is_durable(store: ErasableStore) -> None:
    places = [store.add(entry(n))[0] for n in range(40)]
    assert [store.read(place) for place in places] == [entry(n) for n in range(40)]
    settle(store)
    assert [store.read(place) for place in places] == [entry(n) for n in range(40)]
    assert [one for _, one in store.scan()] == [entry(n) for n in range(40)]


def test_the_digest_tells_one_entry_from_another(store: ErasableStore) -> None:
    assert store.add(entry(1))[1] == store.add(entry(1))[1] != store.add(entry(2))[1]


def test_a_replaced_entry_has_its_new_wraps_and_its_neighbours_have_theirs(store: ErasableStore) -> None:
    places = [store.add(entry(n))[0] for n in range(5)]
    settle(store)
    store.replace({places[1]: entry(1, epoch=7), places[3]: entry(3, epoch=7)})
    expected = [entry(n, epoch=7 if n in (1, 3) else 1) for n in range(5)]
    assert [store.read(place) for place in places] == expected


def test_a_destroyed_entry_is_gone_and_nothing_else_is(store: ErasableStore) -> None:
    places = [store.add(entry(n))[0] for n in range(3)]
    settle(store)
    store.replace({places[1]: None})
    assert [store.read(place) for place in places] == [entry(0), None, entry(2)]
    assert [one.doc for _, one in store.scan()] == [entry(0).doc, entry(2).doc]
