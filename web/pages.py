"""How a page is made: template, language, sentences, who is signed in, the badge.

Decides what every template may count on: `lang`, `t(key, **facts)`, `session` (or None), `unread` (notices),
`csrf`, `badge`, `agency`, `static(path)`, `moment(text)`, `day(text)`. Never decides what a page says about a
document.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from web.security.guard import VISIT_COOKIE, find_session, visitor_of
from web.services import services_of


def page(
    request: Request,
    template: str,
    status: int = 200,
    *,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page (or part) from a template. See the module docstring for the names every template has."""
    services = services_of(request)
    session = find_session(request)
    visitor = None if session else visitor_of(request)
    lang = session.lang if session else visitor_of(request).lang
    agency = services.desk.agency
    context = {"crumbs": (), "title": "", **context}
    text = services.templates.get_template(template).render(
        request_path=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        lang=lang,
        t=translator(request, lang),
        session=session,
        unread=services.desk.notices.unread(session.actor.person) if session else 0,
        csrf=session.csrf if session else visitor_of(request).csrf,
        agency=agency.name if lang == "zh-CN" else agency.name_en,
        warn_seconds=services.settings.warn_minutes * 60,
        **context,
    )
    response = HTMLResponse(text, status, headers={"Vary": "HX-Request, HX-Request-Type", **(headers or {})})
    if visitor is not None and visitor.is_new:
        set_cookie(response, VISIT_COOKIE, visitor.visit)
    return response


def translator(request: Request, lang: str) -> Callable[..., str]:
    """The `t` of a language: `t("auth.sign_in")`, `t("list.left", days=3)`."""
    catalogue = services_of(request).catalogue

    def say(key: str, /, **facts: Any) -> str:
        return catalogue.say(lang, key, **facts)

    return say


def is_part(request: Request) -> bool:
    """Whether htmx asks for a part of the page rather than the page."""
    return (
        request.headers.get("hx-request") == "true"
        and request.headers.get("hx-request-type", "partial") == "partial"
    )


def go_to(address: str, *, status: int = 303) -> Response:
    """Redirect after a POST (RFC 9110 §15.4.4)."""
    return RedirectResponse(address, status)


def set_cookie(response: Response, name: str, value: str) -> None:
    """A cookie under the `__Host-` rules: Secure, HttpOnly, SameSite=Strict, Path=/ (OWASP ASVS 3.3)."""
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="strict")


def drop_cookie(response: Response, name: str) -> None:
    """Take a `__Host-` cookie back."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")
