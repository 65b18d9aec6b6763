"""The life of a form version follows from documents and dates."""

from __future__ import annotations

import pytest

from engine.versions.published import ANEW, FINISH, LIFT, DraftsRule, rule_over
from engine.versions.standing import Dated, Life, Named, lives_of

SHIPPED = Dated("1.0.0", "d1", "2020-01-01", "")
SECOND = Dated("1.1.0", "d2", "2026-03-06", "doc-a")


def test_versions_follow_each_other_without_gap_and_without_overlap() -> None:
    third = Dated("2.0.0", "d3", "2026-05-01", "doc-b")

    found = lives_of([third, SHIPPED, SECOND], [], [], {"d1": 2}, "2026-04-01")

    assert found == (
        Life("2.0.0", "d3", "published", "2026-05-01", "", "doc-b"),
        Life("1.1.0", "d2", "in_force", "2026-03-06", "2026-04-30", "doc-a"),
        Life("1.0.0", "d1", "superseded", "2020-01-01", "2026-03-05", "", 2),
    )


@pytest.mark.parametrize(
    "unfinished, state", [({}, "retired"), ({"d1": 0}, "retired"), ({"d1": 1}, "superseded")]
)
def test_a_superseded_version_retires_when_nothing_under_it_is_open(
    unfinished: dict[str, int], state: str
) -> None:
    assert lives_of([SHIPPED, SECOND], [], [], unfinished, "2026-03-06")[1].state == state


def test_what_is_proposed_is_no_longer_shown_as_a_draft() -> None:
    drafts = [("v1", "1.1.0", "d2"), ("v2", "1.2.0", "d9"), ("v3", "1.3.0", "")]

    found = lives_of([SHIPPED], [Named("1.1.0", "d2", "doc-a", agreed=False)], drafts, {}, "2026-03-01")

    assert [(one.version, one.state, one.draft) for one in found] == [
        ("1.2.0", "draft", "v2"),
        ("1.3.0", "draft", "v3"),
        ("1.1.0", "proposed", ""),
        ("1.0.0", "in_force", ""),
    ]


@pytest.mark.parametrize(
    "rules, met",
    [
        ([DraftsRule(FINISH, "2026-04-01")], FINISH),
        ([DraftsRule(FINISH, "2026-03-31")], ANEW),
        ([DraftsRule(FINISH, "2026-05-01"), DraftsRule(LIFT)], LIFT),
        ([DraftsRule(LIFT), DraftsRule(ANEW)], ANEW),
    ],
)
def test_a_draft_older_than_several_versions_meets_the_strictest_rule(
    rules: list[DraftsRule], met: str
) -> None:
    assert rule_over(rules, "2026-04-01") == met
