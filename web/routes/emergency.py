"""Emergency access: asking, consenting, opening, reviewing, and the list of what was opened.

Decides who sees the pages (those who may take part; the desk decides every act again) and that asking,
consenting and reviewing take the passphrase anew. What was opened is shown once, as the answer to a POST:
there is no address under which it could be fetched again.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import breakglass, reading
from engine.desk.desk import Desk
from engine.desk.orders_book import Entry
from engine.errors import NeedsUnlock, NotFound
from engine.identity import is_document_id, local_day, utc_text
from forms.summary import summarise
from web import labels
from web.labels import Say, Tag
from web.models import code_names, model_of
from web.pages import go_to, page, translator
from web.security import Session, form_of, session_of
from web.security.guard import is_stepped_up
from web.services import Services, services_of

router = APIRouter()
TONES = {
    "waiting": "waiting", "lapsed": "neutral", "open": "attention", "to_review": "working",
    "overdue": "negative", "reviewed": "positive",
}  # fmt: skip
FINDINGS = ("justified", "unjustified")


@dataclass(frozen=True, slots=True)
class Line:
    """One order as the list shows it. `role` says what this person may do with it now, "" for nothing."""

    entry: Entry
    tag: Tag
    asked_by: str
    reason: str
    role: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One document of an order, and how often it was opened."""

    doc: str
    number: str
    form: str
    times: int


def takes_part(services: Services, session: Session) -> bool:
    """Whether this person may ask, consent and review."""
    return breakglass.may_take_part(session.actor, local_day(services.desk.clock.now()))


@router.get("/emergency")
def show_orders(request: Request) -> Response:
    """Every order, what waits for a review, and the form to ask."""
    session, services, say = _member(request)
    book, now = services.orders.read(services.desk), utc_text(services.desk.clock.now())
    lines = [_line(services, session, one, now, say) for one in book.newest_first()]
    waiting = [one for one in lines if one.entry.standing(now) in ("to_review", "overdue")]
    return page(
        request, "emergency/orders.html", title=say("emergency.title"), lines=lines, waiting=waiting,
        reasons=breakglass.REASONS, most=breakglass.MOST_DOCUMENTS, hours=breakglass.LONGEST_HOURS,
        crumbs=((say("shell.home"), "/"), (say("emergency.title"), None)),
    )  # fmt: skip


@router.post("/emergency")
def ask(request: Request) -> Response:
    """Log the intent. Documents are named by number, one a line."""
    session, services, _ = _member(request)
    _step_up(request)
    form, desk = form_of(request), services.desk
    named = [text for line in form.get("documents").splitlines() if (text := line.strip())]
    docs = tuple(dict.fromkeys(_found(desk, one) for one in named[: breakglass.MOST_DOCUMENTS + 1]))
    hours = form.get("hours").strip()
    number = int(hours) if hours.isdecimal() and len(hours) < 4 else 0
    order = breakglass.request(desk, session.actor, form.get("reason"), docs, number, session.unlock)
    return go_to(f"/emergency/{order.intent}")


@router.get("/emergency/{intent}")
def show_order(request: Request, intent: int) -> Response:
    """One order: who, why, what, how long, what was opened, and what this person may do now."""
    session, services, say = _member(request)
    entry = _entry(services, intent)
    desk, now = services.desk, utc_text(services.desk.clock.now())
    number_of = {one: _paper(services, entry, one, session.lang) for one in entry.documents}
    return page(
        request, "emergency/order.html", title=say("emergency.order", number=intent), entry=entry,
        line=_line(services, session, entry, now, say), papers=list(number_of.values()),
        openings=[
            (one, number_of[one.document].number, reading.name_of(desk, one.person))
            for one in entry.openings
        ],
        consented_by=reading.name_of(desk, entry.consented_by),
        reviewed_by=reading.name_of(desk, entry.reviewed_by), findings=FINDINGS,
        crumbs=(
            (say("shell.home"), "/"), (say("emergency.title"), "/emergency"),
            (say("emergency.order", number=intent), None),
        ),
    )  # fmt: skip


@router.post("/emergency/{intent}/consent")
def consent(request: Request, intent: int) -> Response:
    """The second person's consent."""
    session, services, _ = _member(request)
    _step_up(request)
    breakglass.consent(services.desk, session.actor, intent, session.unlock)
    return go_to(f"/emergency/{intent}")


@router.post("/emergency/{intent}/review")
def review(request: Request, intent: int) -> Response:
    """Somebody else's finding."""
    session, services, _ = _member(request)
    _step_up(request)
    breakglass.review(services.desk, session.actor, intent, form_of(request).get("finding"), session.unlock)
    return go_to(f"/emergency/{intent}")


@router.post("/emergency/{intent}/documents/{doc}")
def open_document(request: Request, intent: int, doc: str) -> Response:
    """One document in clear; the desk has put it on record before."""
    session, services, say = _member(request)
    desk = services.desk
    answers = breakglass.open_document(desk, session.actor, intent, doc, session.unlock)
    row = reading.row_of(desk, doc)
    form = desk.registry.by_digest(row["digest"])
    sections = summarise(
        model_of(form), answers, masked=frozenset(), lang=session.lang, codes=code_names(form, session.lang)
    )
    return page(
        request, "emergency/opened.html", title=row["doc_no"], row=row, sections=sections, revealed=(),
        proofs=(), may_reveal=False, until=_entry(services, intent).until, intent=intent,
        form_title=labels.form_title(form, session.lang),
        crumbs=(
            (say("emergency.title"), "/emergency"),
            (say("emergency.order", number=intent), f"/emergency/{intent}"), (row["doc_no"], None),
        ),
    )  # fmt: skip


def _member(request: Request) -> tuple[Session, Services, Say]:
    """The session of somebody who may take part; for anybody else there is no such page."""
    session, services = session_of(request), services_of(request)
    if not takes_part(services, session):
        raise NotFound("breakglass.page")
    return session, services, translator(request, session.lang)


def _step_up(request: Request) -> None:
    if not is_stepped_up(request):
        raise NeedsUnlock("step_up")


def _entry(services: Services, intent: int) -> Entry:
    entry = services.orders.read(services.desk).entries.get(intent)
    if entry is None:
        raise NotFound("breakglass.not_found")
    return entry


def _found(desk: Desk, text: str) -> str:
    """The document of an official number, a document id or an internal id."""
    row = desk.store.by_doc_no(text) or desk.store.by_doc_id(text)
    if row is None and is_document_id(text):
        row = desk.store.get(text)
    if row is None:
        raise NotFound("breakglass.unknown_number", number=text[:64])
    return row["doc"]


def _line(services: Services, session: Session, entry: Entry, now: str, say: Say) -> Line:
    standing = entry.standing(now)
    return Line(
        entry, Tag(say(f"emergency.standing.{standing}"), TONES[standing]),
        reading.name_of(services.desk, entry.asked_by), say(f"emergency.reason.{entry.reason}"),
        _may_now(session, entry, standing),
    )  # fmt: skip


def _may_now(session: Session, entry: Entry, standing: str) -> str:
    is_one_of_them = session.actor.person in entry.people
    if standing == "waiting":
        return "" if is_one_of_them else "consent"
    if standing == "open" and is_one_of_them:
        return "open"
    return "review" if standing in ("open", "to_review", "overdue") and not is_one_of_them else ""


def _paper(services: Services, entry: Entry, doc: str, lang: str) -> Paper:
    row = reading.row_of(services.desk, doc)
    form = services.desk.registry.by_digest(row["digest"])
    times = sum(one.document == doc for one in entry.openings)
    return Paper(doc, row["doc_no"] or row["doc_id"], labels.form_title(form, lang), times)
