"""Trial runs of version drafts: one at a time for each, in threads of this process; the newest is kept.

Decides when one may be started, that it can be stopped, and how often its progress is kept. A run that the
end of the server broke off is given back as such, with what it had found. What a run finds is
engine.desk.trials' to say.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from engine.desk import trials
from engine.desk.desk import Desk
from engine.desk.trials import TrialRun
from engine.errors import Conflict, NeedsUnlock, Refused, Unavailable
from engine.identity import utc_text
from engine.lifecycle.people import Actor
from engine.registry.compiled import CompiledForm
from engine.version_ports import KeptTrial, TrialResults, VersionDraft
from engine.versions.lift import Lift

MOST_KEPT: Final = 32
KEPT_EVERY: Final = 5_000
"""Documents after which progress is kept: a sync of the disk, once a second or less often."""
log = structlog.get_logger("web")


@dataclass(slots=True)
class Job:
    """One trial run. `run` is how far it has come (None at the very beginning), `failure` a code of a refusal
    that ended it, `digest` and `lift` name what was tried, `base` the version the draft was begun from.

    `is_broken_off`: it was under way when the server ended.
    """

    draft: str
    form: str
    digest: str
    lift: str
    base: str
    started_by: str
    started_at: str
    most: int | None
    run: TrialRun | None = None
    failure: str = ""
    is_over: bool = False
    is_broken_off: bool = False
    ended_at: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    results: TrialResults | None = None
    _kept_at: int = 0

    def tell(self, run: TrialRun) -> None:
        """Take the newest word."""
        self.run = run
        if run.as_signed.seen >= self._kept_at + KEPT_EVERY:
            self._kept_at = run.as_signed.seen
            self.keep()

    def end(self, ended_at: str) -> None:
        """It is over: first on the disk, then here, so that who sees the end finds it kept."""
        self.ended_at = ended_at
        self._keep(replace(self._as_kept(), is_over=True))
        self.is_over = True

    def keep(self) -> None:
        """Keep how things stand."""
        self._keep(self._as_kept())

    def _as_kept(self) -> KeptTrial:
        return KeptTrial(
            self.draft, self.form, self.digest, self.lift, self.base, self.most, self.started_by,
            self.started_at, self.ended_at, self.failure, self.is_over,
            {} if self.run is None else self.run.as_json(),
        )  # fmt: skip

    def _keep(self, kept: KeptTrial) -> None:
        # A disk that refuses costs the memory of this run, not the run.
        if self.results is None:
            return
        try:
            self.results.keep(kept)
        except Unavailable:
            log.warning("trial_not_kept", draft=self.draft)


def _job_of(kept: KeptTrial) -> Job | None:
    """A job of an earlier server; None for one of a shape that is not ours."""
    try:
        run = TrialRun.from_json(kept.run) if kept.run else None
    except (KeyError, TypeError):
        return None
    return Job(
        kept.draft, kept.form, kept.digest, kept.lift, kept.base, kept.started_by, kept.started_at, kept.most,
        run, kept.failure, is_over=True, is_broken_off=not kept.is_over, ended_at=kept.ended_at,
    )  # fmt: skip


@dataclass(slots=True)
class TrialJobs:
    """The trial runs of this process by version draft, and behind them what earlier ones kept."""

    results: TrialResults | None = None
    _jobs: OrderedDict[str, Job] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, draft: str) -> Job | None:
        """The newest run of a draft."""
        job = self._jobs.get(draft)
        if job is not None or self.results is None:
            return job
        kept = self.results.get(draft)
        return None if kept is None else _job_of(kept)

    def start(
        self,
        desk: Desk,
        actor: Actor,
        unlock: str | None,
        draft: VersionDraft,
        form: CompiledForm,
        lifts: Iterable[Lift],
        *,
        lift: str,
        most: int | None,
    ) -> Job:
        """Begin a run in its own thread. Raises Conflict("trial.runs_already") while one is under way,
        NeedsUnlock."""
        if not desk.vault.is_unlocked(unlock):
            raise NeedsUnlock
        with self._lock:
            before = self._jobs.get(draft.id)
            if before is not None and not before.is_over:
                raise Conflict("trial.runs_already")
            job = Job(
                draft.id, form.form, form.digest, lift, draft.base_digest, actor.person,
                utc_text(desk.clock.now()), most, results=self.results,
            )  # fmt: skip
            self._jobs[draft.id] = job
            self._jobs.move_to_end(draft.id)
            self._forget_oldest()
        job.keep()
        work = (desk, actor, unlock, form, tuple(lifts), job)
        threading.Thread(target=_work, args=work, daemon=True).start()
        return job

    def stop(self, draft: str) -> None:
        """Ask a run to end after the documents it is at."""
        job = self._jobs.get(draft)
        if job is not None:
            job.stop.set()

    def forget(self, draft: str) -> None:
        """Stop a discarded draft's run and keep nothing of it."""
        with self._lock:
            job = self._jobs.pop(draft, None)
        if job is not None:
            job.results = None
            job.stop.set()
        if self.results is not None:
            self.results.forget(draft)

    def _forget_oldest(self) -> None:
        over = [name for name, job in self._jobs.items() if job.is_over]
        for name in over[: max(0, len(self._jobs) - MOST_KEPT)]:
            del self._jobs[name]


def _work(
    desk: Desk, actor: Actor, unlock: str | None, form: CompiledForm, lifts: tuple[Lift, ...], job: Job
) -> None:
    try:
        with ThreadPoolExecutor(1) as hands:
            run = trials.run(
                desk, actor, form, unlock, lifts=lifts, most=job.most, tell=job.tell,
                is_cancelled=job.stop.is_set, pause=job.stop.wait, ahead=hands,
            )  # fmt: skip
        job.run = run
    except Refused as refused:
        job.failure = refused.code
    except Exception as fault:
        job.failure = "trial.failed"
        log.error("trial_failed", kind=type(fault).__name__, form=form.form)
    finally:
        job.end(utc_text(desk.clock.now()))
