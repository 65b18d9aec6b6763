"""One agency made per test process, one server on a copy of it for tests that leave it as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.attack import agency
from tests.attack.agency import Town
from tests.attack.house import Place, served


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The folders of an agency nobody has worked in yet."""
    place = Place(tmp_path_factory.mktemp("founded"))
    agency.found(place)
    return place


@pytest.fixture(scope="session")
def town(founded: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A running server that all tests share."""
    place = founded.copy(tmp_path_factory.mktemp("town") / "place")
    with served(place) as server:
        yield Town(server, agency.known(place))


@pytest.fixture
def new_place(founded: Place, tmp_path: Path) -> Callable[[], Place]:
    """Makes a copy of the agency for a test that damages it."""

    def make() -> Place:
        return founded.copy(tmp_path / "place")

    return make
