"""Which version is in force, and which publication the registry does not take."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.errors import Conflict, NotFound
from engine.registry.compiled import CompiledForm
from engine.registry.registry import build_registry
from engine.versions.published import DraftsRule, Published
from tests.schemas.reading import compiled

TODAY = date(2026, 3, 5)
SECOND = Published(
    "info_entry", "1.1.0", "ab" * 32, "", "2026-03-06", DraftsRule("finish", "2026-03-31"), "1.0.0"
)


def _as(version: str, digest: str) -> CompiledForm:
    bundle = replace(compiled().bundle, version=version, digest=digest)
    values: dict[str, Any] = {name: getattr(compiled(), name) for name in CompiledForm.__slots__}
    return CompiledForm(**{**values, "bundle": bundle})


def test_a_version_admitted_for_tomorrow_is_held_today_and_in_force_tomorrow() -> None:
    held = build_registry([(compiled(), date(2020, 1, 1))])

    held.admit([(_as("1.1.0", "ab" * 32), SECOND)])

    days = (date(2020, 1, 1), TODAY, date(2026, 3, 6))
    assert [held.in_force("info_entry", day).version for day in days] == ["1.0.0", "1.0.0", "1.1.0"]
    assert held.by_digest("ab" * 32).version == "1.1.0"
    with pytest.raises(NotFound):
        held.in_force("info_entry", date(2019, 12, 31))


def test_admitting_twice_changes_nothing() -> None:
    held = build_registry([(compiled(), date(2020, 1, 1))])
    for _ in range(2):
        held.admit([(_as("1.1.0", "ab" * 32), SECOND)])

    assert [span.first for span in held.spans("info_entry")] == [date(2020, 1, 1), date(2026, 3, 6)]


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"version": "1.0.0"}, "version.digest_conflict"),
        ({"version": "1.0.0", "digest": compiled().digest}, "version.published"),
        ({"effective_on": "2026-03-04"}, "version.past_date"),
        ({"follows": "0.9.0"}, "version.not_newest"),
        ({"follows": ""}, "version.not_newest"),
        ({"version": "0.9.9"}, "version.not_greater"),
        ({"form": "home_visit"}, "version.not_newest"),
    ],
)
def test_a_publication_that_does_not_fit_is_refused(changes: dict[str, str], code: str) -> None:
    held = build_registry([(compiled(), date(2020, 1, 1))])

    with pytest.raises(Conflict) as refused:
        held.check_admissible(replace(SECOND, **changes), TODAY)  # type: ignore[arg-type]

    assert refused.value.code == code


def test_two_versions_do_not_begin_on_one_day_nor_before_the_newest() -> None:
    held = build_registry([(compiled(), date(2020, 1, 1))])
    held.admit([(_as("1.1.0", "ab" * 32), replace(SECOND, effective_on="2026-04-01"))])

    for day in ("2026-03-31", "2026-04-01"):
        third = replace(SECOND, version="1.2.0", digest="cd" * 32, follows="1.1.0", effective_on=day)
        with pytest.raises(Conflict) as refused:
            held.check_admissible(third, TODAY)
        assert refused.value.code == "version.overlap"


def test_what_a_draft_may_do_follows_from_the_versions_after_its_own() -> None:
    held = build_registry([(compiled(), date(2020, 1, 1))])
    held.admit([(_as("1.1.0", "ab" * 32), SECOND)])
    days = (TODAY, date(2026, 3, 6), date(2026, 3, 31), date(2026, 4, 1))

    assert [held.drafts_rule("info_entry", "1.0.0", day) for day in days] == ["", "finish", "finish", "anew"]
    assert held.drafts_rule("info_entry", "1.1.0", date(2026, 4, 1)) == ""
    assert held.drafts_rule("info_entry", "0.1.0", TODAY) == "anew"


def test_a_form_whose_first_version_is_still_to_come_is_not_offered() -> None:
    held = build_registry([(compiled(), date(2026, 3, 6))])

    assert (held.all_in_force(TODAY), held.forms()) == ((), ("info_entry",))
