"""The verdict on hostile, recursive and invented schemas: bounded, and never contradicted by a document."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.versions.verdict import COMPATIBLE, INCOMPATIBLE, UNKNOWN, documents_verdict
from tests.engine.versions.test_ordinary_changes import is_valid

LONGEST = 2.0


def nested(levels: int, inside: Any) -> dict[str, Any]:
    out: dict[str, Any] = inside
    for _ in range(levels):
        out = {"properties": {"a": out}}
    return out


def doubled(levels: int) -> dict[str, Any]:
    """A schema that a library walks 2 ** levels times for one text."""
    links = {f"n{n}": {"allOf": [{"$ref": f"#/$defs/n{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/n0", "$defs": {**links, f"n{levels}": {"type": "string"}}}


def woven(names: int, used: int) -> dict[str, Any]:
    points = {
        f"n{n}": {"properties": {f"x{m}": {"$ref": f"#/$defs/n{(n * 3 + m) % names}"} for m in range(used)}}
        for n in range(names)
    }
    return {"$ref": "#/$defs/n0", "$defs": points}


MANY = [{"anyOf": [{"properties": {f"a{n}": {"const": m}}} for m in range(6)]} for n in range(14)]
HOSTILE: dict[str, tuple[Any, Any]] = {
    "nested 10,000 deep": (nested(10_000, {}), nested(10_000, {"type": "string"})),
    "wide": (
        {"properties": {f"p{n}": {"maxLength": n} for n in range(4_000)}},
        {"properties": {f"p{n}": {"maxLength": n + 1} for n in range(4_000)}},
    ),
    "many options": ({"enum": [f"{n}" for n in range(60_000)]}, {"enum": [f"{n}" for n in range(1, 60_000)]}),
    "many alternatives": ({"allOf": MANY}, {"allOf": [{**one, "minProperties": 1} for one in MANY]}),
    "doubling references": (doubled(40), {"type": "integer"}),
    "woven references": (woven(15, 6), woven(15, 5)),
    "patterns that need many states": (
        {"type": "string", "pattern": "^(a|b)*a(a|b){12}$"},
        {"type": "string", "pattern": "^(a|b)*a(a|b){13}$"},
    ),
    "unevaluated over many alternatives": (
        {"anyOf": [{"properties": {f"a{n}": {}}} for n in range(12)], "unevaluatedProperties": False},
        {"maxProperties": 3},
    ),
    "a thousand million items": ({"type": "array", "minItems": 10**9}, {"type": "array", "minItems": 5}),
    "large numbers": ({"minimum": 10**400}, {"minimum": 10**400 + 1}),
    "half a character": ({"const": "\ud800"}, {"type": "string", "pattern": "a"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pair_is_answered_in_two_seconds(name: str) -> None:
    old, new = HOSTILE[name]
    for one, other in ((old, new), (new, old)):
        began = time.process_time()
        verdict = documents_verdict(one, other)
        assert time.process_time() - began < LONGEST
        assert verdict.verdict in (COMPATIBLE, INCOMPATIBLE, UNKNOWN)
        assert bool(verdict.reason) is (verdict.verdict == UNKNOWN)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"$ref": "https://example.org/other.json"}, "remote_ref"),
        ({"$ref": "#/$defs/gone"}, "remote_ref"),
        ({"type": "string", "pattern": "^(?=a)b"}, "pattern"),
        ({"$ref": "#"}, "recursive"),
        ({"not": {"$ref": "#"}}, "recursive"),
        ({"$schema": "http://json-schema.org/draft-04/schema#"}, "dialect"),
        (nested(10_000, {}), "too_complex"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_judged_is_unknown_and_says_why(schema: Any, reason: str) -> None:
    verdict = documents_verdict(schema, {"type": "integer", "minimum": 3})
    assert (verdict.verdict, verdict.has_witness, verdict.reason) == (UNKNOWN, False, reason)


def test_what_is_no_schema_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        documents_verdict({"properties": {"a": {"type": "text"}}}, {})
    assert [(one.code, one.pointer) for one in refused.value.problems] == [
        ("schema.invalid", "/properties/a/type")
    ]


def test_an_example_that_breaks_is_the_witness() -> None:
    old = {"type": "object", "properties": {"name": {"type": "string"}}}
    seed = {"name": "张文兰", "note": "示例"}
    verdict = documents_verdict(old, {**old, "maxProperties": 1}, seeds=[{"name": "张文兰"}, seed])
    assert (verdict.verdict, verdict.witness) == (INCOMPATIBLE, seed)


def test_a_schema_is_compatible_with_itself_whatever_it_refers_to() -> None:
    schema = {
        "properties": {"a": {"$ref": "#/$defs/node"}},
        "$defs": {"node": {"items": {"$ref": "#/$defs/node"}}},
    }
    assert documents_verdict(schema, json.loads(json.dumps(schema))).verdict == COMPATIBLE


NUMBERS = st.sampled_from([0, 1, 2, 3, -1, 0.5, 10])
SMALL = st.integers(0, 3)
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.sampled_from(
    [None, True, False, 0, 1, 1.0, 0.5, "", "a", "ab", [], [1], {}, {"a": 1}, "2026-03-05"]
)
PATTERNS = st.sampled_from(["^a", "b$", "^[ab]*$", "^(ab)+$", "^[0-9]{2}$", "^$"])


def _schemas(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(parts, min_size=1, max_size=3)
    text = st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={"minLength": SMALL, "maxLength": SMALL, "pattern": PATTERNS, "format": st.just("date")},
    )
    number = st.fixed_dictionaries(
        {"type": st.sampled_from(["number", "integer"])},
        optional={
            "minimum": NUMBERS,
            "exclusiveMaximum": NUMBERS,
            "multipleOf": st.sampled_from([1, 2, 0.5]),
        },
    )
    thing = st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={
            "properties": st.dictionaries(NAMES, parts, max_size=2),
            "required": st.lists(NAMES, unique=True, max_size=2),
            "additionalProperties": parts,
            "unevaluatedProperties": st.just(False),
            "dependentRequired": st.just({"a": ["b"]}),
            "propertyNames": st.fixed_dictionaries({"maxLength": SMALL}),
            "minProperties": SMALL,
            "maxProperties": SMALL,
        },
    )
    listed = st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={
            "prefixItems": several, "items": parts, "contains": parts, "minContains": SMALL,
            "uniqueItems": st.booleans(), "minItems": SMALL, "maxItems": SMALL,
        },
    )  # fmt: skip
    combined = st.one_of(*[st.fixed_dictionaries({word: several}) for word in ("allOf", "anyOf", "oneOf")])
    conditional = st.fixed_dictionaries({"if": parts, "then": parts, "else": parts})
    denied = st.fixed_dictionaries({"not": parts})
    return st.one_of(text, number, thing, listed, combined, conditional, denied)


SCHEMAS = st.recursive(
    st.one_of(st.booleans(), st.fixed_dictionaries({"enum": st.lists(VALUES, min_size=1, max_size=3)})),
    _schemas,
    max_leaves=6,
)
LEAVES = st.one_of(VALUES, st.integers(-2, 12), st.text(alphabet="ab01", max_size=4))
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), inner)
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS, SCHEMAS, st.lists(DOCUMENTS, max_size=25))
def test_no_document_contradicts_a_verdict(old: Any, new: Any, documents: list[Any]) -> None:
    verdict = documents_verdict(old, new, budget=60_000)
    if verdict.verdict == INCOMPATIBLE:
        assert (is_valid(old, verdict.witness), is_valid(new, verdict.witness)) == (True, False)
    if verdict.verdict == COMPATIBLE:
        assert [one for one in documents if is_valid(old, one) and not is_valid(new, one)] == []
