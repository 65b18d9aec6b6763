"""A lift is held against both versions: its places exist, and what it gives is valid or marked unknown."""

from __future__ import annotations

from typing import Any

from engine.errors import Problem
from engine.versions.lift import parse_lift
from engine.versions.lift_check import check_lift, check_places, has_place
from engine.versions.lift_places import path_of

WHY = {"reason": "旧地址没有区划代码", "reason_en": "The older address has no region code"}


def of(required: list[str], **fields: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": fields}


TEXT = {"type": "string", "minLength": 1}
OLD = of(["address"], address=TEXT)
NEW = of(["address", "region"], address=TEXT, region={"type": "string", "pattern": "^[0-9]{6}$"})
MARK = {"op": "unknown", "at": "/region", **WHY}


def check(*steps: dict[str, Any], documents: Any = (("小林", {"address": "某路1号"}),)) -> list[Problem]:
    lift = parse_lift({"form": "entry", "from": "1.0.0", "to": "2.0.0", "steps": list(steps)})
    return list(check_lift(OLD, NEW, lift, documents))


def test_a_place_marked_unknown_may_be_missing() -> None:
    assert check(MARK) == []


def test_a_place_that_is_missing_unmarked_is_found() -> None:
    facts = {"document": "小林", "place": "/region", "problem": "required"}
    assert check() == [Problem("", "lift.not_new", facts)]


def test_a_mark_excuses_its_place_alone() -> None:
    found = check(MARK, {"op": "rename", "at": "/address", "to": "street"})
    assert sorted((one.code, one.facts["place"]) for one in found) == [
        ("lift.not_new", "/address"),
        ("lift.not_new", "/street"),
        ("lift.pointer_unknown", "/street"),
    ]


def test_a_document_that_was_never_valid_shows_nothing() -> None:
    assert check(MARK, documents=[("x", {})]) == [Problem("", "lift.not_old", {"document": "x"})]


def test_a_guess_that_is_not_valid_is_found() -> None:
    found = check({"op": "cel", "to": "/region", "value": "data.address"})
    assert [one.facts["problem"] for one in found] == ["pattern"]


def test_a_place_neither_version_has_is_found_in_every_member() -> None:
    lift = parse_lift(
        {
            "form": "entry",
            "from": "1.0.0",
            "to": "2.0.0",
            "steps": [
                {"op": "move", "from": "/adress", "to": "/region"},
                {"op": "move", "from": "/address", "to": "/on_the_way"},
                {"op": "move", "from": "/on_the_way", "to": "/address"},
            ],
        }
    )
    assert check_places(lift, OLD, NEW) == (
        Problem("/steps/0", "lift.pointer_unknown", {"place": "/adress", "member": "from"}),
    )


def test_places_are_found_through_references_choices_and_lists() -> None:
    schema = {
        "properties": {
            "rows": {"type": "array", "items": {"$ref": "#/$defs/row"}},
            "pair": {"prefixItems": [{"type": "string"}, of([], x=TEXT)]},
            "open": {"type": "object"},
            "map": of([]) | {"patternProperties": {"^p": of([], y=TEXT)}},
        },
        "oneOf": [of([], left=TEXT), of([], right=TEXT)],
        "if": {"required": ["left"]},
        "then": {"properties": {"more": TEXT}},
        "$defs": {"row": of([], no=TEXT, inner={"$ref": "#/$defs/row"})},
    }  # fmt: skip
    there = ["/rows/*/no", "/rows/*/inner/inner/no", "/pair/1/x", "/pair/*/x", "/open/any/thing"]
    there += ["/map/p1/y", "/left", "/right", "/more"]
    away = ["/row", "/rows/no", "/rows/*/inner/x", "/pair/0/x", "/map/q", "/middle"]
    found = {place for place in (*there, *away) if has_place(schema, path_of(place))}
    assert found == set(there)
