"""A form version is compiled whole or refused with every reason."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from engine.errors import Invalid, NotFound, Problem
from engine.registry.bundle import parse_bundle
from engine.registry.fills import suggestions
from engine.registry.registry import build_registry
from engine.trust import canonical
from tests.engine.registry import small
from tests.schemas import reading

TEXT = {"type": "string"}


def refused(schema: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as raised:
        small.compiled(schema, **more)
    return [(problem.pointer, problem.code) for problem in raised.value.problems]


def test_the_digest_is_that_of_the_canonical_json_of_the_four_parts() -> None:
    bundle = small.bundle(small.schema({"properties": {"a": TEXT}}), locale={"/s": "a part"})
    parts = {
        "schema": bundle.schema,
        "states": bundle.states,
        "layout": bundle.layout,
        "locale": bundle.locale,
    }
    assert bundle.digest == hashlib.sha256(canonical.encode_bundle(parts)).hexdigest()
    other = small.bundle(small.schema({"properties": {"a": TEXT}}), locale={"/s": "another word"})
    assert other.digest != bundle.digest


def test_a_folder_with_broken_files_is_refused_with_file_line_and_column() -> None:
    files = {"schema.json": b'{\n  "a": 1,\n}', "states.json": b"[]", "layout.json": b"{}"}
    with pytest.raises(Invalid) as raised:
        parse_bundle("small", "1.0.0", files)
    found = [(one.facts["file"], one.code) for one in raised.value.problems]
    assert found == [
        ("schema.json", "json.syntax"),
        ("states.json", "type"),
        ("locale/en.json", "file.missing"),
    ]
    assert raised.value.problems[0].facts["line"] == 3


@pytest.mark.parametrize(
    ("section", "root", "expected"),
    [
        ({"x-clas": "customer"}, {}, [("/properties/s/x-clas", "annotation.unknown")]),
        (
            {"properties": {"a": {"pattern": "(?=a)"}}},
            {},
            [("/properties/s/properties/a/pattern", "schema.pattern")],
        ),
        ({}, {"x-facets": ["/s/gone"]}, [("/x-facets/0", "field.unknown")]),
        ({}, {"x-summary": ["/s/gone"]}, [("/x-summary/0", "field.unknown")]),
        ({"x-rules": [{"rule": "true"}]}, {}, [("/properties/s/x-rules/0", "rule.id")]),
        (
            {"x-rules": [{"id": "R", "rule": "data.", "message": "…"}]},
            {},
            [("/properties/s/x-rules/0/rule", "expression.syntax")],
        ),
        (
            {"x-rules": [{"id": "R", "rule": "true", "at": "/s/gone"}]},
            {},
            [("/properties/s/x-rules/0/message", "rule.message"), ("/properties/s/x-rules/0/at", "rule.at")],
        ),
        (
            {"x-rules": [{"id": "R", "rule": "true", "message": "…", "level": "note"}] * 2},
            {},
            [
                ("/properties/s/x-rules/0/level", "rule.level"),
                ("/properties/s/x-rules/1/level", "rule.level"),
                ("/properties/s/x-rules/1", "rule.id"),
            ],
        ),
        (
            {
                "properties": {
                    "rows": {"type": "array", "items": {"type": "object", "x-rules": [{"id": "R"}]}}
                }
            },
            {},
            [("/properties/s/properties/rows/items/x-rules/0", "rule.place")],
        ),
        (
            {
                "properties": {
                    "a": {**TEXT, "x-computed": "data.s.b"},
                    "b": {**TEXT, "x-computed": "data.s.a"},
                }
            },
            {},
            [("/s/a", "computed.cycle"), ("/s/b", "computed.cycle")],
        ),
        (
            {"properties": {"a": {**TEXT, "x-fill": {"from": "/s/gone", "rule": "value"}}}},
            {},
            [("/s/a", "field.unknown")],
        ),
        ({}, {"x-lookups": [{"name": "not a name"}]}, [("/x-lookups/0/name", "lookup.name")]),
        (
            {},
            {"x-lookups": [{"name": "own", "when": "data +"}]},
            [("/x-lookups/0/when", "expression.syntax")],
        ),
    ],
)
def test_each_fault_of_a_form_is_refused_at_its_place(
    section: dict[str, Any], root: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    section = {"properties": {"t": TEXT}, **section}
    assert refused(small.schema(section, **root)) == expected


def test_a_table_that_is_not_the_pinned_one_is_refused() -> None:
    schema = small.schema({"properties": {"a": TEXT}})
    pins = {
        "t": {"file": "codes/t.json", "sha256": "0" * 64},
        "gone": {"file": "codes/gone.json", "sha256": ""},
    }
    from engine.registry.compiled import compile_bundle

    with pytest.raises(Invalid) as raised:
        compile_bundle(small.bundle({**schema, "x-tables": pins}), {"codes/t.json": {"entries": []}})
    assert [(one.pointer, one.code) for one in raised.value.problems] == [
        ("/x-tables/t/sha256", "table.digest"),
        ("/x-tables/gone", "table.missing"),
    ]


def test_a_table_carries_its_digest_for_the_rules() -> None:
    form = small.compiled(small.schema({"properties": {"a": TEXT}}), tables={"t": {"entries": []}})
    assert form.tables["t"] == {"entries": [], "digest": form.bundle.schema["x-tables"]["t"]["sha256"]}


def test_a_field_says_everything_the_form_says_about_it() -> None:
    form = reading.compiled()
    gender, items, name = (
        form.field(p) for p in ("/insured/gender", "/care/items/3/code", "/insured/full_name")
    )
    assert gender is not None and items is not None and name is not None
    assert gender.enum["2"] == ("女", "female")
    assert (gender.title, gender.klass, gender.seal) == ("性别", "customer", "identity")
    assert (items.pattern, items.kind, items.is_array) == ("/care/items/*/code", "field", False)
    assert (name.mask, name.index, name.sensitivity, name.legal_basis) == (
        "name",
        "blind",
        "personal",
        ("statutory_duty",),
    )


def test_an_item_of_a_list_of_scalars_is_its_field_and_a_list_is_a_group() -> None:
    form = reading.compiled()
    kinds = {
        pointer: (found.pattern, found.kind) if (found := form.field(pointer)) else None
        for pointer in (
            "/entry/info_category/0",
            "/health/diagnoses",
            "/health/diagnoses/0",
            "/insured",
            "/x",
            "/insured/x",
        )
    }
    assert kinds == {
        "/entry/info_category/0": ("/entry/info_category", "field"),
        "/health/diagnoses": ("/health/diagnoses", "list"),
        "/health/diagnoses/0": ("/health/diagnoses/*", "group"),
        "/insured": ("/insured", "group"),
        "/x": None,
        "/insured/x": None,
    }


def test_fields_come_in_the_order_of_the_layout_and_what_is_not_laid_out_comes_last() -> None:
    schema = small.schema({"properties": {"a": TEXT, "b": TEXT, "c": TEXT}})
    layout = {"sections": [{"pointer": "/s", "rows": [[{"p": "/s/c", "w": 6}, {"p": "/s/a", "w": 6}]]}]}
    assert list(small.compiled(schema, layout=layout).fields) == ["/s/b", "/s/c", "/s/a"]
    assert list(small.compiled(schema).fields) == ["/s/a", "/s/b", "/s/c"]


def test_an_id_number_suggests_the_birth_date_and_the_sex() -> None:
    form = reading.compiled()
    found = suggestions(form, "/insured/id_no", "31019919420315026X", "2026-03-05")
    assert found == {"/insured/birth_date": "1942-03-15", "/insured/gender": "2"}
    assert suggestions(form, "/insured/id_no", "3101", "2026-03-05") == {}
    assert suggestions(form, "/insured/full_name", "张文兰", "2026-03-05") == {}


def test_the_version_in_force_is_found_for_every_day() -> None:
    from datetime import date

    old = small.compiled(small.schema({"properties": {"a": TEXT}}))
    new = reading.compiled()
    registry = build_registry([(old, date(2026, 1, 1)), (new, date(2026, 7, 1))])
    assert registry.forms() == ("info_entry", "small")
    assert registry.in_force("small", date(2026, 1, 1)) is old
    assert registry.get("info_entry", "1.0.0") is registry.by_digest(new.digest) is new
    with pytest.raises(NotFound):
        registry.in_force("small", date(2025, 12, 31))
    with pytest.raises(NotFound):
        registry.in_force("nothing", date(2026, 1, 1))
    with pytest.raises(NotFound):
        registry.get("small", "9.9.9")
    with pytest.raises(NotFound):
        registry.by_digest("0" * 64)


def test_two_versions_of_a_form_never_begin_on_one_day() -> None:
    from datetime import date

    one = small.compiled(small.schema({"properties": {"a": TEXT}}))
    with pytest.raises(Invalid) as raised:
        build_registry([(one, date(2026, 1, 1)), (one, date(2026, 1, 1))])
    facts = {"form": "small", "version": "1.0.0", "day": "2026-01-01"}
    assert raised.value.problems == (
        Problem("", "registry.same_day", facts),
        Problem("", "registry.same_version", facts),
    )
