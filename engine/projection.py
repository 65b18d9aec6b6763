"""Event → rows: the one definition of what the read side holds.

Decides how a record changes the document's row, the counters and the idempotency table. Never reads a
sealed part: a row holds non-personal facts, blind index bits and a sealed summary. Rows are replaced,
never mutated, so a reader may keep one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, cast

from engine.record import Erasable, Record


class StepRow(TypedDict):
    """One signed step of a document, oldest first in a row's `steps`."""

    seq: int
    transition: str
    source: str
    target: str
    person: str
    role: str
    unit: str
    at: str
    event: str
    index: int


class DocumentRow(TypedDict):
    """The current standing of a document, foldable from its events alone."""

    doc: str
    doc_id: str
    doc_no: str
    form: str
    version: str
    digest: str
    state: str
    seq: int
    head: str
    revision: int
    region: str
    unit: str
    created_by: str
    submitted_by: str
    collector: str
    claimed_by: str
    created_at: str
    submitted_at: str
    state_since: str
    due_at: str
    late: bool
    channel: str
    facets: Mapping[str, Any]
    blind: Mapping[str, str]
    summary: str
    flags: tuple[str, ...] | list[str]
    filled: list[int]  # [fields filled in, fields asked for] in the newest content
    steps: list[StepRow]
    contents: list[list[int]]  # [revision, log index] of every record that carries answers
    extras: list[list[Any]]  # [seq, log index] of records with transition answers (comment, marks, ticks)


class IdempotentRow(TypedDict):
    """What a client key was used for: the digest of its payload and the record it made (K8)."""

    payload: str
    index: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What one record changes on the read side."""

    row: DocumentRow | None = None
    counters: Mapping[str, int] = field(default_factory=dict)
    idempotent: tuple[str, IdempotentRow] | None = None


NOTHING = Changes()

DESTROYED = "destroyed"
"""The flag of a document whose content was lawfully destroyed; nobody adds content to it again."""

STANDING_STILL = frozenset({"shred", "shred.approve", "review.reaffirm"})
"""Types of events that stand in a document's chain and leave it where it is."""

AMEND = "amend"
"""The type of an event that gives a document new answers and leaves it where it stands: another document
said what was to be changed, so who filed it and when stay as they were."""

SETTING = "setting.change"
"""The type of an event that gives a setting another value from a day on; it is of no document."""

OVERDUE = "overdue"
"""The flag of a document of which a limit was missed; it stays (K7)."""


def project(
    before: DocumentRow | None,
    record: Record,
    event: str,
    statement: Mapping[str, Any],
    kept: Erasable | None = None,
) -> Changes:
    """The changes a record makes. `event` is its event id, `statement` its signed payload as JSON, `kept`
    what stands at `record.kept_at()` (None: nothing of the kind, or destroyed).

    Records of people, keys and snapshots have no document row; their idempotency key still counts.
    """
    side = record.side
    key = side.get("idem")
    idempotent = (key, IdempotentRow(payload=side["payload"], index=record.index)) if key else None
    if statement.get("type") in STANDING_STILL and before is not None:
        return Changes(row=_remarked_row(before, record, event, statement), idempotent=idempotent)
    if statement.get("type") == SETTING:
        return Changes(counters=side.get("counters", {}), idempotent=idempotent)
    if statement.get("type") not in ("submit", "transition", AMEND):
        return Changes(idempotent=idempotent) if idempotent else NOTHING
    if before is None:
        row = _first_row(record, event, statement, kept)
    else:
        row = _next_row(before, record, event, statement, kept)
    return Changes(row=row, counters=side.get("counters", {}), idempotent=idempotent)


def _step(record: Record, event: str, statement: Mapping[str, Any]) -> StepRow:
    actor = statement["actor"]
    return StepRow(
        seq=statement["seq"],
        transition=statement["transition"] or statement["type"],
        source=statement["from"],
        target=statement["to"],
        person=actor["person"],
        role=actor["role"],
        unit=actor["unit"],
        at=record.received_at,
        event=event,
        index=record.index,
    )


def _content(record: Record, statement: Mapping[str, Any], kept: Erasable | None) -> dict[str, Any]:
    """What a record that carries answers says about the document."""
    side, header = record.side, statement["header"]
    # Records from before the erasable store hold bits and summary themselves.
    found = kept or Erasable("", (), side.get("blind", {}), side.get("summary", ""))
    return {
        "revision": header["revision"],
        "submitted_at": header["submitted_at"],
        "submitted_by": statement["actor"]["person"],
        "collector": side.get("collector", ""),
        "facets": side.get("facets", {}),
        "blind": dict(found.blind),
        "summary": found.summary,
        "flags": side.get("flags", []),
        "late": bool(side.get("late", False)),
        "filled": list(side.get("filled", (0, 0))),
    }


def _remarked_row(
    before: DocumentRow, record: Record, event: str, statement: Mapping[str, Any]
) -> DocumentRow:
    """The row after an event that moves nothing; after a destruction, without what let it be found."""
    row: dict[str, Any] = {
        **before,
        "seq": statement["seq"],
        "head": event,
        "steps": [*before["steps"], _step(record, event, statement)],
    }
    if statement["type"] == "shred":
        row |= {"blind": {}, "summary": "", "facets": {}, "collector": "", "claimed_by": ""}
        row["flags"] = sorted({*before["flags"], DESTROYED})
    return cast(DocumentRow, row)


def _first_row(
    record: Record, event: str, statement: Mapping[str, Any], kept: Erasable | None
) -> DocumentRow:
    header, side, form = statement["header"], record.side, statement["form"]
    row: dict[str, Any] = {
        "doc": statement["doc"],
        "doc_id": header["doc_id"],
        "doc_no": header["doc_no"],
        "form": form["id"],
        "version": form["version"],
        "digest": form["sha256"],
        "state": statement["to"],
        "seq": statement["seq"],
        "head": event,
        "region": header["region_code"],
        "unit": header["dept_code"],
        "created_by": statement["actor"]["person"],
        "claimed_by": "",
        "created_at": header["created_at"],
        "state_since": record.received_at,
        "due_at": side.get("due_at", ""),
        "channel": header["source_channel"],
        "steps": [_step(record, event, statement)],
        "contents": [[header["revision"], record.index]],
        "extras": [],
        **_content(record, statement, kept),
    }
    return cast(DocumentRow, row)


def missed_a_limit(row: Mapping[str, Any], flags: Iterable[str], now: str) -> bool:
    """Whether a limit was missed on the way, or has passed by `now`; once missed, it stays (K7)."""
    return OVERDUE in flags or "" < row["due_at"] < now


def _next_row(
    before: DocumentRow, record: Record, event: str, statement: Mapping[str, Any], kept: Erasable | None
) -> DocumentRow:
    side = record.side
    missed = [OVERDUE] if side.get("overdue") else []
    row: dict[str, Any] = {
        **before,
        "state": statement["to"],
        "seq": statement["seq"],
        "head": event,
        "steps": [*before["steps"], _step(record, event, statement)],
        "state_since": record.received_at if statement["to"] != before["state"] else before["state_since"],
        "due_at": side.get("due_at", ""),
        "claimed_by": side.get("claimed_by", before["claimed_by"]),
    }
    if statement.get("header"):
        content = _content(record, statement, kept)
        if statement["type"] in (AMEND, "transition"):
            content |= {name: before[name] for name in ("submitted_by", "submitted_at", "collector", "late")}
        row |= content
        missed += [one for one in before["flags"] if one == OVERDUE]
        row["version"], row["digest"] = statement["form"]["version"], statement["form"]["sha256"]
        row["contents"] = [*before["contents"], [row["revision"], record.index]]
    if record.parts and (side.get("said") or not statement.get("header")):
        row["extras"] = [*before["extras"], [statement["seq"], record.index]]
    row["flags"] = sorted({*row["flags"], *missed})
    return cast(DocumentRow, row)
