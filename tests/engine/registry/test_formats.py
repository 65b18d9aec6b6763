"""Named formats: what they take, and that both validators mean the same by them."""

from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.registry import formats
from engine.registry.shape import compile_shape


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("id_no", "31019919420315026X", "3101991942031502"),
        ("uscc", "91110000600037341L", "91110000600037341"),
        ("bank_card", "6299990000003459", "629999"),
        ("mobile", "19900000012", "12900000012"),
        ("phone", "021-64000000", "64000000"),
        ("region", "310104", "010104"),
        ("street", "310104008", "310104"),
        ("icd10", "I69.300x001", "69.3"),
        ("doc_id", "LTCI-ENT-310104-20260305-000123-1", "LTCI-ENT-310104-20260305-000123-2"),
        ("staff_no", "YW000231", "ZZ000231"),
        ("psn_no", "31000000000000123456", "abc"),
        ("year_month", "2025-06", "2025-13"),
        ("period", "2026-Q1", "2026-Q5"),
        ("semver", "1.2.0", "1.2"),
        ("hex64", "a" * 64, "A" * 64),
        ("rate", "0.9817", "1.0"),
        ("account_no", "WB000052-2", "WB52"),
        ("date", "2024-02-29", "2026-02-29"),
        ("date-time", "2026-03-05T09:42:10+08:00", "2026-03-05T09:42:10"),
    ],
)
def test_a_format_takes_its_own_and_refuses_a_near_miss(name: str, good: str, bad: str) -> None:
    assert (formats.holds(name, good), formats.holds(name, bad)) == (True, False)
    assert not formats.holds(name, good + "\n")


def test_every_format_has_a_row_above() -> None:
    assert set(formats.FORMATS) == {*formats.PATTERNS, "doc_id", "date", "date-time"}


def test_formats_speak_about_strings_only_and_unknown_names_assert_nothing() -> None:
    values: tuple[object, ...] = (None, 5, [], {})
    assert [formats.holds("date", value) for value in values] == [True] * 4
    assert formats.holds("no-such-format", "anything")


@given(
    st.sampled_from(sorted(formats.FORMATS)),
    st.one_of(
        st.text(max_size=30),
        st.text("0123456789-:TZtz+.", max_size=30),
        st.dates().map(str),
        st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
        st.sampled_from(["2026-02-30", "0000-01-01", "2026-12-31T23:59:60Z", "2026-01-01t00:00:00z"]),
    ),
)
def test_both_validators_mean_the_same_by_every_format(name: str, text: str) -> None:
    shape = compile_shape({"format": name})
    assert shape.fast.is_valid(text) is shape.explaining.is_valid(text) is formats.holds(name, text)


def test_a_standard_format_we_do_not_assert_is_asserted_by_neither() -> None:
    shape = compile_shape({"format": "email"})
    assert (shape.fast.is_valid("no"), shape.explaining.is_valid("no")) == (True, True)
    assert not jsonschema_rs.validator_for({"format": "email"}, validate_formats=True).is_valid("no")
