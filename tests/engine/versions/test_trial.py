"""A trial run counts by cause what a new version would say of documents, and names them, opening none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from engine.registry.pointers import pattern_of
from engine.registry.shape import Shape, compile_shape
from engine.registry.validate import validate
from engine.versions.lift import Lifted, Reason, Unknown, apply, parse_lift
from engine.versions.trial import Counted, Judge, Trial, judge_by_form, judge_by_shape, last, run
from tests.schemas import reading

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 4},
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"no": {"type": "integer", "maximum": 9}, "kind": {"enum": ["a", "b"]}},
            },
        },
        "day": {"type": "string", "format": "date"},
        "way": {
            "oneOf": [
                {"type": "object", "required": ["left"], "properties": {"kind": {"const": "l"}}},
                {"type": "object", "required": ["right"], "properties": {"kind": {"const": "r"}}},
            ]
        },
    },
    "dependentRequired": {"day": ["rows"]},
}
DOCUMENTS: list[Any] = [
    {"name": "林"},
    {},
    {"name": "林", "rows": [{"no": 10}, {"no": 11}]},
    {"name": "林", "rows": [{"no": 1}, {"no": 12}]},
    {"name": "林", "rows": [{"kind": "c", "no": 10}]},
    {"name": "林小燕周敏"},
    {"name": "林", "x": 1},
    {"name": "林", "y": 1},
    {"name": "林", "x": 1, "y": 1},
    {"name": "林", "day": "2026-02-30", "rows": []},
    {"name": "林", "day": "2026-02-03"},
    {"name": "林", "way": {"kind": "l"}},
    {"name": "林", "way": {"kind": "r"}},
    {"name": "林", "way": 3},
    [],
]


def judged(documents: list[Any], judge: Judge, **more: Any) -> Trial:
    return last(run(((f"d{n}", one) for n, one in enumerate(documents)), judge, **more))


def carefully(shape: Shape, documents: list[Any]) -> Counter[tuple[str, str]]:
    """The causes as the careful validator alone would count them."""
    return Counter(
        cause
        for one in documents
        for cause in {(pattern_of(problem.pointer), problem.code) for problem in shape.problems(one)}
    )


def test_documents_are_counted_by_cause_and_the_first_of_each_are_named() -> None:
    assert judged(DOCUMENTS[:6], judge_by_shape(compile_shape(SCHEMA)), first=2) == Trial(
        seen=6,
        valid=1,
        causes=(
            Counted("/rows/*/no", "maximum", 3, ("d2", "d3")),
            Counted("/name", "max_length", 1, ("d5",)),
            Counted("/name", "required", 1, ("d1",)),
            Counted("/rows/*/kind", "enum", 1, ("d4",)),
        ),
    )


@pytest.mark.parametrize("times", [1, 3])
def test_what_is_remembered_counts_as_what_is_explained_each_time(times: int) -> None:
    shape = compile_shape(SCHEMA)
    found = judged(DOCUMENTS * times, judge_by_shape(shape))
    assert {(c.pattern, c.code): c.count for c in found.causes} == carefully(shape, DOCUMENTS * times)
    assert found.failing == (len(DOCUMENTS) - 1) * times


def test_the_bad_examples_of_the_real_form_fail_for_the_causes_the_careful_validator_names() -> None:
    form = reading.compiled()
    documents = [one["data"] for one in reading.examples().values()]
    found = judged(documents * 2, judge_by_shape(form.shape))
    assert {(c.pattern, c.code): c.count for c in found.causes} == carefully(form.shape, documents * 2)


def test_rules_that_read_only_the_document_are_judged_and_the_others_are_named() -> None:
    form = reading.compiled()
    judge = judge_by_form(form)
    named = {rule.id for rule in judge.rules} | set(judge.not_judged)
    assert named == {rule.id for rule in form.rules if rule.level == "error"}
    assert len(judge.rules) > len(judge.not_judged) > 0
    asked = {rule.id for rule in judge.rules}
    for name, one in reading.examples().items():
        if not form.shape.is_valid(one["data"]):
            continue
        expected = [p.code for p in validate(form, one["data"], reading.around(one["context"])).problems]
        assert {code for _, code in judge.causes(one["data"])} == asked & set(expected), name


def test_how_far_it_has_come_is_told_while_it_runs_and_it_can_be_stopped() -> None:
    taken = 0

    def endless() -> Iterator[tuple[str, Any]]:
        nonlocal taken
        while True:
            taken += 1
            yield "d", {"name": "林"}

    trial = run(endless(), judge_by_shape(compile_shape(SCHEMA)), every=10)
    assert [next(trial).seen, next(trial).seen] == [10, 20]
    assert taken == 20


def test_a_place_a_lift_leaves_unknown_is_no_cause() -> None:
    why = {"reason": "旧表未收集", "reason_en": "Not asked on the older form"}
    steps = [{"op": "unknown", "at": "/name", **why}]
    lift = parse_lift({"form": "entry", "from": "1.0.0", "to": "2.0.0", "steps": steps})
    documents = [apply(lift, one) for one in ({}, {"name": "林"}, {"z": 1})]
    assert judged(documents, judge_by_shape(compile_shape(SCHEMA))) == Trial(
        seen=3, valid=2, with_unknown=1, causes=(Counted("/z", "unknown_field", 1, ("d2",)),)
    )


def test_a_place_unknown_in_one_item_of_a_list_excuses_no_other() -> None:
    schema = {
        "type": "object",
        "properties": {
            "rows": {
                "type": "array",
                "items": {"required": ["no"], "properties": {"no": {"type": "integer"}}},
            }
        },
    }
    marked = (Unknown("/rows/1/no", Reason("declared")),)
    documents = [Lifted({"rows": [{"no": 1}, {}]}, marked), Lifted({"rows": [{}, {}]}, marked)]
    assert judged(documents, judge_by_shape(compile_shape(schema))) == Trial(
        seen=2, valid=1, with_unknown=1, causes=(Counted("/rows/*/no", "required", 1, ("d1",)),)
    )


def test_the_documents_are_not_changed() -> None:
    before = deepcopy(DOCUMENTS)
    judged(DOCUMENTS, judge_by_shape(compile_shape(SCHEMA)))
    assert before == DOCUMENTS


def test_a_trial_of_nothing_says_so() -> None:
    assert judged([], judge_by_shape(compile_shape(SCHEMA))) == Trial()
