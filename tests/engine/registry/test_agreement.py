"""The two validators agree: on our forms' examples, on damaged ones, and on documents nobody wrote."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.registry.pointers import join
from engine.registry.shape import compile_shape
from tests.schemas import reading

SHAPE = reading.compiled().shape
EXAMPLES = {name: one["data"] for name, one in reading.examples().items()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_they_agree_on_every_example(name: str) -> None:
    assert SHAPE.fast.is_valid(EXAMPLES[name]) is SHAPE.explaining.is_valid(EXAMPLES[name])


def places(value: Any, pointer: str = "") -> list[tuple[Any, ...]]:
    """The paths of everything inside a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    out: list[tuple[Any, ...]] = []
    for key, part in pairs:
        out.append((key,))
        out.extend((key, *rest) for rest in places(part, join(pointer, key)))
    return out


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(max_size=20),
    st.sampled_from(
        ["", "0.00", "2026-02-30", "2026-02-28", "310104", "YW000231", "NHSA_MCA_2021", "true", "3"]
    ),
    st.just([]),
    st.just({}),
)


@given(st.sampled_from(sorted(name for name in EXAMPLES if name.startswith("ok-"))), st.data())
def test_they_agree_on_damaged_examples_and_every_damage_has_a_place(name: str, data: st.DataObject) -> None:
    damaged = copy.deepcopy(EXAMPLES[name])
    path = data.draw(st.sampled_from(places(damaged)))
    around = damaged
    for token in path[:-1]:
        around = around[token]
    kind = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if kind == "remove":
        del around[path[-1]]
    elif kind == "add" and isinstance(around, dict):
        around[data.draw(st.sampled_from(["stray", "assess", "stat", "full_name"]))] = data.draw(SCALARS)
    else:
        around[path[-1]] = data.draw(SCALARS)
    fast = SHAPE.fast.is_valid(damaged)
    assert fast is SHAPE.explaining.is_valid(damaged)
    problems = SHAPE.problems(damaged)
    assert bool(problems) is not fast
    assert "invalid" not in {problem.code for problem in problems}


KEYWORDS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "array", "string", "integer", "boolean", "null"]),
        "enum": st.lists(st.sampled_from(["a", 1, True, None]), min_size=1, unique_by=repr),
        "const": st.sampled_from(["a", 1, True, None, 0, False]),
        "minLength": st.integers(0, 3),
        "maxItems": st.integers(0, 2),
        "minimum": st.integers(-2, 2),
        "pattern": st.sampled_from(["^a", "[0-9]$", r"^\d+$", r"\w", "^(a|b)*$"]),
        "required": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "additionalProperties": st.booleans(),
        "uniqueItems": st.booleans(),
    },
)
SCHEMAS = st.recursive(
    KEYWORDS,
    lambda inner: st.one_of(
        st.builds(lambda part, rest: {**rest, "properties": {"a": part}}, inner, KEYWORDS),
        st.builds(lambda part: {"items": part}, inner),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"oneOf": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
        st.builds(lambda c, t, e: {"if": c, "then": t, "else": e}, inner, inner, inner),
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2, "a", "ab", "3", "３", "", "é"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(SCHEMAS, VALUES)
def test_they_agree_on_any_schema_and_value_of_our_profile(schema: dict[str, Any], value: Any) -> None:
    shape = compile_shape(schema)
    assert shape.fast.is_valid(value) is shape.explaining.is_valid(value)
    assert bool(shape.problems(value)) is not shape.fast.is_valid(value)
