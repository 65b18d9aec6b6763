"""The text of the regulation in force on a day: a dated base and the amendments published since.

Decides by dates of entry into force and by the order of the log. Never forgets a clause: what a clause once
said, and by which revision document it changed, can be asked for any day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Problem

ADD: Final = "add"
CHANGE: Final = "change"
DELETE: Final = "delete"
_NUMBER: Final = re.compile("[0-9]+|[a-z]")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause as it stands: its text, since which day (YYYY-MM-DD), by which revision ("" = the base).

    `forms` are the (form, version) that carry it out, as far as the base and revisions said so.
    """

    clause: str
    text: str
    since: str
    revision: str = ""
    forms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One line of a revision: add, change or delete a clause."""

    clause: str
    action: str
    old_text: str
    new_text: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """What one published revision document did to the regulation. `index` is its place in the log."""

    version: str
    effective_on: str
    revision: str
    index: int
    changes: tuple[ClauseChange, ...] = ()
    forms: tuple[tuple[str, str, str], ...] = ()  # (clause, form, version)


@dataclass(frozen=True, slots=True)
class Regulation:
    """The text in force: its version, since when, by which revision, and the clauses in their order."""

    version: str
    since: str
    revision: str
    clauses: tuple[Clause, ...] = field(default=())

    def clause(self, name: str) -> Clause | None:
        """The clause of that id, or None."""
        return next((one for one in self.clauses if one.clause == name), None)


def text_in_force(base: Mapping[str, Any], amendments: Iterable[Amendment], day: str) -> Regulation:
    """The regulation as it stood on `day` (YYYY-MM-DD).

    `base` is {"version", "effective_on", "clauses": [{"clause", "text", "forms": [{"form", "version"}]}]};
    before its own day nothing is in force and no clause is given.
    """
    first = str(base["effective_on"])
    if day < first:
        return Regulation("", "", "")
    held = {one["clause"]: _began(one, first) for one in base["clauses"]}
    found = Regulation(str(base["version"]), first, "")
    for one in sorted(amendments, key=_order):
        if one.effective_on > day:
            continue
        for change in one.changes:
            if change.action == DELETE:
                held.pop(change.clause, None)
            else:
                forms = held[change.clause].forms if change.clause in held else ()
                text, since = change.new_text, one.effective_on
                held[change.clause] = Clause(change.clause, text, since, one.revision, forms)
        for name, form, version in one.forms:
            if name in held:
                held[name] = _carried_out(held[name], form, version)
        found = Regulation(one.version, one.effective_on, one.revision)
    ordered = tuple(sorted(held.values(), key=_place))
    return Regulation(found.version, found.since, found.revision, ordered)


def check_changes(now: Regulation, changes: Sequence[ClauseChange], pointer: str) -> list[Problem]:
    """What is wrong with proposed changes to the text as it stands; pointers are below `pointer`.

    Codes: `regulation.clause_exists`, `regulation.clause_unknown`, `regulation.old_text` (it does not say
    that), `regulation.twice`.
    """
    problems, seen = [], set()
    for place, one in enumerate(changes):
        at, facts = f"{pointer}/{place}", {"clause": one.clause}
        standing = now.clause(one.clause)
        if one.clause in seen:
            problems.append(Problem(f"{at}/clause", "regulation.twice", facts))
        elif one.action == ADD and standing is not None:
            problems.append(Problem(f"{at}/clause", "regulation.clause_exists", facts))
        elif one.action != ADD and standing is None:
            problems.append(Problem(f"{at}/clause", "regulation.clause_unknown", facts))
        elif standing is not None and standing.text != one.old_text:
            problems.append(Problem(f"{at}/old_text", "regulation.old_text", facts))
        seen.add(one.clause)
    return problems


def _began(clause: Mapping[str, Any], first: str) -> Clause:
    forms = tuple((one["form"], one["version"]) for one in clause.get("forms", ()))
    return Clause(clause["clause"], clause["text"], first, forms=forms)


def _carried_out(clause: Clause, form: str, version: str) -> Clause:
    others = tuple(pair for pair in clause.forms if pair[0] != form)
    return Clause(clause.clause, clause.text, clause.since, clause.revision, (*others, (form, version)))


def _order(one: Amendment) -> tuple[str, int]:
    return one.effective_on, one.index


def _place(one: Clause) -> list[tuple[int, str]]:
    """R4.4.10 after R4.4.9, R4.5.2a before R4.5.2b."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in _NUMBER.findall(one.clause)]
