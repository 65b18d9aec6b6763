"""Ids of documents among the facts of a page, as links with what the document is called and where it stands.

Decides nothing about rights: a document that may not be read stays an id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.desk import reading
from engine.identity import local_day
from engine.lifecycle.permissions import may_read
from engine.registry.compiled import CompiledForm
from forms.summary import SummarySection
from web import labels
from web.security import Session
from web.services import Services

DOC_ID = "doc_id"


@dataclass(frozen=True, slots=True)
class Link:
    """Where an id leads, and the document's official number and state."""

    href: str
    words: str


def hrefs_of(
    services: Services, session: Session, form: CompiledForm, sections: Iterable[SummarySection]
) -> dict[str, Link]:
    """The links of a page's facts, by pointer."""
    found: dict[str, Link] = {}
    for section in sections:
        for row in section.rows:
            info = form.field(row.pointer)
            if info is not None and info.format == DOC_ID and not row.is_masked:
                link = link_to(services, session, row.text)
                if link is not None:
                    found[row.pointer] = link
    return found


def link_to(services: Services, session: Session, doc_id: str) -> Link | None:
    """The link to a document by its id, for somebody who may read it."""
    desk = services.desk
    row = desk.store.by_doc_id(doc_id)
    if row is None:
        return None
    form, today = desk.registry.by_digest(row["digest"]), local_day(desk.clock.now())
    if not may_read(form, reading.standing_of(row), session.actor, today):
        return None
    state = labels.state_tag(form, row["state"], session.lang).word
    return Link(f"/documents/{row['doc']}", f"{row['doc_no']} · {state}")
