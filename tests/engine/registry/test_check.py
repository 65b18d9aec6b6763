"""`fengjian check`: a good folder is clean, and each fault of a folder is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import Problem
from engine.registry.check import check_folder
from tests.schemas import reading

META = {name: reading.read("_meta", f"{name}.schema.json") for name in ("annotations", "states", "layout")}


def folder() -> dict[str, bytes]:
    root = reading.folder()
    files = {name: root.joinpath(name).read_bytes() for name in (*reading.FILES, "CHANGES.md")}
    for file in root.joinpath("examples").iterdir():
        files[f"examples/{file.name}"] = file.read_bytes()
    return files


FOLDER = folder()


def checked(files: dict[str, bytes]) -> list[Problem]:
    return check_folder(files, reading.tables(), META, form="info_entry", version="1.0.0")


def with_changed(name: str, change: Callable[[Any], Any]) -> dict[str, bytes]:
    value = json.loads(FOLDER[name])
    change(value)
    return {**FOLDER, name: json.dumps(value, ensure_ascii=False).encode()}


def test_the_published_folder_is_clean() -> None:
    assert checked(FOLDER) == []


def field(schema: Any, name: str) -> Any:
    return schema["properties"]["insured"]["properties"][name]


def first_rows(layout: Any) -> Any:
    return layout["sections"][0]["rows"]


FAULTS: list[tuple[str, Callable[[Any], Any], str]] = [
    ("schema.json", lambda v: field(v, "gender").pop("x-class"), "field.class"),
    ("schema.json", lambda v: field(v, "id_no").update({"x-index": "text"}), "field.index"),
    ("schema.json", lambda v: field(v, "gender").pop("title"), "field.title"),
    ("schema.json", lambda v: field(v, "gender").update({"x-codes": "nowhere"}), "field.table"),
    ("layout.json", lambda v: first_rows(v).pop(), "layout.missing"),
    ("layout.json", lambda v: first_rows(v)[0][0].update({"p": "/entry/gone"}), "layout.unknown"),
    ("layout.json", lambda v: first_rows(v)[0][0].update({"w": 1}), "layout.width"),
    ("layout.json", lambda v: first_rows(v).append(first_rows(v)[0]), "layout.twice"),
    ("locale/en.json", lambda v: v.pop("/insured/gender#1"), "locale.missing"),
    ("locale/en.json", lambda v: v.update({"/insured/gone": "gone"}), "locale.unknown"),
    ("states.json", lambda v: v["transitions"][1].update({"not_by": []}), "transition.own_work"),
    ("states.json", lambda v: v.update({"surprise": 1}), "unknown_field"),
    ("examples/ok-1-first-assessment.json", lambda v: v["data"].pop("consent"), "example.not_ok"),
    ("examples/bad-V1-checksum.json", lambda v: v["problem"].update({"code": "V9"}), "example.not_raised"),
    ("examples/bad-V1-checksum.json", lambda v: v.pop("data"), "example.malformed"),
]


@pytest.mark.parametrize(("name", "change", "code"), FAULTS)
def test_each_fault_is_told_with_its_file(name: str, change: Callable[[Any], Any], code: str) -> None:
    assert (name, code) in [(one.facts["file"], one.code) for one in checked(with_changed(name, change))]


def test_a_rule_nobody_tried_to_break_is_told() -> None:
    files = {name: data for name, data in FOLDER.items() if name != "examples/bad-V7-cap.json"}
    assert [(one.code, one.facts["rule"]) for one in checked(files)] == [("example.rule_untested", "V7.cap")]


def test_a_folder_without_examples_or_changes_is_told() -> None:
    files = {name: FOLDER[name] for name in reading.FILES}
    found = {one.code for one in checked(files)}
    assert found == {"file.missing", "example.none", "example.rule_untested"}


def test_a_use_on_which_the_validators_differ_stops_the_publication_at_its_place() -> None:
    broken = with_changed("schema.json", lambda v: field(v, "gender").update({"pattern": r"^\s*$"}))
    place = "/properties/insured/properties/gender/pattern"
    facts = {"file": "schema.json", "keyword": r"\s", "why": "characters"}
    assert Problem(place, "keyword.engines_differ", facts) in checked(broken)


def test_a_folder_that_does_not_compile_is_told_all_the_same() -> None:
    assert [one.code for one in checked({**FOLDER, "states.json": b"{"})] == ["json.syntax"]
    broken = with_changed("schema.json", lambda v: v["x-rules"][0].update({"rule": "data."}))
    assert ("expression.syntax", "schema.json") in [(one.code, one.facts["file"]) for one in checked(broken)]


def test_a_role_that_nobody_has_is_told() -> None:
    found = check_folder(FOLDER, reading.tables(), META, roles=("auditor",))
    assert {one.code for one in found} >= {"role.unknown", "transition.nobody"}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("layout.json", lambda v: v.update(sections=[None])),
        ("layout.json", lambda v: v["sections"][0].update(rows=[5])),
        ("schema.json", lambda v: v.update({"x-rules": [None]})),
        ("schema.json", lambda v: v.update({"x-lookups": "none"})),
        ("states.json", lambda v: v.update(access=[3])),
    ],
)
def test_a_file_of_a_shape_nobody_foresaw_is_told_and_not_stumbled_over(
    name: str, change: Callable[[Any], Any]
) -> None:
    assert name in {one.facts["file"] for one in checked(with_changed(name, change))}
