"""Rights of the person (PIPL 44 to 47, O13): access, copy, correction, deletion, in 15 working days."""

from __future__ import annotations

import pytest

from engine.desk import drafting, holdings, reading, retention, timekeeping
from engine.errors import Conflict, Invalid, NotAllowed, NotFound
from engine.identity import local_day, parse_utc
from engine.projection import DESTROYED
from tests.engine.desk.office import CHEN, FANG, HE, LIN, SHEN, TANG, WANG, ZHOU, Office, open_office
from tests.regulation import asking, keeping, updating
from tests.regulation.asking import PROVED, WHY


@pytest.fixture
def office() -> Office:
    return open_office()


def test_o13_accepting_lists_every_document_about_the_person_and_no_other(office: Office) -> None:
    entry, other = keeping.effective(office), office.answers(LIN)
    other["insured"] |= {"full_name": "李桂英", "id_type": "07", "id_no": "E7654321"}
    office.submit(LIN, other)
    doc = asking.accepted(office)
    assert asking.answers_of(office, doc)["holdings"] == [
        {
            "doc_no": "长护录〔2026〕1号",
            "doc_id": keeping.doc_id(office, entry),
            "form": "info_entry",
            "filed_on": "2026-03-05",
            "retain_until": "2076-12-31",
            "deletable": "running",
        }
    ]


def test_o13_finding_is_a_reading_with_the_request_as_its_purpose(office: Office) -> None:
    entry = keeping.effective(office)
    doc = asking.accepted(office)
    last = list(office.desk.access.entries())[-1]
    assert (last.purpose, last.what, last.basis, last.doc) == (
        "subject_request", ("holdings", entry), keeping.doc_id(office, doc), doc
    )  # fmt: skip


def test_o13_access_tells_who_read_by_number_and_department(office: Office) -> None:
    entry = keeping.effective(office)
    doc = asking.accepted(office)
    office.decide(HE, doc, "tell", WHY)
    said = asking.answers_of(office, doc)
    assert said["decision"] | {"reader_count": 0} == {
        "result": "granted",
        "decided_by": HE,
        "decided_on": "2026-03-05",
        "comment": WHY["comment"],
        "reader_count": 0,
    }
    assert said["decision"]["reader_count"] == sum(one["times"] for one in said["readers"])
    number = reading.row_of(office.desk, entry)["doc_no"]
    assert {"on": "2026-03-05", "staff_no": HE, "dept_code": "info_mgmt", "doc_no": number,
            "purpose": "subject_request", "times": 1} in said["readers"]  # fmt: skip


def test_o13_the_answer_is_due_in_fifteen_working_days(office: Office) -> None:
    doc = asking.accepted(office)
    due = reading.row_of(office.desk, doc)["due_at"]
    assert local_day(parse_utc(due)) == "2026-03-26"


def test_o13_a_request_needs_the_card_and_an_agent_the_authority(office: Office) -> None:
    with pytest.raises(Invalid) as bare:
        asking.filed(office, files=[])
    assert [one.code for one in bare.value.problems] == ["D.id_card"]
    agent = {"who": "agent", "full_name": "林安", "id_no": "E1234567"}
    with pytest.raises(Invalid) as without:
        asking.filed(office, requester=agent)
    assert [one.code for one in without.value.problems] == ["D.authority"]


def test_o13_who_took_it_down_does_not_decide_and_neither_do_other_departments(office: Office) -> None:
    doc = asking.filed(office).doc
    for who in (LIN, ZHOU, CHEN, WANG, FANG):
        with pytest.raises((NotAllowed, NotFound)):
            office.decide(who, doc, "accept", PROVED)
    assert office.state(doc) == "submitted"


def test_o13_a_correction_opens_an_update_that_fulfils_the_request(office: Office) -> None:
    entry = updating.effective(office)
    doc = asking.accepted(office, "correction")
    with pytest.raises(Conflict) as early:
        holdings.begin_correction(office.desk, office.actors[LIN], doc, entry)
    assert early.value.code == "request.not_correcting"
    office.decide(HE, doc, "grant_correction", WHY)
    draft = holdings.begin_correction(office.desk, office.actors[LIN], doc, entry)
    assert draft.answers["change"] == {
        "reason": "data_error",
        "requested_by": "self",
        "pip_request_no": keeping.doc_id(office, doc),
        "known_on": "2026-03-05",
        "occurred_on": "2026-03-05",
    }
    answers = dict(drafting.open_draft(office.desk, office.actors[LIN], draft.id).answers)
    change = {**answers["change"], "reason_text": "录入时号码写错一位"}
    answers |= {"change": change, "changes": [updating.mobile()], "effect": updating.EFFECT}
    answers |= {"statement": {"truthful": True}}
    update = office.submit(LIN, answers, form=updating.UPDATE).doc
    office.decide(ZHOU, update, "claim")
    office.decide(ZHOU, update, "approve", updating.TICKS)
    timekeeping.run(office.desk)
    assert office.state(doc) == "correcting"
    office.decide(ZHOU, update, "apply")
    timekeeping.run(office.desk)
    assert office.state(doc) == "fulfilled"


def test_o13_only_what_the_request_found_is_corrected_by_it(office: Office) -> None:
    keeping.effective(office)
    doc = asking.accepted(office, "correction")
    office.decide(HE, doc, "grant_correction", WHY)
    other = office.answers(LIN)
    other["insured"] |= {"full_name": "李桂英", "id_type": "07", "id_no": "E7654321"}
    with pytest.raises(Conflict) as refused:
        holdings.begin_correction(office.desk, office.actors[LIN], doc, office.submit(LIN, other).doc)
    assert refused.value.code == "request.not_held"


def test_o13_deletion_is_refused_with_its_ground_while_the_retention_runs(office: Office) -> None:
    entry = keeping.effective(office)
    asked = asking.request(office, "deletion")
    asked["request"]["deletion_ground"] = "PIPL-47-1"
    doc = asking.accepted(office, "deletion", request=asked["request"])
    with pytest.raises(NotAllowed) as refused:
        office.decide(HE, doc, "agree_deletion", WHY)
    assert [one.code for one in refused.value.problems] == ["guard.something_deletable"]
    office.decide(HE, doc, "refuse", {"ground": "PIPL-47-P2", **WHY})
    assert asking.answers_of(office, doc)["decision"]["ground"] == "PIPL-47-P2"
    assert reading.answers_of(office.desk, reading.row_of(office.desk, entry))


def test_o13_what_was_processed_unlawfully_is_deleted_by_two_people(office: Office) -> None:
    entry = keeping.effective(office)
    doc = asking.accepted(office, "deletion")
    office.decide(HE, doc, "agree_deletion", WHY)
    with pytest.raises(NotAllowed):
        office.decide(HE, doc, "delete", WHY)
    office.decide(TANG, doc, "delete", WHY)
    row = reading.row_of(office.desk, entry)
    assert DESTROYED in row["flags"] and reading.answers_of(office.desk, row) == {}
    assert office.state(doc) == "fulfilled"
    assert asking.answers_of(office, doc)["decision"]["decided_by"] == TANG
    delivered = {"received_by": "张文兰", "how": "counter"}
    assert office.decide(LIN, doc, "deliver", delivered).state == "delivered"


def test_o13_what_is_held_is_not_deleted_and_the_list_says_so(office: Office) -> None:
    entry = keeping.effective(office)
    keeping.hold(office, keeping.doc_id(office, entry))
    doc = asking.accepted(office, "deletion")
    assert [one["deletable"] for one in asking.answers_of(office, doc)["holdings"]] == ["held"]
    with pytest.raises(NotAllowed):
        office.decide(HE, doc, "agree_deletion", WHY)
    assert retention.standing(office.desk).holds.keys() == {keeping.doc_id(office, entry)}


def test_o13_the_second_person_may_disagree_and_nothing_is_gone(office: Office) -> None:
    entry = keeping.effective(office)
    doc = asking.accepted(office, "deletion")
    office.decide(HE, doc, "agree_deletion", WHY)
    office.decide(SHEN, doc, "send_back", WHY)
    assert office.state(doc) == "accepted"
    assert reading.answers_of(office.desk, reading.row_of(office.desk, entry))
