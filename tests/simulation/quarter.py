"""One quarter, day by day: who does what when, from one seed, by HTTP.

Decides the order of days and how much of everything there is; what each work consists of stands in the files
beside this one. Times are those of Asia/Shanghai; the server's clock follows the driver's.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.identity import SHANGHAI
from storage.calendar import StateCouncilCalendar
from tests.attack.house import Place, free_port
from tests.conftest import ROOT
from tests.simulation import staff
from tests.simulation.seats import Line, Unexpected

FIRST, LAST = date(2026, 4, 1), date(2026, 6, 30)
CALENDAR = StateCouncilCalendar()


@dataclass(frozen=True, slots=True)
class Size:
    """How much happens in the quarter."""

    entries: int
    updates: int
    queries: int
    opinions: int

    @classmethod
    def at(cls, scale: float) -> Size:
        """2,000 entries, 300 updates, 200 queries and 24 opinions at scale 1."""
        entries, updates, queries = (max(1, round(full * scale)) for full in (2_000, 300, 200))
        return cls(entries, updates, queries, max(4, round(24 * scale)))


@dataclass
class Quarter:
    """The running application, its people, and what has come of it. `papers`: doc → (form, who reads it)."""

    place: Place
    size: Size
    rng: random.Random
    line: Line
    server: subprocess.Popen[str]
    now: datetime
    papers: dict[str, tuple[str, str]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    files: dict[str, list[str]] = field(default_factory=dict)

    # -- time --

    def at(self, moment: datetime) -> None:
        """Move everybody's clock."""
        self.now = max(self.now, moment)
        self._say(self.now.isoformat())

    def wait(self, **step: float) -> None:
        """Some time passes."""
        self.at(self.now + timedelta(**step))

    def round(self) -> None:
        """The application's clockwork strikes once."""
        self._say("round")

    def today(self) -> str:
        """YYYY-MM-DD."""
        return self.now.date().isoformat()

    def later(self, working_days: int) -> str:
        """The day so many working days on."""
        day = self.now.date()
        while working_days:
            day += timedelta(days=1)
            working_days -= CALENDAR.is_working_day(day)
        return day.isoformat()

    def _say(self, word: str) -> None:
        assert self.server.stdin is not None and self.server.stdout is not None
        self.server.stdin.write(word + "\n")
        self.server.stdin.flush()
        answer = self.server.stdout.readline()
        if answer != "done\n":
            raise Unexpected(f"the server said {answer!r}: {self.log()[-3000:]}")

    def log(self) -> str:
        """What the server wrote to standard error."""
        return (self.place.folder / "server.log").read_text("utf-8")

    # -- papers --

    def filed(self, who: str, form: str, receipt: Any) -> Any:
        """Remember a document and who may read it; its receipt."""
        if receipt["doc"] not in self.papers:
            self.papers[receipt["doc"]] = (form, who)
            self.done[form] += 1
        return receipt

    def scans(self, who: str, count: int = 5) -> list[str]:
        """Digests of somebody's uploads of this month; what nobody files goes after thirty days."""
        name = f"{who}/{self.now:%m}"
        if name not in self.files:
            data = [b"%%PDF-1.4\n%% %s page %d\n%%%%EOF\n" % (name.encode(), n) for n in range(5)]
            self.files[name] = [self.line.upload(who, one) for one in data]
        return self.files[name][:count]


def working_days() -> list[date]:
    """The working days of the quarter, make-up days among them."""
    span = (LAST - FIRST).days + 1
    days = [FIRST + timedelta(days=n) for n in range(span)]
    return [day for day in days if CALENDAR.is_working_day(day)]


def begun(folder: Path, scale: float, seed: int) -> Quarter:
    """Found the agency and start its server."""
    place = Place(folder)
    with place.at_home() as data:
        tokens, _ = staff.found(data)
    begin = datetime(FIRST.year, FIRST.month, FIRST.day, 8, 30, tzinfo=SHANGHAI)
    port = free_port()
    command = [sys.executable, "-m", "tests.simulation.server", str(place.data), str(port), begin.isoformat()]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env=place.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log, text=True,
        )  # fmt: skip
    quarter = Quarter(place, Size.at(scale), random.Random(seed), Line(port, tokens), server, begin)
    try:
        quarter.at(begin)
        _wait_for(quarter)
    except BaseException:
        end(quarter)
        raise
    return quarter


def _wait_for(quarter: Quarter) -> None:
    import time

    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            quarter.line.page(staff.XIAOLIN, "/sign-in")
            return
        except (OSError, Unexpected):
            if quarter.server.poll() is not None:
                raise Unexpected(quarter.log()[-3000:]) from None
            quarter.line._line = None
            time.sleep(0.05)
    raise Unexpected("the server did not answer in time")


def end(quarter: Quarter) -> None:
    """Close the line; the server ends by itself, or is ended by its process."""
    assert quarter.server.stdin is not None
    quarter.server.stdin.close()
    try:
        quarter.server.wait(60)
    except subprocess.TimeoutExpired:
        quarter.server.kill()
        quarter.server.wait()


def shares(total: int, days: int, rng: random.Random) -> Iterator[int]:
    """A total spread over days by chance; the parts add up."""
    parts = [0] * days
    for _ in range(total):
        parts[rng.randrange(days)] += 1
    return iter(parts)
