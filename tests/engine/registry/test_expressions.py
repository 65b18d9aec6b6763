"""Expressions are checked before they run, and a failure is never true."""

from __future__ import annotations

import logging

import pytest

from engine.errors import Invalid, Problem
from engine.registry.expressions import GUARD_NAMES, Bench, Failure, compile_expression, prepare
from engine.registry.functions import FUNCTIONS
from engine.registry.reads import Reads


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(Invalid) as refused:
        compile_expression(text, pointer="/at")
    return refused.value.problems


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("data.a +", 1, 9), ("data.a +\n  @", 2, 3), ("data.a == (", 1, 12)],
)
def test_a_syntax_error_says_line_and_column(text: str, line: int, column: int) -> None:
    (found,) = problems(text)
    assert (found.pointer, found.code) == ("/at", "expression.syntax")
    assert (found.facts["line"], found.facts["column"]) == (line, column)


def test_an_unknown_name_and_an_unknown_function_are_refused_with_their_places() -> None:
    assert problems("data.a == date &&\n  is_ok(data.b)") == (
        Problem("/at", "expression.unknown_name", {"name": "date", "line": 1, "column": 11}),
        Problem("/at", "expression.unknown_function", {"name": "is_ok", "line": 2, "column": 3}),
    )


def test_the_answers_of_a_transition_are_bound_in_guards_only() -> None:
    assert [one.code for one in problems("transition.comment != ''")] == ["expression.unknown_name"]
    guard = compile_expression("transition.comment != ''", names=GUARD_NAMES)
    assert set(guard.reads["transition"].parts) == {"comment"}


@pytest.mark.parametrize("text", ["a" * 4_001, "(" * 101 + "1" + ")" * 101])
def test_an_expression_too_large_to_read_is_refused(text: str) -> None:
    assert [one.code for one in problems(text)] == ["expression.too_complex"]


def test_standard_functions_operators_and_macros_compile() -> None:
    text = (
        "id_no_ok('x') && distinct([1].map(i, i)) && [1].exists(i, i in [1]) && 'a'.matches('a') "
        "&& timestamp('2026-01-01T00:00:00Z') < now && type(1) == int "
        "&& !(1 - 1 * 2 / 1 % 3 >= 4) ? has(data.a) : true"
    )
    assert set(compile_expression(text).reads) == {"now", "data"}


@pytest.mark.parametrize(
    "text",
    ["data.missing == 1", "1 / data.zero == 1", "data.list[5] == 1", "cents(data.word) > 1", "data.word > 1"],
)
def test_what_cannot_be_evaluated_is_a_failure_and_not_a_value(text: str) -> None:
    expression = compile_expression(text)
    data = {"zero": 0, "list": [], "word": "一"}
    assert isinstance(expression.evaluate(prepare(expression.reads, {"data": data}, FUNCTIONS)), Failure)


def test_a_failed_function_never_writes_the_value_to_a_log(caplog: pytest.LogCaptureFixture) -> None:
    expression = compile_expression("cents(data.amount) > 1")
    with caplog.at_level(logging.DEBUG):
        expression.evaluate(prepare(expression.reads, {"data": {"amount": "31019919420315026X"}}, FUNCTIONS))
    assert "31019919420315026X" not in caplog.text


def test_a_bench_forgets_a_document_before_the_next() -> None:
    bench = Bench(FUNCTIONS, {"t": {"n": 3}}, Reads(whole=True))
    first = compile_expression("data.n == tables.t.n && facts.x")
    second = compile_expression("data.n == tables.t.n")
    with bench.prepared(first.reads, {"data": {"n": 3}, "facts": {"x": True}}) as context:
        assert first.evaluate(context) is True
    with bench.prepared(second.reads, {"data": {"n": 4}}) as context:
        assert second.evaluate(context) is False
        assert first.evaluate(context) is not True
        assert context.variables["facts"] is None


def test_two_evaluations_at_once_have_two_contexts() -> None:
    bench = Bench(FUNCTIONS, {}, Reads())
    expression = compile_expression("data.n == 1")
    with (
        bench.prepared(expression.reads, {"data": {"n": 1}}) as outer,
        bench.prepared(expression.reads, {"data": {"n": 2}}) as inner,
    ):
        assert (expression.evaluate(outer), expression.evaluate(inner)) == (True, False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("size('二二')", 2),
        ("data.word.size()", 1),
        ("size([1, 2, 3])", 3),
        ("size(data)", 1),
        ("'size(1)'", "size(1)"),
        ("data.list.filter(i, size(i) == 1).size()", Failure("KeyError")),
    ],
)
def test_size_counts_characters_and_not_bytes(text: str, value: object) -> None:
    expression = compile_expression(text)
    context = prepare(expression.reads, {"data": {"word": "一"}}, FUNCTIONS)
    assert expression.evaluate(context) == value
