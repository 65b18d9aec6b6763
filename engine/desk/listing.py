"""Lists: what waits for whom, page by page.

Decides which lists a person has, from the states files and the person's roles alone. Shows masked values
only; whoever may list a document still needs a right to open it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.desk import indexing, reading
from engine.desk.desk import Desk
from engine.errors import NotFound
from engine.identity import local_date, local_day, parse_utc, utc_text
from engine.lifecycle.advance import HEAD
from engine.lifecycle.deadlines import remaining
from engine.lifecycle.people import Actor, Grant
from engine.lifecycle.permissions import may_list
from engine.lifecycle.workflow import Transition
from engine.ports import ListView
from engine.projection import DocumentRow, missed_a_limit
from engine.registry.compiled import CompiledForm

MINE = "mine"
RECENT = "recent"


@dataclass(frozen=True, slots=True)
class View:
    """One list of one person. `name` is stable and goes into addresses: `info_entry.submitted.claim`."""

    name: str
    form: str
    state: str
    state_title: str
    verb: str
    verb_title: str
    view: ListView
    digest: str = ""  # of the newest version that knows this state and verb
    inbox: int | None = None  # which list of the transition it is, where that has a title of its own


@dataclass(frozen=True, slots=True)
class Narrow:
    """What a reader narrows a list to. Empty means no limit; `facets` are (pointer, value)."""

    form: str = ""
    state: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    late: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of a list: numbers, masked values, where it stands and until when."""

    doc: str
    doc_id: str
    doc_no: str
    form: str
    form_title: str
    version: str
    state: str
    state_title: str
    tone: str
    summary: Mapping[str, str]
    facets: Mapping[str, Any]
    submitted_at: str
    due_at: str
    remaining_days: int | None
    claimed_by_name: str
    created_by_name: str
    late: bool
    overdue: bool
    revision: int
    head: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of at most `limit` rows; `next` is given back as `after`; `total` counts the whole list."""

    rows: tuple[ListRow, ...]
    next: str | None
    total: int


def views(desk: Desk, actor: Actor) -> tuple[View, ...]:
    """The lists of this person, by what there is to do; then `mine` and `recent`."""
    now = desk.clock.now()
    grants = actor.grants_on(local_day(now))
    roles = {one.role for one in grants}
    found: dict[str, View] = {}
    seen: set[ListView] = set()
    for form in _versions_begun(desk, now):
        name = form.form
        # One list for one pile of documents, called after what goes on rather than after a way back.
        for transition in sorted(form.workflow.transitions.values(), key=_asks_for_a_reason):
            if not roles.intersection(transition.by.roles):
                continue
            for state in transition.sources:
                if state == form.workflow.initial or form.workflow.is_exception(transition, state):
                    continue
                for suffix, told, view in _waiting(form, transition, state, actor, grants):
                    key = f"{name}.{state}.{transition.name}{suffix}"
                    if key in found or view in seen:
                        continue
                    seen.add(view)
                    title, verb = form.workflow.states[state].title, transition.title
                    found[key] = View(key, name, state, title, transition.name, verb, view, form.digest, told)
    mine = View(MINE, "", "", "", "", "", ListView(created_by=actor.person, order="recent"))
    recent = View(RECENT, "", "", "", "", "", ListView(order="recent"))
    return (*found.values(), mine, recent)


def _asks_for_a_reason(transition: Transition) -> bool:
    return transition.comment == "required"


def _versions_begun(desk: Desk, now: datetime) -> Iterator[CompiledForm]:
    """Every version that is or was in force, by form, newest first: documents under an older one still wait
    in states that the newer may no longer have."""
    today = local_date(now)
    for name in desk.registry.forms():
        for span in reversed(desk.registry.spans(name)):
            if span.first <= today:
                yield span.form


def _waiting(
    form: CompiledForm, transition: Transition, state: str, actor: Actor, grants: tuple[Grant, ...]
) -> Iterator[tuple[str, int | None, ListView]]:
    """The lists that a transition out of a state gives a person: end of the name, which with a title of its
    own, and what it holds."""
    plain = _own_work(ListView(forms=(form.form,), states=(state,)), transition.by.same_as, actor)
    wanted = transition.by.department
    fitting = [one for one in grants if one.role in transition.by.roles and wanted in ("", one.unit)]
    head_of = transition.by.head_of
    if head_of:
        fitting = [one for one in fitting if one.role == HEAD and head_of in ("document", one.unit)]
    units = list(dict.fromkeys(one.unit for one in fitting))
    if not transition.inboxes:
        for unit in units if head_of == "document" else units[:1]:
            suffix = f".{unit}" if unit != units[0] else ""
            yield suffix, None, replace(plain, unit=unit) if head_of == "document" else plain
        return
    for place, one in enumerate(transition.inboxes):
        if one.states and state not in one.states:
            continue
        whose = [each for each in fitting if not one.roles or each.role in one.roles]
        for unit in dict.fromkeys(each.unit for each in whose):
            suffix = (f".{place}" if place else "") + (f".{unit}" if unit != units[0] else "")
            facets = one.facets_for(unit, actor.staff_no)
            yield suffix, place if one.title else None, replace(plain, facets=facets)


def _own_work(view: ListView, same_as: str, actor: Actor) -> ListView:
    """Narrow a list to what only its holder or maker may go on with."""
    if same_as == "claimed_by":
        return replace(view, claimed_by=actor.person)
    if same_as == "collector":
        return replace(view, collected_by=actor.person)
    if same_as in ("created_by", "submitted_by"):
        return replace(view, created_by=actor.person)
    return view


def counts(desk: Desk, actor: Actor) -> dict[str, int]:
    """How many documents wait in each list of this person, by list name."""
    return {one.name: desk.store.count(one.view) for one in views(desk, actor) if one.name != RECENT}


def urgency(desk: Desk, view: View) -> tuple[str, int]:
    """The earliest limit in a list (UTC text, "" for none), and how many in it have missed one."""
    first = desk.store.page(view.view, None, 1).rows
    late = desk.store.count(replace(view.view, overdue_by=utc_text(desk.clock.now())))
    return (first[0]["due_at"] if first else "", late)


def page(
    desk: Desk,
    actor: Actor,
    name: str,
    after: str | None = None,
    limit: int = 20,
    narrow: Narrow = Narrow(),
) -> ListPage:
    """One page of a list, earliest deadline first (`mine` and `recent`: newest first).

    Raises `NotFound` for a list this person does not have.
    """
    chosen = next((one for one in views(desk, actor) if one.name == name), None)
    if chosen is None:
        raise NotFound("list.not_found", name=name)
    return page_of(desk, actor, narrowed(desk, chosen.view, narrow), after, limit)


def narrowed(desk: Desk, view: ListView, by: Narrow) -> ListView:
    """A view with a reader's wishes on top; a state or form outside the view leaves the view as it is."""
    is_outside = bool(view.states) and by.state not in view.states
    return replace(
        view,
        forms=view.forms or ((by.form,) if by.form else ()),
        states=view.states if is_outside or not by.state else (by.state,),
        facets=(*view.facets, *by.facets),
        late=by.late,
        overdue_by=utc_text(desk.clock.now()) if by.overdue else "",
    )


def page_of(desk: Desk, actor: Actor, view: ListView, after: str | None, limit: int) -> ListPage:
    """One page of any view, with only the documents this person may read in it."""
    now = desk.clock.now()
    rows: list[ListRow] = []
    place = after
    while len(rows) < limit:
        found = desk.store.page(view, place, limit - len(rows))
        rows.extend(_readable(desk, actor, found.rows, now))
        place = found.next
        if place is None:
            break
    return ListPage(tuple(rows), place, desk.store.count(view))


def _readable(desk: Desk, actor: Actor, rows: Iterable[DocumentRow], now: datetime) -> Iterable[ListRow]:
    day = local_day(now)
    for row in rows:
        form = desk.registry.by_digest(row["digest"])
        if may_list(form, reading.standing_of(row), actor, day):
            yield list_row(desk, form, row, now)


def list_row(desk: Desk, form: CompiledForm, row: DocumentRow, now: datetime) -> ListRow:
    """The line of one document."""
    state = form.workflow.states[row["state"]]
    due = row["due_at"]
    return ListRow(
        doc=row["doc"],
        doc_id=row["doc_id"],
        doc_no=row["doc_no"],
        form=row["form"],
        form_title=form.bundle.schema.get("title", row["form"]),
        version=row["version"],
        state=row["state"],
        state_title=state.title,
        tone=state.tone,
        summary=indexing.open_summary(desk, row["doc"], row["summary"]),
        facets=row["facets"],
        submitted_at=row["submitted_at"],
        due_at=due,
        remaining_days=remaining(desk.calendar, now, parse_utc(due)) if due else None,
        claimed_by_name=reading.name_of(desk, row["claimed_by"]),
        created_by_name=reading.name_in(desk, row, row["created_by"]),
        late=row["late"],
        overdue=missed_a_limit(row, row["flags"], utc_text(now)),
        revision=row["revision"],
        head=row["head"],
    )


def find(desk: Desk, actor: Actor, text: str, limit: int = 20) -> tuple[ListRow, ...]:
    """Documents by a number people know: document id or official number, whole. Only what may be read."""
    wanted = text.strip()
    rows = [desk.store.by_doc_id(wanted), desk.store.by_doc_no(wanted)]
    seen = {row["doc"]: row for row in rows if row is not None}
    return tuple(_readable(desk, actor, list(seen.values())[:limit], desk.clock.now()))
