"""What an update leaves behind, for pages: what it holds, what waits elsewhere, how it is taken back.

Decides words and links only. A document that this person may not read is counted, not named.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.desk import consequences, holding, reading, reverting, update_beginnings, updating
from engine.desk.reading import Opened
from engine.errors import NotFound
from engine.identity import local_date, local_day, parse_utc
from engine.lifecycle.updates import FollowUp
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from web import labels
from web.labels import Tag
from web.models import model_of
from web.security import Session
from web.services import Services
from web.update_links import said_in_words


@dataclass(frozen=True, slots=True)
class LeftRow:
    """A document that waits, as far as it may be read; `begins` where the same update may be begun."""

    doc: str
    doc_no: str
    tag: Tag
    subject: str
    values: tuple[str, ...]
    is_done: bool
    begins: bool


@dataclass(frozen=True, slots=True)
class Left:
    """One follow-up of an update. `others` is how many documents this person may not read."""

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[LeftRow, ...]
    others: int


@dataclass(frozen=True, slots=True)
class HeldView:
    """What must not happen to a document now; `until` is a day, "" while the update is undecided."""

    title: str
    by: str
    doc: str
    until: str


@dataclass(frozen=True, slots=True)
class Back:
    """Whether an update may be taken back by this person, by which it was, and which it takes back."""

    may: bool = False
    by: DocumentRow | None = None
    cites: DocumentRow | None = None


def left_of(services: Services, session: Session, opened: Opened) -> tuple[Left, ...]:
    """What an update leaves to be done; () for any other document."""
    if opened.form.workflow.updates is None:
        return ()
    found = consequences.listed(services.desk, opened.row)
    return tuple(_left(services, session, opened, one, rows) for one, rows in found if rows)


def held_of(services: Services, session: Session, row: DocumentRow) -> tuple[HeldView, ...]:
    """What is held for a document."""
    return tuple(
        HeldView(
            labels.localized(one.form, f"#/holds/{one.hold.name}", one.hold.title, session.lang),
            one.by["doc_no"],
            one.by["doc"] if _readable(services, session, one.by) else "",
            local_day(parse_utc(one.until)) if one.until else "",
        )
        for one in holding.holds_on(services.desk, row)
    )


def back_of(services: Services, session: Session, opened: Opened) -> Back:
    """The ways between an update and the ones that take it back."""
    rules, desk = opened.form.workflow.updates, services.desk
    if rules is None or not rules.reverts:
        return Back()
    by = reverting.taken_back_by(desk, opened.form, opened.row)
    said = opened.row["facets"].get(rules.reverts)
    cites = desk.store.by_doc_id(said) if isinstance(said, str) else None
    return Back(
        update_beginnings.may_take_back(desk, session.actor, opened.row),
        by if by is not None and _readable(services, session, by) else None,
        cites if cites is not None and _readable(services, session, cites) else None,
    )


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A document that waits: why (a follow-up, the update that left it), and what stands in it, masked."""

    why: str
    update_no: str
    update: str
    left: LeftRow
    facts: tuple[tuple[str, str], ...]


def has_updates(services: Services, session: Session) -> bool:
    """Whether some post of this person's reads updates at all: nobody else has what they left to do."""
    today = local_date(services.desk.clock.now())
    roles = set(session.actor.roles(today.isoformat()))
    return any(
        roles.intersection(rule.get("roles", ()))
        for form in services.desk.registry.all_in_force(today)
        if form.workflow.updates is not None
        for rule in form.workflow.access
    )


def waiting_of(services: Services, session: Session) -> tuple[WaitingRow, ...]:
    """What updates left to be done in documents that this person may read."""
    desk = services.desk
    return tuple(
        _waiting(services, session, form, one)
        for form in desk.registry.all_in_force(local_date(desk.clock.now()))
        for one in consequences.waiting(desk, session.actor, form)
    )


def _waiting(
    services: Services, session: Session, form: CompiledForm, one: consequences.Waiting
) -> WaitingRow:
    its_form = services.desk.registry.by_digest(one.listed.row["digest"])
    left = _row(services, session, one.update, form.form, one.follow_up, one.listed)
    heads = (model_of(its_form).label(at, session.lang) for at in one.follow_up.shows)
    title = one.follow_up.title
    return WaitingRow(
        labels.localized(form, f"#/follow_ups/{one.follow_up.name}", title, session.lang),
        one.update["doc_no"],
        one.update["doc"] if _readable(services, session, one.update) else "",
        left,
        tuple((head, text) for head, text in zip(heads, left.values, strict=True) if text),
    )


def _left(
    services: Services,
    session: Session,
    opened: Opened,
    follow_up: FollowUp,
    rows: tuple[consequences.Listed, ...],
) -> Left:
    lang = session.lang
    seen = [one for one in rows if _readable(services, session, one.row)]
    form = services.desk.registry.by_digest(rows[0].row["digest"])
    return Left(
        follow_up.name,
        labels.localized(opened.form, f"#/follow_ups/{follow_up.name}", follow_up.title, lang),
        tuple(model_of(form).label(at, lang) for at in follow_up.shows),
        tuple(_row(services, session, opened.row, opened.form.form, follow_up, one) for one in seen),
        len(rows) - len(seen),
    )


def _row(
    services: Services,
    session: Session,
    update: DocumentRow,
    form_name: str,
    follow_up: FollowUp,
    one: consequences.Listed,
) -> LeftRow:
    form = services.desk.registry.by_digest(one.row["digest"])
    words = zip(follow_up.shows, one.values, strict=True)
    may_begin = follow_up.begins and not one.is_done and consequences.is_applied(services.desk, update)
    return LeftRow(
        one.row["doc"],
        one.row["doc_no"],
        labels.state_tag(form, one.row["state"], session.lang),
        one.subject,
        tuple(said_in_words(form, at, text, session.lang) for at, text in words),
        one.is_done,
        may_begin
        and any(
            known.form == form_name
            for known in updating.beginnable(services.desk, session.actor, one.row)
        ),
    )


def _readable(services: Services, session: Session, row: DocumentRow) -> bool:
    try:
        reading.readable_row(services.desk, session.actor, row["doc"])
    except NotFound:
        return False
    return True
