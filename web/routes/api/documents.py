"""Documents over the API: submit, read, list, take a transition, receipt, bundle.

Decides the shape of answers only. Submitting and deciding run on the event loop: they are a few hundred
microseconds of pure work, and then wait for the journal without holding anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from engine.desk import deciding, holding, listing, proving, reading, submitting
from engine.desk.desk import Receipt
from engine.errors import Invalid, NotFound, Problem
from engine.ports import ListView
from web.routes.api.problems import judged_by
from web.routes.api.reading import (
    caller_of,
    desk_of,
    expected_head,
    idempotency_key,
    json_of,
    members,
    texts,
    whole_number,
)
from web.tokens import TokenSession

JSON = "application/json"
BUNDLE = "application/vnd.fengjian.bundle+json"
CHANNEL = "partner_api"
_SUBMIT: Mapping[str, type] = {
    "form": str,
    "version": str,
    "answers": dict,
    "doc": str,
    "expected_head": str,
    "confirmed": list,
}
_DECIDE: Mapping[str, type] = {"answers": dict, "expected_head": str}
_MOST_ROWS = 100


class Documents(HTTPEndpoint):
    """The collection: POST submits, GET lists."""

    async def post(self, request: Request) -> Response:
        """Submit a document, or a correction of a returned one. 201 with the receipt."""
        caller = await caller_of(request)
        key = idempotency_key(request)
        body = members(await json_of(request), _SUBMIT, ("form", "answers"))
        doc = body.get("doc", "")
        judged_by(request, doc, body["form"], body.get("version", ""))
        wanted = submitting.Submission(
            form=body["form"],
            answers=body["answers"],
            key=key,
            version=body.get("version", ""),
            channel=CHANNEL,
            doc=doc,
            expected_head=expected_head(request, body) if doc else "",
            confirmed=frozenset(texts(body, "confirmed")),
        )
        ticket = submitting.submit(desk_of(request), caller.actor, wanted, caller.unlock)
        return receipt_response(await request.app.state.landing.kept(ticket.future), 201)

    async def get(self, request: Request) -> Response:
        """The caller's own documents, newest first; `state`, `after`, `limit`."""
        caller = await caller_of(request)
        return await run_in_threadpool(_list, request, caller)


def receipt_response(receipt: Receipt, status: int) -> Response:
    """A receipt as JSON, with the document's address and its head as entity tag."""
    headers = {"Location": f"/api/v1/documents/{receipt.doc}", "ETag": f'"{receipt.event}"'}
    return Response(orjson.dumps(receipt), status, headers, JSON)


def _list(request: Request, caller: TokenSession) -> Response:
    desk, query = desk_of(request), request.query_params
    limit = query.get("limit", "20")
    if (rows_wanted := whole_number(limit)) is None or not 1 <= rows_wanted <= _MOST_ROWS:
        raise Invalid("request.malformed", problems=[Problem("/limit", "range", {"most": _MOST_ROWS})])
    view = ListView(states=tuple(query.getlist("state")), created_by=caller.actor.person, order="recent")
    page = listing.page_of(desk, caller.actor, view, query.get("after") or None, rows_wanted)
    names = (
        "doc",
        "doc_id",
        "doc_no",
        "form",
        "version",
        "state",
        "revision",
        "head",
        "submitted_at",
        "due_at",
        "summary",
    )
    rows = [{name: getattr(row, name) for name in names} for row in page.rows]
    return Response(
        orjson.dumps({"documents": rows, "next": page.next, "total": page.total}), media_type=JSON
    )


async def read_document(request: Request) -> Response:
    """A document as the caller may see it; sensitive values without the clear right are masks."""
    caller = await caller_of(request)
    return await run_in_threadpool(_read, request, caller)


def _read(request: Request, caller: TokenSession) -> Response:
    desk = desk_of(request)
    opened = reading.open_document(desk, caller.actor, request.path_params["doc"], purpose="api")
    row = opened.row
    names = (
        "doc",
        "doc_id",
        "doc_no",
        "form",
        "version",
        "state",
        "seq",
        "head",
        "revision",
        "created_at",
        "submitted_at",
        "due_at",
    )
    options = deciding.possible(desk, caller.actor, row["doc"])
    body: dict[str, Any] = {
        **{name: row[name] for name in names},  # type: ignore[literal-required]
        "answers": opened.answers,
        "masked": sorted(opened.masked),
        "holds": [
            {"name": one.hold.name, "by": one.by["doc_id"], "until": one.until}
            for one in holding.holds_on(desk, row)
        ],
        "transitions": [one.transition.name for one in options if one.allowed],
        "steps": [
            {name: step[name] for name in ("seq", "transition", "source", "target", "at", "event", "index")}
            for step in row["steps"]
        ],
    }
    return Response(orjson.dumps(body), headers={"ETag": f'"{row["head"]}"'}, media_type=JSON)


async def take_transition(request: Request) -> Response:
    """Take a transition of a document from the head the client saw. 200 with the receipt."""
    caller = await caller_of(request)
    key = idempotency_key(request)
    body = members(await json_of(request), _DECIDE, ())
    judged_by(request, request.path_params["doc"])
    wanted = deciding.Decision(
        doc=request.path_params["doc"],
        transition=request.path_params["name"],
        expected_head=expected_head(request, body),
        answers=body.get("answers", {}),
        key=key,
    )
    ticket = deciding.decide(desk_of(request), caller.actor, wanted, caller.unlock)
    return receipt_response(await request.app.state.landing.kept(ticket.future), 200)


async def read_receipt(request: Request) -> Response:
    """The receipt of one step, proved under the newest checkpoint."""
    caller = await caller_of(request)
    doc, seq = request.path_params["doc"], whole_number(request.path_params["seq"])
    if seq is None:
        raise NotFound("receipt.not_found")
    receipt = await run_in_threadpool(proving.receipt, desk_of(request), caller.actor, doc, seq)
    return receipt_response(receipt, 200)


async def read_bundle(request: Request) -> Response:
    """The proof bundle; `disclose` is `none`, `all`, or pointers with commas between."""
    caller = await caller_of(request)
    disclose = request.query_params.get("disclose", "none")
    wishes: dict[str, proving.Wish] = {"none": proving.nothing, "all": proving.all_fields}
    wish = wishes.get(disclose) or proving.these(disclose.split(","))
    doc = request.path_params["doc"]
    data = await run_in_threadpool(proving.bundle, desk_of(request), caller.actor, doc, wish)
    return Response(data, media_type=BUNDLE)
