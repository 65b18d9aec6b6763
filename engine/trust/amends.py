"""Whether each revision that another document brought about is stated by both of them (decision 0021).

Decides by the signed statements alone: the event of the changed document names the document that changed it,
and that one's own step names the event. Never opens content; who signed what is the chain's to judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Problem
from engine.trust.chain import AMEND

BY: Final = "update"
"""In the body of an `amend`: the document that brought it about."""
APPLIED: Final = "applied"
"""In the body of a step: the document that it changed, its new revision and the event that made it."""


@dataclass(frozen=True, slots=True)
class Amended:
    """An `amend`: event `event` made `revision` of `doc`, because of the document `by`."""

    index: int
    event: str
    doc: str
    doc_id: str
    revision: int
    by: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A step of the document `by` that says to have made `revision` of `doc` by `event`."""

    index: int
    event: str
    doc: str
    doc_id: str
    revision: int
    by: str


Link = Amended | Applied


def link_of(statement: Mapping[str, Any], event: str, index: int) -> Link | None:
    """What a statement says of a change across documents; None for one that says nothing of it.

    A member that is missing or of another type comes as "" or 0, and then agrees with nothing.
    """
    body, doc = _object(statement, "body"), str(statement["doc"])
    if statement["type"] == AMEND:
        header, by = _object(statement, "header"), _text(_object(body, BY), "doc")
        return Amended(index, event, doc, _text(header, "doc_id"), _number(header, "revision"), by)
    if APPLIED in body:
        made = _object(body, APPLIED)
        about = (_text(made, "event"), _text(made, "doc"), _text(made, "doc_id"), _number(made, "revision"))
        return Applied(index, *about, doc)
    return None


def judge(links: Iterable[Link]) -> Iterator[Problem]:
    """What two documents state differently, in the order of the log.

    `amend.not_applied`: no step of the named document says to have made this revision. Forged, or left by a
    crash between the two events: applying the update once more writes the second.
    `amend.not_made`: a step says to have made a revision that no event before it made.
    `amend.differs`: event and step name each other and say something else of document, revision or cause.
    """
    known = sorted(links, key=lambda one: one.index)
    steps = {one.event: one for one in known if isinstance(one, Applied)}
    made = {one.event: one for one in known if isinstance(one, Amended)}
    for one in known:
        if isinstance(one, Amended):
            other: Link | None = steps.get(one.event)
            code = "amend.not_applied"
        else:
            other = made.get(one.event)
            other = other if other is not None and other.index < one.index else None
            code = "amend.not_made"
        if other is None:
            yield Problem("", code, {"index": one.index})
        elif _said(one) != _said(other):
            yield Problem("", "amend.differs", {"index": one.index})


def _said(link: Link) -> tuple[str, str, int, str]:
    return link.doc, link.doc_id, link.revision, link.by


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _number(value: Mapping[str, Any], name: str) -> int:
    found = value.get(name)
    return found if type(found) is int else 0
