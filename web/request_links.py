"""From the request of a person to what follows from it: the copies, and the documents to be corrected.

Decides which links there are; whether each may be followed is asked again where it leads.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.desk import holdings
from engine.desk.reading import Opened
from engine.errors import NotAllowed, NotFound
from engine.identity import local_date, local_day
from engine.lifecycle.advance import begin as role_to_begin
from engine.registry.pointers import look
from web.security import Session
from web.services import Services


@dataclass(frozen=True, slots=True)
class RequestLinks:
    """`copies`: they may be fetched. `targets`: documents to be corrected, each with its number."""

    copies: bool = False
    targets: tuple[tuple[str, str], ...] = ()


def request_links_of(services: Services, session: Session, opened: Opened) -> RequestLinks:
    """The links of a request; none for any other document."""
    rules, desk = opened.form.workflow.keeping.answers_person, services.desk
    if rules is None:
        return RequestLinks()
    may_copy = holdings.may_copy(opened) and "print" in opened.rights.actions
    if not holdings.may_correct(opened) or not _may_begin(services, session, rules.update):
        return RequestLinks(may_copy)
    held = look(opened.answers, rules.holdings)
    found = [desk.store.by_doc_id(one["doc_id"]) for one in (held if isinstance(held, list) else ())]
    wanted = desk.registry.in_force(rules.update, local_date(desk.clock.now())).workflow.updates
    return RequestLinks(
        may_copy,
        tuple(
            (row["doc"], row["doc_no"])
            for row in found
            if row is not None
            and wanted is not None
            and row["form"] == wanted.form
            and row["state"] in wanted.states
        ),
    )


def _may_begin(services: Services, session: Session, form: str) -> bool:
    now = services.desk.clock.now()
    try:
        version = services.desk.registry.in_force(form, local_date(now))
        role_to_begin(version, session.actor, local_day(now))
    except (NotAllowed, NotFound):
        return False
    return True
