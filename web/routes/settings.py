"""The numbers of the agency's own choice: every one with value, range, day, owner, source and changes (R3.3).

Decides only how they are shown: everybody at work reads them; whether somebody may change one, and from which
day, is the desk's. Changing one takes the passphrase anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import reading, ruling
from engine.desk.desk import Desk
from engine.errors import NeedsUnlock, NotFound
from engine.identity import local_date, local_day
from engine.lifecycle.deadlines import next_working_day
from engine.lifecycle.settings import SHARE, Change, Setting, Value, read_value
from engine.registry.compiled import CompiledForm
from forms.messages import sentence
from web import labels
from web.labels import Say
from web.pages import go_to, page, translator
from web.security import Form, Session, form_of, session_of
from web.security.guard import is_stepped_up
from web.services import Services, services_of

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """One setting in the list. `ahead` says what has been decided for a later day, "" for nothing."""

    key: str
    title: str
    value: str
    unit: str
    span: str
    source: str
    since: str
    ahead: str
    owner: str
    basis: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Past:
    """One line of the change record, newest first."""

    value: str
    effective_on: str
    by: str
    role: str
    at: str
    reason: str
    document: str
    doc: str
    index: int
    has_begun: bool


@router.get("/settings")
def show_settings(request: Request) -> Response:
    """Every setting, by the chapter of the regulation that leaves it open."""
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    groups: dict[str, list[Line]] = {}
    for setting in services.desk.settings.now().table.values():
        groups.setdefault(setting.key.partition(".")[0], []).append(_line(services, session, setting, say))
    return page(
        request, "settings/settings.html", title=say("settings.title"),
        groups=[(say(f"settings.group.{name}"), lines) for name, lines in groups.items()],
        crumbs=((say("shell.home"), "/"), (say("settings.title"), None)),
    )  # fmt: skip


@router.get("/settings/{key}")
def show_setting(request: Request, key: str) -> Response:
    """One setting: what it governs, its changes, and for its owner the form to change it."""
    return _setting_page(request, key, 200, {}, {})


@router.post("/settings/{key}")
def change(request: Request, key: str) -> Response:
    """Sign another value from a later day on."""
    session, services, form = session_of(request), services_of(request), form_of(request)
    desk, setting = services.desk, _setting(services, key)
    value, day = read_value(setting, form.get("value")), form.get("effective_on").strip()
    said = (value, day, form.get("reason"), form.get("document"))
    if ruling.grant_to_change(session.actor, setting, local_day(desk.clock.now())) is not None:
        # Whoever may not is told so at once; the passphrase is asked for what can be signed.
        problems = ruling.judge(desk, setting, *said)
        if problems:
            wrong = {one.pointer: sentence(one, session.lang, _no_label) for one in problems}
            return _setting_page(request, key, 422, wrong, _typed(form))
        _step_up(request)
    ruling.change(desk, session.actor, key, *said, session.unlock)
    return go_to(f"/settings/{key}")


def _no_label(_pointer: str) -> str:
    """These sentences name no field: they stand beside it."""
    return ""


def _typed(form: Form) -> dict[str, str]:
    return {name: form.get(name) for name in ("value", "effective_on", "reason", "document")}


def _step_up(request: Request) -> None:
    if not is_stepped_up(request):
        raise NeedsUnlock("step_up")


def _setting(services: Services, key: str) -> Setting:
    setting = services.desk.settings.now().table.get(key)
    if setting is None:
        raise NotFound("setting", key=key[:64])
    return setting


def _setting_page(
    request: Request, key: str, status: int, wrong: Mapping[str, str], typed: Mapping[str, str]
) -> Response:
    session, services = session_of(request), services_of(request)
    say, desk, setting = translator(request, session.lang), services.desk, _setting(services, key)
    settings, today = desk.settings.now(), local_day(desk.clock.now())
    line = _line(services, session, setting, say)
    soonest = next_working_day(desk.calendar, local_date(desk.clock.now())).isoformat()
    shown = {"value": str(settings.value(key, today)), "effective_on": soonest, "reason": "", "document": ""}
    return page(
        request, "settings/setting.html", status, title=line.title, line=line, wrong=wrong,
        typed={**shown, **typed}, first=_worded(setting, setting.value, say), is_share=setting.unit == SHARE,
        history=[_past(desk, setting, one, today, say) for one in reversed(settings.changes.get(key, ()))],
        governs=_governed(desk, setting, session.lang, say),
        crumbs=((say("shell.home"), "/"), (say("settings.title"), "/settings"), (line.title, None)),
    )  # fmt: skip


def _line(services: Services, session: Session, setting: Setting, say: Say) -> Line:
    desk = services.desk
    settings, today = desk.settings.now(), local_day(desk.clock.now())
    changes = settings.changes.get(setting.key, ())
    begun = sorted(one.effective_on for one in changes if one.effective_on <= today)
    later = sorted((one.effective_on, one.index) for one in changes if one.effective_on > today)
    ahead = ""
    if later:
        day = later[0][0]
        ahead = say("settings.ahead", day=day, value=_worded(setting, settings.value(setting.key, day), say))
    owner = labels.roles_title(setting.roles, say)
    if setting.department:
        department = labels.unit_title(setting.department, say)
        owner = say("settings.owner.of", role=owner, unit=department)
    return Line(
        key=setting.key,
        title=setting.title if session.lang == "zh-CN" else setting.title_en,
        value=_worded(setting, settings.value(setting.key, today), say),
        unit="" if setting.unit == SHARE else say(f"settings.unit.{setting.unit}"),
        span=_span(setting, say),
        source=setting.source if session.lang == "zh-CN" else setting.source_en,
        since=begun[-1] if begun else "",
        ahead=ahead,
        owner=owner,
        basis=say("settings.basis", clause=setting.clause, point=setting.point)
        if setting.point != "-"
        else setting.clause,
        is_own=ruling.grant_to_change(session.actor, setting, today) is not None,
    )


def _span(setting: Setting, say: Say) -> str:
    if setting.allowed:
        return say("shell.list_separator").join(_worded(setting, one, say) for one in setting.allowed)
    return f"{_worded(setting, setting.least, say)}–{_worded(setting, setting.most, say)}"


def _worded(setting: Setting, value: Value, say: Say) -> str:
    return say("settings.share", percent=f"{float(value) * 100:g}") if setting.unit == SHARE else str(value)


def _past(desk: Desk, setting: Setting, one: Change, today: str, say: Say) -> Past:
    row = desk.store.by_doc_no(one.document) if one.document else None
    return Past(
        value=_worded(setting, one.value, say), effective_on=one.effective_on,
        by=reading.name_of(desk, one.person), role=labels.role_title(one.role, say), at=one.at,
        reason=one.reason, document=one.document, doc=row["doc"] if row is not None else "",
        index=one.index, has_begun=one.effective_on <= today,
    )  # fmt: skip


def _governed(desk: Desk, setting: Setting, lang: str, say: Say) -> list[str]:
    """What the setting governs, in words: steps of forms, and rules of forms that read a table."""
    found: list[str] = []
    forms = desk.registry.all_in_force(local_date(desk.clock.now()))
    for place in setting.places:
        kind, _, path = place.partition(":")
        for form in forms:
            title = labels.form_title(form, lang)
            if kind == "limit" and path.startswith(f"{form.form}/"):
                found.append(_step(form, path.partition("/")[2], lang, title, say))
            elif _is_of(kind, path, form):
                found.append(say("settings.governs.rules", form=title))
    return list(dict.fromkeys(found)) or [say("settings.governs.system")]


def _is_of(kind: str, path: str, form: CompiledForm) -> bool:
    name = path.partition(".")[0]
    return name in form.tables if kind == "table" else name == form.form


def _step(form: CompiledForm, transition: str, lang: str, title: str, say: Say) -> str:
    verb = labels.transition_title(form, transition, lang) if transition in form.workflow.transitions else ""
    return say("settings.governs.step", form=title, step=verb or transition)
