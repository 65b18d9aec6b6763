"""Attachments over the API: the raw bytes of one file, sealed and staged for its uploader.

Decides nothing about types: the bytes do (web.security.sniff). The answer's digest goes into the form's list.
"""

from __future__ import annotations

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from engine.desk import attaching
from engine.errors import Invalid
from web.routes.api.reading import body_of, caller_of, desk_of, idempotency_key
from web.security.sniff import Limits, sniff


async def upload(request: Request) -> Response:
    """Stage one file; the body is the file. 201 with digest, size and media type."""
    caller = await caller_of(request)
    idempotency_key(request)
    settings = request.app.state.services.settings
    limits = Limits(settings.attachment_bytes, settings.attachment_pixels)
    data = await body_of(request, limits.size)
    kind = await run_in_threadpool(sniff, data, limits)
    declared = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if declared not in (kind, "application/octet-stream"):
        raise Invalid("content_type", expected=kind)
    staged = await run_in_threadpool(attaching.attach, desk_of(request), caller.actor, data, kind)
    body = {"sha256": staged.sha256, "size": staged.size, "media_type": staged.media_type}
    return Response(orjson.dumps(body), 201, media_type="application/json")
