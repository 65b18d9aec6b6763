"""The public face of the log: its signed checkpoint, its tiles, and the trust file (C2SP tlog-tiles,
tlog-checkpoint).

Decides nothing: hashes and signed notes hold no personal information (trust.md D3).
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from engine.errors import NotFound
from web.services import services_of

router = APIRouter()
_PLACE = re.compile(r"(?:x([0-9]{3})/){0,5}([0-9]{3})(?:\.p/([0-9]{1,3}))?\Z")
_WIDTH = 256


@router.get("/log/checkpoint")
def checkpoint(request: Request) -> Response:
    """The last durable checkpoint, a C2SP signed note."""
    _, _, note = services_of(request).desk.journal.checkpoint()
    if not note:
        raise NotFound("checkpoint.not_found")
    return PlainTextResponse(note)


@router.get("/log/trust.json")
def trust(request: Request) -> Response:
    """The chain of trust roots, for verifiers to pin."""
    return Response(
        services_of(request).desk.trust.root_chain(), media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="trust.json"'},
    )


@router.get("/log/tile/{level}/{place:path}")
def tile(request: Request, level: int, place: str) -> Response:
    """The hashes of one tile; a partial one as `<number>.p/<width>`."""
    found = _PLACE.match(place)
    if found is None or not 0 <= level <= 63:
        raise NotFound("tile.not_found")
    digits = place.split(".p/")[0].replace("x", "").replace("/", "")
    width = int(found[2 + 1]) if found[3] else _WIDTH
    data = services_of(request).desk.journal.tile(level, int(digits), width)
    cached = "public, max-age=31536000, immutable"
    return Response(data, media_type="application/octet-stream", headers={"Cache-Control": cached})
