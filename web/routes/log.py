"""The public face of the log: checkpoints, tiles, the trust file (C2SP tlog-tiles, tlog-checkpoint).

Decides nothing: hashes and signed notes hold no personal information (trust.md D3). The entries themselves
(`tile/entries`) are not served: they would tell everybody when which document was worked on.
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from engine.errors import NotFound
from engine.trust.log import TILE_WIDTH, tile_path
from web.services import services_of

router = APIRouter()
_PLACE = re.compile(r"((?:x\d{3}/){0,5}\d{3})(?:\.p/(\d{1,3}))?", re.ASCII)
_SHORT = {"Cache-Control": "no-cache"}


@router.get("/log/checkpoint")
def checkpoint(request: Request) -> Response:
    """The last durable checkpoint, a signed note; with cosignatures where witnesses have seen this one."""
    desk = services_of(request).desk
    _, _, note = desk.journal.checkpoint()
    if not note:
        raise NotFound("checkpoint.not_found")
    cosigned = desk.witnessed.newest()
    is_same = cosigned.startswith(note[: note.rindex("\n\n") + 2])
    return PlainTextResponse(cosigned if is_same else note, headers=_SHORT)


@router.get("/log/cosigned")
def cosigned(request: Request) -> Response:
    """The last checkpoint that witnesses outside have cosigned; it may be older than the newest."""
    note = services_of(request).desk.witnessed.newest()
    if not note:
        raise NotFound("checkpoint.not_found")
    return PlainTextResponse(note, headers=_SHORT)


@router.get("/log/trust.json")
def trust(request: Request) -> Response:
    """The chain of trust roots, for verifiers to pin."""
    return Response(
        services_of(request).desk.trust.root_chain(), media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="trust.json"'},
    )


@router.get("/log/tile/{level}/{place:path}")
def tile(request: Request, level: str, place: str) -> Response:
    """The hashes of one tile; a partial one as `<number>.p/<width>`. Each tile has one address."""
    found = _PLACE.fullmatch(place)
    if found is None or re.fullmatch(r"\d{1,2}", level, re.ASCII) is None or int(level) > 63:
        raise NotFound("tile.not_found")
    number = int(re.sub("[x/]", "", found[1]))
    width = int(found[2]) if found[2] is not None else TILE_WIDTH
    is_partial = found[2] is not None
    if tile_path(int(level), number, width) != f"tile/{level}/{place}" or is_partial == (width == TILE_WIDTH):
        raise NotFound("tile.not_found")
    data = services_of(request).desk.journal.tile(int(level), number, width)
    cached = "public, max-age=31536000, immutable"
    return Response(data, media_type="application/octet-stream", headers={"Cache-Control": cached})
