"""The outermost layer of the application: hosts, cross-site requests, body sizes, security headers.

Decides: a Host that is not ours is refused; an unsafe request that a browser marks as coming from another
site is refused (Sec-Fetch-Site, or Origin where it is missing; OWASP ASVS 3.5.3); every answer carries the
headers of ASVS 3.4. Plain ASGI and cheap: the API passes with one dictionary look-up. Never reads a body.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    (b"cache-control", b"no-store"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FROM_OURSELVES = frozenset({b"same-origin", b"none"})


class Fence:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = frozenset(host.lower().encode() for host in settings.hosts)
        self._limit = settings.request_bytes
        self._headers = (*HEADERS, HSTS) if settings.https else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if _host_name(headers.get(b"host", b"")) not in self._hosts:
            await _refuse(send, 421, "This host name is not served here.", self._headers)
            return
        if scope["method"] not in SAFE and not scope["path"].startswith("/api/"):
            if not _is_from_ourselves(headers):
                await _refuse(send, 403, "This request came from another site.", self._headers)
                return
            receive = _limited(receive, self._limit)
            length = headers.get(b"content-length", b"0")
            if not length.isdigit() or int(length) > self._limit:
                await _refuse(send, 413, "This request is too large.", self._headers)
                return
        await self._app(scope, receive, self._with_headers(send))

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in self._headers if pair[0] not in present),
                ]
            await send(message)

        return sending


def _host_name(value: bytes) -> bytes:
    """The Host header without its port, lower case."""
    name, colon, port = value.lower().rpartition(b":")
    return name if colon and port.isdigit() else value.lower()


def _is_from_ourselves(headers: dict[bytes, bytes]) -> bool:
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in FROM_OURSELVES
    origin = headers.get(b"origin")
    return origin is None or urlsplit(origin.decode("latin-1")).netloc.encode("latin-1") == headers.get(
        b"host"
    )


def _limited(receive: Receive, limit: int) -> Receive:
    """The same body, cut off as a disconnect once it grows beyond `limit` bytes (chunked uploads)."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= limit else {"type": "http.disconnect"}

    return receiving


async def _refuse(send: Send, status: int, words: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
    body = words.encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
