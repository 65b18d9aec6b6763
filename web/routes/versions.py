"""Form versions and the regulation: what is in force, what one version says, the way of a draft to its day.

Decides addresses and which page follows. Whoever is signed in reads what is published; drafts are for those
who write them, and what an agency proposes is read on its revision document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NoReturn

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import exchanging, lifting, reading, revisions, version_drafts
from engine.desk.version_checks import Judged
from engine.errors import Invalid, Problem
from engine.registry.compiled import CompiledForm
from engine.version_ports import VersionDraft
from engine.versions.lift import parse_lift
from forms.messages import sentence
from forms.normalize import half_width
from web import labels
from web.labels import Say
from web.pages import go_to, is_part, page, translator
from web.security import Session, form_of, session_of
from web.services import Services, services_of
from web.version_editing import as_refusal, compiled_of, findings_of
from web.version_pages import (
    clause_rows,
    draft_title,
    facts_of_version,
    field_groups,
    groups_of,
    lives_of,
    may_write,
    paper_link,
    reference_rows,
    tag_of,
    title_of,
    today_of,
    unfinished,
)
from web.version_pages_compare import (
    ComparedView,
    compare_published,
    compared,
    group_changes,
    judge,
    read_draft,
)
from web.version_pages_effect import (
    Proposal,
    begin_proposal,
    begun_proposals,
    day_view,
    default_proposal,
    proposal_of,
    rules_for,
    under_way,
)
from web.version_pages_steps import number_words, paper_of, steps_of
from web.version_pages_trial import SIZES, trial_view

router = APIRouter()
MOST_PROBLEMS = 12


@router.get("/versions")
def show_versions(request: Request) -> Response:
    """Every form with its versions."""
    session, services, say = _reader(request)
    return page(
        request, "versions/flow_list.html", title=say("versions.flow.title"),
        groups=groups_of(services, session, say), may_write=may_write(services, session.actor),
        crumbs=((say("shell.home"), "/"), (say("versions.flow.title"), None)),
    )  # fmt: skip


@router.get("/regulation")
def show_regulation(request: Request, on: str = "") -> Response:
    """The text in force on a day; today without one."""
    session, services, say = _reader(request)
    today = today_of(services)
    day = _day(on, "/on") if on else today
    text = revisions.text_in_force(services.desk, day)
    changes = [(one.effective_on, one.version) for one in revisions.amendments(services.desk)]
    base = services.desk.workshop.regulation
    days = [(str(base["effective_on"]), str(base["version"])), *changes]
    return page(
        request, "versions/flow_regulation.html", title=say("versions.flow.regulation"), text=text, day=day,
        today=today, name=str(base["title" if session.lang == "zh-CN" else "title_en"]),
        rows=clause_rows(services, session, text, day, session.lang),
        references=reference_rows(services, session.lang),
        paper=paper_link(services, session, text.revision), days=tuple(dict.fromkeys(days)),
        crumbs=((say("shell.home"), "/"), (say("versions.flow.regulation"), None)),
    )  # fmt: skip


@router.get("/versions/drafts/{draft_id}")
def show_draft(request: Request, draft_id: str) -> Response:
    """The way of a draft: seven steps, each with where it stands and what to do next."""
    session, services, say = _writer(request)
    at = _draft_at(services, session, draft_id)
    draft, lang = at.draft, session.lang
    trial = trial_view(services, session, services.trials.of(draft.id), None, at.digest, say)
    paper = paper_of(services, draft, at.bundle_digest, lang, say)
    begun = begun_proposals(services.desk, session.actor, draft)
    return page(
        request, "versions/flow_draft.html", title=at.title, draft=draft, problems=at.problems,
        findings=findings_of(services.desk, draft, services.catalogue, lang, most=MOST_PROBLEMS)[0],
        steps=steps_of(
            draft, problems=at.problems, view=at.view, trial=trial, paper=paper,
            begun=begun[0].id if begun else "", is_readable=bool(at.digest), say=say,
        ),
        paper=paper, digest=at.bundle_digest, saved_by=reading.name_of(services.desk, draft.saved_by),
        crumbs=_draft_crumbs(at, say),
    )  # fmt: skip


@router.get("/versions/drafts/{draft_id}/compare")
def show_comparison(request: Request, draft_id: str) -> Response:
    """What changed in words, both verdicts with their witnesses, documents under way, the smallest number."""
    session, services, say = _writer(request)
    at = _draft_at(services, session, draft_id)
    return page(
        request, "versions/flow_compare.html", title=say("versions.flow.compare.title"), draft=at.draft,
        view=at.view, number=number_words(at.view, say) if at.view is not None else "",
        is_new=not at.draft.follows, problem_count=len(at.problems),
        crumbs=_draft_crumbs(at, say, say("versions.flow.step.compare")),
    )  # fmt: skip


@router.get("/versions/drafts/{draft_id}/trial")
def show_trial(request: Request, draft_id: str) -> Response:
    """The trial run of a draft: as a page, or as the part that asks again while it runs."""
    session, services, say = _writer(request)
    at = _draft_at(services, session, draft_id)
    form = _compiled_or_none(services, at.draft)
    view = trial_view(services, session, services.trials.of(draft_id), form, at.digest, say)
    template = "parts/trial.html" if is_part(request) else "versions/flow_trial.html"
    return page(
        request, template, title=say("versions.flow.trial.title"), draft=at.draft, trial=view,
        sizes=SIZES, may_start=form is not None, problem_count=len(at.problems),
        crumbs=_draft_crumbs(at, say, say("versions.flow.step.trial")),
    )  # fmt: skip


@router.post("/versions/drafts/{draft_id}/trial")
def run_trial(request: Request, draft_id: str) -> Response:
    """Begin a trial run over `most` documents (0: all), or stop the one under way."""
    session, services, _ = _writer(request)
    draft = version_drafts.open_draft(services.desk, session.actor, draft_id)
    posted = form_of(request)
    if posted.has("stop"):
        services.trials.stop(draft.id)
        return go_to(f"/versions/drafts/{draft.id}/trial")
    most = posted.get("most").strip()
    size = int(most) if most.isascii() and most.isdigit() and len(most) < 7 else SIZES[0]
    content = version_drafts.content_of(draft)
    lifts = lifting.lifts_of(services.desk, draft.form)
    if content.lift is not None:
        lifts = (*lifts, parse_lift(content.lift))
    services.trials.start(
        services.desk, session.actor, session.unlock, draft, compiled_of(services.desk, draft), lifts,
        lift=_lift_name(content.lift), most=size or None,
    )  # fmt: skip
    return go_to(f"/versions/drafts/{draft.id}/trial")


@router.get("/versions/drafts/{draft_id}/effect")
def show_effect(request: Request, draft_id: str, on: str = "") -> Response:
    """The effective date with its working days, what becomes of documents and drafts, and the proposal."""
    session, services, _ = _writer(request)
    at = _draft_at(services, session, draft_id)
    said = default_proposal(services.desk, at.draft, at.judged)
    faults: dict[str, str] = {}
    if on:
        try:
            said = replace(said, effective_on=_day(on, "/effective_on"))
        except Invalid as refused:
            said, faults = replace(said, effective_on=on), _faults(refused, session.lang)
    return _effect_page(request, services, session, at, said, faults, 422 if faults else 200)


@router.post("/versions/drafts/{draft_id}/propose")
def propose(request: Request, draft_id: str) -> Response:
    """Begin a revision document about this draft, and go on with it on the ordinary entry page."""
    session, services, _ = _writer(request)
    at = _draft_at(services, session, draft_id)
    said = proposal_of(dict(form_of(request).pairs))
    faults: dict[str, str] = {}
    for name in ("effective_on", "drafts_until"):
        text = getattr(said, name)
        if text:
            try:
                said = replace(said, **{name: _day(text, f"/{name}")})
            except Invalid as refused:
                faults |= _faults(refused, session.lang)
    if faults or at.problems or (at.view is not None and at.view.understated):
        return _effect_page(request, services, session, at, said, faults, 422)
    draft = begin_proposal(services, session.actor, at.draft, said, at.judged)
    return go_to(f"/drafts/{draft.id}")


@router.get("/versions/{form}/{version}")
def show_version(request: Request, form: str, version: str) -> Response:
    """One published version: its life, what changed and by which document, the clause, its fingerprint."""
    session, services, say = _reader(request)
    desk = services.desk
    span = desk.registry.span(form, version)
    writes = may_write(services, session.actor)
    lives = lives_of(desk, form, None, unfinished(desk))
    life = next(one for one in lives if one.digest == span.form.digest)
    facts = facts_of_version(services, span, life)
    text = revisions.text_in_force(desk, life.first)
    title = title_of(services, form, session.lang)
    before = _before(services, form, version)
    found = compare_published(desk, span.form, before) if before is not None else None
    return page(
        request, "versions/flow_version.html", title=f"{title} {version}", form=form, version=version,
        form_title=labels.form_title(span.form, session.lang), life=life, tag=tag_of(life.state, say),
        facts=facts, clause=text.clause(facts["clause"]) if facts["clause"] else None,
        paper=paper_link(services, session, life.revision), may_write=writes,
        fields=field_groups(span.form, session.lang, say),
        before=before.version if before is not None else "", is_compared=found is not None,
        groups=group_changes(found.changes, session.lang, services.catalogue) if found is not None else (),
        crumbs=(
            (say("shell.home"), "/"), (say("versions.flow.title"), "/versions"), (f"{title} {version}", None),
        ),
    )  # fmt: skip


def _before(services: Services, form: str, version: str) -> CompiledForm | None:
    """The version in force before this one; None for the first."""
    known = services.desk.registry.versions(form)
    place = next(place for place, one in enumerate(known) if one.version == version)
    return known[place - 1] if place else None


@router.get("/versions/{form}/{version}/export")
def export_version(request: Request, form: str, version: str) -> Response:
    """A published version as one signed file, for another agency."""
    session, services = session_of(request), services_of(request)
    data = exchanging.export_version(services.desk, session.actor, form, version)
    name = f"{form}-{version}.fengjian-version.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=exchanging.TYPE, headers=headers)


@router.post("/versions/import")
def import_version(request: Request) -> Response:
    """A version file of another agency as a draft here, believed on that agency's trust file."""
    session, services, _ = _writer(request)
    sent = dict(form_of(request).files)
    wanted = ("version", "trust")
    missing = [Problem(f"/{one}", "file.missing", {"file": one}) for one in wanted if one not in sent]
    if missing:
        raise Invalid("version_file", problems=missing)
    data, trust = (sent[name].file.read(exchanging.MOST_BYTES + 1) for name in wanted)
    draft = exchanging.import_version(services.desk, session.actor, data, trust)
    return go_to(f"/versions/drafts/{draft.id}")


@dataclass(frozen=True, slots=True)
class _DraftAt:
    """A version draft as its pages need it. `digest` names bundle and lift together, as trial runs do."""

    draft: VersionDraft
    title: str
    problems: tuple[Problem, ...]
    judged: Judged | None
    view: ComparedView | None
    bundle_digest: str
    digest: str


def _draft_at(services: Services, session: Session, draft_id: str) -> _DraftAt:
    desk = services.desk
    draft = version_drafts.open_draft(desk, session.actor, draft_id)
    read = read_draft(desk, draft)
    title = f"{draft_title(services, draft, session.lang)} {draft.version}"
    found = read.candidate
    try:
        with as_refusal(desk, draft):
            judged = judge(desk, found) if found is not None else None
    except Invalid as unread:
        return _DraftAt(draft, title, read.problems or unread.problems, None, None, "", "")
    if found is None:
        return _DraftAt(draft, title, read.problems, None, None, "", "")
    view = compared(desk, found, judged, session.lang, services.catalogue) if judged is not None else None
    digest = found.bundle.digest
    return _DraftAt(draft, title, read.problems, judged, view, digest, f"{digest} {_lift_name(found.lift)}")


def _lift_name(lift: Any | None) -> str:
    return revisions.lift_digest(lift) if lift is not None else ""


def _compiled_or_none(services: Services, draft: VersionDraft) -> CompiledForm | None:
    try:
        return compiled_of(services.desk, draft)
    except Invalid:
        return None


def _effect_page(
    request: Request, services: Services, session: Session, at: _DraftAt, said: Proposal,
    faults: dict[str, str], status: int,
) -> Response:  # fmt: skip
    say = translator(request, session.lang)
    desk, draft, lang = services.desk, at.draft, session.lang
    on = said.effective_on or today_of(services)
    day = None if "effective_on" in faults else day_view(services, draft, on, say)
    newest = revisions.newest_text(desk)
    return page(
        request, "versions/flow_effect.html", status, title=say("versions.flow.effect.title"), draft=draft,
        said=said, faults=faults, day=day, under_way=under_way(services, draft.form, lang),
        rules=rules_for(draft), clauses=newest.clauses, newest=newest.version, view=at.view,
        number=number_words(at.view, say) if at.view is not None else "", problem_count=len(at.problems),
        has_lift="lift.json" in draft.files, crumbs=_draft_crumbs(at, say, say("versions.flow.step.effect")),
    )  # fmt: skip


def _faults(refused: Invalid, lang: str) -> dict[str, str]:
    return {one.pointer.removeprefix("/"): sentence(one, lang, str) for one in refused.problems}


def _draft_crumbs(at: _DraftAt, say: Say, here: str = "") -> tuple[tuple[str, str | None], ...]:
    first = ((say("shell.home"), "/"), (say("versions.flow.title"), "/versions"))
    draft = say("versions.flow.draft_of", title=at.title)
    if not here:
        return (*first, (draft, None))
    return (*first, (draft, f"/versions/drafts/{at.draft.id}"), (here, None))


def _reader(request: Request) -> tuple[Session, Services, Say]:
    session = session_of(request)
    return session, services_of(request), translator(request, session.lang)


def _writer(request: Request) -> tuple[Session, Services, Say]:
    """The same for somebody who writes versions; anybody else is refused by the desk."""
    session, services, say = _reader(request)
    version_drafts.check_writer(services.desk, session.actor)
    return session, services, say


def _day(text: str, pointer: str) -> str:
    """A day as people type it: 2026-03-06, 2026.3.6, 20260306, 2026年3月6日. Raises Invalid for others."""
    found = _DAY.fullmatch(half_width(text).strip())
    try:
        return date(*(int(part) for part in found.groups())).isoformat() if found else _no_day(pointer, text)
    except ValueError:
        return _no_day(pointer, text)


def _no_day(pointer: str, text: str) -> NoReturn:
    raise Invalid("day", problems=[Problem(pointer, "date.unreadable", {"text": text[:40]})])


_DAY = re.compile(r"(\d{4})[-./年]?(\d{1,2})[-./月]?(\d{1,2})日?")
