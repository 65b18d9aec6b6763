"""What an expression reads, found by its tokens: never less than it does."""

from __future__ import annotations

from typing import Any

import pytest

from engine.registry.expressions import Failure, compile_expression, prepare
from engine.registry.functions import FUNCTIONS
from engine.registry.reads import Reads, prune, scan


def shown(reads: Reads) -> Any:
    """A tree as plain values: True for whole, a dict for parts, False for presence alone."""
    if reads.whole:
        return True
    return {name: shown(part) for name, part in reads.parts.items()} or False


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("data.a.b == 1", {"a": {"b": True}}),
        ("has(data.a) && data.c == 'data.d'", {"a": False, "c": True}),
        ("has(data.a.b) || data.a.c > 0", {"a": {"b": False, "c": True}}),
        ("data.files.exists(f, f.kind == 'x')", {"files": {"*": {"kind": True}}}),
        ("data.files.filter(f, f.kind == 'x').size() > 0", {"files": {"*": True}}),
        ("data.a.all(i, i.b.exists(j, j.c == i.d))", {"a": {"*": {"b": {"*": {"c": True}}, "d": True}}}),
        ("data.names.map(n, n)[0] == 'x'", {"names": {"*": True}}),
        ("data['a'].b == 1", True),
        ("(data.x).all(q, q.z)", {"x": True}),
        ("[data.x, data.y].exists(v, v.z == 1)", {"x": True, "y": True}),
        ("data.a.size() > 0 // data.b\n && data.c", {"a": True, "c": True}),
        ("size(data.a) > 0 && r'data.b' != \"data.c\"", {"a": True}),
        ("data == null", True),
    ],
)
def test_an_expression_reads_what_its_members_name(text: str, reads: Any) -> None:
    assert shown(scan(text).reads["data"]) == reads


def test_pruning_keeps_what_is_read_and_that_things_are_there() -> None:
    text = "has(data.a.gone) || data.files.exists(f, f.kind == 'x') || has(data.b) || data.n == 1"
    reads = scan(text).reads["data"]
    data = {
        "a": {"secret": 1},
        "b": {"secret": 2},
        "files": [{"kind": "x", "sha256": "…"}, {}],
        "n": 1,
        "other": "gone",
    }
    assert prune(data, reads) == {"a": {}, "b": {}, "files": [{"kind": "x"}, {}], "n": 1}


@pytest.mark.parametrize(
    "text",
    [
        "data.a.filter(x, x.n > 1).map(y, y.m).exists(z, z == 5)",
        "data.a.map(x, x.inner).all(y, y.k in data.keys)",
        "data.a.exists(data, data.n == 2)",
        "(has(data.p) ? data.p : data.q).r == 'here'",
        "data.a.exists_one(x, has(x.m)) || data.table[data.key] == 7",
        "data.a.all(a, data.a.exists(b, a.n != b.n || has(b.inner)))",
    ],
)
def test_an_expression_gives_the_same_on_the_pruned_data_as_on_all_of_it(text: str) -> None:
    data = {
        "a": [{"n": 1, "inner": {"k": "x"}}, {"n": 2, "m": 5, "inner": {"k": "y"}}],
        "keys": ["x", "y"],
        "q": {"r": "here"},
        "table": {"t": 7},
        "key": "t",
    }
    expression = compile_expression(text)
    whole = Reads(whole=True)
    on_all = expression.evaluate(prepare({"data": whole}, {"data": data}, FUNCTIONS))
    on_read = expression.evaluate(prepare(expression.reads, {"data": data}, FUNCTIONS))
    assert on_read == on_all and not isinstance(on_all, Failure)


def test_a_place_is_touched_by_what_is_read_in_it_and_around_it() -> None:
    reads = scan("data.a.b.c == 1 && data.list.all(x, x.y)").reads["data"]
    paths = (("a",), ("a", "b", "c", "d"), ("a", "x"), ("list", "*", "y"), ("list", "*", "z"))
    touched = [reads.touches(path) for path in paths]
    assert touched == [True, True, False, True, False]
