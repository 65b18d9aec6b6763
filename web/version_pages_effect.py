"""The day a version is to come into force, and the proposal that asks for it.

Decides what a proposal is begun with; the person goes on with it on the ordinary entry page. Which form that
is, and where it says what it publishes, stands in its states file. Never proposes anything itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from engine.desk import drafting, revisions, version_checks, version_drafts
from engine.desk.counting import standing_in
from engine.desk.desk import Desk
from engine.desk.version_checks import Judged
from engine.errors import NotFound, Refused
from engine.identity import local_day
from engine.lifecycle.deadlines import count_working_days, next_working_day
from engine.lifecycle.people import Actor
from engine.lifecycle.publishes import Publishes
from engine.ports import StoredDraft
from engine.registry.compiled import CompiledForm
from engine.version_ports import VersionDraft
from engine.versions.published import FINISH, RULES
from engine.versions.verdict import COMPATIBLE
from forms.model import FormModel, place
from web import labels
from web.labels import Say
from web.models import model_of
from web.services import Services

UNTIL: Final = timedelta(days=30)
"""How long drafts may be finished under the older version when nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Documents of one version that are not finished, by state, and how many drafts were begun under it."""

    version: str
    count: int
    states: tuple[tuple[str, int], ...]
    drafts: int


@dataclass(frozen=True, slots=True)
class DayView:
    """A day in words. `problem` says why a version cannot come into force on it."""

    day: str
    weekday: str
    is_working: bool
    working_days: int
    problem: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the page asks before the revision document is begun; a day or a clause may be blank."""

    effective_on: str
    clause: str
    drafts: str
    drafts_until: str
    number: str


def revision_form(desk: Desk) -> CompiledForm | None:
    """The form in force today by which versions are published; None where there is none."""
    today = date.fromisoformat(local_day(desk.clock.now()))
    known = desk.registry.all_in_force(today)
    return next((one for one in known if one.workflow.publishes is not None), None)


def begun_proposals(desk: Desk, actor: Actor, draft: VersionDraft) -> tuple[StoredDraft, ...]:
    """This person's unfinished proposals that name the draft."""
    return tuple(
        one
        for one in drafting.list_drafts(desk, actor)
        for rules in [_publishes(desk, one)]
        if rules is not None
        and any(line.get("draft") == draft.id for line in revisions.lines_of(rules, one.answers))
    )


def default_proposal(desk: Desk, draft: VersionDraft, judged: Judged | None) -> Proposal:
    """The next working day, the regulation's next number, drafts finished under their version for a month."""
    today = date.fromisoformat(local_day(desk.clock.now()))
    day = next_working_day(desk.calendar, today)
    newest = revisions.newest_text(desk).version
    step = judged.smallest if judged is not None else "minor"
    return Proposal(
        effective_on=day.isoformat(), clause="", drafts=FINISH, drafts_until=(day + UNTIL).isoformat(),
        number=version_checks.least_number(newest, step) if newest else "1.0.0",
    )  # fmt: skip


def rules_for(draft: VersionDraft) -> tuple[str, ...]:
    """What may happen to drafts of the version before: lifting needs a lift, or versions that read alike."""
    return RULES if draft.follows else ()


def day_view(services: Services, draft: VersionDraft, day: str, say: Say) -> DayView:
    """A day (YYYY-MM-DD) as the effective date of a draft."""
    desk, on = services.desk, date.fromisoformat(day)
    today = date.fromisoformat(local_day(desk.clock.now()))
    entry = revisions.entry_of(
        {"form": draft.form, "version": draft.version, "follows": draft.follows, "sha256": ""}, day
    )
    problem = ""
    try:
        desk.registry.check_admissible(entry, today)
    except Refused as refused:
        problem = refused.code
        if problem == "version.past_date":
            return DayView(day, _weekday(on, say), desk.calendar.is_working_day(on), 0, problem)
    return DayView(
        day=day,
        weekday=_weekday(on, say),
        is_working=desk.calendar.is_working_day(on),
        working_days=count_working_days(desk.calendar, today, on),
        problem=problem,
    )


def under_way(services: Services, form: str, lang: str) -> tuple[UnderWay, ...]:
    """Unfinished documents and begun drafts of a form by version, the newest version first."""
    desk, drafts = services.desk, _draft_counts(services.desk, form)
    rows = []
    for digest, states in standing_in(desk, form).items():
        made = desk.registry.by_digest(digest)
        kept = [
            (labels.state_tag(made, state, lang).word, states[state])
            for state, found in made.workflow.states.items()
            if states.get(state) and not found.is_final
        ]
        count = sum(number for _, number in kept)
        rows.append(UnderWay(made.version, count, tuple(kept), drafts.pop(made.version, 0)))
    rows.extend(UnderWay(version, 0, (), count) for version, count in drafts.items())
    return tuple(sorted(rows, key=_number, reverse=True))


def begin_proposal(
    services: Services, actor: Actor, draft: VersionDraft, said: Proposal, judged: Judged | None
) -> StoredDraft:
    """A draft of the revision form that names this version draft. NotFound where no form publishes."""
    desk = services.desk
    form = revision_form(desk)
    if form is None or form.workflow.publishes is None:
        raise NotFound("publication.form")
    rules, model = form.workflow.publishes, model_of(form)
    content = version_drafts.content_of(draft)
    line: dict[str, Any] = {
        "draft": draft.id,
        "clause": said.clause,
        "kind": _kind(draft, judged),
        "migration": _migration(judged, content.lift is not None),
        "drafts": said.drafts,
        "drafts_until": said.drafts_until if said.drafts == FINISH else "",
        "form": draft.form,
        "follows": draft.follows,
        "version": draft.version,
        "sha256": content.bundle.digest,
        "lift_sha256": revisions.lift_digest(content.lift) if content.lift is not None else "",
    }
    asked = rules.changes + "/0/"
    known = {name: value for name, value in line.items() if value and _has(model, asked + name)}
    answers: dict[str, Any] = place({}, rules.changes, [known])
    for pointer, value in _besides(rules, draft, said, revisions.newest_text(desk).version):
        if value and _has(model, pointer):
            answers = place(answers, pointer, value)
    return drafting.begin(desk, actor, form.form, answers)


def _besides(rules: Publishes, draft: VersionDraft, said: Proposal, newest: str) -> Iterator[tuple[str, Any]]:
    """What a proposal says beside its versions; a place that the form does not have is left out."""
    yield rules.version, said.number
    yield rules.follows, newest
    yield rules.effective_on, said.effective_on
    if rules.forms:
        yield rules.forms, [draft.form]


def _has(model: FormModel, pointer: str) -> bool:
    return model.node(pointer) is not None


def _kind(draft: VersionDraft, judged: Judged | None) -> str:
    if draft.semantic:
        return version_checks.SEMANTIC
    if judged is None or judged.comparison.old_documents.verdict == COMPATIBLE:
        return "compatible"
    return "incompatible"


def _migration(judged: Judged | None, has_lift: bool) -> str:
    """`none` where old documents stay valid; with a lift they are read through it; else the person says."""
    if has_lift:
        return "lift_on_read"
    return "none" if judged is None or judged.comparison.old_documents.verdict == COMPATIBLE else ""


def _publishes(desk: Desk, draft: StoredDraft) -> Publishes | None:
    return desk.registry.get(draft.form, draft.version).workflow.publishes


def _draft_counts(desk: Desk, form: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for account in desk.directory.all():
        for draft in desk.drafts.of_person(account.person):
            if draft.form == form and not draft.doc:
                counts[draft.version] = counts.get(draft.version, 0) + 1
    return counts


def _weekday(day: date, say: Say) -> str:
    return say(f"versions.flow.weekday.{day.isoweekday()}")


def _number(one: UnderWay) -> list[int]:
    return [int(part) for part in one.version.split(".")]


def proposal_of(posted: Mapping[str, str]) -> Proposal:
    """What was posted, trimmed."""
    names = ("effective_on", "clause", "drafts", "drafts_until", "number")
    values = {name: str(posted.get(name, "")).strip() for name in names}
    return Proposal(**values)
