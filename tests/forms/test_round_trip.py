"""What a page sends for a value comes back as that value: for any JSON Schema, not only ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.compile import compile_schema
from forms.decode import decode
from forms.encode import encode

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

PERSON: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "nick": {"type": ["string", "null"]},
        "born": {"type": "string", "format": "date"},
        "age": {"type": "integer"},
        "weight": {"type": "number"},
        "member": {"type": "boolean"},
        "sure": {"const": True},
        "grade": {"enum": ["A", "B", None]},
        "mixed": {"enum": [1, "1", True, ["x"], {"a": 0}]},
        "tags": {"type": "array", "uniqueItems": True, "items": {"enum": ["red", "green", "blue"]}},
        "lines": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
        "scores": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": 2},
            "minItems": 3,
            "maxItems": 3,
        },
        "home": {"type": "object", "properties": {"street": {"type": "string"}}},
        "rows": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "code": {"type": "string"},
                    "count": {"type": "integer"},
                    "on": {"type": "boolean"},
                },
            },
        },
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "titled": {"oneOf": [{"const": "a", "title": "甲"}, {"const": "b", "title": "乙"}]},
        "any": True,
        "pair": {
            "type": "array",
            "prefixItems": [{"type": "string"}, {"type": "integer"}],
            "minItems": 2,
            "items": False,
        },
        "loose": {"type": "array", "prefixItems": [{"type": "string"}]},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "tree": {"$ref": "#/$defs/tree"},
        "a/b ~c-d": {"type": "string"},
    },
    "$defs": {
        "tree": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "label": {"type": "string"},
                "kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}, "maxItems": 2},
            },
        }
    },
}


def values(schema: Any, root: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Valid values of the few keywords above (the library generator knows neither recursion nor
    prefixItems)."""
    anything = st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
        max_leaves=4,
    )
    if schema is True:
        return anything
    if "$ref" in schema:
        return values(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, depth + 1)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return st.one_of([values(part, root, depth) for part in schema[word]])
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        return st.one_of([values({**schema, "type": one}, root, depth) for one in kind])
    if kind == "object" and depth > 2:
        return st.just({})
    if kind == "object":
        known = {name: values(part, root, depth) for name, part in schema.get("properties", {}).items()}
        required = {name: known[name] for name in schema.get("required", [])}
        named = st.fixed_dictionaries(
            required, optional={k: v for k, v in known.items() if k not in required}
        )
        more = schema.get("additionalProperties", True)
        if more is False:
            return named
        extra = st.dictionaries(
            st.text(max_size=6).filter(lambda key: key not in known), values(more, root, depth), max_size=2
        )
        return st.tuples(extra, named).map(lambda pair: {**pair[0], **pair[1]})
    if kind == "array":
        if "prefixItems" in schema:
            first = st.tuples(*[values(part, root, depth) for part in schema["prefixItems"]]).map(list)
            return first if schema.get("items") is False else st.one_of(st.just([]), first)
        return st.lists(
            values(schema["items"], root, depth),
            min_size=schema.get("minItems", 0),
            max_size=schema.get("maxItems", 4),
            unique_by=shown if schema.get("uniqueItems") else None,
        )
    return {
        "string": st.dates().map(str) if schema.get("format") == "date" else st.text(max_size=12),
        "integer": st.integers(schema.get("minimum"), schema.get("maximum")),
        "boolean": st.booleans(),
        "null": st.none(),
        "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    }[kind]


LITTLE: list[Any] = [
    {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}, "maxItems": 3},
    {"type": "string"},
    {"type": ["integer", "null"]},
    {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}, "maxItems": 3},
    {"type": "object", "patternProperties": {"^x": {"type": "string"}}},
    True,
]


def shown(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True)


CORNERS: list[Any] = [
    {},
    {"name": ""},
    {"nick": None},
    {"nick": ""},
    {"tags": []},
    {"tags": ["blue", "red"]},
    {"member": False},
    {"age": 0},
    {"age": 10**30},
    {"rows": [{}]},
    {"rows": []},
    {"rows": [{"code": ""}, {}]},
    {"home": {}},
    {"home": {"other": 1, "": None, ' "q" ': [1]}},
    {"lines": ["", "a\nb", " c ", "\r\n"]},
    {"any": None},
    {"any": "x"},
    {"mixed": True},
    {"mixed": 1},
    {"grade": None},
    {"map": {"a": 1}},
    {"name": "张 三\t"},
    {"weight": 1.5e300},
    {"born": "2026-02-30"},
    {"a/b ~c-d": "x"},
    {"scores": [0, 1, 2]},
    {"pair": ["", 3]},
    {"tree": {"kids": [{"kids": []}, {"label": "x"}]}},
]


@QUICK
@given(values(PERSON, PERSON))
def test_a_generated_person_comes_back_as_it_was(value: Any) -> None:
    model = compile_schema(PERSON)
    decoded = decode(model, encode(model, value))
    assert (shown(decoded.answers), decoded.problems) == (shown(value), ())


@pytest.mark.parametrize("schema", LITTLE, ids=lambda s: shown(s)[:40])
def test_a_value_of_a_little_schema_comes_back(schema: Any) -> None:
    model = compile_schema(schema)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(values(schema, schema))
    def holds(value: Any) -> None:
        decoded = decode(model, encode(model, value))
        assert (shown(decoded.answers), decoded.problems) == (shown(value), ())

    holds()


@pytest.mark.parametrize("value", CORNERS, ids=shown)
def test_corner_values_come_back(value: Any) -> None:
    model = compile_schema(PERSON)
    assert shown(decode(model, encode(model, value)).answers) == shown(value)


def test_a_posted_control_of_another_form_is_named_not_stored() -> None:
    model = compile_schema(PERSON)
    decoded = decode(model, [("/name", "张文兰"), ("/isAdmin", "true")])
    assert decoded.answers == {"name": "张文兰"}
    assert [(p.pointer, p.code) for p in decoded.problems] == [("/isAdmin", "unknown_field")]


def test_more_rows_than_the_schema_allows_are_refused() -> None:
    model = compile_schema(PERSON)
    decoded = decode(model, [(f"/rows/{i}/code", "x") for i in range(9)])
    assert len(decoded.answers["rows"]) == 4
    assert [(p.pointer, p.code, p.facts) for p in decoded.problems] == [
        ("/rows", "max_items", {"limit": 4, "found": 9})
    ]


def test_an_unreadable_number_stays_as_typed_with_a_problem() -> None:
    model = compile_schema(PERSON)
    decoded = decode(model, [("/age", "８十")])
    assert decoded.answers == {"age": "８十"}
    assert [(p.pointer, p.code) for p in decoded.problems] == [("/age", "number.unreadable")]
    assert decoded.echoes == {"/age": "８十"}


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=10))
@QUICK
def test_no_pairs_whatever_make_decoding_fail(pairs: list[tuple[str, str]]) -> None:
    decode(compile_schema(PERSON), pairs)
