"""Attachments: taken in sealed under a key of their own, bound to a document when it is submitted.

Decides who may open a file: the person who staged it until it is part of a document, afterwards whoever
has the document in hand and may see the file's class. A file is named by what it is (digest), never by how
somebody called it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from engine.desk import grounds, reading, sealing
from engine.desk.desk import Desk
from engine.errors import NotAllowed, NotFound, Problem
from engine.identity import local_date, local_day, utc_text
from engine.lifecycle.advance import begin
from engine.lifecycle.people import Actor
from engine.ports import StagedFile
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look
from engine.trust import seal
from engine.trust.statement import AttachmentRef

MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bound:
    """The files of a document about to be submitted: what is signed, and by file id what is sealed."""

    refs: tuple[AttachmentRef, ...]
    sealed: Mapping[str, Any]
    problems: tuple[Problem, ...]


def _check_may_attach(desk: Desk, actor: Actor) -> None:
    # There is nothing that a file of somebody who begins no form and fills in none could go into.
    now = desk.clock.now()
    refusal: NotAllowed | None = None
    for form in desk.registry.all_in_force(local_date(now)):
        if "x-files" not in form.bundle.schema:
            continue
        try:
            begin(form, actor, local_day(now))
            return
        except NotAllowed as refused:
            refusal = refused
        filling = (one for one in form.workflow.transitions.values() if one.edits)
        if any(role in one.by.roles for one in filling for role in actor.roles(local_day(now))):
            return
    raise refusal or NotAllowed("begin")


def attach(desk: Desk, actor: Actor, data: bytes, media_type: str, name: str = "") -> StagedFile:
    """Seal an uploaded file (its type already sniffed by the caller) and stage it for its uploader.

    The same bytes staged twice by one person are the same file. Raises `NotAllowed` for somebody who may
    begin no form.
    """
    _check_may_attach(desk, actor)
    digest = sha256(data).hexdigest()
    known = desk.blobs.staged(actor.person, digest)
    if known is not None:
        return known
    key, nonce = desk.randomness.bytes(seal.KEY_BYTES), desk.randomness.bytes(seal.NONCE_BYTES)
    stream = seal.seal_attachment(key, nonce, _place(desk), [data])
    blob = desk.blobs.put(stream)
    made = stream.seal()
    staged = StagedFile(
        sha256=digest,
        media_type=media_type,
        size=len(data),
        blob=blob,
        key=key,
        commit=made.commit,
        kc=made.kc,
        staged_by=actor.person,
        staged_at=utc_text(desk.clock.now()),
        name=name,
    )
    desk.blobs.stage(staged)
    return staged


def open_staged(desk: Desk, actor: Actor, digest: str) -> tuple[str, Iterator[bytes]]:
    """A file this person uploaded: its media type and its bytes."""
    staged = desk.blobs.staged(actor.person, digest)
    if staged is None:
        raise NotFound("file.not_found")
    return staged.media_type, _opened(desk, _entry(staged))


def open_attachment(
    desk: Desk, actor: Actor, doc: str, file_id: str, purpose: str = "task"
) -> tuple[str, Iterator[bytes]]:
    """A file of a document for someone who sees its content in clear; logged before the first byte."""
    row, form = reading.readable_row(desk, actor, doc)
    ground, rights = grounds.required(desk, actor, row, form, "file")
    entry = reading.attachment_keys(desk, row).get(file_id)
    if entry is None:
        raise NotFound("file.not_found")
    if entry["class"] not in rights.clear_classes | rights.reveal_classes:
        raise NotAllowed("reveal")
    reading.note(desk, actor, row, (f"file:{file_id}",), purpose, ground)
    return entry["media_type"], _opened(desk, entry)


def read_attachment(desk: Desk, row: DocumentRow, file_id: str) -> tuple[str, bytes]:
    """Media type and bytes of a file of a document, for what leaves as a whole. Whoever calls has asked for
    the right and written the reading down."""
    entry = reading.attachment_keys(desk, row).get(file_id)
    if entry is None:
        raise NotFound("file.not_found")
    return entry["media_type"], b"".join(_opened(desk, entry))


def bind(
    desk: Desk, actor: Actor, form: CompiledForm, answers: Mapping[str, Any], before: DocumentRow | None
) -> Bound:
    """The files that the answers list: staged by this person, or already part of the document.

    A file nobody has uploaded is a problem at its digest (`file.unknown`).
    """
    where = form.bundle.schema.get("x-files")
    if not where:
        return Bound((), {}, ())
    found = look(answers, where["list"])
    listed = found if isinstance(found, list) else []
    earlier = reading.attachment_keys(desk, before) if before is not None and listed else {}
    by_digest = {entry["sha256"]: entry for entry in earlier.values()}
    refs, sealed, problems = [], {}, []
    for place, item in enumerate(listed):
        digest, file_id = item[where["digest"]], item[where["id"]]
        staged = desk.blobs.staged(actor.person, digest)
        entry = _entry(staged) if staged is not None else by_digest.get(digest)
        pointer = f"{where['list']}/{place}/{where['digest']}"
        if entry is None:
            problems.append(Problem(pointer, "file.unknown", {"file_id": file_id}))
            continue
        klass = sealing.way_of(form, pointer)[0]
        refs.append(AttachmentRef(file_id, klass, entry["ct"], entry["length"], entry["kc"], entry["commit"]))
        sealed[file_id] = {**entry, "class": klass}
    return Bound(tuple(refs), sealed, tuple(problems))


def _place(desk: Desk) -> seal.AttachmentPlace:
    return seal.AttachmentPlace("L1", desk.agency.code)


def _entry(staged: StagedFile) -> dict[str, Any]:
    chunks = max(1, -(-staged.size // seal.CHUNK_BYTES))
    return {
        "key": staged.key.hex(),
        "ct": staged.blob,
        "length": seal.NONCE_BYTES + staged.size + 17 * chunks,  # one secretstream header, 17 bytes a chunk
        "kc": staged.kc,
        "commit": staged.commit,
        "sha256": staged.sha256,
        "media_type": staged.media_type,
        "size": staged.size,
        "name": staged.name,
    }


def _opened(desk: Desk, entry: Mapping[str, Any]) -> Iterator[bytes]:
    expected = seal.AttachmentSeal(entry["ct"], entry["length"], entry["kc"], entry["commit"])
    stored = desk.blobs.open(entry["ct"])
    return seal.open_attachment(bytes.fromhex(entry["key"]), _place(desk), expected, stored)
