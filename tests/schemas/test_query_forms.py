"""The forms 信息查询申请表 and 查询结果反馈单: folders that hold, with the fields of the entry form."""

from __future__ import annotations

from importlib.resources.abc import Traversable

import pytest

from engine.registry.check import check_folder
from tests.schemas.reading import compiled, folder, read, tables

FORMS = ("info_query", "query_result")
ENTRY, QUERY, RESULT = (compiled(name) for name in ("info_entry", *FORMS))


def _files(place: Traversable, prefix: str = "") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for one in place.iterdir():
        if one.is_dir():
            found |= _files(one, f"{prefix}{one.name}/")
        else:
            found[prefix + one.name] = one.read_bytes()
    return found


@pytest.mark.parametrize("form", FORMS)
def test_the_form_may_be_published_as_it_stands(form: str) -> None:
    meta = {name: read("_meta", f"{name}.schema.json") for name in ("annotations", "states", "layout")}

    assert check_folder(_files(folder(form, "1.0.0")), tables(), meta, form=form, version="1.0.0") == []


def _offered(pointer: str) -> set[str]:
    info = QUERY.field(pointer)
    assert info is not None
    return set(info.enum)


def test_every_field_offered_is_one_of_the_entry_form_and_no_file() -> None:
    found = {pointer: ENTRY.field(pointer) for pointer in _offered("/scope/fields")}

    assert [pointer for pointer, info in found.items() if info is None or info.refers_to_file] == []


def test_what_may_be_asked_in_clear_is_what_is_masked_otherwise() -> None:
    masked = {
        pointer
        for pointer in _offered("/scope/fields")
        if (info := ENTRY.field(pointer)) is not None and info.mask
    }

    assert _offered("/scope/unmask_fields") == masked


def test_a_result_names_the_same_fields_as_the_application() -> None:
    fields = [RESULT.field(pointer) for pointer in ("/source/fields", "/rows/*/field", "/cells/*/field")]

    assert all(info is not None and set(info.enum) == _offered("/scope/fields") for info in fields)


def test_whom_a_query_is_about_is_found_by_blind_indexed_fields_of_the_entry_form() -> None:
    rules = QUERY.workflow.queries
    assert rules is not None

    for known in rules.known_by:
        info = ENTRY.field(known.pointer)
        assert info is not None and info.index == "blind"
    assert rules.on in ENTRY.facets
