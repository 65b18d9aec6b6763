"""The form as paper: what stands in which cell, boxes, scores, capitals, masks."""

from __future__ import annotations

import json
from typing import Any

import pytest

import schemas
from forms.amounts import in_capitals
from forms.compile import compile_schema
from forms.model import FormModel
from forms.paper import Field, PrintModel, paper

HEADER = {"doc_no": "长护录〔2026〕123号", "doc_id": "LTCI-ENT-310104-20260305-000123-1", "agency": "示范区"}


@pytest.fixture(scope="module")
def entry() -> FormModel:
    folder = schemas.root() / "info_entry" / "1.0.0"
    parts = [json.loads(folder.joinpath(*name.split("/")).read_bytes()) for name in (
        "schema.json", "layout.json", "locale/en.json",
    )]  # fmt: skip
    return compile_schema(*parts)


def example(name: str) -> dict[str, Any]:
    file = schemas.root().joinpath("info_entry", "1.0.0", "examples", f"{name}.json")
    found: dict[str, Any] = json.loads(file.read_bytes())["data"]
    return found


def fields(printed: PrintModel) -> dict[str, Field]:
    return {f.pointer: f for block in printed.blocks for part in block.parts for f in part.fields}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1820.00", "壹仟捌佰贰拾元整"),
        ("0.00", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10005.05", "壹万零伍元零伍分"),
        ("1638.40", "壹仟陆佰叁拾捌元肆角整"),
        ("100010001.10", "壹亿零壹万零壹元壹角整"),
        ("20300.07", "贰万零叁佰元零柒分"),
        ("120000000000", "壹仟贰佰亿元整"),
        ("1.234", ""),
        ("01.00", ""),
        ("-5.00", ""),
        ("", ""),
    ],
)
def test_amounts_in_capitals(amount: str, words: str) -> None:
    assert in_capitals(amount) == words


def test_only_sections_with_answers_stand_on_the_paper(entry: FormModel) -> None:
    answers = example("ok-1-first-assessment")
    printed = paper(entry, answers, HEADER)
    titles = [block.title for block in printed.blocks]
    assert "参保人信息" in titles
    assert not any("理赔" in title for title in titles)


def test_a_blank_form_has_every_section_and_no_text(entry: FormModel) -> None:
    printed = paper(entry, {}, HEADER)
    assert len(printed.blocks) == len([s for s in entry.sections if s.rows])
    assert {text for _, text in printed.texts()} == {""}
    assert not any(c.is_chosen for f in fields(printed).values() for c in f.choices)


def test_choices_are_boxes_with_one_ticked(entry: FormModel) -> None:
    found = fields(paper(entry, example("ok-1-first-assessment"), HEADER))
    ticked = [choice.text for choice in found["/insured/gender"].choices if choice.is_chosen]
    assert ticked == ["女"]
    several = [choice.text for choice in found["/entry/info_category"].choices if choice.is_chosen]
    assert several == ["客户信息", "业务信息"]


def test_dates_and_moments_read_as_offices_write_them(entry: FormModel) -> None:
    found = fields(paper(entry, example("ok-1-first-assessment"), HEADER))
    assert found["/insured/birth_date"].text == "1942年3月15日"
    assert found["/entry/collected_at"].text == "2026年3月5日 09:42"


def test_money_has_its_capitals(entry: FormModel) -> None:
    found = fields(paper(entry, example("ok-3-benefit-claim"), HEADER))
    total = found["/claim/total_amount"]
    assert (total.text, total.capitals) == ("￥1820.00", "壹仟捌佰贰拾元整")


def test_the_seventeen_items_are_a_table_of_points(entry: FormModel) -> None:
    printed = paper(entry, example("ok-2-assessment-result"), HEADER)
    scores = {
        score.pointer: score.points
        for block in printed.blocks
        for part in block.parts
        for pair in part.scores
        for score in pair
    }
    assert len([one for one in scores if one.startswith("/assess/")]) == 17
    assert (scores["/assess/adl/eating"], scores["/assess/per/vision"]) == ("5", "3")


def test_repeated_groups_are_tables_with_a_head(entry: FormModel) -> None:
    printed = paper(entry, example("ok-1-first-assessment"), HEADER)
    tables = [part for block in printed.blocks for part in block.parts if part.head]
    diagnoses = next(part for part in tables if any("I69.300" in row for row in part.rows))
    assert diagnoses.rows == (("I69.300", "脑梗死后遗症"), ("F01.900", "血管性痴呆"))


def test_a_masked_value_stays_the_mask_it_is(entry: FormModel) -> None:
    answers = example("ok-3-benefit-claim")
    answers["insured"]["full_name"] = "张*兰"
    answers["claim"]["total_amount"] = "〔已隐藏〕"
    masked = frozenset({"/insured/full_name", "/claim/total_amount"})
    found = fields(paper(entry, answers, HEADER, masked=masked))
    assert [(found[p].text, found[p].is_masked, found[p].capitals) for p in sorted(masked)] == [
        ("〔已隐藏〕", True, ""), ("张*兰", True, ""),
    ]  # fmt: skip


def test_every_row_fills_the_width(entry: FormModel) -> None:
    for name in ("ok-1-first-assessment", "ok-2-assessment-result", "ok-3-benefit-claim", "ok-8-statistics"):
        printed = paper(entry, example(name), HEADER)
        spans = {sum(f.span for f in part.fields) for b in printed.blocks for part in b.parts if part.fields}
        assert spans == {24}


def test_an_english_reading_has_no_chinese_but_what_was_typed(entry: FormModel) -> None:
    answers = example("ok-3-benefit-claim")
    printed = paper(entry, answers, {}, lang="en")
    found = fields(printed)
    assert (found["/claim/total_amount"].text, found["/claim/total_amount"].capitals) == ("￥1820.00", "")
    assert found["/insured/birth_date"].text == "1942-03-15"
    assert found["/claim/service_hours"].text == "28 hours"
    assert (printed.form_no, printed.notes[-1]) == (
        "Entry form 1.0.0", "Empty office cells are filled by the agency.",
    )  # fmt: skip
    assert [one["label"] for one in entry.printed("en")["signatures"]] == [
        "Collector", "Reviewer", "Accepting department (seal)", "Applicant or agent",
    ]  # fmt: skip


def test_labels_are_english_when_asked(entry: FormModel) -> None:
    printed = paper(entry, example("ok-1-first-assessment"), HEADER, lang="en")
    assert fields(printed)["/insured/full_name"].label.lower() == "full name"
