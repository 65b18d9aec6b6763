"""Home: what there is to do today, by verb, with counts; the drafts; what one may begin.

Decides nothing: the desk says which lists a person has and which forms may be begun.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import drafting, keys, listing, overseeing
from engine.errors import NotAllowed
from engine.identity import local_date, local_day, utc_text
from engine.lifecycle.advance import begin as role_to_begin
from engine.ports import StoredDraft
from web import labels
from web.archive.rights import may_archive
from web.models import model_of
from web.pages import page, translator
from web.routes.emergency import takes_part
from web.routes.entry import steering_choice
from web.routes.lists import list_title, shown_rows
from web.security import Session, session_of
from web.services import Services, services_of
from web.update_after import has_updates
from web.version_pages import may_write

router = APIRouter()
NEAREST = 8


@dataclass(frozen=True, slots=True)
class Work:
    """One list on the home page: how it is called, of which form, how much lies in it, the earliest
    limit there and how much of it is overdue."""

    name: str
    title: str
    form: str
    count: int
    due_at: str = ""
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One draft of this person."""

    id: str
    title: str
    about: str
    saved_at: str
    is_correction: bool


@router.get("/")
def home(request: Request) -> Response:
    """My work."""
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    counted = listing.counts(services.desk, session.actor)
    views = [view for view in listing.views(services.desk, session.actor) if view.name in counted]
    work = [
        Work(
            view.name,
            list_title(services, view, session.lang, say),
            _form_title(services, view, session),
            counted[view.name],
            *(listing.urgency(services.desk, view) if counted[view.name] else ("", 0)),
        )
        for view in views
        if view.name != listing.MINE
    ]
    busiest = next((one for one in work if one.count), None)
    name = busiest.name if busiest else listing.MINE
    nearest = listing.page(services.desk, session.actor, name, None, NEAREST)
    drafts = [
        _draft_row(services, draft, session) for draft in drafting.list_drafts(services.desk, session.actor)
    ]
    return page(
        request,
        "home/home.html",
        title=say("shell.home"),
        crumbs=((say("shell.home"), None),),
        groups=_by_form(one for one in work if one.count),
        idle=_by_form(one for one in work if not one.count),
        idle_count=sum(not one.count for one in work),
        mine=counted.get(listing.MINE, 0),
        drafts=drafts,
        beginnings=_beginnings(services, session),
        writes_versions=may_write(services, session.actor),
        looks_after_people=_looks_after_people(services, session),
        emergency=_emergency(services, session, say),
        oversees=overseeing.may_oversee(services.desk, session.actor),
        archives=may_archive(services, session),
        has_updates=has_updates(services, session),
        nearest_title=busiest.title if busiest else say("list.mine"),
        nearest_name=name,
        rows=shown_rows(services, nearest.rows, session.lang, say),
    )


def _form_title(services: Services, view: listing.View, session: Session) -> str:
    return labels.form_title(services.desk.registry.by_digest(view.digest), session.lang) if view.form else ""


def _by_form(work: Iterable[Work]) -> list[tuple[str, list[Work]]]:
    """The lists under the name of their form, in their order."""
    groups: dict[str, list[Work]] = {}
    for one in work:
        groups.setdefault(one.form, []).append(one)
    return list(groups.items())


def _emergency(services: Services, session: Session, say: labels.Say) -> str:
    """The words that lead to emergency access, with how many orders this person may review; "" for nobody."""
    if not takes_part(services, session):
        return ""
    now = utc_text(services.desk.clock.now())
    waiting = [
        one
        for one in services.orders.read(services.desk).unreviewed(now)
        if one.standing(now) != "open" and session.actor.person not in one.people
    ]
    return say("emergency.home", count=len(waiting)) if waiting else say("emergency.title")


def _looks_after_people(services: Services, session: Session) -> bool:
    """Whether the page of people and keys is there for this person."""
    roles = session.actor.roles(local_day(services.desk.clock.now()))
    return bool((keys.ADMINISTRATORS | keys.CONFIRMERS).intersection(roles))


def _beginnings(services: Services, session: Session) -> list[tuple[str, str, bool]]:
    """The forms this person may begin: (form, title, whether something has to be chosen first)."""
    now = services.desk.clock.now()
    found = []
    for form in services.desk.registry.all_in_force(local_date(now)):
        if form.workflow.updates is not None:
            continue  # begun from the page of the document that it changes
        try:
            role_to_begin(form, session.actor, local_day(now))
        except NotAllowed:
            continue
        asks = steering_choice(model_of(form)) is not None
        found.append((form.form, labels.form_title(form, session.lang), asks))
    return found


def _draft_row(services: Services, draft: StoredDraft, session: Session) -> DraftRow:
    form = services.desk.registry.get(draft.form, draft.version)
    title, about = labels.form_title(form, session.lang), labels.about(form, draft.answers, session.lang)
    return DraftRow(draft.id, title, about, draft.saved_at, bool(draft.doc))
