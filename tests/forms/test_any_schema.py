"""A valid value of any schema comes back from the pairs its form sends: null, "", [], missing, false, 0,
large whole numbers and members nobody named included."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.registry.shape import compile_shape
from forms.compile import compile_schema
from forms.decode import decode
from forms.diff import compare
from forms.encode import encode
from forms.model import LANGUAGES
from forms.paper import paper
from forms.summary import summarise
from forms.unfold import to_drawn, to_meant, unfolded
from tests.forms.any_schema import BY_KIND, TREE
from tests.forms.generated import from_schema
from tests.forms.test_round_trip import shown

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_valid_value_of_each_kind_of_schema_comes_back(kind: str) -> None:
    schema = BY_KIND[kind]
    model = compile_schema(schema)

    @QUICK
    @given(from_schema(schema))
    def holds(value: Any) -> None:
        decoded = decode(model, encode(model, value))
        assert (shown(decoded.answers), decoded.problems) == (shown(value), ())

    holds()


NAMES = st.sampled_from(["a", "b", "~more", "0", "x/y", "名"])
LEAVES = st.one_of(
    st.sampled_from(
        [True, {}, {"type": "null"}, {"type": "boolean"}, {"const": 0}, {"const": ""}, {"const": False}]
    ),
    st.sampled_from(["string", "integer", "number"]).map(lambda kind: {"type": kind}),
    st.sampled_from(["date", "date-time", "email", "mobile"]).map(
        lambda name: {"type": "string", "format": name}
    ),
    st.lists(st.sampled_from(["a", "", 0, None, False, []]), min_size=1, unique_by=shown).map(
        lambda v: {"enum": v}
    ),
    st.lists(st.sampled_from(["string", "null", "integer", "array", "object"]), min_size=1, unique=True).map(
        lambda kinds: {"type": kinds, "maxItems": 2, "maxProperties": 2}
    ),
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda parts, names: {
                "type": "object",
                "properties": parts,
                "required": [n for n in names if n in parts],
            },
            st.dictionaries(NAMES, inner, max_size=3),
            st.lists(NAMES, unique=True, max_size=2),
        ),
        st.builds(
            lambda parts, more: {"type": "object", "properties": parts, "additionalProperties": more},
            st.dictionaries(NAMES, inner, max_size=2),
            inner,
        ),
        inner.map(lambda part: {"type": "array", "items": part, "maxItems": 3}),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda parts: {"type": "array", "prefixItems": parts, "maxItems": len(parts)}
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}),
        st.lists(inner, min_size=2, max_size=2).map(lambda parts: {"allOf": parts}),
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.sampled_from(
        [None, "", "a", " b ", "x\ny", "null", "1", 0, 1, -1, 10**30, 1.5, False, True, "2026-03-05"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, VALUES)
def test_any_value_comes_back_through_the_form_of_any_schema_that_admits_it(schema: Any, value: Any) -> None:
    if schema is not True:
        assume(compile_shape(schema).is_valid(value))
    model = compile_schema(schema)
    decoded = decode(model, encode(model, value))
    assert (shown(decoded.answers), decoded.problems) == (shown(value), ())


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, VALUES)
def test_a_place_of_the_document_is_found_on_the_page_and_back(schema: Any, value: Any) -> None:
    model = compile_schema(schema)
    for pointer in places(value):
        drawn = to_drawn(model, value, pointer)
        assert pointer.startswith(to_meant(model, unfolded(model, value), drawn))


WORDS = ("name", "value")


def places(value: Any, pointer: str = "") -> list[str]:
    """The pointers of everything inside a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    steps = [(str(key).replace("~", "~0").replace("/", "~1"), part) for key, part in pairs]
    return [pointer, *(at for step, part in steps for at in places(part, f"{pointer}/{step}"))]


def test_a_recursive_schema_is_drawn_a_few_times_and_then_cut() -> None:
    model = compile_schema(TREE)
    boxes = [node.pattern for node in model.nodes.values() if node.fallback == "recursive"]
    assert boxes == ["/parts/*/parts/*/parts"]
    deep: dict[str, Any] = {"name": "根", "parts": [{"parts": [{"parts": [{"name": "叶", "parts": [{}]}]}]}]}
    assert decode(model, encode(model, deep)).answers == deep


def test_what_stands_in_an_alternative_that_was_not_chosen_is_not_read() -> None:
    model = compile_schema(BY_KIND["oneOf of objects"])
    pairs = [("/~0pick", "1"), ("/~00/no", "6222"), ("/~01/n", "3")]
    decoded = decode(model, pairs)
    assert (decoded.answers, decoded.problems) == ({"k": "c", "n": 3}, ())


def test_what_must_be_said_and_may_be_nothing_is_null_when_left_blank() -> None:
    note = {"note": {"type": ["string", "null"]}}
    part = {"type": "object", "required": ["note"], "properties": note}
    model = compile_schema({**part, "properties": {**note, "inner": part}})
    assert decode(model, [("/note", ""), ("/inner/note", "")]).answers == {"note": None}
    assert decode(model, [("/note", "甲")]).answers == {"note": "甲"}


def test_rows_of_a_map_need_a_name_and_not_the_same_twice() -> None:
    model = compile_schema(BY_KIND["a map"])
    rows = [("a", "1"), ("", "2"), ("a", "3")]
    pairs = [
        (f"/~0more/{n}/~0{word}", text)
        for n, row in enumerate(rows)
        for word, text in zip(WORDS, row, strict=True)
    ]
    decoded = decode(model, pairs)
    assert decoded.answers == {"a": 1}
    assert [(p.pointer, p.code, p.facts) for p in decoded.problems] == [
        ("", "extra.no_name", {"row": 2}),
        ("/a", "extra.twice", {"row": 3}),
    ]


def test_a_reference_out_of_the_schema_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        compile_schema({"properties": {"a": {"$ref": "https://example.org/person.json"}}})
    assert [(p.pointer, p.code) for p in refused.value.problems] == [
        ("/properties/a/$ref", "schema.remote_reference")
    ]


def test_a_reference_by_id_or_anchor_stays_inside() -> None:
    schema = {
        "$id": "https://example.org/form",
        "properties": {
            "a": {"$ref": "person"},
            "b": {"$ref": "#here"},
            "c": {"$ref": "https://example.org/person#/properties/n"},
        },
        "$defs": {
            "p": {"$id": "person", "type": "object", "properties": {"n": {"type": "integer"}}},
            "q": {"$anchor": "here", "type": "boolean"},
        },
    }
    nodes = compile_schema(schema).nodes
    assert {at: node.reading for at, node in nodes.items() if node.kind == "leaf"} == {
        "/a/n": "integer",
        "/b": "choice",
        "/c": "integer",
    }


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_value_of_each_kind_of_schema_is_summarised_compared_and_printed(kind: str) -> None:
    schema = BY_KIND[kind]
    model = compile_schema(schema)

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(from_schema(schema), VALUES)
    def holds(value: Any, other: Any) -> None:
        for lang in LANGUAGES:
            assert all(row.text for part in summarise(model, value, lang=lang) for row in part.rows)
            assert {row.kind for row in compare(model, value, value, lang)} <= {"same"}
            compare(model, value, other, lang)
            if isinstance(value, dict):
                paper(model, value, {}, lang=lang)

    holds()
