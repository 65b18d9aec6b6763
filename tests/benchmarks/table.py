"""The table: what was measured beside what was wanted, and how that is written.

Decides nothing about how a figure is measured. A row without a goal is there to be compared with the others.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `goal` is the most allowed, or with `is_floor` the least wanted; None: no goal."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    is_floor: bool = False

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.is_floor else self.value <= self.goal


def number(value: float) -> str:
    """Three digits that say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def markdown(rows: Iterable[Row]) -> str:
    """The table in Markdown."""
    lines = ["| figure | measured | goal | |", "|---|---:|---:|---|"]
    for row in rows:
        goal = "" if row.goal is None else f"{'≥' if row.is_floor else '≤'} {number(row.goal)} {row.unit}"
        word = {None: "", True: "met", False: "**missed**"}[row.is_met]
        lines.append(f"| {row.name} | {number(row.value)} {row.unit} | {goal} | {word} |")
    return "\n".join(lines)


def as_json(rows: Iterable[Row], about: dict[str, str]) -> str:
    """The table as JSON, with what the machine is."""
    return json.dumps(
        {"about": about, "rows": [{**asdict(row), "met": row.is_met} for row in rows]},
        ensure_ascii=False,
        indent=1,
    )


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    import os

    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
        "load average before": f"{os.getloadavg()[0]:.1f}",
    }
