"""The functions of rules: whole numbers, dates, codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.registry import functions
from engine.registry.functions import FUNCTIONS, functions_for


def test_money_is_counted_in_cents_and_ratios_in_ten_thousandths() -> None:
    amounts = [functions.cents(text) for text in ("0.00", "12.34", "12.3", "12", "-1.05")]
    assert amounts == [0, 1234, 1230, 1200, -105]
    assert [functions.micro(text) for text in ("0.9", "28", "0.7005")] == [9000, 280000, 7005]


def test_a_share_is_rounded_half_up_to_the_cent() -> None:
    pairs = ((1005, 9000), (101, 5000), (-101, 5000), (100, 0))
    shares = [functions.round_cents(cents, ratio) for cents, ratio in pairs]
    assert shares == [905, 51, -51, 0]


def test_dates_are_counted_in_days_months_and_years_of_age() -> None:
    assert functions.days("2026-02-27", "2026-03-01") == 2
    assert [
        functions.months("2025-06", "2026-03"),
        functions.months("2025-06", "2026-03-05"),
        functions.months("2025-06-10", "2026-03-05"),
        functions.months("2026-03", "2025-06"),
        functions.months("2026-03-05", "2026-03-04"),
    ] == [9, 9, 8, -9, 0]
    assert [
        functions.add_months("2026-01-31", 1),
        functions.add_months("2024-02-29", 12),
        functions.add_months("2026-03-30", -1),
        functions.add_months("2026-11-22", 24),
    ] == ["2026-02-28", "2025-02-28", "2026-02-28", "2028-11-22"]
    leap = [functions.age("1944-02-29", day) for day in ("2026-02-28", "2026-03-01", "2028-02-29")]
    assert leap == [81, 82, 84]


def test_the_day_of_a_moment_is_that_of_shanghai() -> None:
    days = [functions.date_of(text) for text in ("2026-03-05T23:59:59+08:00", "2026-03-05T16:00:00Z")]
    assert days == ["2026-03-05", "2026-03-06"]


def test_lists_are_summed_and_compared() -> None:
    assert functions.total([1, 2, 3]) == 6
    assert [functions.distinct(values) for values in ([], [1, 2], [1, 1], [{"a": 1}, {"a": 1}])] == [
        True,
        True,
        False,
        False,
    ]


def test_a_code_is_in_its_table_only_inside_its_days() -> None:
    table = {"320684": (("1994-01-01", "2020-07-01"),), "320614": (("2020-07-02", "9999-12-31"),)}
    known = functions_for({"regions": table})["in_table"]
    assert [known("regions", "320684", day) for day in ("2020-07-01", "2020-07-02")] == [True, False]
    assert [known("regions", code, "2026-11-22") for code in ("320614", "999999")] == [True, False]
    with pytest.raises(ValueError, match="no such table"):
        known("streets", "320614", "2026-11-22")


SECRET = "31019919420315026X"


@pytest.mark.parametrize(
    "call",
    [
        lambda: functions.cents(SECRET),
        lambda: functions.micro("0.12345"),
        lambda: functions.days(SECRET, "2026-01-01"),
        lambda: functions.age("2026-02-30", "2026-01-01"),
        lambda: functions.date_of(SECRET),
        lambda: functions.add_months("2026-01-01", 10**9),
        lambda: functions.total([1, True]),
        lambda: FUNCTIONS["id_no_ok"](5),
    ],
)
def test_a_wrong_value_raises_a_fixed_text_that_never_holds_the_value(call: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"^(not a|too many|beyond)") as raised:
        call()
    assert SECRET not in str(raised.value)


@given(st.dates(), st.integers(-2_000, 2_000))
def test_months_added_are_months_counted(day: object, count: int) -> None:
    start = str(day)
    try:
        end = functions.add_months(start, count)
    except ValueError:
        return
    assert abs(functions.months(start[:7], end[:7])) == abs(count)
