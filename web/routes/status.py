"""The status page: does the system take documents, how long is the log, when was it last seen from outside.

Decides only from when on witnesses are said to lag behind; says what may honestly be claimed (trust.md §2.1).
Shows no person and no document.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from engine.errors import Unavailable
from engine.identity import local_day, utc_text
from storage.calendar import StateCouncilCalendar
from web.labels import Say
from web.pages import page, translator
from web.pdf import fonts
from web.sealed.vaults import key_mode, what_is_left
from web.security.guard import find_session, visitor_of
from web.services import Services, services_of
from web.templating import moment
from web.witness.courier import AGAIN_SECONDS

router = APIRouter()
LOW_DISK = 2 * 1024**3
_FONT_TONES = {"installed": "positive", "packaged": "neutral", "none": "negative"}
_CALENDAR_TONES = {"known": "positive", "next": "attention", "unknown": "negative"}
_LOOKS_AHEAD = timedelta(days=30)  # longer than the longest limit of a form
LAGGING_SECONDS = 2 * AGAIN_SECONDS


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the status page: a question, its answer in words, and whether that is good."""

    label: str
    answer: str
    tone: str


@router.get("/status")
def show_status(request: Request) -> Response:
    """How the system is, for anybody."""
    services, session = services_of(request), find_session(request)
    lang = session.lang if session is not None else visitor_of(request).lang
    say = translator(request, lang)
    size, root, note = services.desk.journal.checkpoint()
    return page(
        request,
        "status/status.html",
        title=say("shell.status"),
        crumbs=((say("shell.home"), "/"), (say("shell.status"), None)),
        lines=_lines(services, size, say),
        size=size,
        root=root.hex(),
        note=note,
        cosigned=services.desk.witnessed.newest(),
        honest=_honest(services, say),
    )


def _lines(services: Services, size: int, say: Say) -> list[Line]:
    desk = services.desk
    reason = desk.journal.read_only
    lines = [
        Line(say("status.journal"), say("status.journal.takes"), "positive")
        if reason is None
        else Line(say("status.journal"), _read_only(services, reason, say), "negative"),
        Line(say("status.log"), say("status.log.size", size=size), "neutral"),
        Line(say("status.projection"), say("status.projection.even"), "positive")
        if desk.store.size >= desk.journal.durable_size
        else Line(say("status.projection"), say("status.projection.behind"), "attention"),
        *_witness_lines(services, size, say),
        _vault_line(services, say),
    ]
    if services.data is not None:
        free = shutil.disk_usage(services.data).free
        tone, key = ("positive", "enough") if free > LOW_DISK else ("negative", "low")
        lines.append(Line(say("status.disk"), say(f"status.disk.{key}", gib=f"{free / 1024**3:.1f}"), tone))
    return [*lines, _font_line(say), *_time_lines(services, say)]


def _font_line(say: Say) -> Line:
    found = fonts.faces()
    names = say("shell.list_separator").join(face.family for face in found)
    key = "none" if not found else "installed" if all(face.is_installed for face in found) else "packaged"
    return Line(say("status.fonts"), say(f"status.fonts.{key}", names=names), _FONT_TONES[key])


def _time_lines(services: Services, say: Say) -> list[Line]:
    """The calendar behind the limits, where it can say which years it knows; the clock beside the log."""
    desk, lines = services.desk, []
    now = desk.clock.now()
    if isinstance(desk.calendar, StateCouncilCalendar):
        year = int(local_day(now)[:4])
        soon = int(local_day(now + _LOOKS_AHEAD)[:4])
        missing = next((one for one in (year, soon) if not desk.calendar.knows(one)), None)
        key = "known" if missing is None else "unknown" if missing == year else "next"
        answer = say(f"status.calendar.{key}", **({"year": year} | ({"next": soon} if key == "next" else {})))
        lines.append(Line(say("status.calendar"), answer, _CALENDAR_TONES[key]))
    # A journal that has stopped is spoken of above, and not read here.
    size = desk.journal.durable_size if desk.journal.read_only is None else 0
    last = desk.journal.read(size - 1).received_at if size else ""
    is_behind = utc_text(now) < last
    words = {"moment": moment(utc_text(now))} | ({"last": moment(last)} if is_behind else {})
    key, tone = ("behind", "negative") if is_behind else ("even", "positive")
    return [*lines, Line(say("status.clock"), say(f"status.clock.{key}", **words), tone)]


def _honest(services: Services, say: Say) -> str:
    """What this way of keeping the keys protects, and what not (trust.md §2.1)."""
    mode = services.settings.mode
    if mode != "serve":
        return say(f"status.honest.{mode}")
    return say(f"status.honest.{key_mode(services.data)}")


def _vault_line(services: Services, say: Say) -> Line:
    label = say("status.vault")
    try:
        left = what_is_left(services.desk.vault)
    except Unavailable:
        return Line(label, say("status.vault.away"), "negative")
    if left is None:
        return Line(label, say("status.vault.application"), "neutral")
    if left:
        names = "、".join(say(f"status.vault.left.{name}") for name in left)
        return Line(label, say("status.vault.left", names=names), "attention")
    return Line(label, say("status.vault.process"), "positive")


def _read_only(services: Services, reason: str, say: Say) -> str:
    key = f"status.reason.{reason}"
    why = say(key) if services.catalogue.knows(key) else reason
    return say("status.journal.read_only", reason=why)


def _witness_lines(services: Services, size: int, say: Say) -> list[Line]:
    """When somebody outside last saw this log, and what stands against it."""
    label, courier = say("status.witness"), services.courier
    if courier is None or not courier.peers:
        return [Line(label, say("status.witness.none"), "attention")]
    standing, lines = courier.standing, []
    alarm = standing.alarm
    if alarm is not None:
        name = alarm.witness.split("+")[0] or say("status.witness.own")
        answer = say("status.witness.alarm", name=name, size=alarm.size, own=alarm.own, at=moment(alarm.at))
        proved = say("status.witness.alarm.proved") if alarm.note else ""
        lines.append(Line(label, f"{answer}{proved}", "negative"))
    known = {peer.vkey.text(): peer.vkey.name for peer in courier.peers}
    seen = {known[vkey]: one for vkey, one in standing.seen.items() if vkey in known}
    if not seen:
        return [*lines, Line(label, say("status.witness.never", count=len(known)), "attention")]
    last = max(seen.values(), key=lambda one: one.time)
    names = say("shell.list_separator").join(name for name, one in seen.items() if one.size == last.size)
    is_late = services.desk.clock.now().timestamp() - last.time > LAGGING_SECONDS
    key, tone = ("old", "attention") if is_late else ("last", "positive")
    time = moment(utc_text(datetime.fromtimestamp(last.time, UTC)))
    facts = {"time": time, "names": names, "size": last.size, "behind": max(size - last.size, 0)}
    return [*lines, Line(label, say(f"status.witness.{key}", **facts), tone)]


@router.get("/status.json")
def status_for_machines(request: Request) -> Response:
    """The same for a monitor: 200 while documents are taken, 503 otherwise."""
    services = services_of(request)
    journal, courier = services.desk.journal, services.courier
    seen = courier.standing.seen.values() if courier is not None else ()
    last = max(seen, key=lambda one: one.time, default=None)
    body = {
        "takes_documents": journal.read_only is None,
        "read_only": journal.read_only,
        "log_size": journal.durable_size,
        "witnessed_size": last.size if last is not None else None,
        "witnessed_at": utc_text(datetime.fromtimestamp(last.time, UTC)) if last is not None else None,
    }
    return JSONResponse(body, 200 if journal.read_only is None else 503)
