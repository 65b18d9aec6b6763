"""Both languages say everything, and the paper order has a place for every field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.lifecycle.graph import check_workflow
from engine.lifecycle.people import ROLES
from tests.schemas import reading

FORM = reading.compiled()
ENGLISH = FORM.bundle.locale
LAYOUT = FORM.bundle.layout
STATES = FORM.bundle.states


def _cells() -> Iterator[dict[str, Any]]:
    for section in LAYOUT["sections"]:
        for row in section["rows"]:
            yield from row


def _laid_out() -> list[str]:
    return [
        pointer
        for cell in _cells()
        for pointer in (
            [f"{cell['p']}/*/{one['p']}" for one in cell["columns"]] if "columns" in cell else [cell["p"]]
        )
    ]


def test_every_field_has_exactly_one_place_on_the_paper() -> None:
    assert sorted(_laid_out()) == sorted(FORM.fields)


def test_every_row_is_as_wide_as_the_paper() -> None:
    widths = [sum(cell["w"] for cell in row) for section in LAYOUT["sections"] for row in section["rows"]]
    columns = [sum(one["w"] for one in cell["columns"]) for cell in _cells() if "columns" in cell]
    assert {*widths, *columns} == {12}


def test_the_first_two_sections_show_eighteen_fields_without_scrolling() -> None:
    rows = LAYOUT["sections"][0]["rows"] + LAYOUT["sections"][1]["rows"]
    assert sum(len(row) for row in rows[:6]) >= 18


def test_the_sections_come_in_the_order_of_the_regulation() -> None:
    assert "".join(section["letter"] for section in LAYOUT["sections"]) == "ABCDEFGHIJKK"
    assert [section["pointer"] for section in LAYOUT["sections"]] == [
        f"/{name}" for name in FORM.bundle.schema["properties"]
    ]


def test_the_printed_and_the_guided_form_leave_no_section_out() -> None:
    sections = [section["pointer"] for section in LAYOUT["sections"]]
    assert [block["section"] for block in LAYOUT["print"]["blocks"]] == sections
    assert [pointer for page in LAYOUT["guided"] for pointer in page["sections"]] == sections


def test_only_computed_fields_and_digests_are_for_the_office() -> None:
    office = {cell["p"] for cell in _cells() if cell.get("office")}
    assert office == {name for name, field in FORM.fields.items() if field.is_computed}


def _expected_keys() -> set[str]:
    keys = {f"/{name}" for name in FORM.bundle.schema["properties"]} | set(FORM.groups) - {"/files/*"}
    keys = {key for key in keys if not key.endswith("/*")}
    for pattern, field in FORM.fields.items():
        keys.add(pattern)
        keys |= {f"{pattern}#{value}" for value in field.enum}
        keys |= {f"{pattern}?help"} if "description" in field.schema else set()
        keys |= {f"{pattern}?unit"} if field.unit else set()
    keys |= {f"#/rules/{rule.id}" for rule in FORM.rules}
    keys |= {f"#/states/{name}" for name in STATES["states"]}
    keys |= {f"#/records/{name}" for name in STATES["kinds_of_record"]}
    for transition in STATES["transitions"] + STATES["system"]:
        keys.add(f"#/transitions/{transition['name']}")
        keys |= {f"#/guards/{guard['id']}" for guard in transition.get("guards", ())}
        for name, answer in transition.get("answers", {}).get("properties", {}).items():
            here = f"#/transitions/{transition['name']}/{name}"
            keys |= {here, *(f"{here}#{value}" for value in answer.get("enum", ()))}
            keys |= {f"{here}/*/{part}" for part in answer.get("items", {}).get("properties", {})}
    printed = LAYOUT["print"]
    keys |= {f"#/print/{part}" for part in ("title", "form_no", "agency_line", "number_label", "total_label")}
    keys |= {
        f"#/print/{part}/{n}" for part in ("blocks", "signatures", "notes") for n in range(len(printed[part]))
    }
    keys |= {f"#/guided/{n}" for n in range(len(LAYOUT["guided"]))}
    return keys | {"#/title", "#/layout/K"}


def test_english_is_complete_and_has_nothing_too_much() -> None:
    expected = _expected_keys()
    assert (expected - set(ENGLISH), set(ENGLISH) - expected) == (set(), set())


def test_no_english_label_is_empty_or_chinese() -> None:
    assert [
        key for key, text in ENGLISH.items() if not text.strip() or any("一" <= c <= "鿿" for c in text)
    ] == []


def test_every_choice_has_a_chinese_label() -> None:
    bare = {
        name: field.enum
        for name, field in FORM.fields.items()
        if any(not zh for zh, _ in field.enum.values())
    }
    assert bare == {}


def test_no_sentence_uses_a_word_the_house_avoids() -> None:
    sentences = [rule.message for rule in FORM.rules] + [
        guard["message"] for transition in STATES["transitions"] for guard in transition["guards"]
    ]
    sentences = [text.replace("申请", "") for text in sentences]
    assert [
        text for text in sentences if any(word in text for word in ("请", "非法", "格式错误", "患者"))
    ] == []
    assert [text for text in sentences if "：" not in text and "，" not in text] == []


def test_the_states_are_a_graph_people_can_work_with() -> None:
    assert check_workflow(FORM.workflow, ROLES) == []


def test_the_states_are_those_of_the_regulation_and_the_two_of_decision_0003() -> None:
    assert {name: state.title for name, state in FORM.workflow.states.items()} == {
        "draft": "草稿", "submitted": "已提交", "under_review": "审核中", "returned": "退回补正",
        "rejected": "不予通过", "approved": "审核通过", "effective": "已入库", "superseded": "已被更新",
        "voided": "作废", "withdrawn": "已撤回", "archived": "已归档",
        "second_review": "待复审", "void_proposed": "待作废",
    }  # fmt: skip


def test_a_comment_is_required_where_k4_asks_for_one() -> None:
    asked = {one.name for one in FORM.workflow.transitions.values() if one.comment == "required"}
    assert asked == {"return", "reject", "withdraw", "propose_void", "void", "keep", "reopen", "send_back"}


def test_the_limits_are_those_of_the_regulation() -> None:
    limits = {
        one.name: (one.due.source, one.due.working_days, one.due.hours)
        for one in FORM.workflow.transitions.values()
        if one.due is not None
    }
    three = ("submitted", 3, None)
    assert limits == {
        "submit": ("returned", 5, None), "claim": ("submitted", 1, None), "return": three, "reject": three,
        "approve": three, "approve_first": three, "approve_second": three, "send_back": three,
        "upload": ("approved", None, 4),
    }  # fmt: skip
