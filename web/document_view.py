"""An opened document as rows for its pages: facts, files, timeline, state picture, decisions.

Decides order and words only. What may be seen was decided by the desk before anything came here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from engine.desk import deciding, reading
from engine.desk.reading import Opened, StepView
from engine.errors import Problem
from engine.identity import local_day
from engine.lifecycle.permissions import Rights
from engine.registry.compiled import CompiledForm
from forms.diff import DiffRow, compare
from forms.model import lookup
from forms.summary import CodeNames, SummaryRow, SummarySection, summarise
from web import labels
from web.decision_forms import Ask, DecisionForm, decision_form
from web.facts_table import parted
from web.grant_pages import list_of
from web.labels import Say, Tag
from web.models import code_names, model_of
from web.pictures.states import Picture, Way, draw_states
from web.security import Session
from web.services import Services

ORDER = ("positive", "working", "attention", "negative")
"""Decisions that carry a document forward stand first."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One attachment as the form lists it."""

    file_id: str
    kind: str
    pages: str
    sha256: str
    media_type: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One signed step in words. `said` are the answers given with it, `marks` (label, pointer, text)."""

    seq: int
    title: str
    tag: Tag
    name: str
    post: str
    unit: str
    at: str
    covers: str
    event: str
    index: int
    comment: str
    said: tuple[tuple[str, str], ...] = ()
    marks: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Barred:
    """A decision that this person cannot take, and why."""

    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be done next: decisions to take, decisions that are not yours, whether to correct the form."""

    forms: tuple[DecisionForm, ...] = ()
    barred: tuple[Barred, ...] = ()
    may_correct: bool = False
    ways: tuple[Way, ...] = field(default=())
    fills: str = ""  # the name of the step that opens parts of the form for this person


def facts_of(
    opened: Opened, lang: str, names: CodeNames | None = None
) -> tuple[tuple[SummarySection, ...], tuple[SummaryRow, ...]]:
    """The answered fields by section, in the words of the version the document was signed in; fingerprints.

    Files, grants and what is changed in another document are left out: they have lists of their own. `names`
    are what values are called, where that is more than the version's own codes.
    """
    model, codes = model_of(opened.form), names or code_names(opened.form, lang)
    files = f"{model.files.list}/" if model.files is not None else "/ /"
    sections = summarise(model, opened.answers, masked=opened.masked, lang=lang, codes=codes)
    kept = (
        replace(
            section,
            rows=tuple(row for row in section.rows if not row.pointer.startswith(files)),
        )
        for section in sections
    )
    rules = opened.form.workflow.updates
    aside = rules.changes if rules is not None else list_of(opened.form.workflow)
    return parted(opened.form, kept, aside=aside)


def changes_of(before: Opened, after: Opened, lang: str) -> tuple[DiffRow, ...]:
    """All fields of two revisions side by side."""
    return compare(
        model_of(after.form),
        before.answers,
        after.answers,
        lang,
        masked=before.masked | after.masked,
        codes=code_names(after.form, lang),
    )


def files_of(services: Services, opened: Opened, lang: str) -> tuple[FileRow, ...]:
    """The attachments that the document lists, in its order."""
    where = model_of(opened.form).files
    if where is None:
        return ()
    listed = lookup(opened.answers, where.list)
    known = reading.attachment_keys(services.desk, opened.row)
    rows = []
    for place, item in enumerate(listed if isinstance(listed, list) else ()):
        kind = labels.facet_label(opened.form, f"{where.list}/*/{where.kind}", item.get(where.kind), lang)
        entry = known.get(item[where.id], {})
        media_type = entry.get("media_type", "")
        rows.append(
            FileRow(
                file_id=item[where.id],
                kind=kind or str(place + 1),
                pages=str(item.get(where.pages, "")),
                sha256=item[where.digest],
                media_type=media_type,
                is_picture=media_type.startswith("image/"),
            )
        )
    return tuple(rows)


def timeline_of(
    services: Services, form: CompiledForm, history: Iterable[StepView], rights: Rights, lang: str, say: Say
) -> tuple[TimelineRow, ...]:
    """The signed steps, newest first."""
    rows = [_step_row(services, form, view, rights, lang, say) for view in history]
    return tuple(reversed(rows))


def _title_of(services: Services, form: CompiledForm, name: str, lang: str, say: Say) -> str:
    """What a step is called: by the form, or for events that move nothing by the catalogue."""
    own = f"people.step.{name}"
    return say(own) if services.catalogue.knows(own) else labels.transition_title(form, name, lang)


def _step_row(
    services: Services, form: CompiledForm, view: StepView, rights: Rights, lang: str, say: Say
) -> TimelineRow:
    step = view.step
    said = dict(view.answers) if "other" in rights.classes else {}
    marks = said.pop("marks", [])
    comment = said.pop("comment", "")
    transition = form.workflow.transitions.get(step.transition)
    shape = decision_form(form, transition, lang) if transition is not None else None
    asks = {ask.name: ask for ask in shape.asks} if shape is not None else {}
    return TimelineRow(
        seq=step.seq,
        title=_title_of(services, form, step.transition, lang, say),
        tag=labels.state_tag(form, step.target, lang),
        name=view.name,
        post=labels.role_title(step.role, say),
        unit=labels.unit_title(step.unit, say),
        at=step.at,
        covers=_covers(services, step.index, say),
        event=step.event,
        index=step.index,
        comment=comment,
        said=tuple(
            (asks[name].label, _answer(asks[name], value, say))
            for name, value in said.items()
            if name in asks
        ),
        marks=tuple((model_of(form).label(m["pointer"], lang), m["pointer"], m["text"]) for m in marks),
    )


def _answer(ask: Ask, value: Any, say: Say) -> str:
    if value is True:
        return say("shell.yes")
    if isinstance(value, list):
        return "、".join(dict(ask.options).get(one, str(one)) for one in value)
    return dict(ask.options).get(value, str(value))


def _covers(services: Services, index: int, say: Say) -> str:
    """What the signature of a step covers, counted from the signed statement itself."""
    statement = services.desk.journal.read(index).statement()
    fields = sum(part["leaves"] for part in statement.get("parts", ()))
    files = len(statement.get("attachments", ()))
    if not fields:
        return say("timeline.covers_step")
    return say("timeline.covers_content", fields=fields, files=files)


def choices_of(services: Services, session: Session, opened: Opened, say: Say) -> Choices:
    """The transitions out of the present state, for this person."""
    form, lang = opened.form, session.lang
    allowed: list[DecisionForm] = []
    barred: list[Barred] = []
    ways: list[Way] = []
    may_correct, fills = False, ""
    for option in deciding.possible(services.desk, session.actor, opened.row["doc"]):
        transition = option.transition
        title = labels.transition_title(form, transition.name, lang)
        who = labels.roles_title([role for role in transition.by.roles if role != "system"], say)
        ways.append(Way(opened.row["state"], transition.target, title, who))
        if transition.validates:
            may_correct = may_correct or option.allowed
            fills = title if option.allowed and transition.edits else fills
        elif option.allowed:
            allowed.append(decision_form(form, transition, lang, opened.answers))
        elif option.why is not None and set(transition.by.roles) & set(session.actor.roles(_today(services))):
            barred.append(Barred(title, why_not(form, option.why, lang, say)))
    allowed.sort(key=lambda one: ORDER.index(one.tone) if one.tone in ORDER else len(ORDER))
    return Choices(tuple(allowed), tuple(barred), may_correct, tuple(ways), fills)


def why_not(form: CompiledForm, problem: Problem, lang: str, say: Say) -> str:
    """Why a decision is not this person's, in a sentence."""
    if problem.message is not None:
        return labels.localized(form, f"#/guards/{problem.code.rpartition('.')[2]}", problem.message, lang)
    try:
        return say(f"why.{problem.code}")
    except KeyError:
        return say("why.other")


def picture_of(opened: Opened, ways: Iterable[Way], lang: str) -> Picture:
    """The state picture of a document."""
    workflow = opened.form.workflow
    every = [
        Way(source, transition.target, transition.title)
        for transition in (*workflow.transitions.values(), *workflow.system.values())
        for source in transition.sources
    ]
    return draw_states(
        titles={name: labels.state_tag(opened.form, name, lang).word for name in workflow.states},
        ways=every,
        initial=workflow.initial,
        current=opened.row["state"],
        travelled=[(step.source, step.target) for step in opened.standing.steps],
        following=ways,
    )


def _today(services: Services) -> str:
    return local_day(services.desk.clock.now())
