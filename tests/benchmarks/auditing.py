"""The audit of a whole journal as `fengjian audit` does it: wall time and processor time of both processes.

    python -m tests.benchmarks.auditing [EVENTS]        goal: 100,000 events in 40 s on 2 cores

The folder is filled through the desk with entries of the real form; opening it is not counted.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.agency import fill, prepare
from web.assemble import open_desk
from web.cli import auditing

GOAL_EVENTS, GOAL_SECONDS = 100_000, 40.0


@dataclass(frozen=True, slots=True)
class Audited:
    """What one audit took: seconds on the clock, and of processor time in both processes."""

    records: int
    wall: float
    processor: float


def measure(data: Path, events: int) -> Audited:
    """Fill a folder and audit it."""
    prepare(data)
    fill(data, events, 3_600.0)
    return audit(data)


def audit(data: Path) -> Audited:
    """Audit a folder as it is."""
    opened = open_desk(data)
    try:
        gc.disable()  # as the command does
        own, wall = time.process_time(), time.perf_counter()
        found = auditing._audit_all(opened, "")
        own, wall = time.process_time() - own, time.perf_counter() - wall
        if found:
            raise SystemExit(f"the journal does not hold: {found[:3]}")
        other = resource.getrusage(resource.RUSAGE_CHILDREN)
        return Audited(opened.desk.journal.durable_size, wall, own + other.ru_utime + other.ru_stime)
    finally:
        gc.enable()
        opened.close()


def main() -> None:
    """Print goal and measured side by side."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else GOAL_EVENTS // 10
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CONFIG_HOME"] = str(Path(place) / "config")
        took = measure(Path(place) / "data", events)
    projected = took.wall * GOAL_EVENTS / took.records
    each = took.processor / took.records * 1e6
    print("| audit | events | wall | processor time of one event | 100,000 events | goal |")
    print("|---|---:|---:|---:|---:|---|")
    print(
        f"| two processes | {took.records:,} | {took.wall:.1f} s | {each:.0f} µs | {projected:.1f} s "
        f"| ≤ {GOAL_SECONDS:.0f} s |"
    )


if __name__ == "__main__":
    main()
