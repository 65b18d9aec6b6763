"""What is plainly true is what the engine calls true: on every rule of every example, and on damaged ones."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.registry.compiled import CompiledForm
from engine.registry.expressions import compile_expression, prepare
from engine.registry.functions import FUNCTIONS
from engine.registry.plain import compile_plain
from engine.registry.plain_terms import MEMO
from engine.registry.validate import Surroundings, bindings, compute
from tests.engine.registry.test_agreement import SCALARS, places
from tests.schemas import reading

FORM = reading.compiled()
EXAMPLES = reading.examples()


def rules_that_disagree(form: CompiledForm, data: Any, around: Surroundings) -> list[str]:
    """The rules that are called plainly true while the engine does not say true."""
    bound = bindings(data, around)
    env = {**bound, "tables": form.tables, MEMO: {}}
    with form.bench.prepared(form.reads_of(form.rules), bound) as context:
        return [
            rule.id
            for rule in form.rules
            if rule.is_plainly_true(env) and rule.expression.evaluate(context) is not True
        ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_rule_that_is_plainly_true_is_true_for_the_engine(name: str) -> None:
    around = reading.around(EXAMPLES[name]["context"])
    assert rules_that_disagree(FORM, compute(FORM, EXAMPLES[name]["data"], around), around) == []


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_nor_do_they_disagree_on_damaged_examples(name: str, data: st.DataObject) -> None:
    damaged = copy.deepcopy(EXAMPLES[name]["data"])
    for path in data.draw(st.lists(st.sampled_from(places(damaged)), max_size=3, unique=True)):
        around: Any = damaged
        try:
            for token in path[:-1]:
                around = around[token]
            if data.draw(st.booleans()):
                around[path[-1]] = data.draw(SCALARS)
            else:
                del around[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    assert rules_that_disagree(FORM, damaged, reading.around(EXAMPLES[name]["context"])) == []


def test_nearly_every_rule_of_a_good_document_is_plainly_true() -> None:
    example = EXAMPLES["ok-1-first-assessment"]
    bound = bindings(
        compute(FORM, example["data"], reading.around(example["context"])), reading.around(example["context"])
    )
    env = {**bound, "tables": FORM.tables, MEMO: {}}
    left = [
        rule.id
        for rule in FORM.rules
        if rule.host in ("", "/entry", "/insured") and not rule.is_plainly_true(env)
    ]
    assert left == []


DATA: dict[str, Any] = {
    "n": 2,
    "t": "二",
    "yes": True,
    "none": None,
    "list": [{"k": "x", "n": 1}, {"k": "y"}],
    "words": ["a", "b"],
    "o": {"p": "q"},
}
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
# fmt: off
ATOMS = (
    "data.n == 2", "data.n != 2", "data.n < 3", "data.n >= 3", "data.t == '二'", "data.t == 2",
    "data.t != 'x'", "data.yes", "!data.yes", "data.gone", "!has(data.gone)", "has(data.o.p)",
    "has(data.gone.p)", "data.none == null", "data.t != null", "data.yes == 1", "data.n == true",
    "data.gone == 1", "data.t in ['二', 'x']", "!(data.t in ['x'])", "'a' in data.words", "'p' in data.o",
    "data.n in [1, 2]", "size(data.words) == 2", "data.words.size() > 2", "data.t.startsWith('二')",
    "data.o.p.endsWith('z')", "data.t.contains('')", "data.list.exists(i, i.k == 'x')",
    "data.list.exists(i, i.n == 1)", "data.list.all(i, i.n == 1)", "data.list.all(i, has(i.k))",
    "distinct(data.words)", "distinct(data.list.map(i, i.k))", "data.n + 1 == 3", "data.n - 1 - 1 == 0",
    "data.n + data.t == 3", "data.n - 3 < 0", "(data.yes ? data.n : 5) == 2", "(data.gone ? 1 : 2) == 2",
    "now > time_of('2026-01-01T00:00:00Z')", "now - time_of('2026-11-21T02:00:00Z') <= duration('24h')",
    "id_no_ok(data.t)", "!id_no_ok('x')", "cents(data.t) == 1", "cents('1.00') == 100",
    "string(data.n) == '2'", "data.t.matches('二')", "data.words[0] == 'a'", "!(data.n == 2)", "true",
    "false", "data.list.exists(i, data.words.exists(j, j == i.k))", "data.o == data.o",
    "sum([1, data.n]) == 3", "data.n < 3 == true", "data.t + 'x' == '二x'", "size(data.t) == 1",
    "data.list.filter(i, i.k == 'x').size() == 1",
)
# fmt: on


def both(text: str) -> tuple[bool, Any]:
    bound = {"data": DATA, "now": NOW}
    expression = compile_expression(text)
    plainly = compile_plain(text, FUNCTIONS)({**bound, MEMO: {}})
    return plainly, expression.evaluate(prepare(expression.reads, bound, FUNCTIONS))


@pytest.mark.parametrize("text", ATOMS)
def test_a_part_is_called_true_only_where_the_engine_does(text: str) -> None:
    plainly, engine = both(text)
    assert not plainly or engine is True


EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds("({}) || {}".format, inner, inner),
        st.builds("({}) && ({})".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("{} || {} && {}".format, inner, inner, inner),
        st.builds("({}) ? ({}) : ({})".format, inner, inner, inner),
        st.builds("data.list.exists(i, {})".format, inner),
        st.builds("data.words.all(w, w != 'c' && ({}))".format, inner),
    ),
    max_leaves=5,
)


@given(EXPRESSIONS)
def test_and_so_is_anything_made_of_such_parts(text: str) -> None:
    plainly, engine = both(text)
    assert not plainly or engine is True


def test_a_name_bound_by_a_macro_is_not_remembered_from_one_item_to_the_next() -> None:
    text = (
        "data.list.all(i, distinct([i.k, 'y']) || i.k == 'y') && data.list.exists(i, id_no_ok(i.k)) == false"
    )
    plainly, engine = both(text)
    assert engine is True and plainly in (True, False)
