"""Retention (K6, O10): what is over is appraised, what is held stays, and two people destroy."""

from __future__ import annotations

import pytest

from engine.desk import appraising, reading, retention, shredding
from engine.errors import Conflict, Invalid, NotAllowed
from engine.projection import DESTROYED
from tests.engine.desk.office import FANG, HE, SHEN, WANG, ZHOU, Office, open_office
from tests.regulation import keeping
from tests.regulation.keeping import LATER, WHY


@pytest.fixture
def office() -> Office:
    return open_office()


def test_k6_the_clock_starts_on_the_first_of_january_after_closing(office: Office) -> None:
    doc = keeping.effective(office)
    kept = retention.kept(office.desk, reading.row_of(office.desk, doc))
    assert kept == retention.Kept("Y50", "2026-03-05", "2076-12-31")
    assert (kept.is_over("2076-12-31"), kept.is_over("2077-01-01")) == (False, True)


def test_k6_what_is_open_has_no_end_yet(office: Office) -> None:
    row = reading.row_of(office.desk, office.submit().doc)
    assert retention.kept(office.desk, row) == retention.Kept("Y50", "", "")


def test_k6_archiving_does_not_start_the_clock_again(office: Office) -> None:
    row = reading.row_of(office.desk, keeping.effective(office))
    step = {**row["steps"][-1], "transition": "archive", "source": "effective", "target": "archived"}
    archived = {**row, "state": "archived", "steps": [*row["steps"], {**step, "at": "2027-03-06T02:00:00Z"}]}
    assert retention.kept(office.desk, archived).until == "2076-12-31"  # type: ignore[arg-type]


def test_k6_nothing_is_listed_before_its_time(office: Office) -> None:
    keeping.effective(office)
    with pytest.raises(Invalid) as refused:
        keeping.listed(office)
    assert [one.code for one in refused.value.problems] == ["appraisal.nothing_due"]


def test_k6_what_is_over_is_listed_by_the_department_it_belongs_to(office: Office) -> None:
    doc = keeping.effective(office)
    office.clock.set(LATER)
    assert appraising.list_due(office.desk, "claims") == []
    assert keeping.answers_of(office, keeping.listed(office).doc)["lines"] == [
        {
            "doc_id": keeping.doc_id(office, doc),
            "doc_no": "长护录〔2026〕1号",
            "form": "info_entry",
            "period": "Y50",
            "closed_on": "2026-03-05",
            "retain_until": "2076-12-31",
        }
    ]


def test_k6_nobody_adds_a_line_to_the_list(office: Office) -> None:
    keeping.effective(office)
    office.clock.set(LATER)
    doc = keeping.listed(office).doc
    answers = keeping.answers_of(office, doc)
    answers["lines"].append({**answers["lines"][0], "doc_no": "长护录〔2026〕9号"})
    with pytest.raises(Invalid) as refused:
        office.submit(HE, answers, form=keeping.APPRAISAL, doc=doc, expected_head=office.head(doc))
    assert {one.code for one in refused.value.problems} == {"not_to_edit"}


def test_k6_two_people_destroy_and_the_chain_stays(office: Office) -> None:
    doc, keeps = keeping.effective(office), keeping.effective(office)
    office.clock.set(LATER)
    listed = keeping.listed(office).doc
    keeping.judged(office, listed, keep=(keeping.doc_id(office, keeps),))
    office.decide(WANG, listed, "agree", WHY)
    assert reading.answers_of(office.desk, reading.row_of(office.desk, doc))  # one consent destroys nothing
    office.decide(SHEN, listed, "approve", WHY)
    row = reading.row_of(office.desk, doc)
    assert DESTROYED in row["flags"] and reading.answers_of(office.desk, row) == {}
    assert [step["transition"] for step in row["steps"]][-3:] == ["shred.approve", "shred.approve", "shred"]
    body = office.journal.read(reading.row_of(office.desk, listed)["steps"][-1]["index"]).statement()["body"]
    assert body == {"destroyed": [{"doc": doc, "doc_id": row["doc_id"], "event": row["head"]}]}
    assert reading.answers_of(office.desk, reading.row_of(office.desk, keeps))
    until = retention.kept(office.desk, reading.row_of(office.desk, keeps)).until
    assert until == "2087-12-31"  # ten years from the January after the appraisal


def test_k6_nobody_agrees_to_the_own_proposal_and_no_other_head_does(office: Office) -> None:
    keeping.effective(office)
    office.clock.set(LATER)
    doc = keeping.listed(office).doc
    keeping.judged(office, doc)
    for who in (FANG, HE):
        with pytest.raises(NotAllowed):
            office.decide(who, doc, "agree", WHY)
    office.decide(WANG, doc, "agree", WHY)
    with pytest.raises(NotAllowed):
        office.decide(HE, doc, "approve", WHY)


def test_k6_a_hold_keeps_a_document_off_the_list_and_stops_a_list_that_has_it(office: Office) -> None:
    doc = keeping.effective(office)
    office.clock.set(LATER)
    listed = keeping.listed(office).doc
    keeping.judged(office, listed)
    held = keeping.hold(office, keeping.doc_id(office, doc))
    assert appraising.list_due(office.desk, "business_acceptance") == []
    with pytest.raises(Invalid) as refused:
        office.decide(WANG, listed, "agree", WHY)
    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/lines/0/doc_id", "retention.held")
    ]
    office.decide(ZHOU, held.doc, "propose_lift", WHY)
    with pytest.raises(NotAllowed):
        office.decide(ZHOU, held.doc, "lift", WHY)
    office.decide(SHEN, held.doc, "lift", WHY)
    keeping.destroyed(office, listed)
    assert DESTROYED in reading.row_of(office.desk, doc)["flags"]


def test_k6_a_hold_between_the_two_consents_stops_the_second(office: Office) -> None:
    doc = keeping.effective(office)
    office.clock.set(LATER)
    listed = keeping.listed(office).doc
    keeping.judged(office, listed)
    office.decide(WANG, listed, "agree", WHY)
    keeping.hold(office, keeping.doc_id(office, doc))
    with pytest.raises(Invalid):
        office.decide(SHEN, listed, "approve", WHY)
    assert reading.answers_of(office.desk, reading.row_of(office.desk, doc))


def test_k6_a_hold_names_documents_that_exist(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        keeping.hold(office, "LTCI-ENT-310104-20260506-000377-6")
    assert [one.code for one in refused.value.problems] == ["hold.unknown_document"]


@pytest.mark.parametrize(
    ("basis", "code"),
    [("PIPL-47-1", "retention.running"), ("PIPL-47-3", "retention.running"), ("PIPL-47-4", "")],
)
def test_k6_a_single_document_goes_before_its_time_only_where_law_orders_it(
    office: Office, basis: str, code: str
) -> None:
    doc = keeping.effective(office)
    found = ""
    try:
        retention.check_destructible(office.desk, reading.row_of(office.desk, doc), basis)
    except Conflict as refused:
        found = refused.code
    assert found == code


def test_k6_a_hold_stops_the_destruction_of_a_single_document(office: Office) -> None:
    doc = keeping.effective(office)
    keeping.hold(office, keeping.doc_id(office, doc))
    with pytest.raises(Conflict) as refused:
        shredding.approve(
            office.desk, office.actors[WANG], doc, "PIPL-47-4", office.head(doc), office.unlocks[WANG]
        )
    assert refused.value.code == "retention.held"


def test_k6_a_list_taken_again_after_a_crash_destroys_what_was_left(office: Office) -> None:
    first, second = keeping.effective(office), keeping.effective(office)
    office.clock.set(LATER)
    listed = keeping.listed(office).doc
    keeping.judged(office, listed)
    office.decide(WANG, listed, "agree", WHY)
    row = reading.row_of(office.desk, first)
    with office.journal.sequencing():
        shredding.consent_once(
            office.desk, row, office.actors[SHEN], "info_manager", None, "PIPL-47-2", office.unlocks[SHEN]
        )
        shredding.destroy_consented(office.desk, reading.row_of(office.desk, first), "PIPL-47-2")
    office.decide(SHEN, listed, "approve", WHY)
    for doc in (first, second):
        steps = [step["transition"] for step in reading.row_of(office.desk, doc)["steps"]]
        assert steps[-3:] == ["shred.approve", "shred.approve", "shred"]
    assert shredding.settle(office.desk) == 0
