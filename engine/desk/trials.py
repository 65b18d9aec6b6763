"""The trial run over stored documents: what a new version of a form would say of them (forms.md §6).

Decides who may run one and which documents are looked at. Nothing is written but the access log, which names
every document before it is opened; nothing of a document leaves this module but its id and why it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from engine.desk import reading
from engine.desk.desk import Desk
from engine.errors import NotAllowed, TooMany
from engine.identity import local_day, utc_text
from engine.lifecycle.people import Actor, Grant, covers
from engine.ports import Access, ListView
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.versions.lift import Lift, apply, chain
from engine.versions.trial import Running, Trial, judge_by_form

RUNNERS: Final = frozenset({"info_manager"})
PURPOSE: Final = "trial"
BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class TrialRun:
    """How far a trial run has come.

    `population` are the documents of the form that the person may count, `size` those that are looked at
    (fewer in a sample), `destroyed` those without content, which are not among them. `as_signed` judges the
    answers as they are, `lifted` as the new version's lift reads them (None without one). `stopped_by` is the
    code of the refusal that ended it early, `waits` the seconds it waits for the vault's budget.
    """

    form: str
    version: str
    population: int
    size: int
    destroyed: int
    as_signed: Trial
    lifted: Trial | None
    is_over: bool
    was_stopped: bool = False
    stopped_by: str = ""
    waits: int = 0

    def as_json(self) -> dict[str, Any]:
        """As a JSON object, for the API and the command line."""
        return {
            "form": self.form,
            "version": self.version,
            "population": self.population,
            "size": self.size,
            "destroyed": self.destroyed,
            "as_signed": self.as_signed.as_json(),
            "lifted": None if self.lifted is None else self.lifted.as_json(),
            "is_over": self.is_over,
            "was_stopped": self.was_stopped,
            "stopped_by": self.stopped_by,
            "waits": self.waits,
        }


Tell = Callable[[TrialRun], None]
Pause = Callable[[float], object]
"""Waits that many seconds, or less when there is something to do."""


def run(
    desk: Desk,
    actor: Actor,
    form: CompiledForm,
    *,
    lifts: Iterable[Lift] = (),
    most: int | None = None,
    tell: Tell | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    pause: Pause | None = None,
) -> TrialRun:
    """Judge every stored document of the form, or `most` of them spread evenly, under the version `form`.

    `lifts` are those of the form that are published and the new version's own; with none, answers are judged
    only as they are. `tell` is called after every BATCH documents, `is_cancelled` asked before each. When the
    vault's budget for opening is used up it waits by `pause` for what fills again; without one it ends there,
    with what it has found.
    Raises NotAllowed (`trial.role`); NotFound (`lift.none`) when no lift leads from a version that stored
    documents have.
    """
    grants = _grants(desk, actor)
    versions: dict[str, int] = {}
    population = destroyed = 0
    for row in _rows(desk, form.form, grants):
        if DESTROYED in row["flags"]:
            destroyed += 1
        else:
            population += 1
            versions[row["version"]] = versions.get(row["version"], 0) + 1
    size = population if most is None else min(most, population)
    ways = _ways(desk, form, tuple(lifts), versions)
    judge = judge_by_form(form)
    signed, read = Running(judge), Running(judge)

    def so_far(**end: Any) -> TrialRun:
        return TrialRun(
            form=form.form,
            version=form.version,
            population=population,
            size=size,
            destroyed=destroyed,
            as_signed=signed.so_far(),
            lifted=read.so_far() if ways else None,
            **{"is_over": True, **end},
        )

    def say(**end: Any) -> None:
        if tell is not None:
            tell(so_far(is_over=False, **end))

    for batch in _batches(_spread(_with_content(desk, form.form, grants), size, population)):
        _log(desk, actor, [row["doc"] for row in batch])
        for row in batch:
            answers = None
            while answers is None:
                if is_cancelled is not None and is_cancelled():
                    return so_far(was_stopped=True)
                try:
                    answers = reading.answers_of(desk, row)
                except TooMany as refused:
                    if pause is None:
                        return so_far(was_stopped=True, stopped_by=refused.code)
                    seconds = int(refused.facts.get("retry_after", 1))
                    say(waits=seconds)
                    pause(seconds)
            signed.add(row["doc"], answers)
            if ways:
                read.add(row["doc"], apply(ways[row["version"]], answers))
        say()
    return so_far()


def _grants(desk: Desk, actor: Actor) -> tuple[Grant, ...]:
    """The grants by which the person may run a trial today; `NotAllowed` when there are none."""
    held = actor.grants_on(local_day(desk.clock.now()))
    found = tuple(grant for grant in held if grant.role in RUNNERS)
    if not found:
        raise NotAllowed("trial.role", roles=sorted(RUNNERS))
    return found


def _rows(desk: Desk, form: str, grants: tuple[Grant, ...]) -> Iterator[DocumentRow]:
    """The rows of a form in the regions of the grants."""
    place: str | None = None
    while True:
        page = desk.store.page(ListView(forms=(form,)), place, BATCH)
        yield from (row for row in page.rows if any(covers(one.region, row["region"]) for one in grants))
        place = page.next
        if place is None:
            return


def _with_content(desk: Desk, form: str, grants: tuple[Grant, ...]) -> Iterator[DocumentRow]:
    return (row for row in _rows(desk, form, grants) if DESTROYED not in row["flags"])


def _spread(rows: Iterator[DocumentRow], size: int, population: int) -> Iterator[DocumentRow]:
    """`size` of the rows, evenly spread over all of them; the same ones each time."""
    taken = 0
    for at, row in enumerate(rows):
        if taken < size and at * size >= taken * population:
            taken += 1
            yield row


def _batches(rows: Iterator[DocumentRow]) -> Iterator[list[DocumentRow]]:
    batch: list[DocumentRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _ways(
    desk: Desk, form: CompiledForm, lifts: tuple[Lift, ...], versions: Iterable[str]
) -> dict[str, Lift]:
    """The lift from each version that stored documents have; {} when there are no lifts."""
    if not lifts:
        return {}
    known = [one.version for one in desk.registry.versions(form.form)] + [form.version]
    return {version: chain(form.form, known, lifts, version, form.version) for version in versions}


def _log(desk: Desk, actor: Actor, docs: list[str]) -> None:
    now = desk.clock.now()
    roles = [role for role in actor.roles(local_day(now)) if role in RUNNERS]
    desk.access.write(Access(utc_text(now), actor.person, roles[0], "", (PURPOSE, *docs), PURPOSE))
