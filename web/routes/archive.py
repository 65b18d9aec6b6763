"""Archive packages: what may be archived, writing one, how far it is.

Decides for whom the page is there: managers of information management. Packages are opened and stay inside
the archive boundary: no page hands one out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import retention
from engine.errors import Conflict, NeedsUnlock, NotFound
from engine.identity import SHANGHAI, local_date, utc_text
from web.archive import package
from web.archive.jobs import ArchiveJob, packages_in
from web.archive.results import Package, Progress
from web.archive.rights import may_archive
from web.labels import form_title
from web.pages import go_to, page, translator
from web.security import Session, form_of, session_of
from web.security.guard import is_stepped_up
from web.services import Services, services_of

router = APIRouter()
MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Ripe:
    """The documents of one form that may be archived."""

    form: str
    title: str
    count: int


@router.get("/archive")
def show_archive(request: Request) -> Response:
    """What may be archived, the package under way, and those that are there."""
    return _page(request, _archivist(request), "archive/archive.html")


@router.get("/archive/progress")
def show_progress(request: Request) -> Response:
    """How far the package is; the part alone where the page asks for it by itself."""
    session = _archivist(request)
    is_part = request.headers.get("HX-Request") == "true"
    return _page(request, session, "parts/archive.html" if is_part else "archive/archive.html")


@router.post("/archive")
def start(request: Request) -> Response:
    """Write a package of one form's closed documents, the oldest first; or stop the one under way."""
    session, services, form = _archivist(request), services_of(request), form_of(request)
    jobs, folder, desk = services.archiving, services.settings.archive, services.desk
    if form.get("stop"):
        if jobs.newest is not None:
            jobs.newest.stop.set()
        return go_to("/archive")
    if folder is None:
        raise Conflict("archive.off")
    if form.get("form") not in {one.form for one in _ripe(services, session.lang)}:
        raise Conflict("archive.nothing")
    if not is_stepped_up(request):
        raise NeedsUnlock("step_up")
    wanted, now = form.get("form"), desk.clock.now()
    name = f"{wanted}-{now.astimezone(SHANGHAI).strftime('%Y%m%d-%H%M%S')}"
    job = ArchiveJob(name, wanted, session.name, utc_text(now))

    def work(tell: Callable[[Progress], None], is_cancelled: Callable[[], bool]) -> Package:
        rows = package.ripe(services, list(retention.every(desk, wanted)))
        oldest = sorted(rows, key=lambda one: (one["submitted_at"], one["doc"]))[:MOST]
        return package.write(services, session, oldest, folder / name, tell, is_cancelled)

    jobs.start(job, work)
    return go_to("/archive")


def _archivist(request: Request) -> Session:
    session, services = session_of(request), services_of(request)
    if not may_archive(services, session):
        raise NotFound("archive.page")
    return session


def _ripe(services: Services, lang: str) -> tuple[Ripe, ...]:
    """The forms with documents that may be archived."""
    desk, today = services.desk, local_date(services.desk.clock.now())
    found = []
    for name in desk.registry.forms():
        count = retention.count_closed(desk, name)
        if count:
            found.append(Ripe(name, form_title(desk.registry.in_force(name, today), lang), count))
    return tuple(found)


def _page(request: Request, session: Session, template: str) -> Response:
    services = services_of(request)
    say, folder = translator(request, session.lang), services.settings.archive
    job = services.archiving.newest
    return page(
        request, template, title=say("archive.title"), job=job, is_on=folder is not None, most=MOST,
        ripe=_ripe(services, session.lang) if job is None or job.is_over else (),
        packages=packages_in(folder) if folder is not None else (),
        failure=say(f"error.{job.failure}.title", doc_no="") if job is not None and job.failure else "",
        crumbs=((say("shell.home"), "/"), (say("archive.title"), None)),
    )  # fmt: skip
