"""Trial runs under way in this process: one for each version draft, the newest stays to be looked at.

Decides when one may be started and that it can be stopped. Writes nothing; a run is lost when the server
stops, and its page says so. What a run finds is engine.desk.trials' to say.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from engine.desk import trials
from engine.desk.desk import Desk
from engine.desk.trials import TrialRun
from engine.errors import Conflict, Refused
from engine.identity import utc_text
from engine.lifecycle.people import Actor
from engine.registry.compiled import CompiledForm
from engine.versions.lift import Lift

MOST_KEPT: Final = 32
log = structlog.get_logger("web")


@dataclass(slots=True)
class Job:
    """One trial run. `run` is how far it has come (None at the very beginning), `failure` a code of a refusal
    that ended it, `digest` and `lift` name what was tried."""

    digest: str
    lift: str
    started_by: str
    started_at: str
    most: int | None
    run: TrialRun | None = None
    failure: str = ""
    is_over: bool = False
    ended_at: str = ""
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, run: TrialRun) -> None:
        """Take the newest word."""
        self.run = run


@dataclass(slots=True)
class TrialJobs:
    """The trial runs of this process by version draft."""

    _jobs: OrderedDict[str, Job] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, draft: str) -> Job | None:
        """The newest run of a draft."""
        return self._jobs.get(draft)

    def start(
        self,
        desk: Desk,
        actor: Actor,
        draft: str,
        form: CompiledForm,
        lifts: Iterable[Lift],
        *,
        lift: str,
        most: int | None,
    ) -> Job:
        """Begin a run in its own thread. Raises Conflict("trial.runs_already") while one is under way."""
        with self._lock:
            before = self._jobs.get(draft)
            if before is not None and not before.is_over:
                raise Conflict("trial.runs_already")
            job = Job(form.digest, lift, actor.person, utc_text(desk.clock.now()), most)
            self._jobs[draft] = job
            self._jobs.move_to_end(draft)
            self._forget()
        thread = threading.Thread(target=_work, args=(desk, actor, form, tuple(lifts), job), daemon=True)
        thread.start()
        return job

    def stop(self, draft: str) -> None:
        """Ask a run to end after the document it is at."""
        job = self._jobs.get(draft)
        if job is not None:
            job.stop.set()

    def _forget(self) -> None:
        over = [name for name, job in self._jobs.items() if job.is_over]
        for name in over[: max(0, len(self._jobs) - MOST_KEPT)]:
            del self._jobs[name]


def _work(desk: Desk, actor: Actor, form: CompiledForm, lifts: tuple[Lift, ...], job: Job) -> None:
    try:
        job.tell(
            trials.run(
                desk, actor, form, lifts=lifts, most=job.most, tell=job.tell, is_cancelled=job.stop.is_set
            )
        )
    except Refused as refused:
        job.failure = refused.code
    except Exception as fault:
        job.failure = "trial.failed"
        log.error("trial_failed", kind=type(fault).__name__, form=form.form)
    finally:
        now: datetime = desk.clock.now()
        job.ended_at = utc_text(now)
        job.is_over = True
