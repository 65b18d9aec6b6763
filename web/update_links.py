"""The ways between a document and the forms that change it, for the document's page.

Decides which buttons and links there are; whether each may be followed is asked again where it leads.
"""

from __future__ import annotations

from engine.desk import update_targets, updating
from engine.desk.reading import Opened
from engine.projection import DocumentRow
from web import labels
from web.security import Session
from web.services import Services


def begins_of(
    services: Services, session: Session, row: DocumentRow, lang: str
) -> tuple[tuple[str, str], ...]:
    """The forms that this person may begin from this document, each with its name."""
    found = updating.beginnable(services.desk, session.actor, row)
    return tuple((form.form, labels.form_title(form, lang)) for form in found)


def target_of_update(services: Services, session: Session, opened: Opened) -> DocumentRow | None:
    """The document that an opened document changes, when this person may read it."""
    rules = opened.form.workflow.updates
    if rules is None:
        return None
    return update_targets.readable(services.desk, session.actor, rules, opened.answers)
