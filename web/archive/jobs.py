"""Writing an archive package from a page: one at a time, in a thread of this process.

Decides when one may be started and that it can be stopped. What is written is web.archive.package's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from engine.errors import Conflict, Refused
from web.archive.results import Package, Progress

log = structlog.get_logger("web")
Work = Callable[[Callable[[Progress], None], Callable[[], bool]], Package]


@dataclass(slots=True)
class ArchiveJob:
    """One package being written. `failure` is the code of a refusal that ended it."""

    name: str
    form: str
    started_by: str
    started_at: str
    progress: Progress = field(default_factory=lambda: Progress(0, 0))
    made: Package | None = None
    failure: str = ""
    is_over: bool = False
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, progress: Progress) -> None:
        """Take the newest word."""
        self.progress = progress


@dataclass(slots=True)
class ArchiveJobs:
    """The newest package of this process."""

    newest: ArchiveJob | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, job: ArchiveJob, work: Work) -> None:
        """Begin in a thread of its own. Raises Conflict("archive.runs_already") while one is under way."""
        with self._lock:
            if self.newest is not None and not self.newest.is_over:
                raise Conflict("archive.runs_already")
            self.newest = job
        threading.Thread(target=_run, args=(job, work), daemon=True).start()


def _run(job: ArchiveJob, work: Work) -> None:
    try:
        job.made = work(job.tell, job.stop.is_set)
        log.warning("archived", package=job.name, documents=len(job.made.documents))
    except Refused as refused:
        job.failure = refused.code
    except Exception as fault:
        job.failure = "archive.bagging"
        log.error("archive_failed", kind=type(fault).__name__)
    finally:
        job.is_over = True


def packages_in(folder: Path) -> tuple[str, ...]:
    """The names of the finished packages there, the newest first."""
    if not folder.is_dir():
        return ()
    found = [one.name for one in folder.iterdir() if (one / "bagit.txt").is_file() and one.name[0] != "."]
    return tuple(sorted(found, reverse=True))
