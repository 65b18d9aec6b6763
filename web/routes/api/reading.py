"""What every API route reads from a request: who asks, a JSON body, the idempotency key, the expected head.

Decides what is refused before any use case is called: no token, wrong content type, too long a body, no key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from engine.desk.desk import Desk
from engine.errors import Invalid, NotSignedIn, Problem
from engine.trust import canonical
from storage.vault_client import acting
from web.tokens import TokenSession, TokenSessions

JSON_LIMIT = canonical.MAX_BYTES
_KEY = re.compile(r"[\x21-\x7e]{1,128}\Z")
_JSON = re.compile(r"application/json\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?\Z", re.IGNORECASE)
_HEAD = re.compile(r"[0-9a-f]{64}\Z")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}\Z")


def desk_of(request: Request) -> Desk:
    """The desk behind this API."""
    desk: Desk = request.app.state.services.desk
    return desk


async def caller_of(request: Request) -> TokenSession:
    """Whose token this is. Raises NotSignedIn, NotAllowed("contract.ended")."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("token.missing")
    sessions: TokenSessions = request.app.state.tokens
    found = sessions.known(token)
    if found is None:
        # Opening a signing key is argon2id: once per token and hour, and never on the event loop.
        found = await run_in_threadpool(sessions.open, token)
    acting.set(found.actor.person)
    return found


async def json_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request. Raises Invalid: `content_type`, `body.too_large`, `json`,
    `request.malformed`."""
    if _JSON.match(request.headers.get("content-type", "")) is None:
        raise Invalid("content_type", expected="application/json")
    value = canonical.parse(await body_of(request, JSON_LIMIT), max_bytes=JSON_LIMIT)
    if not isinstance(value, dict):
        raise Invalid("request.malformed", problems=[Problem("", "type", {"expected": ["object"]})])
    return value


async def body_of(request: Request, limit: int) -> bytes:
    """The body, at most `limit` bytes. Raises Invalid("body.too_large") as soon as there are more, and
    Invalid("content_encoding") for one that is packed: nothing is unpacked here."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Invalid("content_encoding", expected="identity")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise Invalid("body.too_large", limit=limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Invalid("body.too_large", limit=limit)
        chunks.append(chunk)
    return b"".join(chunks)


def members(value: dict[str, Any], known: Mapping[str, type], required: tuple[str, ...]) -> dict[str, Any]:
    """The members of a request body, each of its type. Raises Invalid("request.malformed") naming each
    fault."""
    problems = [Problem(f"/{name}", "unknown_field") for name in value if name not in known]
    problems += [Problem(f"/{name}", "required") for name in required if name not in value]
    problems += [
        Problem(f"/{name}", "type", {"expected": [_WORDS[kind]]})
        for name, kind in known.items()
        if name in value and type(value[name]) is not kind
    ]
    if problems:
        raise Invalid("request.malformed", problems=problems)
    return value


def texts(body: dict[str, Any], name: str) -> list[str]:
    """A member that is a list of texts. Raises Invalid("request.malformed") naming what is none."""
    found = body.get(name, [])
    problems = [
        Problem(f"/{name}/{at}", "type", {"expected": ["string"]})
        for at, one in enumerate(found)
        if not isinstance(one, str)
    ]
    if problems:
        raise Invalid("request.malformed", problems=problems)
    return list(found)


def whole_number(text: str) -> int | None:
    """A number of an address, at most nine ASCII digits; None for anything else."""
    return int(text) if _WHOLE_NUMBER.match(text) else None


_WORDS = {str: "string", dict: "object", list: "array", int: "integer", bool: "boolean"}


def idempotency_key(request: Request) -> str:
    """The client's key (K8). Raises Invalid when it is missing or no printable word of 1 to 128
    characters."""
    key = request.headers.get("idempotency-key")
    if key is None:
        raise Invalid("idempotency_key.missing")
    if _KEY.match(key) is None:
        raise Invalid("idempotency_key.malformed")
    return key


def expected_head(request: Request, body: dict[str, Any]) -> str:
    """The head the client saw: `If-Match: "<event id>"` or member `expected_head`. Raises Invalid (428)."""
    head = request.headers.get("if-match", "").strip().strip('"') or body.get("expected_head", "")
    if not isinstance(head, str) or _HEAD.match(head) is None:
        raise Invalid("expected_head.missing")
    return head
