"""Patterns of schemas run in linear time, in both validators."""

from __future__ import annotations

import time

import pytest

from engine.errors import Invalid, Problem
from engine.registry.patterns import check_pattern, matches
from engine.registry.shape import compile_shape

CATASTROPHES = ("^(a+)+$", "^(a|aa)+$", "^(.*a){12}$", "(x+x+)+y")


@pytest.mark.parametrize("pattern", CATASTROPHES)
def test_a_catastrophic_pattern_is_harmless(pattern: str) -> None:
    shape = compile_shape({"type": "string", "pattern": pattern})
    hostile = "a" * 50_000 + "!"
    begun = time.perf_counter()
    assert not shape.is_valid(hostile)
    assert [problem.code for problem in shape.problems(hostile)] == ["pattern"]
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?<!a)b", r"(a)\1", "[", "a" * 2_001])
def test_a_pattern_that_is_not_linear_or_not_valid_cannot_be_published(pattern: str) -> None:
    assert check_pattern(pattern, "/pattern") is not None
    with pytest.raises(Invalid) as refused:
        compile_shape({"properties": {"x": {"pattern": pattern}}})
    codes = {problem.code for problem in refused.value.problems}
    assert codes <= {"schema.pattern", "schema.invalid"} and codes


def test_javascript_spellings_mean_the_same_here() -> None:
    assert matches(r"^[\u4e00-\u9fff]{2}$", "文兰")
    assert matches(r"^\p{Script=Han}+$", "文兰")
    assert not matches("^[0-9]$", "３")


def test_the_end_of_a_pattern_is_the_end_of_the_text() -> None:
    assert not matches("^310104$", "310104\n")


def test_what_is_wrong_with_a_pattern_is_said_without_raising() -> None:
    assert check_pattern(5, "/p") == Problem("/p", "schema.pattern", {"reason": "not a string"})
    assert check_pattern("^a$", "/p") is None
