"""A lift that is not well written is refused with every place that is wrong, before it reads anything."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from engine.errors import Invalid
from engine.registry.shape import compile_shape
from engine.versions.lift import parse_lift
from tests.schemas import reading

WHY = {"reason": "旧表未收集", "reason_en": "Not asked on the older form"}
META = compile_shape(reading.read("_meta", "lift.schema.json"))
GOOD: dict[str, Any] = {
    "form": "entry",
    "from": "1.1.0",
    "to": "2.0.0",
    "tables": {"t": {"title": "对照", "entries": [{"code": "a", "to": "b", "valid_from": "2024-01-01"}]}},
    "steps": [
        {"op": "move", "from": "/a", "to": "/b", "matches": "^x"},
        {"op": "rename", "at": "/l/*/a", "to": "b", "when": "item.a == 'x'"},
        {"op": "wrap", "from": "/c", "to": "/cs"},
        {"op": "split", "from": "/d", "table": "t", "into": {"/e": "x", "/f": "y"}, "otherwise": "drop"},
        {"op": "map", "at": "/l/*/m", "table": "t", "on": "/day", **WHY},
        {"op": "key", "at": "/rows/*/v", "names_at": "/columns"},
        {"op": "drop", "at": "/g", **WHY},
        {"op": "unknown", "at": "/h", "keep": "/i", "matches": "x", **WHY},
        {"op": "cel", "to": "/l/*/n", "value": "size(item.m)"},
    ],
}


def problems(value: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        parse_lift(value)
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


def changed(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return deepcopy(GOOD) | {"steps": list(steps)} | more


def test_every_operation_is_read() -> None:
    lift = parse_lift(GOOD)
    assert [step.op for step in lift.steps] == [step["op"] for step in GOOD["steps"]]
    assert META.problems(GOOD) == ()


def test_the_digest_is_that_of_the_file_whatever_its_spacing() -> None:
    assert parse_lift(GOOD).digest == parse_lift(dict(reversed(deepcopy(GOOD).items()))).digest
    assert parse_lift(GOOD).digest != parse_lift(changed()).digest


FAULTS: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "no object": ([], [("", "type")]),
    "nothing in it": (
        {},
        [("/form", "required"), ("/from", "required"), ("/steps", "required"), ("/to", "required")],
    ),
    "an unknown member": (changed(note=1), [("/note", "unknown_field")]),
    "no version": (changed(to="2.0"), [("/to", "lift.version")]),
    "an unknown operation": (changed({"op": "guess"}), [("/steps/0/op", "lift.operation")]),
    "no operation": (changed({}), [("/steps/0/op", "lift.operation")]),
    "a missing member": (changed({"op": "move", "from": "/a"}), [("/steps/0/to", "required")]),
    "a member of another operation": (
        changed({"op": "wrap", "from": "/a", "to": "/b", "matches": "x"}),
        [("/steps/0/matches", "unknown_field")],
    ),
    "a pointer that is none": (
        changed({"op": "move", "from": "a", "to": "/b"}),
        [("/steps/0/from", "lift.pointer")],
    ),
    "a name with a slash": (
        changed({"op": "rename", "at": "/a", "to": "b/c"}),
        [("/steps/0/to", "lift.name")],
    ),
    "a missing table": (
        changed({"op": "map", "at": "/a", "table": "u"}),
        [("/steps/0/table", "lift.table_missing")],
    ),
    "an omission without a reason": (
        changed({"op": "drop", "at": "/a"}),
        [("/steps/0/reason", "lift.reason")],
    ),
    "a reason in one language": (
        changed({"op": "drop", "at": "/a", "reason": "旧"}),
        [("/steps/0/reason_en", "lift.reason")],
    ),
    "a choice that is none": (
        changed({"op": "map", "at": "/a", "table": "t", "otherwise": "guess"}),
        [("/steps/0/otherwise", "enum")],
    ),
    "a day that is none": (
        changed(tables={"t": {"entries": [{"code": 1, "to": 2, "valid_to": "2024"}]}}),
        [("/tables/t/entries/0/valid_to", "format.date")],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_parser_and_meta_schema_refuse(fault: str) -> None:
    value, expected = FAULTS[fault]
    assert problems(value) == expected
    # Which table a step names is not for a schema to see.
    assert META.is_valid(value) == (fault == "a missing table")


BEYOND_A_SCHEMA: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "backwards": (changed(to="1.0.0"), [("/to", "lift.version")]),
    "many into one": (changed({"op": "move", "from": "/l/*/a", "to": "/b"}), [("/steps/0/to", "lift.stars")]),
    "one into many": (changed({"op": "move", "from": "/a", "to": "/l/*"}), [("/steps/0/to", "lift.stars")]),
    "an expression that does not compile": (
        changed({"op": "cel", "to": "/a", "value": "data."}),
        [("/steps/0/value", "expression.syntax")],
    ),
    "a clock": (
        changed({"op": "cel", "to": "/a", "value": "now"}),
        [("/steps/0/value", "expression.unknown_name")],
    ),
    "a pattern without linear time": (
        changed({"op": "move", "from": "/a", "to": "/b", "matches": "(a)\\1"}),
        [("/steps/0/matches", "schema.pattern")],
    ),
    "both lists of names": (
        changed({"op": "key", "at": "/a", "names": [], "names_at": "/b"}),
        [("/steps/0/names", "required")],
    ),
    "an unknown item": (changed({"op": "unknown", "at": "/l/*", **WHY}), [("/steps/0/at", "lift.pointer")]),
}


@pytest.mark.parametrize("fault", BEYOND_A_SCHEMA)
def test_the_parser_refuses(fault: str) -> None:
    value, expected = BEYOND_A_SCHEMA[fault]
    assert problems(value) == expected
