"""What time alone brings about: system transitions whose day has come, and uploads nobody used.

Decides nothing by itself: the states file says when a transition is due, the lifecycle judges it, and the
platform signs it as itself. Run it as often as you like; what was done is not done twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine.desk import deciding, people
from engine.desk.deciding import Decision
from engine.desk.desk import Desk
from engine.errors import Conflict, NotAllowed
from engine.identity import utc_text
from engine.ports import ListView
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm

UPLOADS_WAIT = timedelta(days=30)
PAGE = 200


@dataclass(frozen=True, slots=True)
class Done:
    """How many transitions were taken and how many unused uploads were thrown away."""

    transitions: int
    uploads: int


def run(desk: Desk) -> Done:
    """One round. Stops quietly when the journal takes nothing: the next round goes on."""
    return Done(_take_transitions(desk), _expire_uploads(desk))


def _take_transitions(desk: Desk) -> int:
    """Under every version there is: a document stays on the one it was signed with."""
    taken = 0
    for form in desk.registry.known():
        for transition in form.workflow.system.values():
            if transition.when is None:
                continue  # brought about by another document, not by time
            waiting = _standing_in(desk, form, transition.sources)
            taken += sum(_take(desk, row, transition.name) for row in waiting)
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


def _take(desk: Desk, row: DocumentRow, transition: str) -> bool:
    wanted = Decision(row["doc"], transition, row["head"], {}, f"time:{row['head']}")
    try:
        deciding.decide(desk, people.system_actor(desk), wanted, None).wait()
    except (NotAllowed, Conflict):
        return False
    return True


def _expire_uploads(desk: Desk) -> int:
    """Uploads that were staged long ago; a blob goes only when no signed statement names it."""
    named: set[str] = set()

    def is_named(blob: str) -> bool:
        if not named:
            named.add("")
            for record in desk.journal.scan():
                named.update(one["ct"] for one in record.statement().get("attachments", ()))
        return blob in named

    return desk.blobs.expire(utc_text(desk.clock.now() - UPLOADS_WAIT), is_named)
