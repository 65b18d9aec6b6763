"""One invented agency per run, one server over it, and seats in front of it.

Every seat is watched: an error on the console, a blocked resource or an unexpected dialog fails its test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.running import Place, Running, found, opened_here, served
from tests.browser.seat import Seat, sit_down

Sit = Callable[..., Seat]


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The agency as its story left it; copied, never used."""
    return found(tmp_path_factory.mktemp("founded") / "agency")


@pytest.fixture(scope="session")
def agency(founded: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`fengjian demo`, in a process of its own."""
    with served(founded.copy(tmp_path_factory.mktemp("served") / "agency")) as running:
        yield running


@pytest.fixture(scope="module")
def agency_here(founded: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The application in this process: its clock can be moved, its people dismissed."""
    with opened_here(founded.copy(tmp_path_factory.mktemp("here") / "agency")) as running:
        yield running


@pytest.fixture
def sit(agency: Running, browser: Browser, tmp_path: Path) -> Iterator[Sit]:
    """Makes seats at the agency's server; at the end none may have met trouble."""
    yield from _seats(agency, browser)


@pytest.fixture
def sit_here(agency_here: Running, browser: Browser) -> Iterator[Sit]:
    """Makes seats at the application of this process."""
    yield from _seats(agency_here, browser)


def _seats(running: Running, browser: Browser) -> Iterator[Sit]:
    seats: list[Seat] = []

    def make(staff_no: str = "", **wishes: bool) -> Seat:
        seats.append(sit_down(browser, running.address, staff_no, **wishes))
        return seats[-1]

    yield make
    trouble = [line for seat in seats for line in seat.trouble]
    for seat in seats:
        seat.page.context.close()
    assert trouble == []
