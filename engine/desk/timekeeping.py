"""What time alone brings about: system transitions whose day has come, and uploads nobody used.

Decides nothing by itself: the states file says when a transition is due, the lifecycle judges it, and the
platform signs it as itself. Run it as often as you like; what was done is not done twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine.desk import checking, deciding, people, reading
from engine.desk.deciding import Decision
from engine.desk.desk import Desk
from engine.errors import Conflict, Invalid, NotAllowed, NotFound
from engine.identity import utc_text
from engine.lifecycle.advance import is_due
from engine.lifecycle.workflow import Transition
from engine.ports import ListView
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm

UPLOADS_WAIT = timedelta(days=30)
PAGE = 200
_AT_HAND = frozenset({"document", "today", "now", "tables"})


@dataclass(frozen=True, slots=True)
class Done:
    """How many transitions were taken and how many unused uploads were thrown away."""

    transitions: int
    uploads: int


def run(desk: Desk) -> Done:
    """One round. Stops quietly when the journal takes nothing: the next round goes on."""
    return Done(take_transitions(desk), expire_uploads(desk))


def take_transitions(desk: Desk) -> int:
    """Take the steps of the system whose time has come; how many.

    Under every version there is: a document stays on the one it was signed with.
    """
    taken = 0
    for form in desk.registry.known():
        for transition in form.workflow.system.values():
            if transition.when is None:
                continue  # brought about by another document, not by time
            waiting = _standing_in(desk, form, transition.sources)
            due = [row for row in waiting if _may_be_due(desk, form, row, transition)]
            taken += sum(_take(desk, row, transition.name) for row in due)
    return taken


def _standing_in(desk: Desk, form: CompiledForm, states: tuple[str, ...]) -> list[DocumentRow]:
    """Every document under the version in these states; collected first, since taking a step moves it."""
    found: list[DocumentRow] = []
    place: str | None = None
    while desk.journal.read_only is None:
        page = desk.store.page(ListView(forms=(form.form,), states=states), place, PAGE)
        found.extend(row for row in page.rows if row["digest"] == form.digest)
        place = page.next
        if place is None:
            break
    return found


def _may_be_due(desk: Desk, form: CompiledForm, row: DocumentRow, transition: Transition) -> bool:
    """Whether it is worth judging a step: not when what is at hand, with nothing opened, says it is not."""
    when = transition.when
    if when is None or not _AT_HAND.issuperset(when.reads):
        return True
    system = people.system_actor(desk)
    around = checking.surroundings(desk, system, "", desk.clock.now(), form, None, row)
    return is_due(form, reading.standing_of(row), transition, system, around)


def _take(desk: Desk, row: DocumentRow, transition: str) -> bool:
    wanted = Decision(row["doc"], transition, row["head"], {}, f"time:{row['head']}")
    try:
        deciding.decide(desk, people.system_actor(desk), wanted, None).wait()
    except (NotAllowed, Conflict, Invalid, NotFound):
        return False  # one document that cannot go on stops no other
    return True


def expire_uploads(desk: Desk) -> int:
    """Throw away uploads that were staged long ago; how many. A blob goes only when no signed statement names
    it."""
    named: set[str] = set()

    def is_named(blob: str) -> bool:
        if not named:
            named.add("")
            for record in desk.journal.scan():
                named.update(one["ct"] for one in record.statement().get("attachments", ()))
        return blob in named

    return desk.blobs.expire(utc_text(desk.clock.now() - UPLOADS_WAIT), is_named)
