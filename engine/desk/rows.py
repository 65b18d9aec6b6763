"""From a row to what was sealed: the engine's own way into documents, beneath every use case that reads.

Decides only that a row whose reader has no right is as good as none. Shows nobody anything: whoever hands
what was opened to a person goes through engine.desk.reading, which asks what the reading is grounded on.
"""

from __future__ import annotations

from typing import Any

from engine.desk import sealing
from engine.desk.desk import Desk
from engine.errors import NotFound
from engine.identity import is_document_id, local_day
from engine.lifecycle.people import Actor
from engine.lifecycle.permissions import may_read
from engine.lifecycle.standing import Standing, Step
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.trust.commitments import Field
from engine.trust.seal import ATTACHMENTS_PREFIX, TRANSITION_PREFIX


def row_of(desk: Desk, doc: str) -> DocumentRow:
    """The document's row; `NotFound` for an id that is none or names nothing."""
    row = desk.store.get(doc) if is_document_id(doc) else None
    if row is None:
        raise NotFound("document.not_found")
    return row


def standing_of(row: DocumentRow) -> Standing:
    """The lifecycle's view of a row."""
    return Standing(
        doc=row["doc"],
        doc_id=row["doc_id"],
        doc_no=row["doc_no"],
        form=row["form"],
        version=row["version"],
        digest=row["digest"],
        state=row["state"],
        seq=row["seq"],
        head=row["head"],
        revision=row["revision"],
        region=row["region"],
        unit=row["unit"],
        created_by=row["created_by"],
        submitted_by=row["submitted_by"],
        collector=row["collector"],
        claimed_by=row["claimed_by"],
        created_at=row["created_at"],
        submitted_at=row["submitted_at"],
        steps=tuple(Step(**step) for step in row["steps"]),
    )


def readable_row(desk: Desk, actor: Actor, doc: str) -> tuple[DocumentRow, CompiledForm]:
    """The row and its form for someone who may read it; anybody else is told that there is none.

    The system itself sees every row: it takes steps that time brings about and shows nobody anything.
    """
    row = row_of(desk, doc)
    form = desk.registry.by_digest(row["digest"])
    if not actor.is_system and not may_read(form, standing_of(row), actor, local_day(desk.clock.now())):
        raise NotFound("document.not_found")
    return row, form


def fields_of(
    desk: Desk, row: DocumentRow, revision: int | None = None, classes: frozenset[str] | None = None
) -> list[Field]:
    """Every opened leaf of a revision (default: the last), sorted as sealed. For the engine's own use."""
    index = next((at for number, at in row["contents"] if number == (revision or row["revision"])), None)
    if index is None:
        raise NotFound("revision.not_found")
    if DESTROYED in row["flags"]:
        return []  # lawfully: what is left is the chain
    record = desk.journal.read(index)
    keys = sealing.document_keys(desk, row, classes, record)
    opened = sealing.open_record(desk, record, keys, record.statement())
    return [leaf for _, part in opened for leaf in part.fields]


def answers_of(
    desk: Desk, row: DocumentRow, revision: int | None = None, classes: frozenset[str] | None = None
) -> dict[str, Any]:
    """The answers in clear, for guards, corrections and comparisons inside the desk."""
    return sealing.answers_in(fields_of(desk, row, revision, classes))


def transition_answers(desk: Desk, row: DocumentRow) -> dict[int, dict[str, Any]]:
    """What was said with each transition, by sequence number."""
    if not row["extras"] or DESTROYED in row["flags"]:
        return {}
    keys = sealing.document_keys(desk, row, (sealing.OTHER,))
    out: dict[int, dict[str, Any]] = {}
    for seq, index in row["extras"]:
        record = desk.journal.read(index)
        opened = sealing.open_record(desk, record, keys, record.statement())
        leaves = [leaf for _, part in opened for leaf in part.fields]
        out[seq] = sealing.reserved_in(leaves, TRANSITION_PREFIX)
    return out


def said(desk: Desk, row: DocumentRow) -> dict[str, dict[str, Any]]:
    """What was last said with each transition since the answers were filed, by its name."""
    told, steps = transition_answers(desk, row), row["steps"]
    filed = max(step["seq"] for step in steps if step["transition"] == steps[0]["transition"])
    return {one["transition"]: told[one["seq"]] for one in steps if one["seq"] > filed and one["seq"] in told}


def attachment_keys(desk: Desk, row: DocumentRow) -> dict[str, Any]:
    """`{file id: {key, blob, commit, media_type}}` of the last revision, for streaming a file out."""
    return sealing.reserved_in(fields_of(desk, row), ATTACHMENTS_PREFIX)


def hides_author(desk: Desk, row: DocumentRow) -> bool:
    """Whether the name of who made the document is shown to nobody (an anonymous opinion)."""
    pointer = desk.registry.by_digest(row["digest"]).workflow.hides_author
    return bool(pointer) and row["facets"].get(pointer) is True


def name_in(desk: Desk, row: DocumentRow, person: str) -> str:
    """The name of somebody who had to do with a document, "" for the hidden author of it."""
    return "" if person == row["created_by"] and hides_author(desk, row) else name_of(desk, person)


def name_of(desk: Desk, person: str) -> str:
    """The name behind a pseudonym, "" when the directory does not know it."""
    account = desk.directory.by_person(person) if person else None
    return account.name if account else ""
