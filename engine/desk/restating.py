"""A step that writes into its document: the same event moves it and carries its new answers.

Decides what the answers are after the step and that they hold; fields are committed and sealed anew under
the document's own keys. Who filed the document, and when, stays as it was. Never decides who may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk import attaching, checking, indexing, lookups, reading, sealing
from engine.desk.desk import Desk
from engine.errors import Invalid
from engine.identity import local_day, utc_text
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor
from engine.lifecycle.writing import with_value, written
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.validate import validate
from engine.trust.commitments import flatten
from engine.trust.seal import ATTACHMENTS_PREFIX


@dataclass(frozen=True, slots=True)
class Restated:
    """The answers as the step leaves them, free of errors, with the files they list."""

    answers: dict[str, Any]
    bound: attaching.Bound
    warnings: tuple[str, ...]


def restate(
    desk: Desk, actor: Actor, row: DocumentRow, form: CompiledForm, step: Advance, told: Mapping[str, Any]
) -> Restated | None:
    """What the document says after the step, None when the step writes nothing.

    `told` is what the system found out, by pointer. Raises Invalid("answers") when the whole does not hold.
    """
    if not step.transition.writes and not told:
        return None
    now = desk.clock.now()
    unit = step.grant.unit if step.grant is not None else actor.unit
    names = {
        "transition": step.answers,
        "actor": {**actor.as_facts(step.role), "unit": unit},
        "document": {"doc_id": row["doc_id"], "doc_no": row["doc_no"]},
        "now": utc_text(now),
        "today": local_day(now),
    }
    answers = written(step.transition.writes, reading.answers_of(desk, row), names)
    for pointer, value in told.items():
        answers = with_value(answers, pointer, value)
    around = checking.surroundings(desk, actor, step.role, now, form, answers, row)
    judged = validate(form, answers, around)
    if judged.errors:
        raise Invalid("answers", problems=judged.errors)
    bound = attaching.bind(desk, actor, form, judged.answers, row)
    if bound.problems:
        raise Invalid("answers", problems=bound.problems)
    return Restated(judged.answers, bound, tuple(one.code for one in judged.warnings))


def content(
    desk: Desk, row: DocumentRow, form: CompiledForm, found: Restated, said: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the event of the step carries beside the step itself, and what its record says at its side.

    `said` are the step's own answers (comment, marks, what was drawn); they are sealed with the rest.
    """
    groups = sealing.group_fields(form, found.answers)
    for file_id, entry in found.bound.sealed.items():
        groups.setdefault(entry["class"], []).append((f"{ATTACHMENTS_PREFIX}{file_id}", entry))
    if said:
        groups.setdefault(sealing.OTHER, []).extend(flatten({"transition": dict(said)}))
    for fields in groups.values():
        fields.sort(key=sealing.path_of)
    known = sealing.document_keys(desk, row)
    sealed = sealing.seal_groups(desk, form, row["doc"], row["seq"] + 1, groups, known)
    indexed = indexing.indexed_values(form, found.answers)
    summary = indexing.summary_note(form, found.answers)
    prepared = desk.vault.prepare(row["doc"], sealed.fresh, indexed, lookups.SUMMARY, summary)
    header = {
        "doc_id": row["doc_id"],
        "doc_no": row["doc_no"],
        **indexing.header(form, found.answers, desk.clock.now()),
        "revision": row["revision"] + 1,
        "region_code": row["region"],
        "dept_code": row["unit"],
        "source_channel": row["channel"],
        "created_at": row["created_at"],
        "submitted_at": row["submitted_at"],
        "collector": row["collector"],
    }
    side = {
        "flags": sorted({*found.warnings}),
        "facets": indexing.facets(form, found.answers),
        "blind": dict(prepared.bits),
        "summary": prepared.note.hex(),
        "said": bool(said),
    }
    carried = {
        "header": header,
        "part_refs": sealed.refs,
        "parts": sealed.parts,
        "wraps": prepared.wraps,
        "attachments": found.bound.refs,
    }
    return carried, side
