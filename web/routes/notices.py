"""What somebody was told: reminders, missed limits and what was reported to them; and how mail goes to them.

Decides only how it is shown. Everybody sees their own and nobody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import mail_wishes
from engine.desk.mail_wishes import LANGUAGES, RHYTHMS, Wishes
from engine.errors import Invalid, NotFound
from engine.identity import parse_utc, utc_text
from engine.lifecycle.deadlines import remaining
from engine.notice_ports import NOT_OPENED, Notice
from forms.messages import sentence
from web import labels
from web.labels import Deadline, Say, Tag
from web.pages import go_to, page, translator
from web.security import Session, form_of, session_of
from web.services import Services, services_of

router = APIRouter()
TONES = {"reminder": "waiting", "overdue": "negative", "escalation": "attention", NOT_OPENED: "negative"}
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One notice. `deadline` is of the limit as it stands today, empty when the document has moved on."""

    key: str
    tag: Tag
    form: str
    number: str
    state: str
    doc: str
    due_at: str
    deadline: Deadline
    made_at: str
    is_new: bool


@router.get("/notices")
def show_notices(request: Request) -> Response:
    """Unread ones first, newest first."""
    return _notices_page(request, 200, {}, None)


@router.post("/notices/read")
def mark_read(request: Request) -> Response:
    """Mark one (its key) or all as read."""
    session, services = session_of(request), services_of(request)
    desk, key = services.desk, form_of(request).get("key")
    now = utc_text(desk.clock.now())
    held = desk.notices.of_person(session.actor.person)
    desk.notices.keep(
        replace(one, read_at=now) for one in held if not one.read_at and key in ("", one.key)
    )
    return go_to("/notices")


@router.post("/notices/mail")
def change_mail(request: Request) -> Response:
    """Keep where, in which language and how often mail goes."""
    session, services, form = session_of(request), services_of(request), form_of(request)
    wanted = Wishes(form.get("address").strip(), form.get("language"), form.get("rhythm"))
    try:
        mail_wishes.wish(services.desk, session.actor, wanted)
    except Invalid as refused:
        wrong = {one.pointer: sentence(one, session.lang, lambda _at: "") for one in refused.problems}
        return _notices_page(request, 422, wrong, wanted)
    return go_to("/notices")


def _notices_page(
    request: Request, status: int, wrong: Mapping[str, str], typed: Wishes | None
) -> Response:
    session, services = session_of(request), services_of(request)
    say, desk = translator(request, session.lang), services.desk
    account = desk.directory.by_person(session.actor.person)
    if account is None:
        raise NotFound("person.not_found")
    held = desk.notices.of_person(session.actor.person)
    ordered = sorted(held, key=lambda one: one.read_at != "")[:MOST_SHOWN]
    return page(
        request, "notices/notices.html", status, title=say("notices.title"),
        lines=[_line(services, session, one, say) for one in ordered],
        count=desk.notices.unread(session.actor.person), wrong=wrong,
        wishes=typed or mail_wishes.wishes_of(account), rhythms=RHYTHMS, languages=LANGUAGES,
        has_post=services.post is not None,
        crumbs=((say("shell.home"), "/"), (say("notices.title"), None)),
    )  # fmt: skip


def _line(services: Services, session: Session, one: Notice, say: Say) -> Line:
    desk, form = services.desk, services.desk.registry.by_digest(one.digest)
    if one.kind == NOT_OPENED:
        days = remaining(desk.calendar, desk.clock.now(), parse_utc(one.due_at))
        return Line(
            key=one.key, tag=Tag(say(f"notices.kind.{one.kind}"), TONES[one.kind]),
            form=labels.form_title(form, session.lang), number=one.doc_no,
            state=labels.unit_title(one.state, say), doc="", due_at=one.due_at,
            deadline=labels.deadline(days, say), made_at=one.made_at, is_new=not one.read_at,
        )  # fmt: skip
    row = desk.store.get(one.doc)
    stands = row is not None and row["due_at"] == one.due_at and row["state"] == one.state
    left = remaining(desk.calendar, desk.clock.now(), parse_utc(one.due_at)) if stands else None
    return Line(
        key=one.key,
        tag=Tag(say(f"notices.kind.{one.kind}"), TONES[one.kind]),
        form=labels.form_title(form, session.lang),
        number=one.doc_no or one.doc_id,
        state=labels.state_tag(form, one.state, session.lang).word,
        doc=one.doc,
        due_at=one.due_at,
        deadline=labels.deadline(left, say) if stands else Deadline(say("notices.moved_on"), ""),
        made_at=one.made_at,
        is_new=not one.read_at,
    )
