"""R5.6 信息录入: collected and stamped, reviewed by another department, uploaded once with a receipt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.desk import proving, reading
from engine.errors import Invalid, NotAllowed, Refused
from engine.trust.verify import verify
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import LIN, TICKS, WU, ZHAO, ZHOU, Office

NOW = datetime(2026, 3, 6, tzinfo=UTC)


def test_R5_6_1_the_time_of_collection_is_asked_and_a_late_entry_is_marked(office: Office) -> None:
    without, late = office.answers(), office.answers()
    del without["entry"]["collected_at"]
    late["entry"]["collected_at"] = "2026-03-01T09:00:00+08:00"

    with pytest.raises(Invalid) as refused:
        office.submit(LIN, without)

    assert ("/entry/collected_at", "required") in {(one.pointer, one.code) for one in refused.value.problems}
    with pytest.raises(Invalid) as unexplained:
        office.submit(LIN, late)
    assert {(one.level, one.pointer) for one in unexplained.value.problems} == {
        ("error", "/statement/remark")
    }
    late["statement"]["remark"] = "上门采集后系统停电，次日补录。"
    with pytest.raises(Invalid) as marked:
        office.submit(LIN, late)
    assert {(one.level, one.code) for one in marked.value.problems} == {("warning", "V11.late")}
    assert office.submit(LIN, late, confirmed=frozenset({"V11.late"})).doc


def test_R5_6_2_only_another_person_of_the_audit_department_passes_an_entry(office: Office) -> None:
    doc = office.submit().doc

    for who in (LIN, ZHAO):
        with pytest.raises(NotAllowed):
            office.decide(who, doc, "claim")
    office.decide(ZHOU, doc, "claim")
    with pytest.raises(Refused):
        office.decide(WU, doc, "approve", TICKS)

    office.decide(ZHOU, doc, "approve", TICKS)
    assert office.state(doc) == "approved"


@pytest.mark.parametrize("missing", ["accuracy", "completeness"])
def test_R5_6_2_a_review_judges_accuracy_and_completeness(office: Office, missing: str) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")

    with pytest.raises(Invalid) as refused:
        office.decide(ZHOU, doc, "approve", {name: name != missing for name in TICKS})

    assert [one.pointer for one in refused.value.problems] == [f"/transition/{missing}"]
    assert office.state(doc) == "under_review"


@pytest.mark.parametrize("decision", ["return", "reject"])
def test_R5_6_2_sending_back_and_rejecting_say_why(office: Office, decision: str) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")

    with pytest.raises(Invalid) as refused:
        office.decide(ZHOU, doc, decision, {"no_interest": True})

    assert "/transition/comment" in {one.pointer for one in refused.value.problems}


def test_R5_6_3_only_what_was_approved_takes_effect_and_twice_is_once(office: Office) -> None:
    doc = office.submit().doc
    with pytest.raises(Refused):
        office.decide(ZHOU, doc, "upload")
    office.decide(ZHOU, doc, "claim")
    office.decide(ZHOU, doc, "approve", TICKS)
    head, key = office.head(doc), office.key()

    first = office.decide(ZHOU, doc, "upload", head=head, key=key)
    again = office.decide(ZHOU, doc, "upload", head=head, key=key)

    assert (office.state(doc), first) == ("effective", again)
    assert [one.step.transition for one in reading.history(office.desk, office.actors[LIN], doc)].count(
        "upload"
    ) == 1


def test_R5_6_3_the_upload_has_a_receipt_that_a_stranger_can_check(office: Office) -> None:
    doc = office.approved().doc
    receipt = office.decide(ZHOU, doc, "upload")

    report = verify(
        proving.bundle(office.desk, office.actors[LIN], doc), office.desk.trust.root_chain(), now=NOW
    )

    assert {one.status for one in report.verdicts} == {"good"}
    assert office.desk.journal.read(receipt.index).statement()["transition"] == "upload"
