"""A document as it leaves whole: into the archive, or as a copy to the person it is about.

Decides what is in it: everything for the archive; for a person, nothing personal of somebody else. Whoever
calls has asked for the right, and `note` is written before anything leaves.
"""

from __future__ import annotations

from typing import Any, Final

from engine.desk import reading, sealing
from engine.desk.desk import Desk
from engine.desk.grounds import Ground
from engine.identity import utc_text
from engine.lifecycle.permissions import Rights
from engine.ports import Access
from engine.projection import DocumentRow
from engine.registry.masks import mask
from engine.trust.commitments import Field, flatten, unflatten
from engine.trust.statement import CLASSES

ARCHIVE: Final = "archive"
ALL: Final = frozenset(CLASSES)


def opened_whole(
    desk: Desk, row: DocumentRow, ground: Ground, others: tuple[str, ...] = ()
) -> reading.Opened:
    """The newest revision in clear. Below `others` values with a mask are masked, other personal ones left
    out."""
    form = desk.registry.by_digest(row["digest"])
    shown: list[Field] = []
    masked: set[str] = set()
    for path, value in flatten(reading.answers_of(desk, row)):
        info = form.field(path)
        if info is not None and info.sensitivity != "none" and _is_below(path, others):
            if not info.mask:
                continue
            masked.add(path)
            value = mask(info.mask, value)
        shown.append((path, value))
    rights = Rights(ALL, clear=True, reveal=False, clear_classes=ALL, actions=frozenset(("read", "print")))
    standing, answers = reading.standing_of(row), unflatten(shown)
    return reading.Opened(row, standing, form, answers, frozenset(masked), rights, row["revision"], ground)


def _is_below(path: str, others: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in others)


def note(
    desk: Desk, person: str, role: str, row: DocumentRow, what: tuple[str, ...], purpose: str, basis: str
) -> None:
    """Write to the access log that a document leaves whole; returns when it is durable."""
    now = utc_text(desk.clock.now())
    desk.access.write(Access(now, person, role, row["doc"], what, purpose, basis))


def written(desk: Desk, opened: reading.Opened) -> dict[str, Any]:
    """The document as JSON: its numbers, what it says, and every step with who took it and what was said."""
    row, form = opened.row, opened.form
    said = reading.transition_answers(desk, row)
    return {
        "format": "fengjian-document/1",
        "doc_id": row["doc_id"],
        "doc_no": row["doc_no"],
        "doc": row["doc"],
        "form": {"id": row["form"], "version": row["version"], "sha256": row["digest"]},
        "title": str(form.bundle.schema["title"]),
        "state": row["state"],
        "revision": opened.revision,
        "head": row["head"],
        "region": row["region"],
        "department": row["unit"],
        "submitted_at": row["submitted_at"],
        "answers": dict(opened.answers),
        "masked": sorted(opened.masked),
        "steps": [
            {
                "seq": step["seq"],
                "transition": step["transition"],
                "from": step["source"],
                "to": step["target"],
                "at": step["at"],
                "event": step["event"],
                "log_index": step["index"],
                "staff_no": _staff_no(desk, row, step["person"]),
                "role": step["role"],
                "department": step["unit"],
                "said": said.get(step["seq"], {}) if not opened.masked else {},
            }
            for step in row["steps"]
        ],
    }


def _staff_no(desk: Desk, row: DocumentRow, person: str) -> str:
    if person == row["created_by"] and reading.hides_author(desk, row):
        return ""
    account = desk.directory.by_person(person)
    return account.staff_no if account is not None else "system"


def file_ids(opened: reading.Opened, desk: Desk) -> tuple[str, ...]:
    """The attachments that leave with the document: all of them, none where parts of it are masked.

    A scan cannot be masked.
    """
    return () if opened.masked else tuple(sorted(reading.attachment_keys(desk, opened.row)))


def discloses(opened: reading.Opened) -> frozenset[str]:
    """The pointers whose values leave in clear."""
    paths = (path for path, _ in flatten(opened.answers) if path not in opened.masked)
    return frozenset(path for path in paths if not path.startswith(sealing.RESERVED))
