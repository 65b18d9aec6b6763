"""Reviewing and deciding: files at the left, facts at the right, and one form per decision.

Decides which page follows a decision: the same document while this person holds it, then the next one that
waits. The rules (who, four eyes, stale requests, ticks, comments) are the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import deciding, listing, reading
from engine.desk.deciding import Decision
from engine.desk.reading import Opened
from engine.errors import OF_ANOTHER, Conflict, Invalid, NotAllowed, NotFound, Problem, Refused
from forms.messages import sentence
from web import labels
from web.closed_page import closed_page, is_shut
from web.decision_forms import read_decision
from web.document_view import changes_of, choices_of, facts_of, files_of, timeline_of
from web.failures import status_of
from web.grant_pages import grants_of
from web.labels import Say
from web.models import model_of
from web.named_values import names_of
from web.pages import go_to, page, translator
from web.query_links import in_words
from web.routes.documents import document_page
from web.security import Form, Session, form_of, session_of
from web.security.guard import is_stepped_up
from web.services import Services, services_of
from web.update_after import back_of, held_of, left_of
from web.update_links import Shown, changed_of, target_of_update
from web.version_pages_compare import named_in

router = APIRouter()
ABOUT_THIS_DOCUMENT = frozenset({"document.changed", "state", "conflict"})
REVIEW = "review"


@router.get("/documents/{doc}/review")
def review(request: Request, doc: str, done: str = "", all: bool = False) -> Response:
    """The review page of one document. `done` names the document decided just before."""
    session, services = session_of(request), services_of(request)
    opened = reading.open_document(services.desk, session.actor, doc, purpose="review")
    return review_page(request, services, session, opened, done=done, show_all=all)


def review_page(
    request: Request,
    services: Services,
    session: Session,
    opened: Opened,
    status: int = 200,
    *,
    shown: Mapping[str, Shown] | None = None,
    **extra: Any,
) -> Response:
    say = translator(request, session.lang)
    row, form, lang = opened.row, opened.form, session.lang
    before = _before(services, session, opened)
    history = reading.history(services.desk, session.actor, row["doc"])
    names = names_of(services.desk, form, lang)
    sections, proofs = facts_of(in_words(services, opened, lang), lang, names)
    context: dict[str, Any] = {
        "show_all": False,
        "problems": (),
        "posted": {},
        "failed": "",
        "title": say("review.title", number=row["doc_no"]),
        "crumbs": (
            (say("shell.home"), "/"),
            (row["doc_no"], f"/documents/{row['doc']}"),
            (say("review.crumb"), None),
        ),
        "row": row,
        "form_title": labels.form_title(form, lang),
        "tag": labels.state_tag(form, row["state"], lang),
        "holder": reading.name_of(services.desk, row["claimed_by"]),
        "files": files_of(services, opened, lang),
        "sections": sections,
        "grants": grants_of(services, form, opened.answers, lang, say),
        "proofs": proofs,
        "named": named_in(services.desk, form, opened.answers, lang, services.catalogue),
        "changed": changed_of(services, opened, lang, shown),
        "left": left_of(services, session, opened),
        "held": held_of(services, session, row),
        "back": back_of(services, session, opened),
        "target": target_of_update(services, session, opened),
        "changes": changes_of(before, opened, lang) if before is not None else (),
        "masked": opened.masked,
        "may_open_files": opened.rights.clear or opened.rights.reveal,
        "timeline": timeline_of(services, form, history, opened.rights, lang, say),
        "choices": choices_of(services, session, opened, say),
        "key": services.desk.randomness.bytes(16).hex(),
    }
    context |= extra
    context["marking"] = next((one for one in context["choices"].forms if one.takes_marks), None)
    context["just_done"] = _just_done(services, session, context.pop("done", ""), row["doc"], say)
    return page(request, "review/review.html", status, **context)


def _before(services: Services, session: Session, opened: Opened) -> Opened | None:
    """The revision before this one, when there is one."""
    numbers = sorted(number for number, _ in opened.row["contents"] if number < opened.revision)
    if not numbers:
        return None
    return reading.open_document(
        services.desk, session.actor, opened.row["doc"], revision=numbers[-1], purpose="review"
    )


def _just_done(services: Services, session: Session, doc: str, shown: str, say: Say) -> str:
    """What was decided just before, in a sentence; nothing when it cannot be read by this person."""
    if not doc:
        return ""
    try:
        row, form = reading.readable_row(services.desk, session.actor, doc)
    except NotFound:
        return ""
    verb = labels.transition_title(form, row["steps"][-1]["transition"], session.lang)
    key = "review.done_here" if doc == shown else "review.done"
    return say(key, number=row["doc_no"], verb=verb)


@router.post("/documents/{doc}/transitions/{name}")
def take_transition(request: Request, doc: str, name: str) -> Response:
    """Decide. Posted with the head that was seen; the same key twice gives the same receipt."""
    session, services, posted = session_of(request), services_of(request), form_of(request)
    _, form = reading.readable_row(services.desk, session.actor, doc)
    transition = form.workflow.transitions.get(name)
    if transition is None:
        raise NotFound("transition.not_found")
    wanted = Decision(
        doc=doc,
        transition=name,
        expected_head=posted.get("_head"),
        answers=read_decision(transition, posted),
        key=posted.get("_key"),
        stepped_up=is_stepped_up(request),
    )
    try:
        receipt = deciding.decide(services.desk, session.actor, wanted, session.unlock).wait()
    except Conflict as refusal:
        if refusal.code not in ABOUT_THIS_DOCUMENT:
            raise  # another document is in the way: its own sentence says which
        return _conflict_page(request, services, session, doc, refusal)
    except (Invalid, NotAllowed) as refusal:
        if not refusal.problems:
            raise
        return _asked_again(request, services, session, doc, name, posted, refusal)
    if posted.get("_from") != REVIEW and transition.holder != "takes":
        return go_to(f"/documents/{doc}?done={receipt.seq}")
    return go_to(_next_address(services, session, doc))


def _next_address(services: Services, session: Session, doc: str) -> str:
    """Where to go on: this document while this person holds it, else the next that waits, else home."""
    desk, me = services.desk, session.actor.person
    if reading.row_of(desk, doc)["claimed_by"] == me:
        return f"/documents/{doc}/review?done={doc}"
    waiting = [view for view in listing.views(desk, session.actor) if view.form]
    waiting.sort(key=lambda view: view.view.claimed_by != me)
    for view in waiting:
        for row in listing.page(desk, session.actor, view.name, None, 5).rows:
            if row.doc != doc and any(
                option.allowed for option in deciding.possible(desk, session.actor, row.doc)
            ):
                return f"/documents/{row.doc}/review?done={doc}"
    return f"/documents/{doc}"


def _asked_again(
    request: Request,
    services: Services,
    session: Session,
    doc: str,
    name: str,
    posted: Form,
    refusal: Refused,
) -> Response:
    """The same page with what was typed, and what is missing or why it is not this person's to decide."""
    say = translator(request, session.lang)
    try:
        opened, is_closed = reading.open_document(services.desk, session.actor, doc, purpose="review"), False
    except NotAllowed as other:
        if not is_shut(other):
            raise
        opened, is_closed = reading.shut(services.desk, session.actor, doc), True
    shown: dict[str, Any] = {
        "failed": name,
        "posted": dict(posted.pairs),
        "chosen": set(posted.pairs),
        "problems": tuple(_words(problem, opened, session, say) for problem in refusal.problems),
    }
    if is_closed:
        return closed_page(request, services, session, doc, status_of(refusal), **shown)
    if posted.get("_from") == REVIEW:
        return review_page(request, services, session, opened, status_of(refusal), **shown)
    return document_page(request, services, session, opened, status_of(refusal), **shown)


def _words(problem: Problem, opened: Opened, session: Session, say: Say) -> tuple[str, str]:
    """(name of the control, sentence) of one problem with a decision."""
    name = problem.pointer.removeprefix("/transition/").split("/")[0]
    if problem.message is not None and OF_ANOTHER not in problem.facts:
        rule = labels.localized(opened.form, f"#/rules/{problem.code}", "", session.lang)
        key = f"#/guards/{problem.code.rpartition('.')[2]}"
        return name, rule or labels.localized(opened.form, key, problem.message, session.lang)
    for key in (f"decision.{name}.{problem.code}", f"decision.{problem.code}", f"why.{problem.code}"):
        try:
            return name, say(key)
        except KeyError:
            continue
    if problem.pointer and not problem.pointer.startswith("/transition"):
        # What the step would write does not hold: said as the form says it.
        model = model_of(opened.form)
        return "", sentence(problem, session.lang, lambda at: model.label(at, session.lang))
    return name, say("decision.other")


def _conflict_page(
    request: Request, services: Services, session: Session, doc: str, refusal: Conflict
) -> Response:
    """Somebody else was first: what changed, by whom and when, and that nothing was signed here."""
    say = translator(request, session.lang)
    row, form = reading.readable_row(services.desk, session.actor, doc)
    step = row["steps"][-1]
    return page(
        request,
        "errors/conflict.html",
        409,
        title=say("conflict.title"),
        crumbs=(
            (say("shell.home"), "/"),
            (row["doc_no"], f"/documents/{doc}"),
            (say("conflict.title"), None),
        ),
        row=row,
        tag=labels.state_tag(form, row["state"], session.lang),
        verb=labels.transition_title(form, step["transition"], session.lang),
        name=reading.name_in(services.desk, row, step["person"]),
        at=step["at"],
        code=refusal.code,
    )
