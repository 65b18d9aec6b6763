"""The trial run over stored documents: what a new version of a form would say of them (forms.md §6).

Decides who may run one and which documents are looked at. Nothing is written but the access log, which names
every document before it is opened; nothing of a document leaves this module but its id and why it fails.
The vault opens contents, many together, under a permit that stands on the runner's unlocked key; while one
batch is judged the next may be opened (`ahead`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, Final

from engine.desk import opening_many
from engine.desk.desk import Desk
from engine.errors import NotAllowed, TooMany
from engine.identity import local_day, utc_text
from engine.lifecycle.people import Actor, Grant, covers
from engine.ports import MOST_CONTENTS, Access, SealedContent
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.versions.lift import Lift, apply, chain
from engine.versions.trial import Running, Trial, judge_by_form

RUNNERS: Final = frozenset({"info_manager"})
PURPOSE: Final = "trial"
BATCH: Final = MOST_CONTENTS


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

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TrialRun:
        """What `as_json` wrote."""
        lifted = value["lifted"]
        judged = {
            "as_signed": Trial.from_json(value["as_signed"]),
            "lifted": None if lifted is None else Trial.from_json(lifted),
        }
        return cls(**{**value, **judged})


Plains = tuple[tuple[bytes, ...], ...]
"""The plain bytes of the parts of each document."""
Tell = Callable[[TrialRun], None]
Pause = Callable[[float], object]
"""Waits that many seconds, or less when there is something to do."""


def run(
    desk: Desk,
    actor: Actor,
    form: CompiledForm,
    unlock: str | None,
    *,
    lifts: Iterable[Lift] = (),
    most: int | None = None,
    tell: Tell | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    pause: Pause | None = None,
    ahead: Executor | None = None,
) -> TrialRun:
    """Judge every stored document of the form, or `most` of them spread evenly, under the version `form`.

    `lifts` are those of the form that are published and the new version's own; with none, answers are judged
    only as they are. `tell` is called after every BATCH documents, `is_cancelled` asked before each. When the
    vault's budget for trial runs is used up it waits by `pause` for what fills again; without one it ends
    there, with what it has found. `ahead` opens the next batch while one is judged.
    Raises NotAllowed (`trial.role`); NeedsUnlock when `unlock` opens no key of the actor; NotFound
    (`lift.none`) when no lift leads from a version that stored documents have.
    """
    held = _held(desk, form.form, _grants(desk, actor))
    population = len(held.docs)
    size = population if most is None else min(most, population)
    ways = _ways(desk, form, tuple(lifts), held.versions)
    judge = judge_by_form(form)
    signed, read = Running(judge), Running(judge)
    scope = opening_many.scope_of(desk, form.form)
    opening = _Opening(desk, actor, desk.vault.allow_trial(unlock, actor.person, scope, size), ahead)

    def so_far(**end: Any) -> TrialRun:
        return TrialRun(
            form=form.form,
            version=form.version,
            population=population,
            size=size - opening.gone,
            destroyed=held.destroyed + opening.gone,
            as_signed=signed.so_far(),
            lifted=read.so_far() if ways else None,
            **{"is_over": True, **end},
        )

    def say(**end: Any) -> None:
        if tell is not None:
            tell(so_far(is_over=False, **end))

    def is_ended() -> bool:
        return is_cancelled is not None and is_cancelled()

    def wait(refused: TooMany) -> bool:
        if pause is None:
            raise refused
        seconds = int(refused.facts.get("retry_after", 1))
        say(waits=seconds)
        pause(seconds)
        return not is_ended()

    chosen = [held.docs[at * population // size] for at in range(size)]
    batches = (chosen[at : at + BATCH] for at in range(0, size, BATCH))
    try:
        for opened in () if is_ended() else opening.all(batches, wait):
            for row, answers in opened:
                signed.add(row["doc"], answers)
                if ways:
                    read.add(row["doc"], apply(ways[row["version"]], answers))
            say()
            if is_ended():
                break
    except TooMany as refused:
        return so_far(was_stopped=True, stopped_by=refused.code)
    return so_far(was_stopped=signed.seen < size - opening.gone)


@dataclass(frozen=True, slots=True)
class _Held:
    """The documents of a form that have content, oldest first, their versions, and how many have none."""

    docs: list[str]
    versions: frozenset[str]
    destroyed: int


def _held(desk: Desk, form: str, grants: tuple[Grant, ...]) -> _Held:
    """What there is of a form in the regions of the grants."""
    docs: list[str] = []
    versions: set[str] = set()
    destroyed = 0
    for row in desk.store.rows():
        if row["form"] != form or not any(covers(one.region, row["region"]) for one in grants):
            continue
        if DESTROYED in row["flags"]:
            destroyed += 1
        else:
            docs.append(row["doc"])
            versions.add(row["version"])
    return _Held(docs, frozenset(versions), destroyed)


Opened = list[tuple[DocumentRow, dict[str, Any]]]


class _Opening:
    """Opens batch after batch under one permit. `gone` counts those destroyed since they were counted."""

    def __init__(self, desk: Desk, actor: Actor, permit: str, ahead: Executor | None) -> None:
        self._desk, self._actor, self._permit, self._ahead = desk, actor, permit, ahead
        self.gone = 0

    def all(self, batches: Iterable[list[str]], wait: Callable[[TooMany], bool]) -> Iterator[Opened]:
        """The documents of each batch with their answers; each batch is in the access log before it is
        opened. `wait` is told of a used-up budget and says whether to ask again."""
        waiting: deque[tuple[list[DocumentRow], list[SealedContent], Future[Plains] | None]] = deque()
        for docs in [*batches, None]:
            if docs is not None:
                rows, contents = self._read(docs)
                future = self._ahead.submit(self._ask, contents) if self._ahead is not None else None
                waiting.append((rows, contents, future))
            # The newest is left to be opened meanwhile, where somebody does so.
            while len(waiting) > (self._ahead is not None and docs is not None):
                rows, contents, future = waiting.popleft()
                plains = self._answered(contents, future, wait)
                if plains is None:
                    return
                answers = map(opening_many.answers_in, plains)
                yield list(zip(rows, answers, strict=True))

    def _read(self, docs: list[str]) -> tuple[list[DocumentRow], list[SealedContent]]:
        _log(self._desk, self._actor, docs)
        rows, contents = [], []
        for doc in docs:
            row = self._desk.store.get(doc)
            content = None if row is None else opening_many.content_of(self._desk, row)
            if row is None or content is None:
                self.gone += 1
            else:
                rows.append(row)
                contents.append(content)
        return rows, contents

    def _ask(self, contents: Sequence[SealedContent]) -> Plains:
        return self._desk.vault.open_contents(self._permit, contents)

    def _answered(
        self, contents: list[SealedContent], future: Future[Plains] | None, wait: Callable[[TooMany], bool]
    ) -> Plains | None:
        while True:
            try:
                return future.result() if future is not None else self._ask(contents)
            except TooMany as refused:
                if not wait(refused):
                    return None
                future = None


def _grants(desk: Desk, actor: Actor) -> tuple[Grant, ...]:
    """The grants by which the person may run a trial today; `NotAllowed` when there are none."""
    held = actor.grants_on(local_day(desk.clock.now()))
    found = tuple(grant for grant in held if grant.role in RUNNERS)
    if not found:
        raise NotAllowed("trial.role", roles=sorted(RUNNERS))
    return found


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
