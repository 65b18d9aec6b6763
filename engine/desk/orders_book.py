"""The book of emergency orders: every order with what was opened under it, read from the log as it grows.

Decides nothing that an order allows (`engine.desk.breakglass` asks the log each time); shows what happened.
A book is a value: reading on gives a new one, and losing it costs only reading the log again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from engine.desk import breakglass
from engine.desk.desk import Desk
from engine.identity import parse_utc, utc_text


@dataclass(frozen=True, slots=True)
class Opening:
    """One document opened under an order: by whom and when (UTC text), and the log index that says so."""

    document: str
    person: str
    at: str
    index: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One order and what came of it. Texts are "" and `finding` is "" while there is nothing to say."""

    intent: int
    asked_by: str
    asked_at: str
    reason: str
    documents: tuple[str, ...]
    hours: int
    consented_by: str = ""
    until: str = ""
    review_due: str = ""
    openings: tuple[Opening, ...] = ()
    reviewed_by: str = ""
    reviewed_at: str = ""
    finding: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        """Who asked and who consented."""
        return (self.asked_by, self.consented_by) if self.consented_by else (self.asked_by,)

    def standing(self, now: str) -> str:
        """`waiting` for consent, `lapsed`, `open`, `to_review`, `overdue`, `reviewed`; `now` is UTC text."""
        if self.finding:
            return "reviewed"
        if not self.consented_by:
            return "waiting" if now <= self.consent_until else "lapsed"
        if now < self.until:
            return "open"
        return "overdue" if self.review_due < now else "to_review"

    @property
    def consent_until(self) -> str:
        """Until when a second person may consent."""
        last: timedelta = breakglass.CONSENT_WITHIN
        return utc_text(parse_utc(self.asked_at) + last)


@dataclass(frozen=True, slots=True)
class Book:
    """Orders by their intent's log index, of the first `size` records."""

    size: int = 0
    entries: Mapping[int, Entry] = field(default_factory=dict)

    def newest_first(self) -> tuple[Entry, ...]:
        """Every order."""
        return tuple(self.entries[intent] for intent in sorted(self.entries, reverse=True))

    def unreviewed(self, now: str) -> tuple[Entry, ...]:
        """Orders that were consented to and not reviewed, oldest first."""
        wanted = {"open", "to_review", "overdue"}
        return tuple(one for one in reversed(self.newest_first()) if one.standing(now) in wanted)


def read_on(desk: Desk, book: Book) -> Book:
    """The book as of now: what it held and what the log has had since."""
    entries, size = dict(book.entries), book.size
    for record in desk.journal.scan(book.size):
        size = record.index + 1
        if breakglass.is_about(record):
            _take(entries, record.statement(), record.index)
    return Book(size, entries)


def _take(entries: dict[int, Entry], said: Mapping[str, Any], index: int) -> None:
    kind, body, person = said["type"], said["body"], said["actor"]["person"]
    if kind == breakglass.INTENT:
        entries[index] = Entry(
            index, person, said["time"], body["reason"], tuple(body["documents"]), body["hours"]
        )
        return
    before = entries.get(body.get("intent", -1))
    if before is None:
        return
    if kind == breakglass.CONSENT:
        after = replace(
            before, consented_by=person, until=body["until"], review_due=body["review_due"]
        )
    elif kind == breakglass.OPEN:
        opening = Opening(body["document"], person, said["time"], index)
        after = replace(before, openings=(*before.openings, opening))
    elif kind == breakglass.REVIEW:
        after = replace(before, reviewed_by=person, reviewed_at=said["time"], finding=body["finding"])
    else:
        return
    entries[before.intent] = after
