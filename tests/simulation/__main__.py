"""`make simulate`, or `python -m tests.simulation [SCALE] [SEED]`: a whole quarter, with counts and time.

Decides the words only; leaves with 1 where something was not as it has to be. The folder is thrown away.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.simulation import ending, quarter
from tests.simulation.ending import Outcome
from tests.simulation.life import Life
from tests.simulation.quarter import Quarter

SEED = 20260305


def run(folder: Path, scale: float, seed: int = SEED) -> tuple[Quarter, Outcome]:
    """Found, live, end, judge."""
    life = quarter.begun(folder, scale, seed)
    try:
        Life(life).live()
    finally:
        quarter.end(life)
    return life, ending.judge(life)


def is_as_it_should_be(outcome: Outcome) -> bool:
    """Clean audit, nothing silent, everything verified."""
    everything = sum(outcome.documents.values())
    return (
        outcome.audit["problems"] == []
        and not outcome.silent
        and outcome.verified["bad"] == []
        and outcome.verified["good"] == everything
    )


def main(scale: float, seed: int) -> int:
    """Run one and print what came of it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fengjian-quarter-") as folder:
        life, outcome = run(Path(folder), scale, seed)
    print(f"scale {scale}, seed {seed}: {time.monotonic() - began:.0f} s")
    print(f"requests {dict(life.line.asked)}")
    print(f"done {dict(sorted(life.done.items()))}")
    print(f"refusals, all meant {dict(sorted(life.line.refused.items()))}")
    print(f"documents {dict(sorted(outcome.documents.items()))}")
    print(f"states {dict(sorted(outcome.states.items()))}")
    print(f"audit {outcome.audit}")
    print(f"missed a limit {outcome.overdue}, told of {outcome.told}, silent {list(outcome.silent)[:20]}")
    print(
        f"verified from outside {outcome.verified['good']}, not good {outcome.verified['bad'][:5]}, "
        f"with {outcome.verified.get('libraries')}"
    )
    return 0 if is_as_it_should_be(outcome) else 1


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(float(given[0]) if given else 1.0, int(given[1]) if len(given) > 1 else SEED))
