"""Lists and search: rows of masked values, page by page, in an address that can be kept and shared inside.

Decides only how a list is called and shown. Rights, masking and order are the desk's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from engine.desk import applying, finding, listing
from engine.identity import local_date
from web import labels
from web.labels import Deadline, Say, Tag
from web.list_filters import LONGEST_TRAIL, Wish, filters_of, narrow_of
from web.pages import go_to, page, translator
from web.security import form_of, session_of
from web.services import Services, services_of

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list, ready to be shown."""

    doc: str
    doc_no: str
    summary: tuple[str, ...]
    form: str
    kind: str
    tag: Tag
    who: str
    submitted_at: str
    deadline: Deadline
    late: bool
    overdue: bool


def list_title(services: Services, view: listing.View, lang: str, say: Say) -> str:
    """What a list is called: by what there is to do, or by whose documents it holds."""
    if not view.form:
        return say(f"list.{view.name}")
    form = services.desk.registry.by_digest(view.digest)
    state = labels.state_tag(form, view.state, lang).word
    if view.inbox is not None:
        inbox = form.workflow.transitions[view.verb].inboxes[view.inbox]
        key = f"#/transitions/{view.verb}/inboxes/{view.inbox}"
        return say("list.to_do_so", what=labels.localized(form, key, inbox.title, lang), state=state)
    if view.view.claimed_by:
        return say("list.held_by_me", state=state)
    if view.view.created_by:
        return say("list.made_by_me", state=state)
    return say("list.to_do", verb=labels.transition_title(form, view.verb, lang), state=state)


def shown_rows(services: Services, rows: Iterable[listing.ListRow], lang: str, say: Say) -> list[Row]:
    """List rows in the reader's language."""
    return [_shown(services, row, lang, say) for row in rows]


def _shown(services: Services, row: listing.ListRow, lang: str, say: Say) -> Row:
    form = services.desk.registry.get(row.form, row.version)
    kind = labels.kind_facet(form)
    return Row(
        doc=row.doc,
        doc_no=row.doc_no,
        summary=tuple(labels.facet_label(form, at, value, lang) for at, value in row.summary.items()),
        form=labels.form_title(form, lang),
        kind=labels.facet_label(form, kind, row.facets.get(kind), lang) if kind else "",
        tag=labels.state_tag(form, row.state, lang),
        who=row.claimed_by_name or row.created_by_name,
        submitted_at=row.submitted_at,
        deadline=labels.deadline(row.remaining_days, say),
        late=row.late,
        overdue=row.overdue,
    )


def _empty(view: listing.View, say: Say) -> str:
    """What would stand in an empty list, and why nothing does."""
    if not view.form:
        return say(f"list.empty.{view.name}")
    if view.view.claimed_by:
        return say("list.empty.held")
    return say("list.empty.made" if view.view.created_by else "list.empty")


@router.get("/inbox/{name}")
def inbox(
    request: Request,
    name: str,
    after: str = "",
    trail: Annotated[list[str] | None, Query()] = None,
    form: str = "",
    state: str = "",
    kind: str = "",
    mark: str = "",
) -> Response:
    """One page of one list. `trail` are the cursors of the pages before this one, first page first."""
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    rows = services.settings.inbox_rows
    desk, path, wish = services.desk, f"/inbox/{name}", Wish(form, state, kind, mark)
    view = next((one for one in listing.views(desk, session.actor) if one.name == name), None)
    only = view.form if view is not None else ""
    today = local_date(desk.clock.now())
    forms = tuple(one for one in desk.registry.all_in_force(today) if only in ("", one.form))
    found = listing.page(desk, session.actor, name, after or None, rows, narrow_of(wish, forms))
    assert view is not None  # the desk refuses a list that this person does not have
    title = list_title(services, view, session.lang, say)
    past = (trail or [])[-LONGEST_TRAIL:]
    filters = filters_of(path, view, forms, wish, session.lang, say)
    back = wish.address(path, past[-1], past[:-1]) if past else wish.address(path)
    ahead = wish.address(path, found.next, [*past, after] if after else past) if found.next else ""
    return page(
        request,
        "lists/inbox.html",
        title=title,
        crumbs=((say("shell.home"), "/"), (title, None)),
        rows=shown_rows(services, found.rows, session.lang, say),
        total=found.total,
        following=ahead,
        first=wish.address(path) if after else "",
        before=back if after else "",
        whole=path,
        filters=filters,
        is_narrowed=wish != Wish(),
        empty=_empty(view, say),
    )


@router.post("/search")
def search(request: Request) -> Response:
    """Find by number, or by a person's whole name or id number.

    A POST, so that what was typed never stands in an address or a log (OWASP ASVS 14.2.1).
    """
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    wanted = form_of(request).get("q").strip()
    found = listing.find(services.desk, session.actor, wanted) if wanted else ()
    if wanted and not found:
        found = finding.find_person(services.desk, session.actor, wanted)
    if len(found) == 1:
        return go_to(f"/documents/{found[0].doc}")
    return page(
        request,
        "lists/found.html",
        title=say("search.title"),
        crumbs=((say("shell.home"), "/"), (say("search.title"), None)),
        wanted=wanted,
        rows=shown_rows(services, found, session.lang, say),
        may_apply=bool(applying.applicable(services.desk, session.actor)),
    )


@router.get("/search")
def ask_search(request: Request) -> Response:
    """The empty search page."""
    session = session_of(request)
    say = translator(request, session.lang)
    title = say("search.title")
    return page(
        request,
        "lists/found.html",
        title=title,
        crumbs=((say("shell.home"), "/"), (title, None)),
        wanted=None,
        rows=[],
    )
