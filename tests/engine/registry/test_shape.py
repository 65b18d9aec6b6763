"""From JSON Schema to problems with the place, the code and the facts, and never a value."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Invalid, Problem
from engine.registry.shape import MOST_PROBLEMS, compile_shape


def found(schema: dict[str, Any], value: Any) -> list[tuple[str, str, dict[str, Any]]]:
    return [(one.pointer, one.code, dict(one.facts)) for one in compile_shape(schema).problems(value)]


OBJECT: dict[str, Any] = {"type": "object"}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, "5", ("", "type", {"expected": ["integer"]})),
        ({"type": ["integer", "null"]}, "5", ("", "type", {"expected": ["integer", "null"]})),
        ({"enum": ["1", "2"]}, "9", ("", "enum", {"allowed": ["1", "2"]})),
        ({"const": True}, False, ("", "const", {"expected": True})),
        ({"const": True}, 1, ("", "const", {"expected": True})),
        ({"pattern": "^a$"}, "b", ("", "pattern", {"pattern": "^a$"})),
        ({"format": "mobile"}, "1", ("", "format.mobile", {})),
        ({"minLength": 2}, "𠮷", ("", "min_length", {"limit": 2, "length": 1})),
        ({"maxLength": 1}, "ab", ("", "max_length", {"limit": 1, "length": 2})),
        ({"minimum": 1}, 0, ("", "minimum", {"limit": 1})),
        ({"exclusiveMinimum": 1}, 1, ("", "minimum", {"limit": 1, "exclusive": True})),
        ({"maximum": 1}, 2, ("", "maximum", {"limit": 1})),
        ({"multipleOf": 5}, 7, ("", "multiple_of", {"limit": 5})),
        ({"minItems": 1}, [], ("", "min_items", {"limit": 1, "length": 0})),
        ({"maxItems": 1}, [1, 2], ("", "max_items", {"limit": 1, "length": 2})),
        ({"prefixItems": [{}], "items": False}, [1, 2], ("", "max_items", {})),
        ({"uniqueItems": True}, [1, 1], ("", "unique", {})),
        ({"contains": {"const": 1}}, [2], ("", "contains", {})),
        ({"not": {"const": 1}}, 1, ("", "not", {})),
        ({"required": ["a"]}, {}, ("/a", "required", {})),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, ("/b", "dependent_required", {"because": "a"})),
        ({"properties": {"a": False}}, {"a": 1}, ("/a", "forbidden", {})),
        ({"patternProperties": {"^x": False}}, {"xa": 1}, ("/xa", "forbidden", {})),
        ({"additionalProperties": False}, {"a/b": 1}, ("/a~1b", "unknown_field", {})),
        ({"additionalProperties": OBJECT}, {"a": 1}, ("/a", "type", {"expected": ["object"]})),
        ({"unevaluatedProperties": False}, {"a": 1}, ("", "unknown_field", {})),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, ("", "max_length", {"limit": 1, "length": 2})),
        ({"maxProperties": 0}, {"a": 1}, ("", "max_properties", {"limit": 0})),
        ({"items": {"required": ["a"]}}, [{}], ("/0/a", "required", {})),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, 3, ("", "any_of", {"options": 2})),
        (
            {"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}},
            "x",
            ("", "type", {"expected": ["integer"]}),
        ),
    ],
)
def test_each_keyword_has_its_code_place_and_facts(
    schema: dict[str, Any], value: Any, expected: tuple[str, str, dict[str, Any]]
) -> None:
    assert found(schema, value) == [expected]


def test_a_condition_that_fails_points_at_the_real_field() -> None:
    schema = {
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": "a"}}, "required": ["kind"]},
                "then": {
                    "required": ["s"],
                    "properties": {"s": {"required": ["x"], "properties": {"y": False}}},
                },
                "else": {"properties": {"s": False}},
            }
        ]
    }
    assert found(schema, {"kind": "a", "s": {"y": 1}}) == [
        ("/s/x", "required", {}),
        ("/s/y", "forbidden", {}),
    ]
    assert found(schema, {"kind": "a"}) == [("/s", "required", {})]
    assert found(schema, {"kind": "b", "s": {}}) == [("/s", "forbidden", {})]


CHOICE = {
    "oneOf": [
        {
            "properties": {"kind": {"const": "phone"}, "number": {"type": "string"}},
            "required": ["kind", "number"],
        },
        {
            "properties": {"kind": {"const": "address"}, "street": {"type": "string"}},
            "required": ["kind", "street"],
        },
    ]
}


def test_a_choice_that_plainly_meant_one_branch_says_what_that_branch_misses() -> None:
    assert found(CHOICE, {"kind": "address"}) == [("/street", "required", {})]
    assert found(CHOICE, {"kind": "fax"}) == [("", "one_of", {"options": 2})]


def test_a_format_that_fails_is_said_once_and_not_again_as_a_pattern() -> None:
    schema = {"format": "mobile", "pattern": "^1[3-9][0-9]{9}$"}
    assert found(schema, "12") == [("", "format.mobile", {})]


def test_the_same_problem_from_two_places_of_the_schema_is_said_once() -> None:
    assert found({"required": ["a"], "allOf": [{"required": ["a"]}]}, {}) == [("/a", "required", {})]


def test_no_value_ever_stands_in_the_facts() -> None:
    secret = "31019919420315026X"
    schema = {
        "type": "object",
        "properties": {
            "a": {"enum": ["x"]}, "b": {"const": "x"}, "c": {"pattern": "^x$"}, "d": {"maxLength": 1},
            "e": {"type": "integer"}, "f": {"format": "mobile"}, "g": {"anyOf": [{"const": 1}, {"const": 2}]},
        },
    }  # fmt: skip
    problems = found(schema, dict.fromkeys("abcdefg", secret))
    assert len(problems) == 7
    assert secret not in repr(problems)


def test_after_two_hundred_problems_it_is_said_that_there_are_more() -> None:
    problems = compile_shape({"items": {"type": "integer"}}).problems(["x"] * 1_000)
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1] == Problem("", "too_many_problems", {"shown": MOST_PROBLEMS})


def test_problems_stand_below_the_pointer_they_are_asked_for() -> None:
    assert compile_shape({"required": ["comment"]}).problems({}, "/transition") == (
        Problem("/transition/comment", "required"),
    )


@pytest.mark.parametrize(
    ("schema", "pointer", "code"),
    [
        ({"$ref": "https://example.org/other.json"}, "/$ref", "schema.remote_reference"),
        ({"properties": {"a": {"$ref": "other.json#/x"}}}, "/properties/a/$ref", "schema.remote_reference"),
        ({"$ref": "#/$defs/nowhere"}, "", "schema.invalid"),
        ({"type": "no-such-type"}, "/type", "schema.invalid"),
        ({"properties": {"a": {"minLength": -1}}}, "/properties/a/minLength", "schema.invalid"),
    ],
)
def test_a_schema_that_is_none_or_reaches_out_is_refused(
    schema: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        compile_shape(schema)
    assert [(one.pointer, one.code) for one in refused.value.problems] == [(pointer, code)]


def test_a_recursive_schema_judges_nested_values() -> None:
    schema = {"properties": {"name": {"type": "string"}, "child": {"$ref": "#"}}, "required": ["name"]}
    assert found(schema, {"name": "a", "child": {"child": {"name": 5}}}) == [
        ("/child/child/name", "type", {"expected": ["string"]}),
        ("/child/name", "required", {}),
    ]


def test_a_draft_07_schema_is_judged_as_draft_07() -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "items": [{"type": "integer"}],
        "additionalItems": False,
    }
    assert found(schema, [1, 2]) == [("", "max_items", {})]
