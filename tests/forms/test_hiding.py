"""Masked answers on screen and paper: a hidden list is one hidden value wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest

from forms.compile import compile_schema
from forms.diff import compare
from forms.model import FormModel
from forms.paper import Field, paper
from forms.summary import summarise
from forms.view import present

HIDDEN = "〔已隐藏〕"
CHOICES = {"oneOf": [{"const": "1", "title": "低保"}, {"const": "2", "title": "优抚"}]}
SENSITIVE: dict[str, Any] = {"x-sensitivity": "sensitive"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "person": {
            "type": "object",
            "properties": {
                "status": {
                    "type": "array", "title": "特殊身份", "uniqueItems": True,
                    "items": {"type": "string", **CHOICES}, **SENSITIVE,
                },
                "phones": {
                    "type": "array", "title": "电话",
                    "items": {"type": "string", "title": "号码"}, **SENSITIVE,
                },
                "diagnoses": {
                    "type": "array",
                    "title": "诊断",
                    "items": {
                        "type": "object",
                        "properties": {
                            "code": {"type": "string", "title": "编码", **SENSITIVE},
                            "tubes": {
                                "type": "array", "title": "管路", "uniqueItems": True,
                                "items": {"type": "string", **CHOICES}, **SENSITIVE,
                            },
                        },
                    },
                },
            },
        }
    },
}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "person": {
        "status": [HIDDEN, HIDDEN],
        "phones": ["139****0001", "139****0002"],
        "diagnoses": [{"code": HIDDEN, "tubes": [HIDDEN]}],
    }
}
MASKED = frozenset(
    {
        "/person/status/0", "/person/status/1", "/person/phones/0", "/person/phones/1",
        "/person/diagnoses/0/code", "/person/diagnoses/0/tubes/0",
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def form() -> FormModel:
    return compile_schema(SCHEMA)


def test_a_hidden_list_of_choices_is_printed_hidden_and_without_boxes(form: FormModel) -> None:
    printed = paper(form, ANSWERS, {}, masked=MASKED)
    parts = [part for block in printed.blocks for part in block.parts]
    fields = {field.pointer: field for part in parts for field in part.fields}
    assert fields["/person/status"] == Field("/person/status", "特殊身份", HIDDEN, 24, is_masked=True)
    assert fields["/person/phones"].text == "139****0001、139****0002"
    assert [part.rows for part in parts if part.rows] == [((HIDDEN, HIDDEN),)]


def test_an_open_list_of_choices_keeps_its_boxes(form: FormModel) -> None:
    printed = paper(form, {"person": {"status": ["2"]}}, {})
    (field,) = (f for b in printed.blocks for p in b.parts for f in p.fields if f.pointer == "/person/status")
    assert [(one.text, one.is_chosen) for one in field.choices] == [("低保", False), ("优抚", True)]


@pytest.mark.parametrize(("lang", "mark", "between"), [("zh-CN", HIDDEN, "、"), ("en", "[hidden]", ", ")])
def test_a_summary_has_one_hidden_value_for_a_list(
    form: FormModel, lang: str, mark: str, between: str
) -> None:
    (section,) = summarise(form, ANSWERS, masked=MASKED, lang=lang)
    assert {row.pointer: (row.text, row.is_masked) for row in section.rows} == {
        "/person/status": (mark, True),
        "/person/phones": (f"139****0001{between}139****0002", True),
        "/person/diagnoses/0/code": (mark, True),
        "/person/diagnoses/0/tubes": (mark, True),
    }


def test_a_form_shows_a_hidden_list_as_text_and_never_as_ticks(form: FormModel) -> None:
    shown = present(form, ANSWERS, masked=MASKED)
    control = shown.control("/person/status")
    assert control is not None
    assert (control.masked, control.text, control.options, control.kind) == (True, HIDDEN, (), "leaf")


def test_two_revisions_do_not_tell_how_long_a_hidden_list_is(form: FormModel) -> None:
    older = {"person": {"status": [HIDDEN]}}
    newer = {"person": {"status": [HIDDEN, HIDDEN]}}
    (row,) = compare(form, older, newer, masked=frozenset({"/person/status/0", "/person/status/1"}))
    assert (row.old, row.new, row.kind) == (HIDDEN, HIDDEN, "same")
