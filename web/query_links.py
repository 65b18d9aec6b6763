"""From a query to its result, from a result to its query, and to the proof of each document it shows.

Decides nothing about rights: a document that may not be read is not named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.desk import query_delivery, querying, reading
from engine.desk.reading import Opened
from engine.errors import NotFound
from engine.projection import DocumentRow
from engine.registry.pointers import look
from web import kept_subjects
from web.security import Session
from web.services import Services


@dataclass(frozen=True, slots=True)
class QueryLinks:
    """What belongs to this document; `proofs` are ids of documents whose values are shown."""

    result: DocumentRow | None = None
    query: DocumentRow | None = None
    proofs: tuple[str, ...] = ()


NONE = QueryLinks()


def links_of(services: Services, session: Session, opened: Opened) -> QueryLinks:
    """The links of a query or of a result; none for any other document."""
    workflow, desk = opened.form.workflow, services.desk
    if workflow.queries is not None:
        made = querying.run_of(desk, opened.row)
        return QueryLinks(result=_readable(services, session, made["doc"]) if made is not None else None)
    if workflow.results is not None:
        said = look(opened.answers, workflow.results.query)
        row = desk.store.by_doc_id(said) if isinstance(said, str) else None
        return QueryLinks(
            query=_readable(services, session, row["doc"]) if row is not None else None,
            proofs=query_delivery.sources(desk, session.actor, opened.row["doc"]),
        )
    return NONE


def _readable(services: Services, session: Session, doc: str) -> DocumentRow | None:
    try:
        return reading.readable_row(services.desk, session.actor, doc)[0]
    except NotFound:
        return None


def in_words(services: Services, opened: Opened, lang: str) -> Opened:
    """The document with words where a query keeps only the index of a person."""
    answers = kept_subjects.in_words(opened.form, dict(opened.answers), services.catalogue, lang)
    return replace(opened, answers=answers)
