"""A trial run as its page shows it: how far it is, how many documents fail and why, in words, with links.

Decides words and order. What may be seen of a document is decided when its link is followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.desk import reading
from engine.errors import NotAllowed, NotFound, Problem
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import split
from engine.registry.schema_walk import resolve
from engine.versions.trial import Counted, Trial
from forms.messages import sentence
from web.labels import Say
from web.models import model_of
from web.security import Session
from web.services import Services
from web.version_jobs import Job

SIZES: Final = (500, 5_000, 0)
"""How many documents a run may look at; 0 is all of them."""


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One cause: what is wrong, in which field, how many documents, the first of them (address, number)."""

    words: str
    label: str
    count: int
    percent: str
    documents: tuple[tuple[str, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class TrialTable:
    """One way of reading the documents: as signed, or as the lift reads them."""

    title: str
    sentence: str
    causes: tuple[CauseRow, ...]
    not_judged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialView:
    """A run: `state` is none, running, done, stopped, failed, broken_off (by the end of the server)
    or old (the draft changed since); only done counts.

    `seen` of `size`, `size` of `population` documents.
    """

    state: str
    seen: int
    size: int
    population: int
    destroyed: int
    failing: int
    sentence: str
    sample: str
    started_at: str
    started_by: str
    ended_at: str
    failure: str
    tables: tuple[TrialTable, ...]

    @property
    def is_running(self) -> bool:
        """Whether the page must be asked again."""
        return self.state == "running"


NOTHING: Final = TrialView("none", 0, 0, 0, 0, 0, "", "", "", "", "", "", ())


def trial_view(
    services: Services, session: Session, job: Job | None, form: CompiledForm | None, digest: str, say: Say
) -> TrialView:
    """The newest run of a draft. `form` is the draft made ready (None while it cannot be read), `digest` that
    of its bundle and lift as they are now."""
    if job is None:
        return NOTHING
    run = job.run
    state = _state(job, digest)
    judged = None if run is None else run.lifted if run.lifted is not None else run.as_signed
    seen = run.as_signed.seen if run is not None else 0
    facts = {"seen": seen, "size": run.size if run is not None else 0}
    tables: list[TrialTable] = []
    if run is not None and form is not None and state != "old":
        tables.append(_table(services, session, form, run.as_signed, "as_signed", say))
        if run.lifted is not None:
            tables.insert(0, _table(services, session, form, run.lifted, "lifted", say))
    return TrialView(
        state=state,
        seen=seen,
        size=facts["size"],
        population=run.population if run is not None else 0,
        destroyed=run.destroyed if run is not None else 0,
        failing=judged.failing if judged is not None else 0,
        sentence=say(f"versions.flow.trial.{state}", **facts) + _waits(job, say),
        sample=_sample(job, state, say),
        started_at=job.started_at,
        started_by=reading.name_of(services.desk, job.started_by),
        ended_at=job.ended_at,
        failure=_why(services, job.failure, say),
        tables=tuple(tables),
    )


def _why(services: Services, code: str, say: Say) -> str:
    """Why a run ended early, in words."""
    if not code:
        return ""
    key = f"error.{code}.title"
    return say(key) if services.catalogue.knows(key) else code


def _state(job: Job, digest: str) -> str:
    if not job.is_over:
        return "running"
    if f"{job.digest} {job.lift}" != digest:
        return "old"
    if job.is_broken_off:
        return "broken_off"
    if job.failure:
        return "failed"
    return "stopped" if job.run is not None and job.run.was_stopped else "done"


def _waits(job: Job, say: Say) -> str:
    """That a run waits for the vault's budget, "" when it does not."""
    if job.is_over or job.run is None or not job.run.waits:
        return ""
    return say("versions.flow.trial.waits", seconds=job.run.waits)


def _sample(job: Job, state: str, say: Say) -> str:
    """Which documents a run is about, where it is whole or a sample; one cut short is not about all."""
    run = job.run
    if run is None or state == "old" or (state not in ("running", "done") and run.size == run.population):
        return ""
    key = "all" if run.size == run.population else "some"
    words = say(f"versions.flow.trial.sample.{key}", size=run.size, population=run.population)
    gone = say("versions.flow.trial.destroyed", count=run.destroyed) if run.destroyed else ""
    return words + gone


def _table(
    services: Services, session: Session, form: CompiledForm, trial: Trial, kind: str, say: Say
) -> TrialTable:
    facts = {"valid": trial.valid, "failing": trial.failing, "unknown": trial.with_unknown}
    key = "good" if not trial.failing else "bad"
    words = model_of(form).rule_words.get(session.lang, {})
    names = [words.get(one, one) for one in trial.not_judged]
    return TrialTable(
        title=say(f"versions.flow.trial.{kind}"),
        sentence=say(f"versions.flow.trial.{kind}.{key}", **facts),
        causes=tuple(_cause(services, session, form, one, trial.seen, say) for one in trial.causes),
        not_judged=tuple(names),
    )


def _cause(
    services: Services, session: Session, form: CompiledForm, cause: Counted, seen: int, say: Say
) -> CauseRow:
    model = model_of(form)
    example = cause.pattern.replace("*", "0")
    rules = model.rule_words.get(session.lang)
    problem = Problem(example, cause.code, _limit(form.bundle.schema, cause))
    links = []
    for doc in cause.first:
        try:
            row, _ = reading.readable_row(services.desk, session.actor, doc)
        except (NotFound, NotAllowed):
            continue
        links.append((f"/documents/{doc}", row["doc_no"]))
    return CauseRow(
        words=sentence(problem, session.lang, lambda at: model.label(at, session.lang) or at, rules),
        label=model.label(example, session.lang) or cause.pattern or say("versions.flow.whole"),
        count=cause.count,
        percent=f"{100 * cause.count / seen:.1f}%" if seen else "",
        documents=tuple(links),
        more=cause.count - len(links),
    )


def _limit(schema: Mapping[str, Any], cause: Counted) -> dict[str, Any]:
    """The limit that a cause is about, as its sentence names it; {} where there is none to be found."""
    keyword, here = _KEYWORDS.get(cause.code), resolve(schema, schema)
    if keyword is None:
        return {}
    for part in split(cause.pattern):
        below = here.get("items") if part == "*" else here.get("properties", {}).get(part)
        here = resolve(below, schema)
        if not isinstance(here, Mapping):
            return {}
    return {"limit": here[keyword]} if keyword in here else {}


_KEYWORDS: Final = {
    "min_length": "minLength", "max_length": "maxLength", "minimum": "minimum", "maximum": "maximum",
    "multiple_of": "multipleOf", "min_items": "minItems", "max_items": "maxItems",
    "min_properties": "minProperties", "max_properties": "maxProperties",
}  # fmt: skip
