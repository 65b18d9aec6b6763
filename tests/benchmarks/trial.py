"""Documents a second that a trial run judges on one core: the real form, and a form of thirty fields.

Only the judging is timed, in seconds of the processor, so that other work on the machine does not count.
Opening sealed documents is the desk's and costs what the vault costs.

    python -m tests.benchmarks.trial
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from engine.registry.shape import compile_shape
from engine.versions.lift import Lifted, Reason, Unknown
from engine.versions.trial import Judge, judge_by_form, judge_by_shape, last, run
from tests.schemas import reading

EXAMPLE = "ok-1-first-assessment"
GOAL = 20_000
THIRTY: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": [f"text_{n}" for n in range(10)],
    "properties": {
        **{f"text_{n}": {"type": "string", "minLength": 1, "maxLength": 40} for n in range(10)},
        **{f"code_{n}": {"type": "string", "pattern": "^[0-9A-Z]{5,20}$"} for n in range(5)},
        **{f"choice_{n}": {"enum": ["a", "b", "c", "d"]} for n in range(5)},
        **{f"count_{n}": {"type": "integer", "minimum": 0, "maximum": 999} for n in range(5)},
        **{f"day_{n}": {"type": "string", "format": "date"} for n in range(5)},
    },
}
FILLED: Mapping[str, Any] = {
    **{f"text_{n}": "长期护理保险" for n in range(10)},
    **{f"code_{n}": "310199ABC" for n in range(5)},
    **{f"choice_{n}": "c" for n in range(5)},
    **{f"count_{n}": 100 * n for n in range(5)},
    **{f"day_{n}": "2026-03-05" for n in range(5)},
}


@dataclass(frozen=True, slots=True)
class Rate:
    """What was judged, and how many a second."""

    name: str
    documents: int
    per_second: float
    failing: int


def measure(times: int = 20_000) -> list[Rate]:
    """Judge each kind `times` times; the rates on one core."""
    form = reading.compiled()
    example = reading.examples()[EXAMPLE]["data"]
    broken = deepcopy(example)
    del broken["insured"]["mobile"]
    unknown = Lifted(broken, (Unknown("/insured/mobile", Reason("declared")),))
    thirty = judge_by_shape(compile_shape(THIRTY))
    return [
        _rate("info_entry, example 1, shape", judge_by_shape(form.shape), example, times),
        _rate("info_entry, example 1, shape and rules", judge_by_form(form), example, times),
        _rate("info_entry, one answer missing, shape", judge_by_shape(form.shape), broken, times),
        _rate("info_entry, lifted, one place unknown", judge_by_form(form), unknown, times),
        _rate("30 fields, shape", thirty, dict(FILLED), times),
    ]


def _rate(name: str, judge: Judge, answers: Any, times: int) -> Rate:
    documents = ((f"d{number}", answers) for number in range(times))
    began = time.process_time()
    trial = last(run(documents, judge))
    return Rate(name, trial.seen, trial.seen / (time.process_time() - began), trial.failing)


def main() -> None:
    """Print the rates."""
    for one in measure():
        print(f"{one.name:45} {one.per_second:>10,.0f} documents/s  ({one.failing} of {one.documents} fail)")


if __name__ == "__main__":
    main()
