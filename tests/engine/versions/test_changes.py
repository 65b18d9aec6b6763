"""Changes between versions, each found once with kind and place; the process verdict; the least number."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from engine.errors import Invalid
from engine.registry.bundle import FormBundle
from engine.versions.changes import Change, Label, Term, changes
from engine.versions.changes_layout import layout_changes
from engine.versions.changes_schema import schema_changes
from engine.versions.changes_states import states_changes
from engine.versions.comparison import Examples, compare, compare_schemas, stricter_rules, with_rules
from engine.versions.numbering import is_understated, smallest_version, step_between
from engine.versions.process import ProcessVerdict, Stuck, process_verdict
from engine.versions.verdict import COMPATIBLE, INCOMPATIBLE, UNKNOWN, Verdict

TEXT = {"type": "string"}
FORM: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"title": "姓名", "type": "string", "maxLength": 3},
        "grade": {"title": "等级", "enum": ["甲", "乙", "丙"]},
        "phone": {"title": "电话", "type": "string", "pattern": "^[0-9]+$"},
        "visits": {"title": "次数", "type": "integer", "maximum": 3},
    },
    "x-rules": [
        {"id": "R1", "rule": "has(data.name)", "message": "没有姓名。", "at": "/name", "level": "error"}
    ],
}


def found(edit: Any) -> list[tuple[str, str]]:
    new = copy.deepcopy(FORM)
    edit(new)
    return [(one.pointer, one.kind) for one in schema_changes(FORM, new)]


FIELD = "/properties/"
EDITS: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "nothing": (lambda f: None, []),
    "a field": (lambda f: f["properties"].update(x={"title": "备注"}), [(FIELD + "x", "added")]),
    "a required field": (
        lambda f: (f["properties"].update(x=TEXT), f["required"].append("x")),
        [(FIELD + "x", "added_required")],
    ),
    "a field less": (lambda f: f["properties"].pop("visits"), [(FIELD + "visits", "removed")]),
    "a name": (
        lambda f: f["properties"].update(mobile=f["properties"].pop("phone")),
        [(FIELD + "mobile", "renamed")],
    ),
    "a name and a limit": (
        lambda f: f["properties"].update(mobile={**f["properties"].pop("phone"), "maxLength": 11}),
        [(FIELD + "mobile", "renamed"), (FIELD + "mobile", "bound_added")],
    ),
    "required": (lambda f: f["required"].append("grade"), [(FIELD + "grade", "required")]),
    "optional": (lambda f: f["required"].clear(), [(FIELD + "name", "not_required")]),
    "a limit raised": (
        lambda f: f["properties"]["visits"].update(maximum=5), [(FIELD + "visits", "loosened")],
    ),
    "a limit lowered": (
        lambda f: f["properties"]["name"].update(maxLength=2), [(FIELD + "name", "tightened")],
    ),
    "an option less": (
        lambda f: f["properties"]["grade"]["enum"].pop(), [(FIELD + "grade", "option_removed")],
    ),
    "a type": (lambda f: f["properties"]["visits"].update(type="string"), [(FIELD + "visits", "retyped")]),
    "a wider type": (
        lambda f: f["properties"]["visits"].update(type=["integer", "null"]),
        [(FIELD + "visits", "type_widened")],
    ),
    "a pattern": (
        lambda f: f["properties"]["phone"].update(pattern="^1"), [(FIELD + "phone", "pattern_changed")],
    ),
    "a title": (lambda f: f["properties"]["name"].update(title="名"), [(FIELD + "name/title", "title")]),
    "a mask": (
        lambda f: f["properties"]["name"].update({"x-mask": "name"}), [(FIELD + "name/x-mask", "mask")],
    ),
    "open": (lambda f: f.pop("additionalProperties"), [("", "opened")]),
    "a rule": (lambda f: f["x-rules"].append({"id": "R2", "rule": "true"}), [("/x-rules/1", "rule_added")]),
    "a rule less": (lambda f: f["x-rules"].clear(), [("/x-rules/0", "rule_removed")]),
    "a rule lowered": (lambda f: f["x-rules"][0].update(level="warning"), [("/x-rules/0", "rule_lowered")]),
    "a condition": (lambda f: f.update(allOf=[{"minProperties": 1}]), [("/allOf/0", "condition_added")]),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_a_change_is_found_once_with_its_kind_and_place(name: str) -> None:
    edit, expected = EDITS[name]
    assert found(edit) == expected


def test_a_change_carries_what_its_sentence_needs() -> None:
    new = copy.deepcopy(FORM)
    new["properties"]["visits"]["maximum"] = 5
    facts = {"label": Label("次数", "Visits"), "word": Term("word.maximum"), "old": 3, "new": 5}
    expected = Change("/properties/visits", "loosened", facts=facts)
    assert schema_changes(FORM, new, ({}, {"/visits": "Visits"})) == (expected,)


def test_a_definition_that_moved_is_no_change_and_one_that_changed_is_one() -> None:
    def using(name: str, most: int) -> dict[str, Any]:
        there = {"$ref": f"#/$defs/{name}"}
        return {
            "properties": {"a": there, "b": there},
            "$defs": {name: {"type": "string", "maxLength": most}},
        }

    assert schema_changes(using("t", 5), using("text", 5)) == ()
    assert [(c.pointer, c.kind) for c in schema_changes(using("t", 5), using("t", 3))] == [
        ("/$defs/t", "tightened")
    ]


def way(name: str, source: list[str], target: str, **more: Any) -> dict[str, Any]:
    plain = {"name": name, "title": name, "from": source, "to": target, "by": {"roles": ["auditor"]}}
    return {**plain, "not_by": ["creator", "submitter", "collector"], **more}


STATES: dict[str, Any] = {
    "initial": "draft",
    "states": {
        "draft": {"title": "草稿"},
        "review": {"title": "审核中"},
        "done": {"title": "已办结", "final": True},
    },
    "transitions": [way("submit", ["draft"], "review"), way("pass", ["review"], "done", makes=["receipt"])],
    "kinds_of_record": {"receipt": {"title": "回执"}},
}


def after(edit: Any) -> dict[str, Any]:
    new = copy.deepcopy(STATES)
    edit(new)
    return new


def test_documents_in_a_state_that_is_gone_are_stuck_and_counted() -> None:
    def without_review(s: dict[str, Any]) -> None:
        s["states"].pop("review")
        s["transitions"] = [way("submit", ["draft"], "done")]

    told = process_verdict(STATES, after(without_review), {"review": 12, "done": 40})
    assert told == ProcessVerdict(
        INCOMPATIBLE, stuck=(Stuck("review", "审核中", 12, "state.missing"),), standing=52
    )


def test_documents_that_reach_no_end_are_stuck() -> None:
    told = process_verdict(STATES, after(lambda s: s["transitions"].pop()), {"review": 1})
    assert [(one.state, one.count, one.reason) for one in told.stuck] == [
        ("draft", 0, "state.dead_end"), ("review", 1, "state.dead_end"),
    ]  # fmt: skip
    assert told.unreachable == ("done",)


def test_a_way_that_nobody_may_take_leads_nowhere() -> None:
    told = process_verdict(STATES, after(lambda s: s["transitions"][1]["by"].update(roles=["chief"])))
    assert (told.verdict, told.nobody) == (INCOMPATIBLE, ("pass",))


def test_a_new_condition_makes_finishing_uncertain() -> None:
    guard = {"id": "g", "rule": "has(data.name)", "message": "没有姓名。"}
    told = process_verdict(STATES, after(lambda s: s["transitions"][1].update(guards=[guard])), {"review": 3})
    assert (told.verdict, told.can_finish) == (UNKNOWN, False)
    assert told.doubtful[-1] == Stuck("review", "审核中", 3, "conditions_changed")


def test_self_approval_is_named_where_it_becomes_possible() -> None:
    new = after(lambda s: s["transitions"][1].update(not_by=[]))
    assert process_verdict(STATES, new).self_approval == ("pass",)
    assert process_verdict(new, new).self_approval == ()


def test_states_are_compared_part_by_part() -> None:
    def edit(s: dict[str, Any]) -> None:
        s["states"]["review"]["title"] = "复核中"
        s["states"]["held"] = {"title": "挂起"}
        s["transitions"][1]["by"]["roles"] = ["auditor", "reviewer"]
        s["transitions"][0]["due"] = {"from": "draft", "working_days": 3}

    assert [(one.pointer, one.kind) for one in states_changes(STATES, after(edit))] == [
        ("/states/review", "state_title"),
        ("/states/held", "state_added"),
        ("/transitions/0/due", "transition_due"),
        ("/transitions/1/by/roles", "role_added"),
    ]


def layout(*sections: tuple[str, list[str]]) -> dict[str, Any]:
    return {
        "sections": [{"pointer": p, "title": p, "rows": [[{"p": f} for f in row]]} for p, row in sections]
    }


def test_only_the_field_that_moved_is_named() -> None:
    old, new = layout(("/a", ["/a/1", "/a/2", "/a/3"])), layout(("/a", ["/a/3", "/a/1", "/a/2"]))
    told = list(layout_changes(old, new, ({}, {})))
    assert [(one.pointer, one.kind) for one in told] == [("/sections/0/rows/0/0", "field_moved")]


def bundle(schema: dict[str, Any], labels: dict[str, Any] | None = None) -> FormBundle:
    return FormBundle("sample", "1.0.0", schema, STATES, layout(("", ["/name"])), labels or {}, "")


def test_wording_alone_is_a_patch() -> None:
    new = copy.deepcopy(FORM)
    new["properties"]["name"]["title"] = "名字"
    told = compare(bundle(FORM), bundle(new, labels={"/name": "Name"}))
    assert [one.kind for one in told.changes] == ["title", "label_added"]
    assert (told.old_documents.verdict, told.smallest_version) == (COMPATIBLE, "patch")


def test_what_is_proved_is_minor_and_all_else_major() -> None:
    wider, narrower = copy.deepcopy(FORM), copy.deepcopy(FORM)
    wider["properties"]["name"]["maxLength"] = 9
    narrower["properties"]["name"]["maxLength"] = 1
    assert compare(bundle(FORM), bundle(wider)).smallest_version == "minor"
    assert compare(bundle(FORM), bundle(narrower)).smallest_version == "major"
    stuck = ProcessVerdict(INCOMPATIBLE)
    assert smallest_version(changes(bundle(FORM), bundle(wider)), Verdict(COMPATIBLE), stuck) == "major"


@pytest.mark.parametrize(
    ("level", "rule", "expected"), [("error", "false", UNKNOWN), ("warning", "false", COMPATIBLE)]
)
def test_a_new_error_rule_leaves_old_documents_unknown(level: str, rule: str, expected: str) -> None:
    new = copy.deepcopy(FORM)
    new["x-rules"].append({"id": "R2", "rule": rule, "message": "不符。", "at": "", "level": level})
    told = compare(bundle(FORM), bundle(new))
    assert (told.old_documents.verdict, told.new_documents.verdict) == (expected, COMPATIBLE)


def test_an_example_shows_the_break_of_a_rule() -> None:
    new = copy.deepcopy(FORM)
    new["x-rules"][0]["rule"] = "data.name != '张'"
    examples = Examples(({"name": "李"}, {"name": "张"}), lambda data: True)
    told = with_rules(Verdict(COMPATIBLE), FORM, new, examples, lambda data: data["name"] != "张")
    assert (told.verdict, told.witness, told.facts) == (INCOMPATIBLE, {"name": "张"}, {"rules": ("R1",)})


def test_a_changed_table_counts_where_a_rule_reads_it() -> None:
    rule = {"id": "R1", "rule": "data.name in tables.names", "level": "error"}
    old = {"x-rules": [rule], "x-tables": {"names": {"sha256": "a"}, "other": {"sha256": "a"}}}
    assert stricter_rules(old, {**old, "x-tables": {"names": {"sha256": "b"}, "other": {"sha256": "a"}}}) == (
        "R1",
    )
    assert (
        stricter_rules(old, {**old, "x-tables": {"names": {"sha256": "a"}, "other": {"sha256": "b"}}}) == ()
    )


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("1.0.0", "1.0.1", "patch"),
        ("1.9.0", "1.10.0", "minor"),
        ("1.9.9", "2.0.0", "major"),
        ("2.0.0", "1.9.9", ""),
    ],
)
def test_the_step_between_two_numbers(old: str, new: str, step: str) -> None:
    assert step_between(old, new) == step


def test_a_number_that_says_too_little_is_understated() -> None:
    told = [is_understated("1.0.0", new, "minor") for new in ("1.0.1", "1.1.0", "2.0.0", "1.0.0", "0.9.0")]
    assert told == [True, False, False, True, True]
    with pytest.raises(Invalid):
        is_understated("1.0", "2.0.0", "major")


def test_two_booleans_are_schemas_too() -> None:
    told = compare_schemas(True, False)
    assert [one.kind for one in told.changes] == ["retyped"]
    assert (told.old_documents.verdict, told.new_documents.verdict) == (INCOMPATIBLE, COMPATIBLE)
