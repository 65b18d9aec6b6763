"""What a client needs to know beforehand: a form version, the log's checkpoint, the description of this API.

Decides nothing; everything here is public within the agency's partners and holds no personal information.
"""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from engine.errors import NotFound
from engine.identity import local_date
from web.routes.api.openapi import describe
from web.routes.api.reading import caller_of, desk_of

JSON = "application/json"


async def read_form(request: Request) -> Response:
    """A form version: the one in force today, or `?version=`."""
    await caller_of(request)
    desk = desk_of(request)
    form, version = request.path_params["form"], request.query_params.get("version")
    now = desk.clock.now()
    found = desk.registry.get(form, version) if version else desk.registry.in_force(form, local_date(now))
    bundle = found.bundle
    body = {
        "form": bundle.form,
        "version": bundle.version,
        "digest": bundle.digest,
        "schema": bundle.schema,
        "states": bundle.states,
        "layout": bundle.layout,
        "locale": bundle.locale,
    }
    return Response(orjson.dumps(body), headers={"ETag": f'"{bundle.digest}"'}, media_type=JSON)


async def read_checkpoint(request: Request) -> Response:
    """The last durable checkpoint, a C2SP signed note; no token needed."""
    _, _, note = desk_of(request).journal.checkpoint()
    if not note:
        raise NotFound("checkpoint.not_found")
    return PlainTextResponse(note)


async def read_openapi(request: Request) -> Response:
    """The OpenAPI 3.1 description of this API; no token needed."""
    return Response(orjson.dumps(describe()), media_type="application/vnd.oai.openapi+json")
