"""Ports of what is told to people and of work that runs by itself: notices, and who has taken which piece.

Decides shapes only, as `engine.ports` does. A notice holds no personal information: a pseudonym, a document's
numbers, a kind and a day; what it says in words is made when it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

WAITING, SENT, REFUSED, UNASKED = "", "sent", "refused", "none"
"""Where a notice stands as mail: still to go, gone, refused by the server for good, not wished."""

NOT_OPENED = "not_opened"
"""The kind of a notice about a document that there is not: `doc` is empty, `doc_no` the period, `state` the
department."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing told to one person. `key` and `person` together make it one: told again, it is the same.

    `kind` is a word of the catalogue, `digest` the form version, times are UTC text. `tries` and `next_try`
    are of the mail.
    """

    key: str
    person: str
    kind: str
    doc: str
    doc_id: str
    doc_no: str
    digest: str
    state: str
    due_at: str
    made_at: str
    read_at: str = ""
    mail: str = WAITING
    tries: int = 0
    next_try: str = ""


class Notices(Protocol):
    """Notices, kept through a restart. What `add` and `keep` were given is durable when they return."""

    def add(self, made: Iterable[Notice]) -> tuple[Notice, ...]:
        """Keep those that are not there yet; which these were. `Unavailable("disk")`."""
        ...

    def keep(self, changed: Iterable[Notice]) -> None:
        """Replace notices that are there: read, sent. `Unavailable("disk")`."""
        ...

    def of_person(self, person: str) -> tuple[Notice, ...]:
        """Everything told to a person, newest first."""
        ...

    def has(self, key: str) -> bool:
        """Whether anybody was told this."""
        ...

    def unread(self, person: str) -> int: ...
    def to_mail(self) -> tuple[Notice, ...]:
        """What may still have to go out as mail, oldest first."""
        ...

    def forget(self, before: str) -> int:
        """Drop what was made before a moment (UTC text) and has gone its way; how many."""
        ...


class Chores(Protocol):
    """Which piece of work was done for which slot of time, and who has it in hand: one at a time.

    A slot is the UTC text of its beginning, so that later ones are greater.
    """

    def claim(self, piece: str, slot: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take a piece in hand until a moment; False when it was done for this slot or is another's now."""
        ...

    def finish(self, piece: str, slot: str, holder: str) -> bool:
        """Say it was done; False when it has meanwhile become another's."""
        ...

    def release(self, piece: str, holder: str) -> None:
        """Give a piece back undone, to be taken at once."""
        ...

    def done(self, piece: str) -> str:
        """The newest slot for which it was done, "" for none."""
        ...
