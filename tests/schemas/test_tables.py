"""Code tables: pinned by digest, each code once, dates in order, sources named."""

from __future__ import annotations

import pytest

import schemas
from engine.registry.bundle import digest_of
from tests.schemas import reading

SCHEMA = reading.read("info_entry", "1.0.0", "schema.json")
TABLES = reading.tables()


@pytest.mark.parametrize("name", SCHEMA["x-tables"])
def test_a_pinned_table_has_the_digest_of_its_pin(name: str) -> None:
    pin = SCHEMA["x-tables"][name]
    assert digest_of(TABLES[pin["file"]]) == pin["sha256"]


def test_every_table_is_pinned_by_the_form_that_uses_it() -> None:
    schemas_of = [reading.bundle(form, version).schema for form, version in reading.VERSIONS]
    pinned = {pin["file"] for schema in schemas_of for pin in schema.get("x-tables", {}).values()}
    used = {f"codes/{field.codes}.json" for field in reading.compiled().fields.values() if field.codes}
    assert (set(TABLES) - pinned, used - pinned) == (set(), set())


@pytest.mark.parametrize("file", TABLES)
def test_a_table_says_what_it_is_and_where_it_comes_from(file: str) -> None:
    head = {
        key: TABLES[file].get(key) for key in ("id", "title", "title_en", "source", "version", "confirmed")
    }
    assert [key for key, value in head.items() if not value] == []
    assert file == f"codes/{head['id']}.json"


@pytest.mark.parametrize("file", [file for file, table in TABLES.items() if "entries" in table])
def test_no_code_stands_twice(file: str) -> None:
    codes = [entry["code"] for entry in TABLES[file]["entries"]]
    assert (len(codes), all(entry["name"] for entry in TABLES[file]["entries"])) == (len(set(codes)), True)


def test_the_regions_hold_every_level_and_no_test_region() -> None:
    entries = {entry["code"]: entry for entry in TABLES["codes/regions.json"]["entries"]}
    by_level = {level: sum(entry["level"] == level for entry in entries.values()) for level in (1, 2, 3)}
    assert by_level[1] == 31
    assert by_level[3] > 2900
    assert entries["310104"] == {
        "code": "310104", "name": "徐汇区", "full": "上海市徐汇区", "level": 3, "parent": "310000"
    }  # fmt: skip
    assert {"310199", "440199", "320699"} & set(entries) == set()
    assert [
        code for code, entry in entries.items() if entry["level"] > 1 and entry["parent"] not in entries
    ] == []


def test_the_service_items_are_27_of_life_and_15_clinical_ones_in_the_order_of_the_list() -> None:
    entries = TABLES["codes/service_items.json"]["entries"]
    names = {entry["code"]: entry["name"] for entry in entries}
    assert [entry["code"] for entry in entries] == [
        *(f"SH27-{number:02d}" for number in range(1, 28)),
        *(f"SH15-{number:02d}" for number in range(1, 16)),
    ]
    assert (names["SH27-05"], names["SH15-05"], names["SH27-27"], names["SH15-15"]) == (
        "温水擦浴", "生命体征监测", "人工肛门便袋护理", "PICC导管维护",
    )  # fmt: skip


def test_choices_that_stand_in_a_table_read_the_same_there() -> None:
    names = {
        name: {entry["code"]: entry["name"] for entry in table["entries"]}
        for name, table in ((name, TABLES[pin["file"]]) for name, pin in SCHEMA["x-tables"].items())
        if "entries" in table
    }
    differing = {
        pattern: value
        for pattern, field in reading.compiled().fields.items()
        if field.codes
        for value in field.enum
        if value not in names[field.codes]
    }
    assert differing == {}


def test_a_version_that_is_published_has_the_digest_of_the_lock() -> None:
    lines = schemas.root().joinpath("published.lock").read_text("utf-8").splitlines()
    locked = {name: digest for digest, name in (line.split() for line in lines if not line.startswith("#"))}
    assert locked == {
        f"{form}/{version}": reading.bundle(form, version).digest for form, version in reading.VERSIONS
    }
