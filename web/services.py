"""Everything a route may use, made once at start and found at `request.app.state.services`.

Decides nothing; opens nothing: `web.assemble` opens storage and hands the desk in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment
from starlette.requests import HTTPConnection

from engine.desk.figures_facts import Book as FiguresBook
from engine.desk.orders_book import Book, read_on
from storage.trial_results import FileTrialResults
from web.archive.jobs import ArchiveJobs
from web.messages import Catalogue, read_catalogue
from web.security.limits import GuessLimits
from web.security.sessions import Limits, Sessions
from web.settings import Settings
from web.templating import make_templates
from web.version_jobs import TrialJobs

if TYPE_CHECKING:
    from engine.desk.desk import Desk
    from engine.desk.rewrapping import Progress
    from web.mail.post import Post
    from web.pdf.pades import Sealer
    from web.witness.courier import Courier


@dataclass(slots=True)
class Rewrapping:
    """How far the moving of wraps into new epochs has come, for pages that say so; None: none is moved."""

    progress: Progress | None = None

    def tell(self, progress: Progress | None) -> None:
        """Take the newest word."""
        self.progress = progress


@dataclass(slots=True)
class Orders:
    """The book of emergency orders as far as it was read; reading on at the next question."""

    book: Book = field(default_factory=Book)

    def read(self, desk: Desk) -> Book:
        """The book as of now."""
        self.book = read_on(desk, self.book)
        return self.book


@dataclass(frozen=True, slots=True)
class Services:
    """The desk, and what the web side itself keeps. `renderer` prints PDFs and `pdf_readers` reads those
    handed in, both outside this process."""

    desk: Desk
    settings: Settings
    sessions: Sessions
    sign_in_limits: GuessLimits
    unlock_limits: GuessLimits
    catalogue: Catalogue
    templates: Environment
    visit_key: bytes
    renderer: Any = None
    pdf_readers: Any = None
    data: Path | None = None
    courier: Courier | None = None
    rewrapping: Rewrapping = field(default_factory=Rewrapping)
    orders: Orders = field(default_factory=Orders)
    trials: TrialJobs = field(default_factory=TrialJobs)
    sealer: Sealer | None = None
    archiving: ArchiveJobs = field(default_factory=ArchiveJobs)
    post: Post | None = None
    figures: FiguresBook = field(default_factory=FiguresBook)


def build_services(
    desk: Desk,
    settings: Settings,
    renderer: Any = None,
    pdf_readers: Any = None,
    data: Path | None = None,
    courier: Courier | None = None,
    sealer: Sealer | None = None,
    post: Post | None = None,
) -> Services:
    """Services around a desk: sessions, limits, sentences and templates of one process."""
    limits = Limits(timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.absolute_hours))
    catalogue = read_catalogue()
    return Services(
        desk=desk,
        settings=settings,
        sessions=Sessions(desk.clock, desk.randomness, limits),
        sign_in_limits=GuessLimits(desk.clock),
        unlock_limits=GuessLimits(desk.clock),
        catalogue=catalogue,
        templates=make_templates(settings),
        visit_key=desk.randomness.bytes(32),
        renderer=renderer,
        data=data,
        pdf_readers=pdf_readers,
        courier=courier,
        trials=TrialJobs(FileTrialResults(data / "version_trials") if data is not None else None),
        sealer=sealer,
        post=post,
    )


def services_of(connection: HTTPConnection) -> Services:
    """The services of the application that serves this request."""
    services: Services = connection.app.state.services
    return services
