"""Which value a setting has on a day, what it governs, and that the shipped table fits the shipped forms."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest

from engine.errors import Invalid
from engine.lifecycle.settings import (
    Change,
    Setting,
    Value,
    parse_settings,
    read_value,
    settings_of,
)
from tests.schemas.reading import VERSIONS, compiled, read

SHIPPED = read("settings", "1.0.0.json")
TABLE = parse_settings(SHIPPED)
SIGNED = "2026-03-05T02:00:00Z"


def changed(key: str, value: Value, effective_on: str, index: int = 1) -> Change:
    return Change(key, value, effective_on, "p_tang", "department_head", SIGNED, "", "", index)


def test_the_shipped_value_holds_until_a_change_takes_effect() -> None:
    later = changed("sla.review_working_days", 5, "2026-04-01")
    settings = settings_of(TABLE, [later])
    days = ("2026-03-31", "2026-04-01", "2027-01-01")
    assert [settings.value("sla.review_working_days", day) for day in days] == [3, 5, 5]
    assert settings.at("limit:info_entry/approve", 3, "2026-04-01") == 5


def test_of_two_changes_for_one_day_the_one_signed_last_holds() -> None:
    first, second = (changed("opinion.close_days", value, "2026-04-01", value) for value in (20, 21))
    before = changed("opinion.close_days", 30, "2026-03-20", 99)
    settings = settings_of(TABLE, [first, second, before])
    assert [settings.value("opinion.close_days", day) for day in ("2026-03-25", "2026-04-01")] == [30, 21]


def test_a_version_that_wrote_another_number_keeps_its_own() -> None:
    settings = settings_of(TABLE, [changed("sla.review_working_days", 5, "2026-04-01")])
    assert settings.at("limit:info_entry/approve", 2, "2026-04-02") == 2
    assert settings.at("limit:some_other/approve", 3, "2026-04-02") == 3


def test_a_number_inside_a_table_is_replaced_and_the_rest_stays() -> None:
    written = {"rectify_days": {"minor": 30, "major": 7, "critical": 3}, "sample_size": 384}
    settings = settings_of(TABLE, [changed("rectify.minor_days", 20, "2026-04-01")])
    assert settings.tables({"inspection": written}, "2026-03-31") is None
    assert settings.tables({"inspection": written}, "2026-04-01") == {
        "inspection": {"rectify_days": {"minor": 20, "major": 7, "critical": 3}, "sample_size": 384}
    }


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("sla.entry_hours", " 36 ", 36), ("sla.entry_hours", "-1", None), ("sla.entry_hours", "1.5", None),
        ("sla.entry_hours", "３", None), ("inspection.accuracy_min", "0.985", "0.985"),
        ("inspection.accuracy_min", "0.9", "0.90"), ("inspection.accuracy_min", "1", "1.00"),
        ("inspection.accuracy_min", "NaN", None), ("inspection.accuracy_min", "0.98765", None),
        ("inspection.accuracy_min", "2", None),
    ],
)  # fmt: skip
def test_a_typed_value_is_read_as_the_setting_keeps_it(key: str, text: str, value: Value | None) -> None:
    assert read_value(TABLE[key], text) == value


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("sla.entry_hours", 0, "setting.range"), ("sla.entry_hours", 169, "setting.range"),
        ("sla.entry_hours", None, "setting.number"), ("sla.entry_hours", "24", "setting.number"),
        ("permission.review_period", 2, "setting.allowed"), ("permission.review_period", 6, ""),
        ("inspection.accuracy_min", "0.79", "setting.range"), ("inspection.accuracy_min", "0.80", ""),
    ],
)  # fmt: skip
def test_a_value_outside_the_range_is_said_to_be_so(key: str, value: Value | None, code: str) -> None:
    assert TABLE[key].problem(value) == code


def test_a_table_of_settings_that_contradicts_itself_is_refused() -> None:
    first = SHIPPED["settings"][0]
    for wrong, code in (
        ([first, {**first, "key": "another"}], "setting.duplicate"),
        ([{**first, "value": 0}], "setting.range"),
        ([{**first, "unit": "weeks"}], "setting.malformed"),
        ([{"key": "x"}], "setting.malformed"),
    ):
        with pytest.raises(Invalid) as refused:
            parse_settings({"settings": wrong})
        assert [one.code for one in refused.value.problems] == [code]


def _written() -> dict[str, set[Any]]:
    """What every place of every shipped version says."""
    found: dict[str, set[Any]] = {}

    def note(place: str, value: Any) -> None:
        found.setdefault(place, set()).add(value)

    def walk(place: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(f"{place}.{name}", inner)
        elif isinstance(value, int | str):
            note(place, value)

    for name, version in VERSIONS:
        form = compiled(name, version)
        for one in form.workflow.transitions.values():
            if one.due is not None and (limit := one.due.working_days or one.due.hours) is not None:
                note(f"limit:{name}/{one.name}", limit)
        for table, content in form.tables.items():
            walk(f"table:{table}", {key: inner for key, inner in content.items() if key != "entries"})
        if form.workflow.samples is not None:
            note(f"part:{name}.samples.most", form.workflow.samples.most)
        if form.workflow.queries is not None:
            note(f"part:{name}.queries.smallest_cell", form.workflow.queries.smallest_cell)
        if form.workflow.periodic is not None:
            note(f"period:{name}", {"month": 1, "quarter": 3, "half": 6}[form.workflow.periodic.every])
    return found


def test_every_place_a_setting_governs_is_there_and_says_the_shipped_value() -> None:
    written = _written()
    wrong = {
        place: (one.value, written.get(place))
        for one in TABLE.values()
        for place in one.places
        if one.value not in written.get(place, set())
    }
    assert wrong == {}


def test_every_limit_of_every_form_is_governed_by_a_setting() -> None:
    governed = {place for one in TABLE.values() for place in one.places}
    assert sorted(place for place in _written() if place.startswith("limit:") and place not in governed) == []


def test_settings_are_described_in_both_languages_with_a_clause_and_a_source() -> None:
    named = attrgetter("title", "title_en", "source", "source_en", "clause")
    told = {one.key: named(one) for one in TABLE.values()}
    bare = [key for key, words in told.items() if not all(words)]
    assert bare == []
    assert {type(one) for one in TABLE.values()} == {Setting}
