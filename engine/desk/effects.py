"""What a step does beside moving its document: the capabilities that a states file may ask for.

Decides only when each is asked: prepared before the critical section, confirmed and carried out inside it,
admitted once the journal has committed the step. What a capability does is its own module's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.desk import (
    answering,
    destroying,
    grant_suspension,
    grant_verdicts,
    holdings,
    opening,
    publishing,
    query_delivery,
    querying,
    reading,
    sampling,
    updating,
)
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.lifecycle.advance import Advance
from engine.lifecycle.keeping import CONSENT_DESTRUCTION, DESTROY_LISTED, FIND_HOLDINGS, TELL_READERS
from engine.lifecycle.people import Actor
from engine.lifecycle.workflow import (
    ANSWER_DOCUMENTS,
    APPLY_UPDATE,
    CHECK_RESULT,
    CHECK_VERDICTS,
    DRAW_SAMPLE,
    EXECUTE_VERDICTS,
    OPEN_DOCUMENTS,
    PUBLISH_FORMS,
    RESTORE_KEPT,
    RUN_QUERY,
    SUSPEND_UNANSWERED,
    Transition,
)
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm

Maker = Callable[[Desk, DocumentRow, CompiledForm, Mapping[str, Any]], Effect]


def _publication(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Effect:
    return _Publishing(publishing.prepare(desk, row, form, answers))


MAKERS: Final[Mapping[str, Maker]] = {
    PUBLISH_FORMS: _publication,
    APPLY_UPDATE: updating.prepare,
    EXECUTE_VERDICTS: grant_verdicts.prepare,
    CHECK_VERDICTS: grant_verdicts.prepare_check,
    SUSPEND_UNANSWERED: grant_suspension.prepare,
    RESTORE_KEPT: grant_suspension.prepare_return,
    ANSWER_DOCUMENTS: answering.prepare,
    RUN_QUERY: querying.prepare,
    CHECK_RESULT: query_delivery.prepare,
    DRAW_SAMPLE: sampling.prepare,
    OPEN_DOCUMENTS: opening.prepare,
    CONSENT_DESTRUCTION: destroying.prepare,
    DESTROY_LISTED: destroying.prepare_last,
    FIND_HOLDINGS: holdings.prepare,
    TELL_READERS: holdings.prepare_readers,
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
class _Publishing(Effect):
    """Publishing form versions, as an effect."""

    found: publishing.Publication

    def confirm(self, desk: Desk) -> None:
        publishing.confirm(desk, self.found)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        return self.found.body()

    def admit(self, desk: Desk, index: int) -> None:
        publishing.admit(desk, self.found, index)
