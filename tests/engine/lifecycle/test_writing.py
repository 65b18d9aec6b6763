"""What a step writes, and what it leaves alone."""

from __future__ import annotations

from engine.lifecycle.writing import changed_outside, is_on_the_way, is_open, merged, parse_writes, written

NAMES = {"transition": {"text": "已完成"}, "actor": {"staff_no": "XX000002"}, "now": "2026-03-05T02:00:00Z"}


def test_a_line_is_added_behind_those_that_stand() -> None:
    writes = parse_writes([{"at": "/tracking", "add": {"by": "actor.staff_no", "text": "transition.text"}}])
    before = {"tracking": [{"by": "YW000231", "text": "第一条"}]}

    after = written(writes, before, NAMES)

    assert after == {"tracking": [*before["tracking"], {"by": "XX000002", "text": "已完成"}]}
    assert len(before["tracking"]) == 1


def test_what_has_no_value_writes_nothing_and_a_constant_is_itself() -> None:
    writes = parse_writes(
        [
            {"at": "/verify", "set": {"result": {"const": "passed"}, "text": "transition.comment"}},
            {"at": "/extension/day", "set": "transition.day"},
            {"at": "/replies", "set": {"const": []}},
        ]
    )

    assert written(writes, {}, NAMES) == {"verify": {"result": "passed"}, "replies": []}


def test_a_change_beside_what_a_step_opens_is_named_where_it_begins() -> None:
    before = {"plan": {"cause": "a", "measures": [{"text": "a"}, {"text": "b"}]}, "tracking": [1]}
    after = {"plan": {"cause": "b", "measures": [{"text": "a", "done": 1}, {"text": "c"}]}, "tracking": []}

    found = list(changed_outside(before, after, ("/plan/measures/*/done",)))

    assert found == ["/plan/cause", "/plan/measures/1/text", "/tracking"]


def test_a_line_that_goes_or_comes_is_a_change_of_the_list() -> None:
    allowed = ("/plan/measures/*/done",)
    before = {"plan": {"measures": [{"text": "a"}]}}

    assert list(changed_outside(before, {"plan": {"measures": []}}, allowed)) == ["/plan/measures"]
    assert list(changed_outside(before, before, allowed)) == []


def test_a_page_changes_only_what_its_step_opens() -> None:
    stood = {"plan": {"cause": "a", "measures": [{"text": "a"}]}, "issue": {"text": "x"}}
    plan = {"cause": "b", "measures": [{"text": "z", "done": 1}]}
    typed = {"plan": plan, "files": [1], "verify": {"by": "y"}}

    found = merged(stood, typed, ("/plan/measures/*/done", "/files"))

    assert found == {
        "plan": {"cause": "a", "measures": [{"text": "a", "done": 1}]},
        "issue": {"text": "x"},
        "files": [1],
    }
    assert merged(stood, typed, ()) == typed


def test_a_place_is_open_at_and_below_a_part_and_on_the_way_above_it() -> None:
    allowed = ("/plan/measures/*/done",)

    assert is_open("/plan/measures/*/done", allowed)
    assert not is_open("/plan/measures/*/text", allowed)
    assert [is_on_the_way(one, allowed) for one in ("/plan", "/issue")] == [True, False]
