"""Proofs about the log for machines: that an entry is in it, and that it only grew. No token needed.

Decides nothing: hashes and proofs hold no personal information. What they prove is checked with RFC 9162
sections 2.1.3.2 and 2.1.4.2 against signed checkpoints, never against anything said here.
"""

from __future__ import annotations

import re

import orjson
from starlette.requests import Request
from starlette.responses import Response

from engine.desk.desk import Desk
from engine.errors import Invalid, Problem
from engine.trust.envelope import encode_base64
from web.routes.api.reading import desk_of

_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


async def read_inclusion(request: Request) -> Response:
    """`?index=&size=`: leaf hash and audit path of one entry in the tree of `size` (default: now)."""
    desk = desk_of(request)
    index, size = _number(request, "index"), _size(request, "size", desk)
    proof = desk.journal.inclusion(index, size)
    body = {
        "index": index,
        "size": size,
        "leaf_hash": encode_base64(desk.journal.leaf_hash(index)),
        "proof": [encode_base64(one) for one in proof],
    }
    return Response(orjson.dumps(body), media_type="application/json")


async def read_consistency(request: Request) -> Response:
    """`?old=&new=`: the proof that the tree of `new` (default: now) continues that of `old`."""
    desk = desk_of(request)
    old, new = _number(request, "old"), _size(request, "new", desk)
    proof = desk.journal.consistency(old, new)
    body = {"old": old, "new": new, "proof": [encode_base64(one) for one in proof]}
    return Response(orjson.dumps(body), media_type="application/json")


def _size(request: Request, name: str, desk: Desk) -> int:
    return _number(request, name) if name in request.query_params else desk.journal.durable_size


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name)
    if text is None or _NUMBER.fullmatch(text) is None:
        code = "required" if text is None else "type"
        facts = {} if text is None else {"expected": ["integer"]}
        raise Invalid("request.malformed", problems=[Problem(f"/{name}", code, facts)])
    return int(text)
