"""Who may do what through which address: one line for each route and method, for every kind of person.

The object is always 小林's: a submitted document, her draft, her file. Decides what is expected, from the
matrix of rights (domain.md C.2) and the rule that a stranger is told that there is nothing (404), not that it
is closed.
"""

from __future__ import annotations

from collections.abc import Mapping

VISITOR, OWNER = "visitor", "owner"
# People who may read the document (each by another line of the matrix), and people who may not.
READERS = {
    "colleague": "YW000232", "head": "YW000001", "auditor": "SH000101", "audit_head": "SH000001",
    "info_manager": "XX000002",
}  # fmt: skip
STRANGERS = {
    "claims_officer": "LP000117", "partner": "WB000077", "reviewer": "XX000003", "it_operator": "IT000004",
    "system_admin": "IT000009", "security_admin": "XX000008", "audit_admin": "XX000009",
}  # fmt: skip
PEOPLE = {OWNER: "YW000231", **READERS, **STRANGERS}

Row = Mapping[str, int]


def row(visitor: int, stranger: int, reader: int, owner: int, **single: int) -> Row:
    """The status for each kind of person; `single` names people who differ from their kind."""
    kinds = {VISITOR: visitor, OWNER: owner}
    kinds |= dict.fromkeys(READERS, reader) | dict.fromkeys(STRANGERS, stranger)
    assert single.keys() <= kinds.keys()
    return {**kinds, **single}


def anybody(status: int) -> Row:
    return row(status, status, status, status)


SIGNED_IN = row(303, 200, 200, 200)
DOCUMENT = row(303, 404, 200, 200)
HELD = row(303, 404, 403, 200, auditor=200)  # opened for a task in hand: hers, and his who may claim it
DRAFT = row(303, 404, 404, 200)
ASKS = {"claims_officer": 303, "partner": 303, "it_operator": 303}
COLLECTS = row(303, 403, 403, 200, colleague=200, claims_officer=200, partner=200)
ADMINISTRATORS_ONLY = row(303, 404, 404, 404, security_admin=200, system_admin=200)
IN_EMERGENCY = {"security_admin", "system_admin", "audit_admin", "head", "audit_head"}


def in_emergency(status: int) -> Row:
    """Those who may take part in emergency access; nobody else knows of it."""
    return row(303, 404, 404, 404, **dict.fromkeys(IN_EMERGENCY, status))


VERSION_DRAFT = row(303, 403, 403, 403, info_manager=404)  # those who write versions are told there is none
PAGES: Mapping[str, Row] = {
    "GET /sign-in": row(200, 303, 303, 303),
    "GET /unlock": SIGNED_IN,
    "GET /session": anybody(200),  # tells a visitor that no time is left
    "GET /": SIGNED_IN,
    "GET /figures": SIGNED_IN,
    "GET /figures/documents": SIGNED_IN,
    "GET /inbox/{name}": row(303, 404, 404, 404, auditor=200),
    "GET /search": SIGNED_IN,
    "GET /entry/new/{form}": COLLECTS,
    "GET /entry/done/{doc}": DOCUMENT,
    "GET /drafts/{draft_id}": DRAFT,
    "GET /follow-ups": SIGNED_IN,
    "POST /documents/{doc}/take-back": row(303, 404, 409, 409),  # hers is no update
    "POST /documents/{doc}/begin-alike": {**anybody(404), VISITOR: 303},  # names no update
    "POST /documents/{doc}/changes/reveal": {**anybody(404), VISITOR: 303},  # hers changes no document
    "GET /drafts/{draft_id}/changes": {**anybody(404), VISITOR: 303},  # her draft changes no document
    "POST /drafts/{draft_id}/changes": {**anybody(404), VISITOR: 303},
    "GET /codes/{table}": SIGNED_IN,
    "GET /documents/{doc}": HELD,
    "POST /documents/{doc}/begin/{form}": row(303, 404, 403, 409, colleague=409),  # not in force yet
    "GET /documents/{doc}/revisions/{number}": HELD,
    "GET /documents/{doc}/receipts/{seq}": DOCUMENT,
    "GET /documents/{doc}/receipts/{seq}/proof": DOCUMENT,
    "GET /documents/{doc}/bundle": DOCUMENT,
    "GET /documents/{doc}/proofs/{source}": {**anybody(404), VISITOR: 303},  # shows no other one
    "GET /documents/{doc}/sample": {**anybody(404), VISITOR: 303},  # an entry draws no sample
    "POST /queries": row(303, 403, 303, 303, head=403, audit_head=403, **ASKS),
    "GET /documents/{doc}/review": HELD,
    "GET /drafts/{draft_id}/files/{digest}": DRAFT,
    "GET /documents/{doc}/files/{file_id}": HELD,
    "GET /documents/{doc}/print": HELD,
    "GET /documents/{doc}/papers/{seq}/{kind}": HELD,
    "GET /people": ADMINISTRATORS_ONLY,
    "GET /people/{person}": ADMINISTRATORS_ONLY,
    "POST /people/{person}/{act}": row(303, 404, 404, 404, security_admin=423, system_admin=423),
    "GET /tokens": ADMINISTRATORS_ONLY,
    "POST /tokens": row(303, 404, 404, 404, security_admin=423, system_admin=423),
    "POST /tokens/{person}/{act}": row(303, 404, 404, 404, security_admin=423, system_admin=423),
    "GET /access-log": row(303, 404, 404, 404, audit_admin=200),
    "GET /archive": row(303, 404, 404, 404, info_manager=200),
    "GET /archive/progress": row(303, 404, 404, 404, info_manager=200),
    "POST /archive": row(303, 404, 404, 404, info_manager=409),  # no archive folder is set up
    "GET /documents/{doc}/copies": row(303, 404, 403, 409, auditor=409),  # hers is no request
    "POST /documents/{doc}/corrections/{target}": row(303, 404, 409, 409),
    "GET /emergency": in_emergency(200),
    "POST /emergency": in_emergency(423),  # the passphrase is asked for again
    "GET /emergency/{intent}": in_emergency(200),
    "POST /emergency/{intent}/consent": in_emergency(423),
    "POST /emergency/{intent}/review": in_emergency(423),
    "POST /emergency/{intent}/documents/{doc}": in_emergency(403),  # nobody has consented
    "GET /versions": SIGNED_IN,
    "GET /versions/{form}/{version}": SIGNED_IN,
    "GET /versions/{form}/{version}/export": row(303, 403, 403, 403, info_manager=200),  # once it is recorded
    "POST /versions/import": row(303, 403, 403, 403, info_manager=422),  # no file was sent
    "GET /regulation": SIGNED_IN,
    "GET /versions/drafts/{draft_id}": VERSION_DRAFT,
    "POST /versions/drafts": VERSION_DRAFT,  # of a form that does not exist
    "GET /versions/drafts/{draft_id}/files/{name:path}": VERSION_DRAFT,
    "POST /versions/drafts/{draft_id}/files/{name:path}": VERSION_DRAFT,
    "POST /versions/drafts/{draft_id}/check/{name:path}": VERSION_DRAFT,
    "GET /versions/drafts/{draft_id}/fields": VERSION_DRAFT,
    "POST /versions/drafts/{draft_id}/fields": VERSION_DRAFT,
    "GET /versions/drafts/{draft_id}/preview": VERSION_DRAFT,
    "POST /versions/drafts/{draft_id}/preview": VERSION_DRAFT,
    "GET /versions/drafts/{draft_id}/preview.pdf": VERSION_DRAFT,
    "POST /versions/drafts/{draft_id}/discard": VERSION_DRAFT,
    "GET /versions/drafts/{draft_id}/compare": VERSION_DRAFT,
    "GET /versions/drafts/{draft_id}/trial": VERSION_DRAFT,
    "POST /versions/drafts/{draft_id}/trial": VERSION_DRAFT,
    "GET /versions/drafts/{draft_id}/effect": VERSION_DRAFT,
    "POST /versions/drafts/{draft_id}/propose": VERSION_DRAFT,
    "GET /settings": SIGNED_IN,
    "GET /settings/{key}": SIGNED_IN,
    "POST /settings/{key}": row(303, 403, 403, 403),  # another post's number
    "GET /notices": SIGNED_IN,
    "POST /notices/read": row(303, 303, 303, 303),
    "POST /notices/mail": row(303, 422, 422, 422),  # no way of sending was chosen
    "GET /my-key": SIGNED_IN,
    "POST /my-key": row(303, 423, 423, 423),  # the passphrase is asked for again
    "GET /documents/{doc}/keys": DOCUMENT,
    "POST /documents/{doc}/reaffirm": row(303, 423, 423, 423),
    "POST /documents/{doc}/shred": row(303, 422, 422, 422),  # no legal basis was named
    "GET /enrol/{token}": anybody(404),  # an invitation that is none
    "POST /enrol/{token}": anybody(404),
    "GET /verify": anybody(200),
    "GET /verify/standing": anybody(200),  # by a random id that only holders of a bundle know
    "GET /verify/fengjian-verifier.html": anybody(200),
    "GET /status": anybody(200),
    "GET /status.json": anybody(200),
    "GET /log/checkpoint": anybody(200),
    "GET /log/cosigned": anybody(404),  # no witness has signed yet
    "GET /log/trust.json": anybody(200),
    "GET /log/tile/{level}/{place:path}": anybody(200),
    "GET /_kit": anybody(404),  # there in demo mode only
    "POST /unlock": anybody(303),
    "POST /session": SIGNED_IN,
    "POST /language": anybody(303),
    "POST /search": SIGNED_IN,
    "POST /entry/new/{form}": row(303, 403, 403, 303, colleague=303, claims_officer=303, partner=303),
    "POST /drafts/{draft_id}": row(303, 404, 404, 303),
    "POST /drafts/{draft_id}/field": DRAFT,
    "POST /documents/{doc}/reveal": HELD,
    "POST /documents/{doc}/correct": row(303, 404, 403, 409),  # hers, but not returned
    "POST /drafts/{draft_id}/files": row(303, 404, 404, 303),
    "POST /verify": anybody(422),  # no file was sent
    "POST /documents/{doc}/transitions/{name}": row(303, 404, 403, 403, auditor=303),
    "POST /lock": anybody(303),
    "POST /sign-out": anybody(303),
    "POST /sign-in": anybody(401),
}

API: Mapping[str, Row] = {
    "GET /documents": row(401, 200, 200, 200),
    "POST /documents": row(401, 403, 403, 201, colleague=201, claims_officer=422, partner=422),
    "GET /documents/{doc}": row(401, 404, 403, 200, auditor=200),
    "POST /documents/{doc}/transitions/{name}": row(401, 404, 403, 403, auditor=200),
    "GET /documents/{doc}/receipts/{seq}": row(401, 404, 200, 200),
    "GET /documents/{doc}/bundle": row(401, 404, 200, 200),
    # Whoever may own a rectification sheet uploads its evidence (C.2).
    "POST /files": row(401, 403, 201, 201, claims_officer=201, partner=201, it_operator=201),
    "GET /forms/{form}": row(401, 200, 200, 200),
    "GET /log/checkpoint": anybody(200),
    "GET /log/inclusion": anybody(200),
    "GET /log/consistency": anybody(200),
    "GET /openapi.json": anybody(200),
}
