"""The entry form on screen: what stands where, what follows, what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from engine.errors import Problem
from forms.decode import Action, decode, drop_blank_rows
from forms.diff import compare
from forms.encode import AS, encode
from forms.filling import fill
from forms.messages import CATALOGUES, sentence
from forms.model import control_id, lookup, place
from forms.shown import ControlView
from forms.summary import summarise
from forms.view import present
from tests.forms.entry_form import EXAMPLES, entry_model, example

ZHANG = "31019919420315026X"


@dataclass(frozen=True)
class Parts:
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_comes_back_through_the_form(name: str) -> None:
    decoded = decode(entry_model(), encode(entry_model(), example(name)))
    assert (decoded.answers, decoded.problems) == (example(name), ())


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_example_needs_a_box_with_json(name: str) -> None:
    assert [
        text for mark, text in encode(entry_model(), example(name)) if mark == AS and text.startswith("raw")
    ] == []


def test_nothing_of_the_schema_is_without_a_place() -> None:
    assert entry_model().not_laid_out == ()


def test_the_buttons_of_rows_are_read_with_their_place() -> None:
    pairs = [("_add", "/health/diagnoses"), ("_remove", "/files/1")]
    assert decode(entry_model(), pairs).actions == (
        Action("add", "/health/diagnoses"),
        Action("remove", "/files", 1),
    )


def test_a_row_nobody_filled_is_kept_in_the_draft_and_dropped_before_checking() -> None:
    pairs = [
        ("/health/diagnoses/0/code", "I69.300"),
        (AS, "row /health/diagnoses/0"),
        (AS, "row /health/diagnoses/1"),
    ]
    kept = decode(entry_model(), pairs).answers
    assert kept == {"health": {"diagnoses": [{"code": "I69.300"}, {}]}}
    assert drop_blank_rows(entry_model(), kept) == {"health": {"diagnoses": [{"code": "I69.300"}]}}


def test_a_hidden_part_stays_in_the_page_and_says_when_it_is_filled_in() -> None:
    view = present(entry_model(), {}, effective=Parts(forbidden=frozenset({"/claim", "/agent/full_name"})))
    claim = next(section for section in view.sections if section.pointer == "/claim")
    name = view.control("/agent/full_name")
    assert (claim.off, claim.off_note) == (True, "如录入类型为“待遇申报”则填写")
    assert name is not None and (name.off, name.off_note) == (True, "如是否代办为“是”则填写")


def test_an_error_stands_at_its_field_in_the_box_and_in_the_contents() -> None:
    problem = Problem("/insured/full_name", "required")
    view = present(entry_model(), {}, problems=[problem])
    field = view.control("/insured/full_name")
    assert field is not None and field.errors == ("填写姓名",)
    assert field.described.split()[-1] == "f-insured-full_name-error"
    assert [(line.id, line.text) for line in view.errors] == [("f-insured-full_name", "填写姓名")]
    assert {section.pointer: section.errors for section in view.sections if section.errors} == {"/insured": 1}


def test_errors_are_listed_in_the_order_of_the_paper() -> None:
    problems = [
        Problem(at, "required") for at in ("/statement/truthful", "/insured/mobile", "/entry/collected_at")
    ]
    view = present(entry_model(), {}, problems=problems)
    assert [line.pointer for line in view.errors] == [
        "/entry/collected_at",
        "/insured/mobile",
        "/statement/truthful",
    ]


def every(control: ControlView) -> Iterator[ControlView]:
    yield control
    for inner in (*control.children, *(cell for row in control.rows for cell in row.cells)):
        yield from every(inner)


def test_the_same_form_is_complete_in_english() -> None:
    view = present(entry_model(), {}, lang="en", problems=[Problem("/insured/full_name", "required")])
    shown = [c for s in view.sections for row in s.rows for cell in row for c in every(cell)]
    words = [word for c in shown for word in (c.label, c.hint, *(option.label for option in c.options))]
    han = [word for word in words if any("\u4e00" <= char <= "\u9fff" for char in word)]
    assert (view.title, han, view.errors[0].text) == (
        "Information entry form of long-term-care insurance", [], "Enter full name"
    )  # fmt: skip


def test_a_row_of_a_list_is_called_by_its_number() -> None:
    assert entry_model().label("/health/diagnoses/1/code") == "疾病诊断 2 疾病诊断代码"


def test_the_ten_self_assessed_items_bear_the_names_of_the_activities() -> None:
    assert [entry_model().label(f"/health/self_items/{i}") for i in (0, 9)] == ["进食", "洗澡"]


def follow(target: str, source: str, value: Any) -> Any:
    """As the rules of the form: digits 7-14 are the birth date, the 17th is odd for men."""
    if len(value) != 18:
        return None
    return {"/insured/birth_date": f"{value[6:10]}-{value[10:12]}-{value[12:14]}",
            "/insured/gender": "1" if int(value[16]) % 2 else "2"}.get(target)  # fmt: skip


def test_the_id_number_brings_birth_date_and_sex() -> None:
    filled = fill(entry_model(), {"insured": {"id_no": ZHANG}}, {}, follow)
    assert filled.answers["insured"] == {"id_no": ZHANG, "birth_date": "1942-03-15", "gender": "2"}
    assert filled.changed == {"/insured/birth_date", "/insured/gender"}


def test_a_corrected_id_number_moves_what_it_brought_but_not_what_the_clerk_changed() -> None:
    first = fill(entry_model(), {"insured": {"id_no": ZHANG}}, {}, follow)
    typed = place(place(first.answers, "/insured/gender", "1"), "/insured/id_no", "310199196807220176")
    second = fill(entry_model(), typed, first.derived, follow)
    assert lookup(second.answers, "/insured/birth_date") == "1968-07-22"
    assert lookup(second.answers, "/insured/gender") == "1"
    assert dict(second.derived) == {"/insured/birth_date": "1968-07-22"}


def test_a_cleared_id_number_takes_along_what_it_brought() -> None:
    first = fill(entry_model(), {"insured": {"id_no": ZHANG}}, {}, follow)
    second = fill(entry_model(), place(first.answers, "/insured/id_no", "310"), first.derived, follow)
    assert second.answers == {"insured": {"id_no": "310"}}


def test_the_summary_reads_as_words() -> None:
    parts = {part.pointer: part for part in summarise(entry_model(), example("ok-1-first-assessment"))}
    said = {row.label: row.text for row in parts["/insured"].rows}
    assert (said["性别"], said["居住情况"], said["证件类型"]) == ("女", "与子女同住", "居民身份证")
    rows = [
        (row.group, row.text) for row in parts["/health"].rows if row.pointer.startswith("/health/diagnoses")
    ]
    assert rows == [
        ("疾病诊断 1", "I69.300"),
        ("疾病诊断 1", "脑梗死后遗症"),
        ("疾病诊断 2", "F01.900"),
        ("疾病诊断 2", "血管性痴呆"),
    ]


def test_only_what_changed_is_called_changed() -> None:
    old = example("ok-1-first-assessment")
    new = place(place(old, "/insured/mobile", "19900000099"), "/insured/landline", "021-50000000")
    rows = [
        (row.label, row.kind, row.old, row.new)
        for row in compare(entry_model(), old, new)
        if row.kind != "same"
    ]
    assert rows == [
        ("手机号码", "changed", "19900000012", "19900000099"),
        ("固定电话", "added", "", "021-50000000"),
    ]


def test_both_catalogues_hold_the_same_sentences_and_no_scolding() -> None:
    assert CATALOGUES["zh-CN"].keys() == CATALOGUES["en"].keys()
    assert [
        text
        for text in CATALOGUES["zh-CN"].values()
        if any(word in text.replace("申请", "") for word in ("请", "非法", "格式错误"))
    ] == []


def test_a_day_that_does_not_exist_is_said_as_it_was_read() -> None:
    problem = Problem("/insured/birth_date", "date.no_such_day", {"read": "2026-02-30"})
    assert sentence(problem, "zh-CN", lambda at: "出生日期") == "读作 2026-02-30，没有这一天"


def test_ids_of_controls_never_meet() -> None:
    assert control_id("/insured/full_name") == "f-insured-full_name"
    assert len({control_id(at) for at in ("/a/b", "/a-b", "/a~1b", "/a.b")}) == 4
