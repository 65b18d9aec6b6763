"""周敏 reviews: four eyes, stale pages, races, ticks, marks, and a right that is gone in the meantime."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from engine.desk import deciding, people, reading
from engine.desk.deciding import Decision
from engine.errors import Conflict, Invalid, NeedsUnlock, NotAllowed, NotFound, Refused
from tests.engine.desk.office import FANG, HE, LIN, TICKS, WANG, WU, ZHOU, Office

RETURN: dict[str, Any] = {
    "comment": "手机号码与申请表不一致",
    "marks": [{"pointer": "/insured/mobile", "text": "与申请表不一致"}],
    "no_interest": True,
}


def test_a_document_goes_from_the_counter_into_effect(office: Office) -> None:
    doc = office.submit().doc
    states = [
        office.decide(ZHOU, doc, "claim").state,
        office.decide(ZHOU, doc, "approve", TICKS).state,
        office.decide(ZHOU, doc, "upload").state,
    ]

    assert states == ["under_review", "approved", "effective"]
    views = reading.history(office.desk, office.actors[ZHOU], doc)
    assert [(view.step.transition, view.name, view.step.source, view.step.target) for view in views] == [
        ("submit", "林小燕", "draft", "submitted"),
        ("claim", "周敏", "submitted", "under_review"),
        ("approve", "周敏", "under_review", "approved"),
        ("upload", "周敏", "approved", "effective"),
    ]
    assert views[2].answers == TICKS


def test_the_collector_does_not_review(office: Office) -> None:
    """K1 with a second hat: even an auditor's grant does not let 小林 judge her own work."""
    doc = office.submit().doc
    account = office.desk.directory.by_staff_no(LIN)
    assert account is not None
    second_hat = {
        "id": "g_second",
        "role": "auditor",
        "unit": "audit",
        "region": "310104",
        "valid_from": None,
        "valid_to": None,
    }
    both = type(account)(**{name: getattr(account, name) for name in account.__slots__})
    object.__setattr__(both, "grants", (*account.grants, second_hat))
    office.desk.directory.save(both)
    office.actors[LIN] = people.actor_of(both, "5e" * 32, "password")

    with pytest.raises(NotAllowed) as refused:
        office.decide(LIN, doc, "claim")

    assert refused.value.code == "K1"
    assert office.state(doc) == "submitted"


def test_only_the_reviewer_who_claimed_goes_on(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")

    with pytest.raises(NotAllowed) as refused:
        office.decide(WU, doc, "approve", TICKS)

    assert refused.value.code == "same_person"


def test_approval_needs_both_ticks(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")

    with pytest.raises(Invalid) as refused:
        office.decide(ZHOU, doc, "approve", {"accuracy": True, "no_interest": True})

    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/transition/completeness", "required")
    ]
    assert office.state(doc) == "under_review"


def test_a_return_needs_a_comment_of_five_characters(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")

    with pytest.raises(Invalid) as refused:
        office.decide(ZHOU, doc, "return", RETURN | {"comment": "补正"})

    assert ("/transition/comment", "min_length") in {
        (one.pointer, one.code) for one in refused.value.problems
    }


def test_the_marks_and_the_comment_come_back_to_the_clerk_but_not_into_the_log(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")
    receipt = office.decide(ZHOU, doc, "return", RETURN)

    said = reading.history(office.desk, office.actors[LIN], doc)[-1].answers
    assert said == RETURN
    payload = office.desk.journal.read(receipt.index).envelope.payload.decode()
    assert RETURN["comment"] not in payload and "no_interest" not in payload


def test_the_same_approval_twice_does_nothing_twice(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")
    head = office.head(doc)

    first = office.decide(ZHOU, doc, "approve", TICKS, head=head, key="approve-once")
    size = office.desk.journal.next_index
    second = office.decide(ZHOU, doc, "approve", TICKS, head=head, key="approve-once")

    assert second.event == first.event
    assert office.desk.journal.next_index == size


def test_a_stale_page_is_told_who_was_first(office: Office) -> None:
    doc = office.submit().doc
    stale = office.head(doc)
    office.decide(ZHOU, doc, "claim")

    with pytest.raises(Conflict) as refused:
        office.decide(WU, doc, "claim", head=stale)

    facts = refused.value.facts
    assert (facts["state"], facts["transition"], facts["by"]) == ("under_review", "claim", "周敏")


def test_of_two_reviewers_at_once_one_wins(office: Office) -> None:
    doc = office.submit().doc
    head = office.head(doc)
    outcomes: list[str] = []
    gate = threading.Barrier(8)

    def reach(who: str, number: int) -> None:
        gate.wait()
        try:
            outcomes.append(office.decide(who, doc, "claim", head=head, key=f"race-{number}").state)
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=reach, args=((ZHOU, WU)[n % 2], n)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["conflict"] * 7 + ["under_review"]


def test_a_right_withdrawn_between_page_and_signature_is_not_used(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")
    stale_actor = office.actors[ZHOU]
    people.dismiss(office.desk, stale_actor.person)

    with pytest.raises(Refused):
        office.decide(ZHOU, doc, "approve", TICKS)

    assert office.state(doc) == "under_review"


def test_a_withdrawal_is_the_submitters_and_only_before_the_claim(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")
    with pytest.raises(Conflict):
        office.decide(LIN, doc, "withdraw", {"comment": "申请人要求撤回"})
    office.decide(ZHOU, doc, "release")

    assert office.decide(LIN, doc, "withdraw", {"comment": "申请人要求撤回"}).state == "withdrawn"


def test_a_rejection_asks_for_the_passphrase_in_the_same_request(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")
    ground = {
        "ground": "materials_incomplete_or_false",
        "how_to_object": "收到通知之日起30日内向示范区医疗保障服务中心书面提出。",
        "comment": "材料与登记信息不符",
        "no_interest": True,
    }
    form = office.desk.registry.by_digest(reading.row_of(office.desk, doc)["digest"])
    answers = form.workflow.transitions["reject"].answers
    assert answers is not None
    ground["ground"] = answers.schema["properties"]["ground"]["enum"][0]

    with pytest.raises(NeedsUnlock):
        office.decide(ZHOU, doc, "reject", ground, stepped_up=False)

    assert office.decide(ZHOU, doc, "reject", ground, stepped_up=True).state == "rejected"


def test_voiding_takes_information_management_and_the_head_of_the_department(office: Office) -> None:
    doc = office.approved().doc
    office.decide(ZHOU, doc, "upload")
    form = office.desk.registry.by_digest(reading.row_of(office.desk, doc)["digest"])
    asked = form.workflow.transitions["propose_void"].answers
    assert asked is not None
    reason = asked.schema["properties"]["reason"]["enum"][0]
    proposal = {"reason": reason, "evidence": "重复录入，见另一份", "comment": "与前一份重复录入"}

    with pytest.raises(NotAllowed):
        office.decide(WANG, doc, "propose_void", proposal)
    assert office.decide(HE, doc, "propose_void", proposal).state == "void_proposed"
    with pytest.raises(NotAllowed):
        office.decide(FANG, doc, "void", {"comment": "同意作废", "no_interest": True})
    assert (
        office.decide(WANG, doc, "void", {"comment": "同意予以作废", "no_interest": True}).state == "voided"
    )


def test_a_green_channel_document_needs_a_second_auditor(office: Office) -> None:
    answers = office.answers()
    answers["entry"]["urgency"] = "green_channel"
    doc = office.submit(answers=answers).doc
    office.decide(ZHOU, doc, "claim")

    with pytest.raises(NotAllowed):
        office.decide(ZHOU, doc, "approve", TICKS)
    assert office.decide(ZHOU, doc, "approve_first", TICKS).state == "second_review"
    with pytest.raises(NotAllowed) as refused:
        office.decide(ZHOU, doc, "approve_second", TICKS)
    assert refused.value.code == "K1"
    assert office.decide(WU, doc, "approve_second", TICKS).state == "approved"


def test_a_correction_is_not_smuggled_in_as_a_bare_transition(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")
    office.decide(ZHOU, doc, "return", RETURN)

    with pytest.raises(NotAllowed) as refused:
        office.decide(LIN, doc, "submit")

    assert refused.value.code == "transition.needs_answers"


def test_who_may_not_read_is_told_that_there_is_nothing(office: Office) -> None:
    doc = office.submit().doc
    outsider = people.actor_of(
        people.enrol(
            office.desk,
            [
                people.NewPerson(
                    "IT000004", "钱四", "it", "310104", "", (("it_operator", None, None),), "p", "phrase"
                )
            ],
        )[0],
        "5e" * 32,
        "password",
    )

    with pytest.raises(NotFound):
        deciding.decide(office.desk, outsider, Decision(doc, "claim", office.head(doc), {}, "k"), None)


def test_the_button_says_why_it_is_not_yours(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")

    found = {
        option.transition.name: (option.allowed, option.why.code if option.why else "")
        for option in deciding.possible(office.desk, office.actors[WU], doc)
    }

    assert found["approve"] == (False, "same_person")
    assert found["recall"] == (False, "role")


def test_nobody_holds_a_document_when_the_review_is_over(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")
    assert reading.row_of(office.desk, doc)["claimed_by"] == office.actors[ZHOU].person

    office.decide(ZHOU, doc, "approve", TICKS)
    office.decide(ZHOU, doc, "upload")

    assert reading.row_of(office.desk, doc)["claimed_by"] == ""
    opened = reading.open_document(office.desk, office.actors[ZHOU], doc)
    assert opened.answers["insured"]["id_no"] == "310199********026X"
