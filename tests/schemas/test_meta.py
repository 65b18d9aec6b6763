"""The meta-schemas accept our files and refuse what would break a promise."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.schemas import reading

PAIRS = {"annotations": "schema", "states": "states", "layout": "layout"}


def _faults(meta: str, value: Any) -> int:
    return len(list(Draft202012Validator(reading.read("_meta", f"{meta}.schema.json")).iter_errors(value)))


@pytest.mark.parametrize("meta", PAIRS)
def test_a_meta_schema_is_a_schema_and_accepts_our_file(meta: str) -> None:
    Draft202012Validator.check_schema(reading.read("_meta", f"{meta}.schema.json"))
    assert _faults(meta, reading.read("info_entry", "1.0.0", f"{PAIRS[meta]}.json")) == 0


def _set(*path: str, value: Any) -> Callable[[Any], None]:
    def change(whole: Any) -> None:
        for step in path[:-1]:
            whole = whole[int(step) if isinstance(whole, list) else step]
        whole[path[-1]] = value

    return change


def _drop(*path: str) -> Callable[[Any], None]:
    def change(whole: Any) -> None:
        for step in path[:-1]:
            whole = whole[int(step) if isinstance(whole, list) else step]
        del whole[path[-1]]

    return change


ID_NO = ("properties", "insured", "properties", "id_no")
FAULTS = {
    "an unknown x- key": ("annotations", _set(*ID_NO, "x-secret", value=True)),
    "a field without an information class": ("annotations", _drop(*ID_NO, "x-class")),
    "a sensitive field without a mask": ("annotations", _drop(*ID_NO, "x-mask")),
    "a sensitive field that can be read in an index": ("annotations", _set(*ID_NO, "x-index", value="exact")),
    "a form without a legal basis": ("annotations", _drop("x-legal-basis")),
    "a section without a legal basis": ("annotations", _drop("properties", "insured", "x-legal-basis")),
    "an open section": ("annotations", _set("properties", "insured", "additionalProperties", value=True)),
    "a list without an end": ("annotations", _drop("properties", "files", "maxItems")),
    "a number with a fraction": (
        "annotations",
        _set("properties", "care", "properties", "x", value={"type": "number"}),
    ),
    "a condition on something hidden": ("annotations", _set("allOf", "0", "if", value={"not": {}})),
    "a rule without a sentence": ("annotations", _drop("properties", "insured", "x-rules", "0", "message")),
    "a state without a title": ("states", _drop("states", "draft", "title")),
    "a role nobody has": ("states", _set("transitions", "0", "by", "roles", value=["king"])),
    "a limit of no days": ("states", _set("transitions", "1", "due", "working_days", value=0)),
    "an unknown right": ("states", _set("access", "0", "actions", value=["delete"])),
    "another grid": ("layout", _set("sections", "0", "columns", value=13)),
    "a section outside the alphabet": ("layout", _set("sections", "0", "letter", value="甲")),
    "an unknown widget": (
        "layout",
        _set("sections", "0", "rows", value=[[{"p": "/entry/x", "w": 3, "widget": "dial"}]]),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_meta_schema_refuses(fault: str) -> None:
    meta, change = FAULTS[fault]
    value = copy.deepcopy(reading.read("info_entry", "1.0.0", f"{PAIRS[meta]}.json"))
    change(value)
    assert _faults(meta, value) > 0


def test_the_named_patterns_of_the_form_are_those_of_the_house() -> None:
    assert reading.bundle().schema["$defs"] == reading.read("common", "patterns.json")["$defs"]
