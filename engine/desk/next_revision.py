"""What a document's next revision is made of, whichever step or document brings it about.

Decides that fields are committed and sealed anew under the document's own keys, that index bits and list
values follow the new answers, and that numbers, maker and times of filing stay. Never decides whether the
answers hold, nor who may.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.desk import attaching, indexing, lookups, sealing
from engine.desk.desk import Desk
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.effective import count_filled
from engine.trust.commitments import flatten
from engine.trust.seal import ATTACHMENTS_PREFIX


def content(
    desk: Desk,
    row: DocumentRow,
    form: CompiledForm,
    answers: Mapping[str, Any],
    bound: attaching.Bound,
    said: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the event carries, by the names of NewEvent, and what its record says of it at its side.

    `said` are the answers of the step itself (comment, marks, what was drawn); they are sealed with the rest.
    """
    groups = sealing.group_fields(form, answers)
    for file_id, entry in bound.sealed.items():
        groups.setdefault(entry["class"], []).append((f"{ATTACHMENTS_PREFIX}{file_id}", entry))
    if said:
        groups.setdefault(sealing.OTHER, []).extend(flatten({"transition": dict(said)}))
    for fields in groups.values():
        fields.sort(key=sealing.path_of)
    known = sealing.document_keys(desk, row)
    sealed = sealing.seal_groups(desk, form, row["doc"], row["seq"] + 1, groups, known)
    indexed, summary = indexing.indexed_values(form, answers), indexing.summary_note(form, answers)
    prepared = desk.vault.prepare(row["doc"], sealed.fresh, indexed, lookups.SUMMARY, summary)
    carried = {
        "header": {
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
        },
        "part_refs": sealed.refs,
        "parts": sealed.parts,
        "wraps": prepared.wraps,
        "attachments": bound.refs,
    }
    beside = {
        "facets": indexing.facets(form, answers),
        "blind": dict(prepared.bits),
        "summary": prepared.note.hex(),
        "filled": list(count_filled(form, answers)),
    }
    return carried, beside
