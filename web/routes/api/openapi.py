"""The OpenAPI 3.1 description of /api/v1, complete enough to generate a client.

Decides nothing: it says what the routes beside it do, and a test holds the two together.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_DIGEST: Json = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_HASH: Json = {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"}
_HASHES: Json = {"type": "array", "items": _HASH, "maxItems": 64}
_DOC: Json = {"type": "string", "pattern": "^[a-z2-7]{26}$"}
_TIME: Json = {"type": "string", "format": "date-time"}
_FREE: Json = {"type": "object", "additionalProperties": True}

_RECEIPT = {
    "doc": _DOC,
    "doc_id": _TEXT,
    "doc_no": _TEXT,
    "form": _TEXT,
    "version": _TEXT,
    "seq": _COUNT,
    "transition": _TEXT,
    "state": _TEXT,
    "revision": _COUNT,
    "event": _DIGEST,
    "index": _COUNT,
    "received_at": _TIME,
    "due_at": _TEXT,
    "proof": _TEXT,
    "checkpoint": _TEXT,
    "dropped": {"type": "array", "items": _TEXT},
}
_STEP = {
    "seq": _COUNT,
    "transition": _TEXT,
    "source": _TEXT,
    "target": _TEXT,
    "at": _TIME,
    "event": _DIGEST,
    "index": _COUNT,
}
_NUMBERS = {
    "doc": _DOC,
    "doc_id": _TEXT,
    "doc_no": _TEXT,
    "form": _TEXT,
    "version": _TEXT,
    "state": _TEXT,
    "revision": _COUNT,
    "head": _DIGEST,
    "submitted_at": _TIME,
    "due_at": _TEXT,
}


def _object(properties: Json, required: tuple[str, ...] | None = None) -> Json:
    wanted = list(properties if required is None else required)
    return {"type": "object", "properties": properties, "required": wanted}


def _closed(properties: Json, required: tuple[str, ...]) -> Json:
    return {**_object(properties, required), "additionalProperties": False}


_PROBLEM_ENTRY = _object(
    {"pointer": _TEXT, "code": _TEXT, "message": _TEXT, "level": _TEXT}, ("pointer", "code", "message")
)
_PROBLEM = _object(
    {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "state": _TEXT,
        "head": _DIGEST,
        "problems": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemEntry"}},
    },
    ("type", "title", "status", "code"),
)

SCHEMAS: Json = {
    "Receipt": _object(_RECEIPT),
    "Step": _object(_STEP),
    "Document": _object(
        {
            **_NUMBERS,
            "seq": _COUNT,
            "created_at": _TIME,
            "answers": _FREE,
            "masked": {"type": "array", "items": _TEXT},
            "holds": {"type": "array", "items": _object({"name": _TEXT, "by": _TEXT, "until": _TEXT})},
            "transitions": {"type": "array", "items": _TEXT},
            "steps": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}},
        }
    ),
    "DocumentRow": _object({**_NUMBERS, "summary": _FREE}),
    "DocumentPage": _object(
        {
            "documents": {"type": "array", "items": {"$ref": "#/components/schemas/DocumentRow"}},
            "next": {"type": ["string", "null"]},
            "total": _COUNT,
        }
    ),
    "Submission": _closed(
        {
            "form": _TEXT,
            "version": _TEXT,
            "answers": _FREE,
            "doc": _DOC,
            "expected_head": _DIGEST,
            "confirmed": {"type": "array", "items": _TEXT},
        },
        ("form", "answers"),
    ),
    "Decision": _closed({"answers": _FREE, "expected_head": _DIGEST}, ()),
    "File": _object({"sha256": _DIGEST, "size": _COUNT, "media_type": _TEXT}),
    "Form": _object(
        {
            "form": _TEXT,
            "version": _TEXT,
            "digest": _DIGEST,
            "schema": _FREE,
            "states": _FREE,
            "layout": _FREE,
            "locale": _FREE,
        }
    ),
    "Inclusion": _object({"index": _COUNT, "size": _COUNT, "leaf_hash": _HASH, "proof": _HASHES}),
    "Consistency": _object({"old": _COUNT, "new": _COUNT, "proof": _HASHES}),
    "ProblemEntry": _PROBLEM_ENTRY,
    "Problem": _PROBLEM,
}


def _reply(schema: str, words: str) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": words, "content": content}


def _refusals(*statuses: int) -> Json:
    words = {
        400: "Not readable as asked",
        401: "No valid token",
        403: "Not allowed",
        404: "Not found",
        409: "Somebody was first",
        413: "Too large",
        415: "Wrong content type",
        422: "The answers do not hold",
        423: "The signing key is locked or the passphrase is asked for again",
        428: "The expected head is missing",
        429: "Too many",
        503: "Not taken now; nothing was stored",
    }
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(status): {"description": words[status], "content": content} for status in statuses}


_READ = (401, 403, 404)
_WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 423, 429, 503)


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: Json, words: str, *, is_required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": is_required, "schema": schema, "description": words}


def _header(name: str, schema: Json, words: str, *, is_required: bool) -> Json:
    return {"name": name, "in": "header", "required": is_required, "schema": schema, "description": words}


_KEY = _header(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 128},
    "The same key with the same body gives the same receipt; with another body 409.",
    is_required=True,
)
_MATCH = _header("If-Match", _TEXT, "The head the client saw, quoted.", is_required=False)


def _body(schema: str) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"required": True, "content": content}


def _binary(*kinds: str) -> Json:
    return {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}


def describe() -> Json:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fengjian API",
            "version": "1",
            "description": "Signed, sealed, versioned documents. Errors are problem details (RFC 9457).",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> Json:
    doc = _path("doc", _DOC)
    return {
        "/documents": {
            "post": {
                "operationId": "submitDocument",
                "summary": "Submit a document or a correction",
                "parameters": [_KEY, _MATCH],
                "requestBody": _body("Submission"),
                "responses": {"201": _reply("Receipt", "Durable and provable"), **_refusals(*_WRITE, 428)},
            },
            "get": {
                "operationId": "listDocuments",
                "summary": "The caller's documents, newest first",
                "parameters": [
                    _query("state", {"type": "array", "items": _TEXT}, "Only these states"),
                    _query("after", _TEXT, "`next` of the page before"),
                    _query("limit", {"type": "integer", "minimum": 1, "maximum": 100}, "Rows"),
                ],
                "responses": {"200": _reply("DocumentPage", "One page"), **_refusals(400, 401, 403)},
            },
        },
        "/documents/{doc}": {
            "get": {
                "operationId": "readDocument",
                "summary": "A document as the caller may see it",
                "parameters": [doc],
                "responses": {"200": _reply("Document", "The document"), **_refusals(*_READ)},
            }
        },
        "/documents/{doc}/transitions/{name}": {
            "post": {
                "operationId": "takeTransition",
                "summary": "Take a transition",
                "parameters": [doc, _path("name", _TEXT), _KEY, _MATCH],
                "requestBody": _body("Decision"),
                "responses": {"200": _reply("Receipt", "Durable and provable"), **_refusals(*_WRITE, 428)},
            }
        },
        "/documents/{doc}/receipts/{seq}": {
            "get": {
                "operationId": "readReceipt",
                "summary": "The receipt of one step",
                "parameters": [doc, _path("seq", {"type": "integer", "minimum": 1})],
                "responses": {"200": _reply("Receipt", "The receipt"), **_refusals(*_READ)},
            }
        },
        "/documents/{doc}/bundle": {
            "get": {
                "operationId": "readBundle",
                "summary": "The proof bundle",
                "parameters": [doc, _query("disclose", _TEXT, "none, all, or pointers with commas between")],
                "responses": {
                    "200": {
                        "description": "A proof bundle",
                        "content": {"application/vnd.fengjian.bundle+json": {"schema": _FREE}},
                    },
                    **_refusals(*_READ),
                },
            }
        },
        "/files": {
            "post": {
                "operationId": "uploadFile",
                "summary": "Stage an attachment; name its digest in the form",
                "parameters": [_KEY],
                "requestBody": {
                    "required": True,
                    "content": _binary("image/jpeg", "image/png", "image/webp", "application/pdf"),
                },
                "responses": {
                    "201": _reply("File", "Staged"),
                    **_refusals(400, 401, 403, 413, 415, 422, 503),
                },
            }
        },
        "/forms/{form}": {
            "get": {
                "operationId": "readForm",
                "summary": "A form version",
                "parameters": [_path("form", _TEXT), _query("version", _TEXT, "Default: the one in force")],
                "responses": {"200": _reply("Form", "The form version"), **_refusals(401, 404)},
            }
        },
        "/log/checkpoint": {
            "get": {
                "operationId": "readCheckpoint",
                "summary": "The log's checkpoint (C2SP signed note)",
                "security": [],
                "responses": {
                    "200": {"description": "A signed note", "content": {"text/plain": {"schema": _TEXT}}},
                    **_refusals(404),
                },
            }
        },
        "/log/inclusion": {
            "get": {
                "operationId": "readInclusion",
                "summary": "The proof that an entry is in the log (RFC 6962 2.1.1)",
                "security": [],
                "parameters": [
                    _query("index", _COUNT, "The entry", is_required=True),
                    _query("size", _COUNT, "Entries of the tree; without it, of the newest checkpoint"),
                ],
                "responses": {"200": _reply("Inclusion", "Leaf hash and proof"), **_refusals(400, 404)},
            }
        },
        "/log/consistency": {
            "get": {
                "operationId": "readConsistency",
                "summary": "The proof that the log only grew (RFC 6962 2.1.2)",
                "security": [],
                "parameters": [
                    _query("old", _COUNT, "Entries of the older tree", is_required=True),
                    _query("new", _COUNT, "Entries of the newer tree; without it, the newest checkpoint's"),
                ],
                "responses": {"200": _reply("Consistency", "The proof"), **_refusals(400, 404)},
            }
        },
    }
