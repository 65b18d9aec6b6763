"""小林 submits: numbers, receipts, idempotency, corrections, files, and what is refused."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from engine.desk import reading, submitting
from engine.errors import Conflict, Invalid, NeedsUnlock, NotAllowed, Unavailable
from engine.trust import checkpoint as notes
from engine.trust import identifiers, leaves, merkle, tlogproof
from tests.engine.desk.office import CHEN, LIN, TICKS, ZHAO, ZHOU, Office


def test_a_submission_becomes_a_document_with_numbers_and_a_limit(office: Office) -> None:
    receipt = office.submit()

    assert (receipt.doc_id, receipt.doc_no, receipt.state, receipt.revision, receipt.seq) == (
        "LTCI-ENT-310104-20260305-000001-9",
        "长护录〔2026〕1号",
        "submitted",
        1,
        1,
    )
    # One working day to claim: Thursday's submission is due when Friday's business ends (17:30 +08:00).
    assert receipt.due_at == "2026-03-06T09:30:00Z"


def test_the_receipt_proves_that_the_event_is_in_the_log(office: Office) -> None:
    receipt = office.submit()

    record = office.desk.journal.read(receipt.index)
    proof = tlogproof.parse(receipt.proof)
    head = notes.open(proof.note)
    leaf = identifiers.leaf_hash(leaves.leaf_of(record.envelope, record.received_at))
    assert receipt.event == identifiers.event_id(record.envelope.pae())
    assert merkle.verify_inclusion(leaf, proof.index, head.size, proof.proof, head.root)


def test_official_numbers_have_no_gaps_even_when_a_submission_is_refused(office: Office) -> None:
    first = office.submit()
    with pytest.raises(Invalid):
        office.submit(answers=office.answers() | {"statement": {"truthful": False}})
    second = office.submit(answers=other_person(office))

    assert [first.doc_no, second.doc_no] == ["长护录〔2026〕1号", "长护录〔2026〕2号"]


def test_a_double_submit_gives_the_same_receipt_and_makes_one_document(office: Office) -> None:
    answers = office.answers()

    first = office.submit(answers=answers, key="once")
    size = office.desk.journal.next_index
    second = office.submit(answers=answers, key="once")

    assert (second.doc, second.event, second.index) == (first.doc, first.event, first.index)
    assert office.desk.journal.next_index == size


def test_a_double_click_before_the_disk_has_answered_is_one_document_too(office: Office) -> None:
    answers = office.answers()
    office.journal.hold()
    wanted = submitting.Submission("info_entry", answers, "once")
    first = submitting.submit(office.desk, office.actors[LIN], wanted, office.unlocks[LIN])
    second = submitting.submit(office.desk, office.actors[LIN], wanted, office.unlocks[LIN])
    assert not first.future.done() and not second.future.done()

    office.journal.release()

    assert first.wait(1).event == second.wait(1).event


def test_a_key_used_for_other_answers_is_refused(office: Office) -> None:
    office.submit(key="once")

    with pytest.raises(Conflict) as refused:
        office.submit(answers=other_person(office), key="once")

    assert refused.value.code == "idempotency.other_payload"


def test_the_same_key_of_another_person_is_another_key(office: Office) -> None:
    first = office.submit(key="once")
    second = office.submit(ZHAO, answers=other_person(office, ZHAO), key="once")

    assert first.doc != second.doc


def test_wrong_answers_are_refused_with_pointer_and_code_and_nothing_is_stored(office: Office) -> None:
    size = office.desk.journal.next_index
    answers = office.answers()
    answers["insured"]["id_no"] = "310199194203150260"
    del answers["insured"]["mobile"]

    with pytest.raises(Invalid) as refused:
        office.submit(answers=answers)

    found = {(one.pointer, one.code) for one in refused.value.problems}
    assert ("/insured/mobile", "required") in found
    assert ("/insured/id_no", "V1.checksum") in found
    assert office.desk.journal.next_index == size


def test_a_second_open_entry_of_the_same_person_and_type_is_refused(office: Office) -> None:
    office.submit()

    with pytest.raises(Invalid) as refused:
        office.submit()

    assert "V10.open" in {one.code for one in refused.value.problems}


def test_of_two_windows_that_file_the_same_person_at_once_one_wins(office: Office) -> None:
    answers = office.answers()
    outcomes: list[str] = []
    gate = threading.Barrier(6)

    def reach(number: int) -> None:
        gate.wait()
        try:
            outcomes.append(office.submit(answers=answers, key=f"window-{number}").state)
        except Invalid as refused:
            outcomes.append(refused.problems[0].code)

    threads = [threading.Thread(target=reach, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["V10.open"] * 5 + ["submitted"]


def test_a_file_nobody_uploaded_is_named(office: Office) -> None:
    answers = office.answers()
    answers["files"][1]["sha256"] = "ab" * 32

    with pytest.raises(Invalid) as refused:
        office.submit(answers=answers)

    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/files/1/sha256", "file.unknown")
    ]


def test_a_file_somebody_else_uploaded_cannot_be_taken(office: Office) -> None:
    answers = office.answers(ZHAO)

    with pytest.raises(Invalid) as refused:
        office.submit(LIN, answers=answers)

    assert {one.code for one in refused.value.problems} == {"file.unknown"}


def test_an_auditor_does_not_submit(office: Office) -> None:
    with pytest.raises(NotAllowed):
        office.submit(ZHOU, answers=office.answers(ZHOU))


def test_without_an_unlocked_key_nothing_is_signed(office: Office) -> None:
    wanted = submitting.Submission("info_entry", office.answers(), "k")

    with pytest.raises(NeedsUnlock):
        submitting.submit(office.desk, office.actors[LIN], wanted, None)

    assert office.desk.store.counter("doc_no:info_entry:310104:2026") == 0


def test_a_journal_that_stopped_takes_nothing_and_says_why(office: Office) -> None:
    answers = office.answers()
    office.journal.fail("journal.disk")

    with pytest.raises(Unavailable):
        office.submit(answers=answers)


def test_what_the_disk_did_not_take_is_not_acknowledged(office: Office) -> None:
    wanted = submitting.Submission("info_entry", office.answers(), "k")
    office.journal.hold()
    ticket = submitting.submit(office.desk, office.actors[LIN], wanted, office.unlocks[LIN])

    office.journal.fail("journal.disk")

    with pytest.raises(Unavailable):
        ticket.wait(1)


def test_a_returned_document_is_corrected_as_a_new_revision(office: Office) -> None:
    first = office.submit()
    office.decide(ZHOU, first.doc, "claim")
    office.decide(ZHOU, first.doc, "return", RETURN)
    answers = reading.answers_of(office.desk, reading.row_of(office.desk, first.doc))
    answers["insured"]["mobile"] = "19900000099"

    second = office.submit(answers=answers, doc=first.doc, expected_head=office.head(first.doc))

    assert (second.doc, second.doc_no, second.revision, second.state) == (
        first.doc,
        first.doc_no,
        2,
        "submitted",
    )
    row = reading.row_of(office.desk, first.doc)
    assert reading.answers_of(office.desk, row, 1)["insured"]["mobile"] == "19900000012"
    assert reading.answers_of(office.desk, row, 2)["insured"]["mobile"] == "19900000099"


def test_a_correction_from_a_stale_page_says_what_the_document_is_now(office: Office) -> None:
    first = office.submit()
    office.decide(ZHOU, first.doc, "claim")
    office.decide(ZHOU, first.doc, "return", RETURN)
    stale = office.head(first.doc)
    answers = reading.answers_of(office.desk, reading.row_of(office.desk, first.doc))
    office.submit(answers=answers, doc=first.doc, expected_head=stale)

    with pytest.raises(Conflict) as refused:
        office.submit(answers=answers, doc=first.doc, expected_head=stale)

    facts = refused.value.facts
    assert (facts["state"], facts["transition"], facts["by"]) == ("submitted", "submit", "林小燕")


def test_only_the_creator_corrects(office: Office) -> None:
    first = office.submit()
    office.decide(ZHOU, first.doc, "claim")
    office.decide(ZHOU, first.doc, "return", RETURN)
    answers = office.answers(ZHAO)

    with pytest.raises(NotAllowed):
        office.submit(ZHAO, answers=answers, doc=first.doc, expected_head=office.head(first.doc))


def test_a_claims_officer_does_not_collect_first_assessments(office: Office) -> None:
    answers = office.answers(CHEN)
    answers["entry"]["collector_staff_no"] = CHEN

    with pytest.raises((Invalid, NotAllowed)):
        office.submit(CHEN, answers=answers)


def test_an_approved_document_is_not_resubmitted(office: Office) -> None:
    done = office.approved()

    with pytest.raises(Conflict):
        office.submit(answers=office.answers(), doc=done.doc, expected_head=office.head(done.doc))
    assert office.state(done.doc) == "approved"


RETURN: dict[str, Any] = {
    "comment": "手机号码与申请表不一致",
    "marks": [{"pointer": "/insured/mobile", "text": "与申请表不一致"}],
    "no_interest": TICKS["no_interest"],
}


def other_person(office: Office, who: str = LIN) -> dict[str, Any]:
    """Example 1 for another invented person."""
    answers = office.answers(who)
    answers["insured"]["id_no"] = "310199194203150286"
    answers["insured"]["full_name"] = "李桂英"
    return answers
