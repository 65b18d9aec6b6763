"""Beginning a new entry, and the page after it was filed.

Decides what a new draft starts with: the choice that steers the form, and the values pinned in this session.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import drafting, reading
from engine.errors import NotAllowed, NotFound
from engine.identity import local_day
from engine.lifecycle.advance import begin as role_to_begin
from forms.model import MISSING, FormModel, Json, Node, lookup, place
from forms.normalize import normalize
from forms.summary import words
from web.labels import about, form_title, state_tag
from web.models import code_names, model_of
from web.pages import go_to, page, translator
from web.security import Session, form_of, session_of
from web.services import Services, services_of

router = APIRouter()


@router.get("/entry/new/{form}")
def choose(request: Request, form: str) -> Response:
    """What kind of entry; one click begins."""
    session, services = session_of(request), services_of(request)
    desk, today = services.desk, local_day(services.desk.clock.now())
    version = desk.registry.in_force(form, date.fromisoformat(today))
    role_to_begin(version, session.actor, today)
    model, say = model_of(version), translator(request, session.lang)
    node = steering_choice(model)
    names = code_names(version, session.lang)
    pins = [
        (model.label(pointer, session.lang), words(found, value, session.lang, names))
        for pointer, value in pins_of(session, form)
        if (found := model.node(pointer)) is not None
    ]
    english = session.lang == "en"
    return page(
        request,
        "entry/new.html",
        title=form_title(version, session.lang),
        crumbs=((say("shell.home"), "/"), (form_title(version, session.lang), None)),
        form=form,
        form_title=form_title(version, session.lang),
        choose_label=model.label(node.pattern, session.lang) if node else "",
        choices=[
            {"value": c.text, "label": c.label_en if english and c.label_en else c.label}
            for c in node.choices
        ]
        if node
        else [],
        pins=pins,
        drafts=[
            (draft, about(desk.registry.get(form, draft.version), draft.answers, session.lang))
            for draft in drafting.list_drafts(desk, session.actor)
            if draft.form == form
        ],
    )


@router.post("/entry/new/{form}")
def begin(request: Request, form: str) -> Response:
    """Begin a draft and go to it; `unpin` forgets the carried-over values instead."""
    session, services, posted = session_of(request), services_of(request), form_of(request)
    if posted.has("unpin"):
        set_pins(services, session, form, ())
        return go_to(f"/entry/new/{form}")
    version = services.desk.registry.in_force(form, date.fromisoformat(local_day(services.desk.clock.now())))
    model = model_of(version)
    answers: Json = {}
    pins = pins_of(session, form)
    for pointer, value in pins:
        if model.node(pointer) is not None:
            answers = place(answers, pointer, value)
    node = steering_choice(model)
    if node is not None and posted.get("choice"):
        chosen = normalize(node, posted.get("choice"))
        if chosen.problem is None and chosen.value is not MISSING:
            answers = place(answers, node.pattern, chosen.value)
    draft = drafting.begin(services.desk, session.actor, form, answers)
    if pins:
        notes = {**draft.notes, "pins": [pointer for pointer, _ in pins]}
        draft = drafting.save(services.desk, session.actor, draft.id, draft.revision, answers, notes=notes)
    return go_to(f"/drafts/{draft.id}")


@router.get("/entry/done/{doc}")
def done(request: Request, doc: str) -> Response:
    """The document was filed: its number, the receipt, and the way to the next one."""
    session, services = session_of(request), services_of(request)
    row, form = reading.readable_row(services.desk, session.actor, doc)
    say = translator(request, session.lang)
    model = model_of(form)
    dropped = [model.label(at, session.lang) for at in request.query_params.getlist("dropped")[:40]]
    return page(
        request,
        "entry/done.html",
        title=say("entry.done", no=row["doc_no"]),
        crumbs=((say("shell.home"), "/"), (form_title(form, session.lang), None)),
        doc=doc,
        doc_no=row["doc_no"],
        doc_id=row["doc_id"],
        seq=row["seq"],
        form=row["form"],
        state=state_tag(form, row["state"], session.lang).word,
        received_at=row["submitted_at"],
        dropped=dropped,
        may_begin_next=_may_begin(services, session, row["form"]),
    )


def _may_begin(services: Services, session: Session, form: str) -> bool:
    """Whether this person begins documents of a form, and not from the page of the one that they change."""
    today = local_day(services.desk.clock.now())
    try:
        version = services.desk.registry.in_force(form, date.fromisoformat(today))
        role_to_begin(version, session.actor, today)
    except (NotAllowed, NotFound):
        return False
    return version.workflow.updates is None


def steering_choice(model: FormModel) -> Node | None:
    """The first field in paper order that other parts hang on and that has choices; None when there is
    none."""
    for node in model.root.walk():
        is_typed = not (node.computed or "*" in node.pattern)
        if node.pattern in model.steering and len(node.choices) > 2 and is_typed:
            return node
    return None


def pins_of(session: Session, form: str) -> tuple[tuple[str, Any], ...]:
    """The values this session carries over to the next draft of a form: (pointer, value)."""
    return tuple((key.partition("#")[2], value) for key, value in session.pins if key.startswith(form + "#"))


def set_pins(services: Services, session: Session, form: str, pins: tuple[tuple[str, Any], ...]) -> None:
    """Carry these values over from now on, in this session only."""
    others = tuple((key, value) for key, value in session.pins if not key.startswith(form + "#"))
    services.sessions.change(
        session.id_hash, pins=(*others, *((f"{form}#{at}", value) for at, value in pins))
    )


def pinned_values(answers: Json, pins: tuple[str, ...]) -> tuple[tuple[str, Any], ...]:
    """The pinned pointers that hold a value, with it."""
    return tuple((at, value) for at in pins if (value := lookup(answers, at)) is not MISSING)
