"""A revision that another document brought about is stated by both, or the audit says so."""

from __future__ import annotations

from typing import Any

import pytest

from engine.trust.amends import Amended, judge, link_of

EVENT, OTHER = "e" * 64, "f" * 64


def amended(**changes: Any) -> dict[str, Any]:
    body = {"update": {"doc": "u", "doc_id": "UPD", "event": "a" * 64}}
    header = {"doc_id": "ENT", "revision": 2}
    return {"type": "amend", "doc": "d", "header": header, "body": body, "prev": "c" * 64} | changes


def applied(doc: str = "u", **changes: Any) -> dict[str, Any]:
    said = {"doc": "d", "doc_id": "ENT", "revision": 2, "event": EVENT} | changes
    return {"type": "transition", "doc": doc, "prev": "a" * 64, "body": {"applied": said}}


def codes(*statements: dict[str, Any]) -> list[tuple[str, int]]:
    events = [EVENT if one["type"] == "amend" else OTHER for one in statements]
    links = [
        link_of(one, event, place) for place, (one, event) in enumerate(zip(statements, events, strict=True))
    ]
    return [(one.code, one.facts["index"]) for one in judge(link for link in links if link is not None)]


def test_what_both_state_alike_holds() -> None:
    assert codes(amended(), applied()) == []


def test_other_statements_say_nothing_of_it() -> None:
    assert link_of({"type": "transition", "doc": "d", "body": {}, "prev": ""}, EVENT, 0) is None


def test_a_revision_that_no_step_states_is_found() -> None:
    assert codes(amended()) == [("amend.not_applied", 0)]


def test_a_step_that_states_a_revision_that_nobody_made_is_found() -> None:
    assert codes(amended(), applied(), applied(event=OTHER)) == [("amend.not_made", 2)]


def test_a_step_before_its_revision_states_what_was_not_there() -> None:
    assert codes(applied(), amended()) == [("amend.not_made", 0)]


@pytest.mark.parametrize(
    "step",
    [applied(doc="another"), applied(revision=3), applied(doc_id="ENT-2"), {**applied(), "doc": "u2"}],
)
def test_what_the_two_state_differently_is_found_at_both(step: dict[str, Any]) -> None:
    assert codes(amended(), step) == [("amend.differs", 0), ("amend.differs", 1)]


def test_a_body_of_another_shape_agrees_with_nothing() -> None:
    forged = amended(body={"update": "u"}, header={"doc_id": 1, "revision": True})
    assert link_of(forged, EVENT, 0) == Amended(0, EVENT, "d", "", 0, "")
    assert codes(forged, applied()) == [("amend.differs", 0), ("amend.differs", 1)]
