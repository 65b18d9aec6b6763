"""What a clerk types with a Pinyin input method still on is understood; what cannot be is named."""

from __future__ import annotations

from typing import Any

import pytest

from forms.compile import compile_schema
from forms.model import MISSING, Node
from forms.normalize import Normalized, normalize, text_of


def leaf(schema: dict[str, Any], widget: str = "") -> Node:
    layout = (
        {"sections": [{"pointer": "", "rows": [[{"p": "/x", "w": 4, "widget": widget}]]}]} if widget else None
    )
    return compile_schema({"type": "object", "properties": {"x": schema}}, layout).nodes["/x"]


DAY = leaf({"type": "string", "format": "date"})
TIME = leaf({"type": "string", "format": "date-time"})
MONTH = leaf({"type": "string", "format": "year_month"})
MONEY = leaf({"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"}, "money")
RATIO = leaf({"type": "string", "pattern": "^[01](\\.[0-9]{1,4})?$"}, "number")
COUNT = leaf({"type": "integer"})
ID_NO = leaf({"type": "string", "pattern": "^[0-9A-Z]{5,20}$"})
ICD10 = leaf({"type": "string", "format": "icd10"})
MOBILE = leaf({"type": "string", "format": "mobile"})
NAME = leaf({"type": "string", "x-mask": "name"})
NOTE = leaf({"type": "string"}, "textarea")


@pytest.mark.parametrize(
    "typed",
    [
        "19491231",
        "1949-12-31",
        "1949.12.31",
        "1949/12/31",
        "1949年12月31日",
        "１９４９１２３１",
        "1949。12。31",
        " 1949 - 12 - 31 ",
    ],
)
def test_a_date_is_understood_in_every_usual_spelling(typed: str) -> None:
    assert normalize(DAY, typed) == Normalized("1949-12-31")


@pytest.mark.parametrize(
    ("typed", "code", "facts"),
    [
        ("49-12-31", "date.short_year", {}),
        ("491231", "date.short_year", {}),
        ("2026-2-30", "date.no_such_day", {"read": "2026-02-30"}),
        ("去年", "date.unreadable", {}),
        ("2026-13-01", "date.no_such_day", {"read": "2026-13-01"}),
    ],
)
def test_a_date_that_is_none_is_named_and_kept_as_typed(typed: str, code: str, facts: dict[str, str]) -> None:
    found = normalize(DAY, typed, "/x")
    assert found.problem is not None
    assert (found.value, found.problem.pointer, found.problem.code, dict(found.problem.facts)) == (
        typed,
        "/x",
        code,
        facts,
    )


@pytest.mark.parametrize(
    ("node", "typed", "value"),
    [
        (TIME, "2026-03-05 09:42", "2026-03-05T09:42:00+08:00"),
        (TIME, "202603050942", "2026-03-05T09:42:00+08:00"),
        (TIME, "2026年3月5日9:42", "2026-03-05T09:42:00+08:00"),
        (TIME, "２０２６－０３－０５　０９：４２：１０", "2026-03-05T09:42:10+08:00"),
        (TIME, "2026-03-05T01:42:10Z", "2026-03-05T01:42:10Z"),
        (MONTH, "202506", "2025-06"),
        (MONTH, "2025年6月", "2025-06"),
        (MONEY, "1,820", "1820.00"),
        (MONEY, "￥１８２０。５元", "1820.50"),
        (RATIO, ".9", "0.9"),
        (COUNT, " ９ ", 9),
        (COUNT, "1,200", 1200),
        (ID_NO, "3101 9919 4203 1502 6x", "31019919420315026X"),
        (ICD10, "ｉ69.300", "I69.300"),
        (MOBILE, "+86 199-0000-0012", "19900000012"),
        (NAME, "阿依古丽•艾合买提 ", "阿依古丽·艾合买提"),
        (NOTE, "一\r\n二", "一\n二"),
        (NOTE, "   ", MISSING),
        (DAY, "", MISSING),
    ],
)
def test_what_is_meant_is_understood(node: Node, typed: str, value: Any) -> None:
    assert normalize(node, typed) == Normalized(value)


@pytest.mark.parametrize(
    ("node", "typed", "code"),
    [
        (TIME, "2026-03-05", "time.missing"),
        (TIME, "2026-03-05 25:00", "time.no_such_time"),
        (MONTH, "2025-13", "month.no_such_month"),
        (MONEY, "1820.555", "money.too_fine"),
        (MONEY, "很多", "money.unreadable"),
        (COUNT, "3.5", "number.unreadable"),
        (NOTE, "甲\u202e乙", "text.control"),
        (NAME, "张\x00三", "text.control"),
    ],
)
def test_what_cannot_be_read_says_why(node: Node, typed: str, code: str) -> None:
    problem = normalize(node, typed).problem
    assert problem is not None and problem.code == code


def test_a_time_is_shown_without_what_goes_without_saying() -> None:
    shown = [
        text_of(TIME, text)
        for text in ("2026-03-05T09:42:00+08:00", "2026-03-05T09:42:10+08:00", "2026-03-05T01:42:10Z")
    ]
    assert shown == ["2026-03-05 09:42", "2026-03-05 09:42:10", "2026-03-05T01:42:10Z"]
