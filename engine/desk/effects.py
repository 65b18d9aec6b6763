"""What a step does beside moving its document: the capabilities that a states file may ask for.

Decides only when each is asked: prepared before the critical section, confirmed and carried out inside it,
admitted once the journal has committed the step. What a capability does is its own module's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from engine.desk import opening, publishing, reading, sampling, updating
from engine.desk.desk import Desk
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor
from engine.lifecycle.workflow import (
    APPLY_UPDATE,
    DRAW_SAMPLE,
    OPEN_DOCUMENTS,
    PUBLISH_FORMS,
    Transition,
)
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm


class Effect(Protocol):
    """What one capability has made ready for one step."""

    def confirm(self, desk: Desk) -> None:
        """Inside the critical section: refuse when the world has moved since it was made ready."""

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Append what other documents get, and say what the event of the step states in its body."""

    def admit(self, desk: Desk, index: int) -> None:
        """The journal has committed the step at `index`."""


Maker = Callable[[Desk, DocumentRow, CompiledForm, Mapping[str, Any]], Effect]


def _publication(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Effect:
    return _Publishing(publishing.prepare(desk, row, form, answers))


MAKERS: Final[Mapping[str, Maker]] = {
    PUBLISH_FORMS: _publication,
    APPLY_UPDATE: updating.prepare,
    DRAW_SAMPLE: sampling.prepare,
    OPEN_DOCUMENTS: opening.prepare,
}
"""By name of the capability: what makes its effect ready for a document, from its row, form and answers.

Raises Invalid or Conflict, and changes nothing.
"""


def has_any(transition: Transition) -> bool:
    """Whether the step does anything that has to be made ready."""
    return any(name in MAKERS for name in transition.does)


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, transition: Transition) -> tuple[Effect, ...]:
    """Everything the step does, made ready in the order of the states file."""
    if not has_any(transition):
        return ()
    answers = reading.answers_of(desk, row)
    return tuple(MAKERS[name](desk, row, form, answers) for name in transition.does if name in MAKERS)


def told(found: tuple[Effect, ...]) -> dict[str, Any]:
    """What the effects write into the document itself, by pointer, once they are carried out."""
    return {at: value for one in found for at, value in getattr(one, "told", {}).items()}


def said(found: tuple[Effect, ...]) -> dict[str, Any]:
    """What the effects add to the step's own answers, once they are carried out."""
    return {name: value for one in found for name, value in getattr(one, "said", {}).items()}


def carry_out(
    desk: Desk, found: tuple[Effect, ...], actor: Actor, step: Advance, unlock: str | None
) -> dict[str, Any]:
    """Confirm all, then carry out each; together they say the body of the step's event."""
    for one in found:
        one.confirm(desk)
    return {
        name: value for one in found for name, value in one.carry_out(desk, actor, step, unlock).items()
    }


@dataclass(frozen=True, slots=True)
class _Publishing:
    """Publishing form versions, as an effect."""

    found: publishing.Publication

    def confirm(self, desk: Desk) -> None:
        publishing.confirm(desk, self.found)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        return self.found.body()

    def admit(self, desk: Desk, index: int) -> None:
        publishing.admit(desk, self.found, index)
