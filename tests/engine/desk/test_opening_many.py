"""Leaves put back into answers by what was seen before, exactly as unflatten does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.desk import opening_many
from engine.errors import Broken
from engine.trust.commitments import flatten, unflatten

KEYS = st.sampled_from(["a", "b", "c_d", "name"])
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=4))
def test_answers_are_what_unflatten_makes_of_them(documents: list[dict[str, object]]) -> None:
    made = opening_many.Answers(("/_derived/",))
    for answers in [*documents, *documents]:
        fields = flatten(answers)
        assert made.of([*fields, ("/_derived/a", "1")]) == unflatten(fields)


def test_a_place_of_a_list_without_a_leaf_is_null_and_the_order_does_not_matter() -> None:
    made = opening_many.Answers(())
    fields = [("/b/2", "x"), ("/a", {}), ("/b/0", "y")]
    assert made.of(fields) == {"a": {}, "b": ["y", None, "x"]} == unflatten(fields)


def test_two_documents_of_one_shape_share_no_object() -> None:
    made = opening_many.Answers(())
    first, second = (made.of([("/a/b", number), ("/c", [])]) for number in (1, 2))
    assert (first, second) == ({"a": {"b": 1}, "c": []}, {"a": {"b": 2}, "c": []})
    assert first["a"] is not second["a"]


@pytest.mark.parametrize("plain", [b"", b"[]", b"{}", b"\xff"])
def test_what_is_no_part_is_broken(plain: bytes) -> None:
    with pytest.raises(Broken):
        opening_many.fields_in(plain)
