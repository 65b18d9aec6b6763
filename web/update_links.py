"""The ways between a document and the forms that change it, for the document's page.

Decides which buttons and links there are; whether each may be followed is asked again where it leads.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.desk import amending, update_targets, updating
from engine.desk.reading import Opened
from engine.projection import AMEND, DocumentRow
from web import labels
from web.security import Session
from web.services import Services


def begins_of(
    services: Services, session: Session, row: DocumentRow, lang: str
) -> tuple[tuple[str, str], ...]:
    """The forms that this person may begin from this document, each with its name."""
    found = updating.beginnable(services.desk, session.actor, row)
    return tuple((form.form, labels.form_title(form, lang)) for form in found)


@dataclass(frozen=True, slots=True)
class Changed:
    """One change side by side, masked as it is on paper."""

    label: str
    old: str
    new: str
    removed: bool
    evidence: str


def changed_of(opened: Opened) -> tuple[Changed, ...]:
    """What an opened document changes in another one, as far as this person sees it; () for other forms."""
    rules = opened.form.workflow.updates
    rows = update_targets.changes_of(rules, opened.answers) if rules is not None else ()
    return tuple(
        Changed(
            label=str(one.get("label", one["path"])),
            old=str(one.get("old_masked", "")),
            new=str(one.get("new_masked", "")),
            removed=bool(one.get("remove")),
            evidence=str(one.get("evidence_file_id", "")),
        )
        for _, one in rows
    )


def amended_by(services: Services, row: DocumentRow) -> dict[int, tuple[str, str]]:
    """For each revision that another document brought about: that document's address and its id."""
    found: dict[int, tuple[str, str]] = {}
    for number, index in row["contents"][1:]:
        said = services.desk.journal.read(index).statement()
        if said["type"] == AMEND:
            by = said["body"][amending.UPDATE]
            found[number] = (str(by["doc"]), str(by["doc_id"]))
    return found


def target_of_update(services: Services, session: Session, opened: Opened) -> DocumentRow | None:
    """The document that an opened document changes, when this person may read it."""
    rules = opened.form.workflow.updates
    if rules is None:
        return None
    return update_targets.readable(services.desk, session.actor, rules, opened.answers)
