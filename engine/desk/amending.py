"""A new revision of a document that another document brought about: same chain, next event, same state.

Decides how the event is made: fields committed and sealed anew under the document's own keys, index bits and
list values made from the new answers, numbers, maker and times of filing as they were. Never decides
whether the answers hold nor who may: engine.desk.updating does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.desk import attaching, events, indexing, lookups, reading, sealing
from engine.desk.desk import Desk
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor
from engine.projection import AMEND, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.trust.seal import ATTACHMENTS_PREFIX
from engine.trust.statement import FormRef

UPDATE: Final = "update"


@dataclass(frozen=True, slots=True)
class Amendment:
    """The answers of the new revision, free of problems, and the document that asks for it."""

    row: DocumentRow
    form: CompiledForm
    answers: Mapping[str, Any]
    bound: attaching.Bound
    by_doc: str
    by_doc_id: str
    by_head: str

    def body(self) -> dict[str, Any]:
        """What the event states: which document brought it about, and as of which of its events."""
        return {UPDATE: {"doc": self.by_doc, "doc_id": self.by_doc_id, "event": self.by_head}}


def amend(desk: Desk, found: Amendment, actor: Actor, step: Advance, unlock: str | None) -> str:
    """Append the new revision inside the critical section; its event id.

    It is signed by whoever takes the step of the document that asks for it, in that role and by that grant.
    """
    row, form, answers = found.row, found.form, found.answers
    groups = sealing.group_fields(form, answers)
    for file_id, entry in found.bound.sealed.items():
        groups.setdefault(entry["class"], []).append((f"{ATTACHMENTS_PREFIX}{file_id}", entry))
    for klass in {entry["class"] for entry in found.bound.sealed.values()}:
        groups[klass].sort(key=sealing.path_of)
    known = sealing.document_keys(desk, row)
    sealed = sealing.seal_groups(desk, form, row["doc"], row["seq"] + 1, groups, known)
    indexed, summary = indexing.indexed_values(form, answers), indexing.summary_note(form, answers)
    prepared = desk.vault.prepare(row["doc"], sealed.fresh, indexed, lookups.SUMMARY, summary)
    header = {
        "doc_id": row["doc_id"],
        "doc_no": row["doc_no"],
        **indexing.header(form, answers, desk.clock.now()),
        "revision": row["revision"] + 1,
        "region_code": row["region"],
        "dept_code": row["unit"],
        "source_channel": row["channel"],
        "created_at": row["created_at"],
        "submitted_at": row["submitted_at"],
        "collector": row["collector"],
    }
    side = {
        "due_at": row["due_at"],
        "flags": list(row["flags"]),
        "facets": indexing.facets(form, answers),
        "blind": dict(prepared.bits),
        "summary": prepared.note.hex(),
        "claimed_by": row["claimed_by"],
    }
    new = events.NewEvent(
        doc=row["doc"],
        seq=row["seq"] + 1,
        prev=row["head"],
        type=AMEND,
        actor=actor,
        role=step.role,
        grant=step.grant,
        form=FormRef(form.bundle.form, form.bundle.version, form.bundle.digest),
        source=row["state"],
        target=row["state"],
        header=header,
        part_refs=sealed.refs,
        parts=sealed.parts,
        wraps=prepared.wraps,
        attachments=found.bound.refs,
        body=found.body(),
        side=side,
    )
    events.append(desk, new, unlock, lambda written, _: written.event)
    return reading.row_of(desk, row["doc"])["head"]
