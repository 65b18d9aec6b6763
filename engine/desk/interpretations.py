"""The official notes on clauses of the regulation, from the documents that interpret them (R7.1).

Decides which notes stand. Never decides who may publish one: that is the form's states.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from engine.desk.desk import Desk
from engine.desk.rows import answers_of
from engine.identity import local_day, parse_utc
from engine.ports import ListView
from engine.projection import DocumentRow
from engine.registry.pointers import look

PAGE: Final = 200
MOST_REMEMBERED: Final = 1000
_notes: OrderedDict[str, Note] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Note:
    """One note: its clause, its words, its day (YYYY-MM-DD) and the document that says so.

    `text_en` may be "". `until` is the day it was revoked, "" while it stands. `official` is the document's
    official number.
    """

    clause: str
    text: str
    text_en: str
    published_on: str
    until: str
    doc: str
    official: str


def notes(desk: Desk, day: str) -> tuple[Note, ...]:
    """The notes that stood on `day` (YYYY-MM-DD), in the order of their publication."""
    forms = tuple(sorted({one.form for one in desk.registry.known() if one.workflow.interprets is not None}))
    found: list[Note] = []
    place: str | None = None
    while forms:
        page = desk.store.page(ListView(forms=forms), place, PAGE)
        found += [one for row in page.rows if (one := _note(desk, row)) is not None]
        place = page.next
        if place is None:
            break
    standing = (one for one in found if one.published_on <= day and not (one.until and one.until <= day))
    return tuple(sorted(standing, key=lambda one: (one.published_on, one.official)))


def _note(desk: Desk, row: DocumentRow) -> Note | None:
    """What a document says as a note, remembered by its head; None before it is published."""
    known = _notes.get(row["head"])
    if known is not None:
        return known
    rules = desk.registry.by_digest(row["digest"]).workflow.interprets
    times = [step["at"] for step in row["steps"] if rules and step["transition"] == rules.published]
    if rules is None or not times:
        return None
    answers = answers_of(desk, row)
    made = _notes[row["head"]] = Note(
        clause=str(look(answers, rules.clause)),
        text=str(look(answers, rules.text)),
        text_en=str((look(answers, rules.text_en) if rules.text_en else None) or ""),
        published_on=local_day(parse_utc(times[-1])),
        until="" if row["state"] in rules.states else local_day(parse_utc(row["state_since"])),
        doc=row["doc"],
        official=row["doc_no"],
    )
    while len(_notes) > MOST_REMEMBERED:
        _notes.popitem(last=False)
    return made
