"""What a form asks for, by its own conditionals."""

from __future__ import annotations

from typing import Any

import pytest

from engine.registry.conditions import compile_condition, compile_conditions
from engine.registry.effective import drop_hidden, effective, effective_of
from tests.schemas import reading

# fmt: off
SECTIONS = (
    "entry", "insured", "agent", "insurance", "health", "assess", "care", "claim", "stat", "consent",
    "files", "statement",
)
# fmt: on
# domain.md C.4.1, sections by entry_type: R required, o optional, - refused. K is files and statement.
MATRIX = {
    "first_assessment": "RRRRR-o--RRR",
    "reassessment": "RRRRR-o--RRR",
    "dispute_review": "RRRoo----RRR",
    "assessment_result": "RR---R----RR",
    "service_registration": "RRoR--R---RR",
    "benefit_claim": "RRoo--RR--RR",
    "institution_info": "R-----R---RR",
    "statistics": "R-------R-oo",
}


@pytest.mark.parametrize("entry_type", MATRIX)
def test_every_entry_type_asks_for_the_sections_of_the_matrix(entry_type: str) -> None:
    asked = effective(reading.compiled(), {"entry": {"entry_type": entry_type}})

    def mark(section: str) -> str:
        pointer = "/" + section
        return "R" if pointer in asked.required else "-" if pointer in asked.forbidden else "o"

    expected = dict(zip(SECTIONS, MATRIX[entry_type], strict=True))
    found = {section: mark(section) for section in SECTIONS}
    assert found == expected


def test_an_agent_is_asked_for_only_when_there_is_one() -> None:
    form = reading.compiled()
    answers: dict[str, Any] = {"entry": {"entry_type": "first_assessment"}, "agent": {"has_agent": True}}
    assert "/agent/full_name" in effective(form, answers).required
    answers["agent"]["has_agent"] = False
    assert effective(form, answers).is_hidden("/agent/full_name")


def test_what_is_hidden_is_dropped_and_named_and_the_answers_given_stay_as_they_were() -> None:
    form = reading.compiled()
    answers: dict[str, Any] = {
        "entry": {"entry_type": "statistics"},
        "insured": {"full_name": "张文兰"},
        "stat": {"unit": "person"},
    }
    kept, dropped = drop_hidden(form, answers)
    assert kept == {"entry": {"entry_type": "statistics"}, "stat": {"unit": "person"}}
    assert dropped == ("/insured",)
    assert "insured" in answers


@pytest.mark.parametrize("name", [name for name in reading.examples() if name.startswith("ok-")])
def test_nothing_falls_away_from_a_good_example(name: str) -> None:
    data = reading.examples()[name]["data"]
    assert drop_hidden(reading.compiled(), data) == (data, ())


def of(schema: dict[str, Any], answers: Any) -> tuple[set[str], set[str]]:
    asked = effective_of(compile_conditions(schema), answers)
    return set(asked.required), set(asked.forbidden)


def test_dropping_goes_on_until_nothing_more_falls_away() -> None:
    first = {"if": {"required": ["a"]}, "else": {"properties": {"b": False}}}
    second = {"if": {"required": ["b"]}, "else": {"properties": {"c": False}}}
    node = compile_conditions({"allOf": [first, second]})

    class Form:
        conditions = node

    assert drop_hidden(Form(), {"b": 1, "c": 2, "d": 3}) == ({"d": 3}, ("/b", "/c"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("schema", "answers", "required", "forbidden"),
    [
        ({"required": ["a"]}, {}, {"/a"}, set()),
        ({"properties": {"a": False}}, {}, set(), {"/a"}),
        ({"not": {"required": ["a"]}}, {}, set(), {"/a"}),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, {"/b"}, set()),
        ({"dependentRequired": {"a": ["b"]}}, {}, set(), set()),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, {"/b"}, set()),
        (
            {"properties": {"s": {"type": "object", "required": ["x"]}}},
            {},
            {"/s/x"},
            set(),
        ),
        (
            {"properties": {"rows": {"type": "array", "items": {"required": ["code"]}}}},
            {"rows": [{}]},
            {"/rows/0/code", "/rows/*/code"},
            set(),
        ),
        (
            {"$ref": "#/$defs/s", "$defs": {"s": {"required": ["x"]}}},
            {},
            {"/x"},
            set(),
        ),
        (
            {"anyOf": [{"properties": {"k": {"const": 1}}, "required": ["k", "x"]}, {"required": ["y"]}]},
            {"k": 1, "x": 2},
            {"/k", "/x"},
            set(),
        ),
        (
            {
                "if": {"properties": {"n": {"minimum": 18}}},
                "then": {"required": ["a"]},
                "else": {"required": ["b"]},
            },
            {"n": 3},
            {"/b"},
            set(),
        ),
        (
            {
                "required": ["s"],
                "properties": {"s": {"required": ["x"]}},
                "allOf": [{"properties": {"s": False}}],
            },
            {"s": {}},
            set(),
            {"/s"},
        ),
    ],
)
def test_any_schema_says_what_it_needs(
    schema: dict[str, Any], answers: Any, required: set[str], forbidden: set[str]
) -> None:
    found = of(schema, answers)
    # A part that is forbidden is not asked for, however often it is named as required.
    assert (found[0], found[1]) == (required, forbidden)


def test_a_recursive_schema_comes_to_an_end() -> None:
    schema = {"properties": {"child": {"$ref": "#"}}, "type": "object", "required": ["name"]}
    required, _ = of(schema, {"child": {}})
    assert {"/name", "/child/name"} <= required and len(required) < 10


def test_true_is_not_one_in_a_condition() -> None:
    holds = compile_condition({"properties": {"a": {"const": True}, "b": {"enum": [1]}}})
    assert holds is not None
    assert [holds(value) for value in ({"a": True}, {"a": 1}, {"b": True}, {"b": 1}, "text")] == [
        True,
        False,
        False,
        True,
        True,
    ]


def test_a_condition_beyond_fixed_values_is_left_to_the_validator() -> None:
    assert compile_condition({"properties": {"n": {"minimum": 3}}}) is None
    assert compile_condition({"const": {"a": 1}}) is None
