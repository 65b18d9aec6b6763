"""Lifts: old answers read as a newer version. Nothing is invented, nothing vanishes, nothing throws."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid, NotFound
from engine.versions.lift import Lift, apply, chain, compose, parse_lift, unchanged

WHY = {"reason": "旧表未收集", "reason_en": "Not asked on the older form"}


def lift(*steps: dict[str, Any], old: str = "1.0.0", new: str = "2.0.0", **more: Any) -> Lift:
    return parse_lift({"form": "entry", "from": old, "to": new, "steps": list(steps), **more})


def lifted(answers: Any, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return apply(lift(*steps, **more), answers).as_json()


def read_as(answers: Any, unknown: list[Any] | None = None, dropped: list[Any] | None = None) -> Any:
    return {"answers": answers, "unknown": unknown or [], "dropped": dropped or []}


def test_a_renamed_field_keeps_its_value() -> None:
    assert lifted({"a": {"b": 1}}, {"op": "rename", "at": "/a/b", "to": "c"}) == read_as({"a": {"c": 1}})


def test_a_field_is_renamed_in_every_item_of_a_list() -> None:
    given = {"items": [{"no": 1}, {}, {"no": 3}]}
    assert lifted(given, {"op": "rename", "at": "/items/*/no", "to": "number"}) == read_as(
        {"items": [{"number": 1}, {}, {"number": 3}]}
    )


def test_what_is_not_there_is_not_moved_and_nothing_is_made_for_it() -> None:
    assert lifted({"x": 1}, {"op": "move", "from": "/a/b", "to": "/c/d"}) == read_as({"x": 1})


def test_a_move_never_writes_over_a_value() -> None:
    assert lifted({"a": 1, "b": 2}, {"op": "move", "from": "/a", "to": "/b"}) == read_as({"a": 1, "b": 2})


def test_a_value_that_cannot_go_where_it_should_stays() -> None:
    assert lifted({"a": 1, "b": "text"}, {"op": "move", "from": "/a", "to": "/b/c"}) == read_as(
        {"a": 1, "b": "text"}
    )


def test_a_text_becomes_an_object_around_itself() -> None:
    assert lifted({"purpose": "核对"}, {"op": "move", "from": "/purpose", "to": "/purpose/text"}) == read_as(
        {"purpose": {"text": "核对"}}
    )


def test_an_object_with_one_member_becomes_that_member() -> None:
    given = {"purpose": {"text": "核对"}}
    assert lifted(given, {"op": "move", "from": "/purpose/text", "to": "/purpose"}) == read_as(
        {"purpose": "核对"}
    )


def test_one_change_becomes_a_list_of_one() -> None:
    given = {"change": {"path": "/a", "new": 1}}
    assert lifted(given, {"op": "wrap", "from": "/change", "to": "/changes"}) == read_as(
        {"changes": [{"path": "/a", "new": 1}]}
    )


def test_good_numbers_move_and_others_go_to_the_landline_or_stay_unknown_with_their_text() -> None:
    steps = (
        {"op": "move", "from": "/phone", "to": "/mobile", "matches": "^1[3-9][0-9]{9}$"},
        {"op": "move", "from": "/phone", "to": "/landline", "matches": "^0[0-9]{2,3}-?[0-9]{7,8}$"},
        {"op": "unknown", "at": "/mobile", "keep": "/phone", **WHY},
    )
    told = {"pointer": "/mobile", "code": "declared", **WHY}
    assert lifted({"phone": "13800000000"}, *steps) == read_as({"mobile": "13800000000"})
    assert lifted({"phone": "021-55550000"}, *steps) == read_as({"landline": "021-55550000"})
    assert lifted({"phone": "问女儿"}, *steps) == read_as({}, [told | {"kept": "问女儿"}])
    assert lifted({}, *steps) == read_as({})


def test_a_kept_text_for_which_the_place_is_taken_is_listed_as_left_out() -> None:
    step = {"op": "unknown", "at": "/mobile", "keep": "/phone", **WHY}
    told = {"pointer": "/phone", "code": "declared", **WHY, "value": "x"}
    assert lifted({"phone": "x", "mobile": "y"}, step) == read_as({"mobile": "y"}, dropped=[told])


def test_a_place_is_marked_unknown_only_where_its_object_stands() -> None:
    step = {"op": "unknown", "at": "/insured/region", **WHY}
    told = {"pointer": "/insured/region", "code": "declared", **WHY}
    assert lifted({"insured": {"name": "x"}}, step) == read_as({"insured": {"name": "x"}}, [told])
    assert lifted({"insured": {"region": "310199"}}, step) == read_as({"insured": {"region": "310199"}})
    assert lifted({"stat": 1}, step) == read_as({"stat": 1})


ROLES = {
    "roles": {
        "entries": [
            {"code": "clerk", "to": "acceptance_clerk", "valid_to": "2023-12-31"},
            {"code": "clerk", "to": "front_clerk", "valid_from": "2024-01-01"},
            {"code": "head", "to": "department_head"},
        ]
    }
}


def test_a_code_becomes_what_the_table_says_of_it_on_its_day() -> None:
    given = {
        "grants": [
            {"role": "clerk", "on": "2023-05-01"},
            {"role": "clerk", "on": "2024-05-01T08:00:00Z"},
            {"role": "head"},
            {"role": "clerk"},
        ]
    }
    step = {"op": "map", "at": "/grants/*/role", "table": "roles", "on": "/grants/*/on"}
    assert lifted(given, step, tables=ROLES) == read_as(
        {
            "grants": [
                {"role": "acceptance_clerk", "on": "2023-05-01"},
                {"role": "front_clerk", "on": "2024-05-01T08:00:00Z"},
                {"role": "department_head"},
                {},
            ]
        },
        [{"pointer": "/grants/3/role", "code": "not_in_table", "kept": "clerk"}],
    )


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [
        ("keep", read_as({"role": "guest"})),
        ("unknown", read_as({}, [{"pointer": "/role", "code": "not_in_table", "kept": "guest"}])),
        ("drop", read_as({}, dropped=[{"pointer": "/role", "code": "not_in_table", "value": "guest"}])),
    ],
)
def test_a_code_the_table_lacks_is_kept_or_unknown_or_left_out(otherwise: str, expected: Any) -> None:
    step = {"op": "map", "at": "/role", "table": "roles", "otherwise": otherwise}
    assert lifted({"role": "guest"}, step, tables=ROLES) == expected


def test_one_and_true_are_not_the_same_code() -> None:
    tables = {"t": {"entries": [{"code": 1, "to": "one"}, {"code": True, "to": "yes"}]}}
    step = {"op": "map", "at": "/a/*", "table": "t"}
    assert lifted({"a": [True, 1]}, step, tables=tables) == read_as({"a": ["yes", "one"]})


def test_a_value_is_split_by_a_table() -> None:
    tables = {
        "kinds": {
            "entries": [{"code": "GA", "to": {"kind": "g", "way": "a"}}, {"code": "G", "to": {"kind": "g"}}]
        }
    }
    step = {"op": "split", "from": "/code", "table": "kinds", "into": {"/x/kind": "kind", "/x/way": "way"}}
    unknown = {"code": "not_in_table", "kept": "G"}
    assert lifted({"code": "GA"}, step, tables=tables) == read_as({"x": {"kind": "g", "way": "a"}})
    assert lifted({"code": "G"}, step, tables=tables) == read_as(
        {"x": {"kind": "g"}}, [{"pointer": "/x/way", **unknown}]
    )
    assert lifted({"code": "?"}, step, tables=tables)["answers"] == {}


def test_a_row_becomes_an_object_by_the_columns_of_its_time() -> None:
    given = {"columns": ["name", "age"], "rows": [{"v": ["x", 1]}, {"v": ["x"]}]}
    assert lifted(given, {"op": "key", "at": "/rows/*/v", "names_at": "/columns"}) == read_as(
        {"columns": ["name", "age"], "rows": [{"v": {"name": "x", "age": 1}}, {}]},
        [{"pointer": "/rows/1/v", "code": "not_a_list_of_values", "kept": ["x"]}],
    )


def test_what_is_left_out_is_listed_with_its_reason_and_marks_below_move_up() -> None:
    steps = (
        {"op": "unknown", "at": "/tags/*/kind", **WHY},
        {"op": "drop", "at": "/tags/*", "when": "item.text == 'old'", **WHY},
    )
    given = {"tags": [{"text": "old"}, {"text": "new"}]}
    assert lifted(given, *steps) == read_as(
        {"tags": [{"text": "new"}]},
        [{"pointer": "/tags/0/kind", "code": "declared", **WHY}],
        [{"pointer": "/tags/0", "code": "declared", **WHY, "value": {"text": "old"}}],
    )


def test_an_item_that_is_unknown_leaves_its_list_unknown() -> None:
    step = {"op": "map", "at": "/roles/*", "table": "roles"}
    assert lifted({"roles": ["head", "guest", "head"]}, step, tables=ROLES) == read_as(
        {"roles": ["department_head", "department_head"]},
        [{"pointer": "/roles", "code": "not_in_table", "kept": "guest"}],
    )


def test_an_expression_sees_the_answers_the_value_and_the_item() -> None:
    given = {"unit": "h", "rows": [{"n": 2}, {"n": 3}]}
    step = {"op": "cel", "to": "/rows/*/text", "value": "string(item.n) + data.unit"}
    assert lifted(given, step) == read_as(
        {"unit": "h", "rows": [{"n": 2, "text": "2h"}, {"n": 3, "text": "3h"}]}
    )


@pytest.mark.parametrize(
    "expression", ["data.b + 1", "1.5", "data.a / 0", "timestamp('2026-01-01T00:00:00Z')"]
)
def test_what_cannot_be_computed_is_unknown_and_the_old_value_is_kept(expression: str) -> None:
    step = {"op": "cel", "to": "/c", "value": expression}
    assert lifted({"a": 1, "c": 5}, step) == read_as(
        {"a": 1}, [{"pointer": "/c", "code": "not_computed", "kept": 5}]
    )


def test_nothing_is_computed_from_a_place_that_is_unknown() -> None:
    steps = (
        {"op": "unknown", "at": "/grade", "keep": "/grade", **WHY},
        {"op": "cel", "to": "/severe", "value": "has(data.grade) ? data.grade > 2 : false"},
    )
    found = lifted({"grade": 3}, *steps)
    assert found["answers"] == {}
    assert [(one["pointer"], one["code"]) for one in found["unknown"]] == [
        ("/grade", "declared"),
        ("/severe", "reads_unknown"),
    ]


def test_a_section_that_is_not_there_is_not_made_by_an_expression() -> None:
    step = {"op": "cel", "to": "/purpose/code", "value": "'other'"}
    assert lifted({}, step) == read_as({})
    assert lifted({"purpose": {"text": "x"}}, step) == read_as({"purpose": {"text": "x", "code": "other"}})


def test_a_step_is_done_only_where_its_condition_is_plainly_true() -> None:
    step = {"op": "rename", "at": "/a", "to": "b", "when": "data.flag"}
    assert lifted({"a": 1, "flag": True}, step)["answers"] == {"b": 1, "flag": True}
    assert lifted({"a": 1, "flag": "yes"}, step)["answers"] == {"a": 1, "flag": "yes"}
    assert lifted({"a": 1}, step)["answers"] == {"a": 1}


FIRST = lift(
    {"op": "move", "from": "/address", "to": "/house/address"},
    {"op": "unknown", "at": "/house/region", **WHY},
)
SECOND = lift({"op": "rename", "at": "/house", "to": "residence"}, old="2.0.0", new="3.0.0")
THIRD = lift(
    {"op": "move", "from": "/residence/region", "to": "/region"},
    {"op": "cel", "to": "/province", "value": "data.region.startsWith('31') ? 'SH' : 'other'"},
    old="3.0.0",
    new="4.0.0",
)


def test_unknown_places_follow_their_values_over_several_versions() -> None:
    found = apply(compose([FIRST, SECOND, THIRD]), {"address": "某路1号"})
    assert found.answers == {"residence": {"address": "某路1号"}}
    assert [(one.pointer, one.reason.code) for one in found.unknown] == [
        ("/region", "declared"),
        ("/province", "reads_unknown"),
    ]


def test_composing_is_associative_and_remembers_every_lift() -> None:
    left, right = compose([compose([FIRST, SECOND]), THIRD]), compose([FIRST, compose([SECOND, THIRD])])
    assert left == right
    assert left.digests == (FIRST.digest, SECOND.digest, THIRD.digest)
    assert (left.old, left.new, left.digest) == ("1.0.0", "4.0.0", "")


def test_lifts_that_do_not_meet_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        compose([FIRST, THIRD])
    assert [p.code for p in refused.value.problems] == ["lift.gap"]


VERSIONS = ("1.0.0", "1.1.0", "2.0.0", "3.0.0")


def test_versions_without_a_lift_read_alike_on_the_way() -> None:
    second = lift({"op": "rename", "at": "/a", "to": "b"}, old="1.1.0")
    made = chain("entry", VERSIONS, [second], "1.0.0", "3.0.0")
    assert (made.old, made.new, made.digests) == ("1.0.0", "3.0.0", (second.digest,))
    assert apply(made, {"a": 1}).answers == {"b": 1}


def test_a_version_read_as_itself_is_unchanged() -> None:
    assert chain("entry", VERSIONS, [], "2.0.0", "2.0.0") == unchanged("entry", "2.0.0", "2.0.0")


@pytest.mark.parametrize(
    ("old", "new"), [("2.0.0", "1.0.0"), ("1.0.0", "9.0.0"), ("0.9.0", "1.0.0"), ("1.1.0", "2.0.0")]
)
def test_what_no_lift_reaches_is_refused(old: str, new: str) -> None:
    with pytest.raises(NotFound):
        chain("entry", VERSIONS, [lift({"op": "rename", "at": "/a", "to": "b"})], old, new)


POINTERS = st.sampled_from(["/a", "/a/b", "/l/*", "/l/*/a", "/l/*/b", "/b", "/a/l/*", "/m/*/a", "/l/0/a"])
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "y"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "l", "m"]), inner, max_size=3)
    ),
    max_leaves=12,
)
ANSWERS = st.dictionaries(st.sampled_from(["a", "b", "l", "m"]), VALUES, max_size=4)
MOVES = st.builds(lambda a, b: {"op": "move", "from": a, "to": b}, POINTERS, POINTERS)
STEPS = st.one_of(
    MOVES,
    st.builds(lambda a, b: {"op": "rename", "at": a, "to": b}, POINTERS, NAMES),
    st.builds(lambda a, b: {"op": "wrap", "from": a, "to": b}, POINTERS, POINTERS),
    st.builds(lambda a: {"op": "drop", "at": a, **WHY}, POINTERS),
    st.builds(lambda a, b: {"op": "unknown", "at": a, "keep": b, **WHY}, POINTERS, POINTERS),
    st.builds(lambda a: {"op": "map", "at": a, "table": "same"}, POINTERS),
    st.builds(lambda a: {"op": "key", "at": a, "names": ["p", "q"]}, POINTERS),
)
SAME = {"same": {"entries": [{"code": "x", "to": "x"}, {"code": 1, "to": 1}]}}


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [leaf for member in value.values() for leaf in leaves(member)]
    if isinstance(value, list) and value:
        return [leaf for member in value for leaf in leaves(member)]
    return [] if value in ({}, []) else [json.dumps(value)]


@settings(max_examples=400, deadline=None)
@given(ANSWERS, st.lists(STEPS, min_size=1, max_size=5))
def test_a_lift_never_throws_invents_nothing_and_loses_nothing(answers: Any, steps: list[Any]) -> None:
    try:
        made = lift(*steps, tables=SAME)
    except Invalid:
        return
    given_ = copy.deepcopy(answers)
    found = apply(made, answers)
    assert answers == given_
    after = leaves(found.answers)
    for one in found.unknown:
        after += leaves(one.kept)
    for left in found.dropped:
        after += leaves(left.value)
    nothing = json.dumps(None)
    assert sorted(leaf for leaf in after if leaf != nothing) == sorted(
        leaf for leaf in leaves(answers) if leaf != nothing
    )


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from(["data.a.b", "value + 1", "item.a", "data.l.map(x, x.a)", "size(data.a)"]))
def test_an_expression_may_fail_on_anything_but_never_throws(answers: Any, expression: str) -> None:
    made = lift(
        {"op": "cel", "to": "/l/*/n", "value": expression}, {"op": "cel", "to": "/n", "value": expression}
    )
    apply(made, answers)


def test_answers_nested_without_end_do_not_take_the_process_down() -> None:
    deep: Any = 1
    for _ in range(20_000):
        deep = {"a": deep}
    found = apply(lift({"op": "cel", "to": "/n", "value": "data.a == 1"}), {"a": deep})
    assert found.unknown_places == ("/n",)
