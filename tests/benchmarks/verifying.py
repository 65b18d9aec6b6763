"""Judging a proof bundle of the real form: processor time with everything shown, and with nothing.

    python -m tests.benchmarks.verifying [TIMES]        goal: 5 ms warm

The bundle is that of example 1 of the entry form after submission and claim. Processor time, not wall time,
so that a busy machine counts less. The first judgement, which also reads the form's states, is left out.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from engine.desk import deciding, proving, reading
from engine.trust.verify import verify
from tests.benchmarks.agency import AUDITOR, at_work, fill, prepare
from web.assemble import open_desk

GOAL_MS = 5.0


def bundles(data: Path) -> tuple[dict[str, bytes], bytes]:
    """The bundles of one document by what they show, and the trust file."""
    prepare(data)
    doc = fill(data, 1, 60.0).some[0]
    opened = open_desk(data)
    try:
        desk = opened.desk
        auditor, unlock = at_work(desk, AUDITOR)
        head = reading.row_of(desk, doc)["head"]
        claim = deciding.Decision(doc, "claim", head, {}, "claim", True)
        deciding.decide(desk, auditor, claim, unlock).wait()
        row = reading.row_of(desk, doc)
        shown = {"nothing shown": proving.nothing, "every field shown": proving.all_fields}
        made = {name: proving.bundle_of(desk, row, wish) for name, wish in shown.items()}
        return made, desk.trust.root_chain()
    finally:
        opened.close()


def measure(bundle: bytes, trust: bytes, times: int) -> float:
    """The median processor time of one judgement in milliseconds."""
    now = datetime.now(UTC)
    spent = []
    for _ in range(times + 1):
        began = time.process_time()
        report = verify(bundle, trust, now=now)
        spent.append(time.process_time() - began)
        if report.outcome != "good":
            raise SystemExit(f"the bundle is not good: {report.verdicts}")
    return statistics.median(spent[1:]) * 1e3


def main() -> None:
    """Print goal and measured side by side."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CONFIG_HOME"] = str(Path(place) / "config")
        made, trust = bundles(Path(place) / "data")
        print("| bundle of the entry form | bytes | median of processor time | goal |")
        print("|---|---:|---:|---|")
        for name, bundle in made.items():
            took = measure(bundle, trust, times)
            print(f"| {name} | {len(bundle):,} | {took:.2f} ms | ≤ {GOAL_MS:.0f} ms |")


if __name__ == "__main__":
    main()
