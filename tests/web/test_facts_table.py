"""Lines of a list read as a table; what only proves something is put aside."""

from __future__ import annotations

from forms.summary import SummaryRow, SummarySection
from web.facts_table import blocks_of


def row(pointer: str, label: str, text: str, group: str = "", masked: bool = False) -> SummaryRow:
    return SummaryRow(pointer, label, text, group, masked)


def section(*rows: SummaryRow) -> SummarySection:
    return SummarySection("", "B", "检查情况", rows)


def test_single_values_stay_side_by_side_and_each_list_is_a_table() -> None:
    first, second = row("/plan/period", "期间", "2026-Q2"), row("/plan/note", "说明", "季度检查")
    lines = (
        row("/items/0/clause", "条款", "R5.6", "发现 1"),
        row("/items/0/fact", "事实", "迟录", "发现 1", True),
        row("/items/1/clause", "条款", "R5.7", "发现 2"),
    )

    single, table, after = blocks_of(section(first, *lines, second))

    assert (single.rows, single.table, after.rows) == ((first,), None, (second,))
    assert table.table is not None
    assert (table.table.title, table.table.head) == ("发现", ("条款", "事实"))
    assert table.table.lines == (((lines[0],), (lines[1],)), ((lines[2],), ()))


def test_a_column_that_only_a_later_line_has_stands_where_that_line_has_it() -> None:
    lines = (
        row("/items/0/a", "甲", "1", "行 1"),
        row("/items/0/c", "丙", "3", "行 1"),
        row("/items/1/a", "甲", "1", "行 2"),
        row("/items/1/b", "乙", "2", "行 2"),
        row("/items/1/c", "丙", "3", "行 2"),
    )

    (block,) = blocks_of(section(*lines))

    assert block.table is not None and block.table.head == ("甲", "乙", "丙")


def test_a_list_inside_a_line_fills_one_cell() -> None:
    lines = (
        row("/groups/0/topic", "主题", "录入", "分组 1"),
        row("/groups/0/ids/0", "", "OPN-1", "意见 1"),
        row("/groups/0/ids/1", "", "OPN-2", "意见 2"),
    )

    (block,) = blocks_of(section(*lines))

    assert block.table is not None
    assert (block.table.head, block.table.lines) == (("主题", "意见"), (((lines[0],), (lines[1], lines[2])),))


def test_members_named_with_numbers_are_no_lines() -> None:
    fixed = row("/assess/items/1", "进食", "5", "评估")

    assert [one.table for one in blocks_of(section(fixed))] == [None]
