"""Refusals as problem details (RFC 9457): one shape for everything that goes wrong.

Decides the status and which facts leave the house. Never shows an exception's text or a person's name.

{"type": "urn:fengjian:problem:<code>", "title", "status", "code", "problems": [{pointer, code, message}], …}
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from secrets import token_hex
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from engine.desk import reading
from engine.errors import Broken, Invalid, NotFound, NotSignedIn, Problem, Refused, TooMany
from engine.identity import local_day
from forms.messages import in_language, sentence
from forms.model import FormModel
from web.failures import status_of
from web.messages import Catalogue, pick_language
from web.models import model_of

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger("api")

# Refusals of the HTTP layer itself; the engine's families have their own statuses.
_STATUSES: Mapping[str, int] = {
    "idempotency_key.missing": 400,
    "idempotency_key.malformed": 400,
    "expected_head.missing": 428,
    "content_type": 415,
    "content_encoding": 415,
    "body.too_large": 413,
    "request.malformed": 400,
    "json": 400,
}
_FACTS = frozenset(
    {
        "state",
        "state_title",
        "head",
        "revision",
        "transition",
        "at",
        "retry_after",
        "version",
        "in_force",
        "limit",
        "expected",
        "roles",
        "seq",
        "form",
    }
)


def language_of(request: Request) -> str:
    """English when the client prefers it, else zh-CN."""
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return pick_language("en" if first.startswith("en") else "zh-CN")


def problem_response(
    request: Request, status: int, code: str, facts: Mapping[str, Any], problems: tuple[Problem, ...] = ()
) -> Response:
    """The response for one refusal."""
    lang = language_of(request)
    catalogue = request.app.state.services.catalogue
    facts = in_language(facts, lang)
    own = (f"api.problem.{code}", f"error.{code}.title")
    key = next((one for one in own if catalogue.knows(one)), f"api.status.{status}")
    body: dict[str, Any] = {
        "type": f"urn:fengjian:problem:{code}",
        "title": catalogue.say(lang, key, **facts),
        "status": status,
        "code": code,
        **{name: value for name, value in facts.items() if name in _FACTS},
    }
    if problems:
        form = _form_of(request)
        body["problems"] = [_entry(one, lang, catalogue, code, form) for one in problems]
    headers = {}
    if "retry_after" in facts:
        headers["Retry-After"] = str(facts["retry_after"])
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="fengjian"'
    return Response(orjson.dumps(body, default=str), status, headers, MEDIA_TYPE)


def judged_by(request: Request, doc: str = "", form: str = "", version: str = "") -> None:
    """Note what a request is about: problems with its answers are told with the labels of that form."""
    request.state.judged_by = (doc, form, version)


def _form_of(request: Request) -> FormModel | None:
    """The form whose answers the request brought; None for a request about none, or about an unknown one."""
    doc, form, version = getattr(request.state, "judged_by", ("", "", ""))
    desk = request.app.state.services.desk
    try:
        if doc:
            return model_of(desk.registry.by_digest(reading.row_of(desk, doc)["digest"]))
        today = date.fromisoformat(local_day(desk.clock.now()))
        return model_of(desk.registry.get(form, version) if version else desk.registry.in_force(form, today))
    except NotFound:
        return None


def _entry(
    problem: Problem, lang: str, catalogue: Catalogue, code: str, form: FormModel | None
) -> dict[str, Any]:
    name = problem.pointer.rsplit("/", 1)[-1]
    own = f"api.member.{problem.code}"
    if code == "request.malformed" and catalogue.knows(own):  # members of a request are no fields of a form
        facts = {**problem.facts, "expected": "/".join(problem.facts.get("expected", ()))}
        words = catalogue.say(lang, own if name else "api.body.type", name=name, **facts)
    elif form is not None:
        words = sentence(problem, lang, lambda at: form.label(at, lang), form.rule_words.get(lang))
    else:
        words = sentence(problem, lang, lambda pointer: pointer.rsplit("/", 1)[-1])
    entry = {"pointer": problem.pointer, "code": problem.code, "message": words}
    return entry if problem.level == "error" else {**entry, "level": problem.level}


async def on_refused(request: Request, refusal: Exception) -> Response:
    """A refusal of the engine or of the HTTP layer."""
    assert isinstance(refusal, Refused)
    code = refusal.code
    status = _STATUSES.get(code) or status_of(refusal)
    if isinstance(refusal, Invalid) and any(one.code.startswith("json.") for one in refusal.problems):
        status, code = (413, "body.too_large") if _is_too_large(refusal) else (400, "json")
    if isinstance(refusal, TooMany):
        status = 429
    if isinstance(refusal, NotSignedIn):
        status = 401
    return problem_response(request, status, code, refusal.facts, refusal.problems)


def _is_too_large(refusal: Invalid) -> bool:
    return any(one.code == "json.too_large" for one in refusal.problems)


async def on_broken(request: Request, fault: Exception) -> Response:
    """Trust is lost: an alarm in the log, a number for the help desk."""
    assert isinstance(fault, Broken)
    number = token_hex(4)
    log.critical("alarm", number=number, code=fault.code, path=request.url.path)
    return problem_response(request, 500, "broken", {})


async def on_http(request: Request, fault: Exception) -> Response:
    """An address or method that is not of this API."""
    status = getattr(fault, "status_code", 404)
    return problem_response(request, status, "not_found" if status == 404 else "method_not_allowed", {})


async def on_unknown(request: Request, fault: Exception) -> Response:
    """What nobody foresaw."""
    number = token_hex(4)
    log.error("failure", number=number, kind=type(fault).__name__, path=request.url.path, exc_info=fault)
    return problem_response(request, 500, "failure", {})
