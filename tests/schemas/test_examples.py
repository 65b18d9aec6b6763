"""The examples are the contract of the form: what holds, and what each rule refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.schemas import reading

EXAMPLES = reading.examples()
OK = {name: one for name, one in EXAMPLES.items() if name.startswith("ok-")}
BAD = {name: one for name, one in EXAMPLES.items() if name.startswith("bad-")}
FIFTEEN = [f"V{number}" for number in range(1, 15)]


@pytest.mark.parametrize("name", OK)
def test_an_ok_example_holds_with_no_more_than_its_warnings(name: str) -> None:
    judged = reading.judge(OK[name])
    assert judged.errors == ()
    assert [warning.code for warning in judged.warnings] == OK[name].get("warnings", [])


@pytest.mark.parametrize("name", BAD)
def test_a_bad_example_raises_the_one_problem_it_names(name: str) -> None:
    named = BAD[name]["problem"]
    raised = [(one.pointer, one.code, one.level) for one in reading.judge(BAD[name]).problems]
    assert raised == [(named["pointer"], named["code"], named.get("level", "error"))]


def test_every_rule_has_an_example_that_breaks_it() -> None:
    broken = {one["problem"]["code"] for one in BAD.values()}
    assert [rule.id for rule in reading.compiled().rules if rule.id not in broken] == []


@pytest.mark.parametrize("number", FIFTEEN)
def test_every_numbered_rule_of_the_regulation_is_broken_by_some_example(number: str) -> None:
    assert [name for name in BAD if re.match(f"bad-{number}-", name)]


def test_every_kind_of_fault_of_shape_has_an_example() -> None:
    kinds = {
        "required", "type", "enum", "const", "pattern", "format.date", "format.date-time", "format.doc_id",
        "min_length", "max_length", "minimum", "maximum", "min_items", "max_items", "unique",
        "unknown_field", "forbidden", "computed",
    }  # fmt: skip
    assert kinds - {one["problem"]["code"] for one in BAD.values()} == set()


def test_every_entry_type_has_an_example_that_holds() -> None:
    shown = {one["data"]["entry"]["entry_type"] for one in OK.values()}
    types = reading.read("info_entry", "1.0.0", "schema.json")["properties"]["entry"]["properties"][
        "entry_type"
    ]
    assert shown == set(types["enum"])


def test_every_bad_example_says_why_and_nothing_else() -> None:
    keys = {
        name: sorted(one) for name, one in BAD.items() if sorted(one) != ["context", "data", "problem", "why"]
    }
    assert keys == {}


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in _strings(part)]
    return [value] if isinstance(value, str) else []


def test_no_example_holds_an_id_number_with_an_assigned_region() -> None:
    regions = {entry["code"] for entry in reading.tables()["codes/regions.json"]["entries"]}
    numbers = {
        found
        for one in EXAMPLES.values()
        for text in _strings(one["data"])
        for found in re.findall(r"\b([1-9]\d{5}(?:18|19|20)\d{9}[\dX])\b", text)
    }
    assert numbers
    assert [number for number in numbers if number[:6] in regions] == []
