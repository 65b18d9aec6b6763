"""The judgement: computed values, shape, rules; nothing that fails ever passes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Problem
from engine.registry.compiled import CompiledForm
from engine.registry.validate import Judgement, compute, validate, validate_shape
from tests.engine.registry import small
from tests.schemas import reading

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def rule(text: str, **more: Any) -> dict[str, Any]:
    return {"id": "R1", "rule": text, "message": "两数之和不对：核对。", "at": "/s/a", **more}


def form_with(*rules: dict[str, Any], **section: Any) -> CompiledForm:
    fields = {"properties": {"a": NUMBER, "b": NUMBER, "t": TEXT}, "x-rules": list(rules), **section}
    return small.compiled(small.schema(fields), locale={"#/rules/R1": "The sum is wrong: check it."})


def test_a_rule_that_is_false_is_a_problem_with_its_own_sentence_at_its_own_place() -> None:
    judged = validate(form_with(rule("data.s.a + data.s.b == 3")), {"s": {"a": 1, "b": 1}}, small.around())
    assert judged == Judgement(
        {"s": {"a": 1, "b": 1}}, (Problem("/s/a", "R1", {}, "error", "两数之和不对：核对。"),)
    )
    assert judged.errors == judged.problems and judged.warnings == ()


def test_a_rule_of_level_warning_does_not_stop() -> None:
    judged = validate(form_with(rule("data.s.a == 2", level="warning")), {"s": {"a": 1}}, small.around())
    assert (judged.errors, [one.code for one in judged.warnings]) == ((), ["R1"])


def test_a_rule_is_asked_only_when_its_part_is_there() -> None:
    assert validate(form_with(rule("data.s.a == 2")), {}, small.around()).problems == ()


@pytest.mark.parametrize(
    "text", ["data.s.missing == 1", "data.s.a", "1 / (data.s.a - 1) == 1", "facts.linked.size() == 0"]
)
def test_a_rule_that_gives_no_truth_is_the_authors_fault_and_never_passes(text: str) -> None:
    judged = validate(form_with(rule(text)), {"s": {"a": 1}}, small.around())
    assert [(one.pointer, one.code, one.facts["rule"]) for one in judged.errors] == [
        ("/s/a", "rule.error", "R1")
    ]


def test_a_rule_over_a_field_of_wrong_shape_waits_until_it_is_right() -> None:
    other = rule("data.s.t == 'x'", id="R2", at="/s/t")
    judged = validate(form_with(rule("data.s.a == 2"), other), {"s": {"a": "2", "t": "y"}}, small.around())
    assert [(one.pointer, one.code) for one in judged.problems] == [("/s/a", "type"), ("/s/t", "R2")]


def test_the_surroundings_are_bound() -> None:
    text = (
        "data.s.a == 1 && today == '2026-11-22' && now == timestamp('2026-11-22T02:00:00Z') "
        "&& target == null && actor.role == 'acceptance_clerk' && document.revision == 0 "
        "&& facts.linked[0].doc_id == 'x'"
    )
    around = small.around(
        actor={"role": "acceptance_clerk"}, document={"revision": 0}, facts={"linked": [{"doc_id": "x"}]}
    )
    assert validate(form_with(rule(text)), {"s": {"a": 1}}, around).problems == ()


COMPUTED = small.compiled(
    small.schema(
        {
            "properties": {
                "grade": {**NUMBER, "x-computed": "data.s.total >= tables.bands.edge ? 1 : null"},
                "total": {**NUMBER, "x-computed": "data.s.a + data.s.b"},
                "a": NUMBER,
                "b": NUMBER,
            }
        }
    ),
    tables={"bands": {"edge": 10}},
)


def test_computed_fields_are_computed_in_the_order_they_need_each_other() -> None:
    assert compute(COMPUTED, {"s": {"a": 7, "b": 5}}, small.around()) == {
        "s": {"a": 7, "b": 5, "total": 12, "grade": 1}
    }


def test_null_means_that_a_computed_field_has_no_value() -> None:
    assert compute(COMPUTED, {"s": {"a": 1, "b": 1}}, small.around()) == {"s": {"a": 1, "b": 1, "total": 2}}


def test_a_computed_field_without_its_inputs_is_absent_and_no_fault() -> None:
    assert validate(COMPUTED, {"s": {"a": 1}}, small.around()) == Judgement({"s": {"a": 1}}, ())
    assert validate(COMPUTED, {}, small.around()) == Judgement({}, ())


@pytest.mark.parametrize("typed", [{"total": 13}, {"grade": 5}, {"grade": True}])
def test_a_typed_value_that_differs_is_a_problem_and_not_a_correction(typed: dict[str, Any]) -> None:
    judged = validate(COMPUTED, {"s": {"a": 7, "b": 5, **typed}}, small.around())
    assert judged.answers == {"s": {"a": 7, "b": 5, "total": 12, "grade": 1}}
    (name,) = typed
    assert judged.problems == (Problem(f"/s/{name}", "computed"),)


def test_a_typed_value_that_is_the_computed_one_is_no_problem() -> None:
    whole = {"s": {"a": 7, "b": 5, "total": 12, "grade": 1}}
    assert validate(COMPUTED, whole, small.around()) == Judgement(whole, ())


@pytest.mark.parametrize("answers", [[], "text", None, {"s": []}, {"s": None}, {"s": {"a": [], "b": {}}}])
def test_answers_of_any_shape_get_a_judgement(answers: Any) -> None:
    assert "type" in {one.code for one in validate(COMPUTED, answers, small.around()).problems}


@pytest.mark.parametrize(
    ("adl", "cog", "per", "grade"),
    # domain.md C.6: totals and the grade they must give.
    [
        (100, 16, 12, 0), (100, 0, 0, 1), (65, 1, 12, 2), (45, 0, 12, 3), (40, 16, 12, 3), (40, 3, 12, 4),
        (0, 1, 12, 5), (25, 3, 7, 4), (95, 16, 12, 1), (60, 16, 12, 2), (0, 0, 0, 5), (100, 4, 4, 0),
    ],
)  # fmt: skip
def test_the_disability_grade_follows_from_the_seventeen_items(
    adl: int, cog: int, per: int, grade: int
) -> None:
    assess = compute(reading.compiled(), {"assess": with_totals(adl, cog, per)}, small.around())["assess"]
    assert (assess["adl_total"], assess["cog_total"], assess["per_total"]) == (adl, cog, per)
    assert assess["disability_grade"] == grade


def with_totals(adl: int, cog: int, per: int) -> dict[str, Any]:
    """An assessment whose items add up to the totals, filled from the first item on."""
    form = reading.compiled()

    def spread(part: str, total: int) -> dict[str, int]:
        out = {}
        for name, info in form.groups[f"/assess/{part}"].schema["properties"].items():
            field = form.fields[f"/assess/{part}/{name}"].schema
            most = max(field["enum"]) if "enum" in field else field.get("maximum", 4)
            out[name] = min(most, total)
            total -= out[name]
            assert info is not None
        assert total == 0
        return out

    return {
        "standard": "NHSA_MCA_2021",
        "adl": spread("adl", adl),
        "cog": spread("cog", cog),
        "per": spread("per", per),
    }


def test_problems_come_in_the_order_of_the_paper() -> None:
    form = reading.compiled()
    data = {**reading.examples()["ok-1-first-assessment"]["data"]}
    data["statement"] = {"truthful": False}
    data["insured"] = {**data["insured"], "mobile": "1", "full_name": ""}
    data["entry"] = {**data["entry"], "urgency": "soon"}
    judged = validate(form, data, reading.around(reading.examples()["ok-1-first-assessment"]["context"]))
    assert list(dict.fromkeys(one.pointer for one in judged.problems)) == [
        "/entry/urgency",
        "/insured/full_name",
        "/insured/mobile",
        "/statement/truthful",
    ]


def test_the_shape_alone_can_be_asked() -> None:
    assert [one.pointer for one in validate_shape(reading.compiled(), {})] == ["/entry"]
