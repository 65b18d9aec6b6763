"""Finding one person among all documents: index bits, tags, opening what is left, the access record.

Times `engine.desk.finding.find_person` in this process, as a clerk who has the found documents in hand. Every
time it is another person, so that nothing is remembered. Searches that are refused open nothing.

    python -m tests.benchmarks.finding_one DATA        a data folder that the benchmark filled
"""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from engine.desk import finding, reading
from engine.registry.pointers import look
from tests.benchmarks.agency import CLERK, at_work
from tests.benchmarks.material import FORM
from web.assemble import open_desk

GOAL_MS = 50.0
NUMBER = "/insured/id_no"


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds of a search by id number: the median and the 95th of a hundred."""

    documents: int
    median: float
    p95: float


def measure(data: Path, times: int) -> Found:
    """Search for people spread over the whole folder. Raises where one is not found."""
    opened = open_desk(data)
    try:
        desk = opened.desk
        clerk, _ = at_work(desk, CLERK)
        known = [row for row in desk.store.rows() if row["form"] == FORM]
        chosen = known[:: max(1, len(known) // (times + 1))][: times + 1]
        people = [look(reading.answers_of(desk, row), NUMBER) for row in chosen]
        spent = []
        for person in people:
            before = perf_counter()
            found = finding.find_person(desk, clerk, person)
            spent.append((perf_counter() - before) * 1000)
            if not found:
                raise LookupError("a person on file was not found")
        measured = sorted(spent[1:])
        return Found(len(known), statistics.median(measured), measured[int(len(measured) * 0.95)])
    finally:
        opened.close()


if __name__ == "__main__":
    print(measure(Path(sys.argv[1]), 100))
