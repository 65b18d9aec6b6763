"""Who asks, and does the form really come from our page: the two questions every page route begins with.

Decides: a session's cookie is looked up and the person's grants are read anew on every request (OWASP ASVS
8.3.2); every unsafe request carries the session's anti-forgery token (3.5.1). A posted form may carry the
signing passphrase in `_passphrase`: it unlocks the key for this session and is taken out of the form, which
is how an interrupted POST goes on without loss; a form that came after the session's end is kept for the
sign-in page to carry. Never decides what a person may do to a document.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from engine.desk.people import actor_of
from engine.errors import NotAllowed, NotSignedIn
from storage.vault_client import acting
from web.messages import pick_language
from web.security.accounts import unlock_key
from web.security.session import Session
from web.security.sessions import COOKIE, SessionRecord

if TYPE_CHECKING:
    from web.services import Services

VISIT_COOKIE = "__Host-fengjian-visit"
LANG_COOKIE = "__Host-fengjian-lang"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
OURS = frozenset({"_csrf", "_passphrase"})


@dataclass(frozen=True, slots=True)
class Form:
    """A posted form without our own fields: text pairs in page order, and uploaded files."""

    pairs: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, UploadFile], ...]

    def get(self, name: str, default: str = "") -> str:
        """The first value of a name."""
        return next((value for key, value in self.pairs if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a name, in page order."""
        return tuple(value for key, value in self.pairs if key == name)

    def has(self, name: str) -> bool:
        """Whether the name was sent at all."""
        return any(key == name for key, _ in self.pairs)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has not signed in: only a language and an anti-forgery token."""

    csrf: str
    lang: str
    visit: str
    is_new: bool


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def session_of(request: Request) -> Session:
    """The session of a request. Raises NotSignedIn when there is none, it has ended, or the person is out."""
    session = find_session(request)
    if session is None:
        raise NotSignedIn()
    return session


def find_session(request: Request) -> Session | None:
    """As `session_of`, but None for a visitor. Looked up once per request."""
    if not hasattr(request.state, "session"):
        request.state.session = _look_up(request)
    found: Session | None = request.state.session
    return found


def forget_lookup(request: Request) -> None:
    """Look the session up again at the next question: it has just begun, ended or changed."""
    if hasattr(request.state, "session"):
        del request.state.session


def _look_up(request: Request) -> Session | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    services = _services(request)
    record = services.sessions.touch(token)
    if record is None:
        return None
    account = services.desk.directory.by_person(record.person)
    if account is None or not account.active:
        end_session(services, record)
        return None
    acting.set(record.person)
    return Session(
        id_hash=record.id_hash,
        actor=actor_of(account, record.id_hash, record.method),
        unlock=record.unlock,
        csrf=record.csrf,
        lang=record.lang,
        name=account.name,
        staff_no=account.staff_no,
        title=account.title,
        left=services.sessions.left(record),
        pins=record.pins,
    )


def end_session(services: Services, record: SessionRecord) -> None:
    """End a session and lock the signing key it had opened."""
    services.sessions.end(record.id_hash)
    services.desk.vault.lock_session(record.id_hash)


def visitor_of(request: Request) -> Visitor:
    """The visitor's language and token. The token is an HMAC of a random cookie: nothing is stored for
    visitors.
    """
    if not hasattr(request.state, "visitor"):
        services = _services(request)
        visit = request.cookies.get(VISIT_COOKIE, "")
        is_new = len(visit) != 32
        if is_new:
            visit = services.desk.randomness.bytes(16).hex()
        csrf = hmac.new(services.visit_key, visit.encode(), sha256).hexdigest()
        lang = pick_language(request.cookies.get(LANG_COOKIE))
        request.state.visitor = Visitor(csrf=csrf, lang=lang, visit=visit, is_new=is_new)
    visitor: Visitor = request.state.visitor
    return visitor


async def guard(request: Request) -> None:
    """Dependency of every page router: on unsafe methods read the form and check its anti-forgery token."""
    if request.method not in UNSAFE:
        return
    services = _services(request)
    limit = services.settings.request_bytes
    data = await request.form(max_files=50, max_fields=5000, max_part_size=limit)
    session = await run_in_threadpool(find_session, request)
    if session is not None:
        acting.set(session.actor.person)  # the look-up ran in another context
    expected = session.csrf if session is not None else visitor_of(request).csrf
    sent = request.headers.get("x-csrf-token") or _text(data.get("_csrf"))
    if not hmac.compare_digest(sent.encode(), expected.encode()):
        if session is None and COOKIE in request.cookies:
            request.state.interrupted = _without_ours(data.multi_items())
            raise NotSignedIn()
        raise NotAllowed("csrf")
    request.state.form = _without_ours(data.multi_items())
    passphrase = _text(data.get("_passphrase"))
    if session is not None and passphrase:
        await run_in_threadpool(unlock_key, services, session, passphrase)
        request.state.stepped_up = True
        forget_lookup(request)


def form_of(request: Request) -> Form:
    """The posted form of a route behind `guard`."""
    form: Form = request.state.form
    return form


def interrupted_form(request: Request) -> Form | None:
    """What a browser sent after its session had ended: never acted upon, only handed back to go on with."""
    found: Form | None = getattr(request.state, "interrupted", None)
    return found


def is_stepped_up(request: Request) -> bool:
    """Whether the signing passphrase was given, rightly, with this very request."""
    return getattr(request.state, "stepped_up", False)


def _without_ours(items: Iterable[tuple[str, UploadFile | str]]) -> Form:
    pairs, files = [], []
    for name, value in items:
        if name in OURS:
            continue
        if isinstance(value, str):
            pairs.append((name, value))
        elif value.filename:
            files.append((name, value))
    return Form(tuple(pairs), tuple(files))


def _text(value: UploadFile | str | None) -> str:
    return value if isinstance(value, str) else ""
