"""Changing a setting: by its owner, for a later day, on record, and felt by limits, rules and rounds."""

from __future__ import annotations

import pytest

from engine.desk import reading, ruling
from engine.desk.ruling import Rulebook
from engine.errors import Invalid, NotAllowed, NotFound
from engine.lifecycle.settings import Value
from tests.engine.desk.office import HE, LIN, TANG, ZHOU, Office

REVIEW = "sla.review_working_days"
WHY = "业务量增加，放宽审核期限"


def change(
    office: Office,
    value: Value | None = 5,
    day: str = "2026-03-06",
    key: str = REVIEW,
    who: str = TANG,
    why: str = WHY,
    document: str = "",
) -> None:
    """唐主任 heads information management and owns most settings."""
    ruling.change(office.desk, office.actors[who], key, value, day, why, document, office.unlocks[who])


def test_a_change_holds_from_its_day_on_and_what_has_begun_keeps_its_limit(office: Office) -> None:
    before = office.submit().doc
    office.decide(ZHOU, before, "claim")
    assert reading.row_of(office.desk, before)["due_at"] == "2026-03-10T09:30:00Z"
    change(office)
    office.decide(ZHOU, before, "release")
    office.decide(ZHOU, before, "claim")
    assert reading.row_of(office.desk, before)["due_at"] == "2026-03-10T09:30:00Z"

    office.clock.advance(days=1)
    office.decide(ZHOU, before, "release")
    office.decide(ZHOU, before, "claim")
    assert reading.row_of(office.desk, before)["due_at"] == "2026-03-10T09:30:00Z"
    office.decide(ZHOU, before, "release")
    office.decide(LIN, before, "withdraw", {"comment": "重新采集后再报"})
    answers = office.answers()
    answers["entry"]["collected_at"] = "2026-03-06T09:42:10+08:00"
    after = office.submit(answers=answers).doc
    office.decide(ZHOU, after, "claim")
    # Five working days from Friday 6 March.
    assert reading.row_of(office.desk, after)["due_at"] == "2026-03-13T09:30:00Z"


def test_a_rule_reads_the_number_of_the_day(office: Office) -> None:
    change(office, 1, key="sla.entry_hours")
    answers = office.answers()
    answers["entry"]["collected_at"] = "2026-03-05T08:00:00+08:00"
    office.submit(answers=answers)  # two hours after collection
    office.clock.advance(days=1)
    answers = office.answers()
    answers["entry"]["collected_at"] = "2026-03-06T07:30:00+08:00"  # two and a half hours before
    with pytest.raises(Invalid) as refused:
        office.submit(answers=answers)
    assert "V11.remark" in {one.code for one in refused.value.problems}


def test_changes_of_a_setting_are_a_chain_of_signed_events(office: Office) -> None:
    change(office)
    change(office, 4, "2026-03-09")
    changes = office.desk.settings.now().changes[REVIEW]
    records = [office.desk.journal.read(one.index) for one in changes]
    said = [one.statement() for one in records]
    assert [(one["seq"], one["type"], one["actor"]["role"]) for one in said] == [
        (1, "setting.change", "department_head"), (2, "setting.change", "department_head")
    ]  # fmt: skip
    assert said[0]["doc"] == said[1]["doc"]
    assert said[1]["body"] == {
        "setting": REVIEW, "value": 4, "effective_on": "2026-03-09", "reason": WHY, "document": ""
    }  # fmt: skip
    assert {len(one.envelope.signatures) for one in records} == {2}
    days = ("2026-03-05", "2026-03-06", "2026-03-08", "2026-03-09")
    settings = office.desk.settings.now()
    assert [settings.value(REVIEW, day) for day in days] == [3, 5, 5, 4]


def test_settings_are_read_from_the_log_after_a_restart(office: Office) -> None:
    change(office)
    again = Rulebook(office.desk.settings.now().table, office.journal, office.desk.store)
    assert again.now() == office.desk.settings.now()


@pytest.mark.parametrize("who", [LIN, ZHOU, HE])
def test_nobody_but_the_owner_changes_a_setting(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        change(office, who=who)
    assert refused.value.code == "setting.owner"
    with pytest.raises(NotAllowed):
        change(office, 6, key="permission.review_period")  # the security administrator's
    assert office.desk.settings.now().changes == {}


@pytest.mark.parametrize(
    ("wrong", "place", "code"),
    [
        ({"value": 0}, "/value", "setting.range"), ({"value": None}, "/value", "setting.number"),
        ({"value": 3}, "/value", "setting.same"),
        ({"day": "2026-03-05"}, "/effective_on", "setting.back_dated"),
        ({"day": "2026-02-01"}, "/effective_on", "setting.back_dated"),
        ({"day": "2026-3-9"}, "/effective_on", "setting.back_dated"),
        ({"why": "短"}, "/reason", "setting.reason"),
        ({"why": "参保人11010519491231002X要求放宽"}, "/reason", "K9"),
        ({"document": "长护修〔2026〕9号"}, "/document", "setting.document"),
    ],
)  # fmt: skip
def test_what_a_change_must_say(office: Office, wrong: dict[str, str | int], place: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(office, **wrong)  # type: ignore[arg-type]
    assert [(one.pointer, one.code) for one in refused.value.problems] == [(place, code)]
    assert office.desk.settings.now().changes == {}


def test_a_document_that_revises_nothing_decides_no_setting(office: Office) -> None:
    entry = office.submit()
    with pytest.raises(Invalid) as refused:
        change(office, document=entry.doc_no)
    assert [one.code for one in refused.value.problems] == ["setting.document"]


def test_a_setting_nobody_knows_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        change(office, key="sla.nothing")
