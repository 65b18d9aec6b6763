"""Drawing a sample again, to see that nobody chose it.

Decides whether the records of today, as they stood at the moment of the draw, give the same documents from
the same seed. Opens none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk import sampling
from engine.desk.desk import Desk
from engine.desk.reading import Opened
from engine.lifecycle.writing import Samples
from engine.projection import StepRow
from engine.registry.pointers import look


@dataclass(frozen=True, slots=True)
class Redraw:
    """What was drawn, and what comes out when it is drawn again; document ids in the order of the draw."""

    at: str
    event: str
    seed: str
    population: int
    drawn: tuple[str, ...]
    again: tuple[str, ...]
    population_again: int

    @property
    def agrees(self) -> bool:
        """Whether the same documents come out of as many."""
        return self.drawn == self.again and self.population == self.population_again


def redraw(desk: Desk, opened: Opened) -> Redraw | None:
    """The sample of a document that somebody has opened, drawn again; None where none was drawn."""
    rules = opened.form.workflow.samples
    if rules is None:
        return None
    step, drawn = sampling.drawn(desk, opened.row, opened.form)
    return None if step is None else _again(desk, rules, opened.answers, step, drawn)


def _again(
    desk: Desk, rules: Samples, answers: Mapping[str, Any], step: StepRow, drawn: tuple[str, ...]
) -> Redraw:
    said = look(answers, rules.into)
    found = sampling.population(desk, rules, answers, step["at"])
    again = sampling.draw(found, str(said["seed"]), int(said["size"]))
    return Redraw(
        at=step["at"],
        event=step["event"],
        seed=str(said["seed"]),
        population=int(said["population"]),
        drawn=drawn,
        again=again,
        population_again=len(found),
    )
