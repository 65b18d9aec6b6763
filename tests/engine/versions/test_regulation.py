"""The text of the regulation on any day, and changes that do not fit it."""

from __future__ import annotations

from engine.versions.regulation import Amendment, Clause, ClauseChange, check_changes, text_in_force

BASE = {
    "version": "1.0.0",
    "effective_on": "2020-01-01",
    "clauses": [
        {"clause": "R7.10", "text": "十"},
        {"clause": "R7.2", "text": "自发布之日起生效。"},
        {"clause": "R7.1", "text": "由信息管理部门解释。"},
    ],
}
CHANGED = ClauseChange("R7.2", "change", "自发布之日起生效。", "另有规定的从其规定。")
FIRST = Amendment(
    "1.1.0", "2026-03-06", "doc-a", 7,
    (CHANGED, ClauseChange("R7.3", "add", "", "修订。")),
    (("R7.2", "info_entry", "1.1.0"),),
)  # fmt: skip
SECOND = Amendment(
    "2.0.0", "2026-05-01", "doc-b", 9, (ClauseChange("R7.1", "delete", "由信息管理部门解释。", ""),),
    (("R7.2", "info_entry", "2.0.0"),),
)  # fmt: skip


def test_the_text_of_each_day_is_that_of_the_amendments_in_force() -> None:
    days = ("2019-12-31", "2026-03-05", "2026-03-06", "2026-05-01")
    texts = [text_in_force(BASE, [SECOND, FIRST], day) for day in days]

    assert [(one.version, one.revision, [c.clause for c in one.clauses]) for one in texts] == [
        ("", "", []),
        ("1.0.0", "", ["R7.1", "R7.2", "R7.10"]),
        ("1.1.0", "doc-a", ["R7.1", "R7.2", "R7.3", "R7.10"]),
        ("2.0.0", "doc-b", ["R7.2", "R7.3", "R7.10"]),
    ]


def test_a_clause_says_since_when_by_what_and_which_version_carries_it_out() -> None:
    found = text_in_force(BASE, [FIRST, SECOND], "2026-06-01").clause("R7.2")

    assert found == Clause("R7.2", "另有规定的从其规定。", "2026-03-06", "doc-a", (("info_entry", "2.0.0"),))


def test_changes_that_do_not_fit_the_text_are_named() -> None:
    now = text_in_force(BASE, [], "2026-01-01")
    changes = [
        ClauseChange("R7.1", "change", "由各部门解释。", "新"),
        ClauseChange("R7.2", "add", "", "新"),
        ClauseChange("R9", "delete", "旧", ""),
        ClauseChange("R7.10", "change", "十", "拾"),
        ClauseChange("R7.10", "delete", "十", ""),
    ]

    assert [(one.pointer, one.code) for one in check_changes(now, changes, "/clauses")] == [
        ("/clauses/0/old_text", "regulation.old_text"),
        ("/clauses/1/clause", "regulation.clause_exists"),
        ("/clauses/2/clause", "regulation.clause_unknown"),
        ("/clauses/4/clause", "regulation.twice"),
    ]
