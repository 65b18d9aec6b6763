"""Who may take which step, and why not: K1 to K8 of domain.md C.3 on the real states of the entry form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from engine.lifecycle.advance import Advance, advance, begin, options
from engine.lifecycle.people import Actor, Grant
from engine.lifecycle.standing import Standing
from tests.engine.lifecycle.people_of import (
    GAOJIE,
    ITOPS,
    LINZHANG,
    PARTNER,
    SYSTEM,
    WANGJU,
    WUQIAN,
    XIAOLIN,
    ZHOUMIN,
    WeekCalendar,
    around,
    person,
    standing,
    under_review,
)
from tests.schemas import reading

FORM = reading.compiled()
DATA: dict[str, Any] = reading.examples()["ok-1-first-assessment"]["data"]
GRADE_FIVE: dict[str, Any] = reading.examples()["ok-16-grade-five"]["data"]
TICKS = {"accuracy": True, "completeness": True, "no_interest": True}
WEEK = WeekCalendar()


def taken(
    name: str,
    actor: Actor,
    where: Standing,
    answers: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
    **given: Any,
) -> Advance:
    return advance(FORM, where, name, actor, answers or {}, around(data or DATA, **given), WEEK)


def refused(
    name: str, actor: Actor, where: Standing, answers: dict[str, Any] | None = None, **given: Any
) -> str:
    with pytest.raises(NotAllowed) as raised:
        taken(name, actor, where, answers, **given)
    return raised.value.code


def test_zhou_min_claims_what_xiao_lin_submitted() -> None:
    step = taken("claim", ZHOUMIN, standing())
    assert (step.transition.name, step.role, step.target_state, step.answers) == (
        "claim",
        "auditor",
        "under_review",
        {},
    )
    assert step.transition.holder == "takes"


@pytest.mark.parametrize("part", ["created_by", "submitted_by", "collector"])
def test_whoever_created_submitted_or_collected_never_reviews(part: str) -> None:
    where = standing(**{"created_by": "p_x", "submitted_by": "p_x", "collector": "p_x", part: ZHOUMIN.person})
    assert refused("claim", ZHOUMIN, where) == "K1"
    held = under_review(
        ZHOUMIN, **{"created_by": "p_x", "submitted_by": "p_x", "collector": "p_x", part: ZHOUMIN.person}
    )
    assert refused("approve", ZHOUMIN, held, TICKS) == "K1"


def test_whoever_submitted_an_earlier_revision_never_reviews() -> None:
    first = standing("submitted", created_by="p_x", submitted_by="p_x", collector="p_x")
    earlier = replace(first.steps[0], person=ZHOUMIN.person)
    assert refused("claim", ZHOUMIN, replace(first, steps=(earlier,))) == "K1"


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (XIAOLIN, "role"),
        (ITOPS, "role"),
        (PARTNER, "role"),
        (SYSTEM, "role"),
        (person("auditor2", "YW000300", "auditor", "claims"), "K2"),
        (person("auditor3", "SH000300", "auditor", "audit", region="310115"), "K2"),
    ],
    ids=lambda value: getattr(value, "person", value),
)
def test_only_audit_staff_of_the_region_claims(actor: Actor, code: str) -> None:
    assert refused("claim", actor, standing()) == code


def test_a_grant_that_has_ended_gives_no_role() -> None:
    ended = replace(ZHOUMIN, grants=(Grant("g", "auditor", "audit", "310104", None, "2026-11-22"),))
    assert refused("claim", ended, standing()) == "role"


def test_only_who_holds_a_document_decides_on_it() -> None:
    assert refused("approve", WUQIAN, under_review(ZHOUMIN), TICKS) == "same_person"
    assert taken("approve", ZHOUMIN, under_review(ZHOUMIN), TICKS).target_state == "approved"


def test_the_head_of_audit_takes_a_document_back_from_its_reviewer() -> None:
    assert taken("recall", WANGJU, under_review()).target_state == "submitted"
    assert refused("recall", LINZHANG, under_review()) == "K2"


def test_a_transition_that_does_not_leave_the_present_state_is_a_conflict_that_names_it() -> None:
    with pytest.raises(Conflict) as raised:
        taken("approve", ZHOUMIN, standing("effective"), TICKS)
    assert (raised.value.code, raised.value.facts) == (
        "state",
        {"state": "effective", "transition": "approve"},
    )
    with pytest.raises(NotFound):
        taken("no_such", ZHOUMIN, standing())


MARKS = {"marks": [{"pointer": "/insured/mobile", "text": "号码少一位"}], "no_interest": True}


def problems(name: str, answers: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as raised:
        taken(name, ZHOUMIN, under_review(), answers)
    return [(one.pointer, one.code) for one in raised.value.problems]


@pytest.mark.parametrize(
    ("name", "answers", "found"),
    [
        ("return", MARKS, [("/transition/comment", "required")]),
        ("return", {**MARKS, "comment": " 补  "}, [("/transition/comment", "min_length")]),
        ("return", {**MARKS, "comment": 5}, [("/transition/comment", "type")]),
        ("return", {**MARKS, "comment": "补" * 2_001}, [("/transition/comment", "max_length")]),
        ("return", {**MARKS, "comment": "核对19900000012这个号码"}, [("/transition/comment", "K9")]),
        ("return", {"comment": "手机号码少一位", "no_interest": True}, [("/transition/marks", "required")]),
        ("return", {**MARKS, "marks": [], "comment": "手机号码少一位"}, [("/transition/marks", "min_items")]),
        ("approve", {**TICKS, "accuracy": False}, [("/transition/accuracy", "const")]),
        ("approve", {"accuracy": True, "no_interest": True}, [("/transition/completeness", "required")]),
        ("approve", {**TICKS, "grade": 5}, [("/transition/grade", "unknown_field")]),
        ("release", {"why": 1}, [("/transition/why", "unknown_field")]),
    ],
)
def test_what_a_transition_asks_must_be_answered(
    name: str, answers: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert problems(name, answers) == found


def test_a_comment_where_none_is_asked_is_refused_and_an_empty_one_is_not() -> None:
    with pytest.raises(Invalid) as raised:
        taken("claim", ZHOUMIN, standing(), {"comment": "我来办"})
    assert raised.value.problems == (Problem("/transition/comment", "forbidden"),)
    assert taken("claim", ZHOUMIN, standing(), {"comment": ""}).answers == {}


def test_the_answers_come_back_with_the_comment_trimmed() -> None:
    step = taken("return", ZHOUMIN, under_review(), {**MARKS, "comment": "  手机号码少一位  "})
    assert step.answers == {**MARKS, "comment": "手机号码少一位"}
    assert step.transition.makes == ("correction_notice",)


def test_grade_five_needs_a_second_auditor_who_is_not_the_first() -> None:
    assert refused("approve", ZHOUMIN, under_review(), TICKS, data=GRADE_FIVE) == "guard"
    assert taken("approve_first", ZHOUMIN, under_review(), TICKS, GRADE_FIVE).target_state == "second_review"
    waiting = standing(
        "second_review",
        ("claim", "submitted", "under_review", ZHOUMIN),
        ("approve_first", "under_review", "second_review", ZHOUMIN),
        claimed_by=ZHOUMIN.person,
    )
    assert refused("approve_second", ZHOUMIN, waiting, TICKS, data=GRADE_FIVE) == "K1"
    assert taken("approve_second", WUQIAN, waiting, TICKS, GRADE_FIVE).target_state == "approved"


def test_a_guard_that_does_not_hold_says_its_sentence() -> None:
    with pytest.raises(NotAllowed) as raised:
        taken("approve_first", ZHOUMIN, under_review(), TICKS)
    (problem,) = raised.value.problems
    assert (problem.code, problem.message) == (
        "guard.second_review_needed",
        "这份录入表一人审核即可：用“审核通过”。",
    )


def test_a_guard_that_cannot_be_evaluated_does_not_hold() -> None:
    with pytest.raises(NotAllowed) as raised:
        advance(FORM, standing(), "claim", ZHOUMIN, {}, around(None), WEEK)
    assert [one.code for one in raised.value.problems] == ["guard.other_department"]


def test_an_objection_outside_its_thirty_days_does_not_reopen() -> None:
    rejected = standing(
        "rejected",
        ("claim", "submitted", "under_review", ZHOUMIN),
        ("reject", "under_review", "rejected", ZHOUMIN),
        claimed_by=ZHOUMIN.person,
    )
    said = {"comment": "当事人提出新的病历材料", "no_interest": True}
    assert refused("reopen", WUQIAN, rejected, {**said, "objection_on": "2026-11-24"}) == "guard"
    assert refused("reopen", ZHOUMIN, rejected, {**said, "objection_on": "2026-11-22"}) == "K1"
    step = taken("reopen", WUQIAN, rejected, {**said, "objection_on": "2026-11-22"})
    assert (step.target_state, step.transition.holder) == ("under_review", "takes")


def test_voiding_needs_information_management_and_then_the_head_of_the_documents_department() -> None:
    effective = standing("effective")
    said = {
        "comment": "与另一份重复录入",
        "reason": "duplicate",
        "evidence": "LTCI-ENT-310104-20260305-000123-1",
    }
    assert taken("propose_void", GAOJIE, effective, said).target_state == "void_proposed"
    proposed = standing("void_proposed", ("propose_void", "effective", "void_proposed", GAOJIE))
    agreed = {"comment": "核实属实，同意作废", "no_interest": True}
    assert taken("void", LINZHANG, proposed, agreed).target_state == "voided"
    assert refused("void", WANGJU, proposed, agreed) == "K2"
    both = replace(LINZHANG, person=GAOJIE.person)
    assert refused("void", both, proposed, agreed) == "K1"


def test_the_system_uploads_and_archives_after_a_year_by_itself() -> None:
    approved = standing("approved")
    assert (taken("upload", SYSTEM, approved).role, taken("upload", ZHOUMIN, approved).role) == (
        "system",
        "auditor",
    )
    assert refused("archive", SYSTEM, standing("effective")) == "guard"
    assert taken("archive", SYSTEM, standing("effective"), today="2027-11-20").target_state == "archived"
    assert refused("archive", ZHOUMIN, standing("effective"), today="2027-11-20") == "role"


def test_the_submitter_withdraws_with_a_comment_and_nobody_else() -> None:
    assert taken("withdraw", XIAOLIN, standing(), {"comment": "家属要求撤回"}).target_state == "withdrawn"
    colleague = person("xiaozhao", "YW000232", "acceptance_clerk", "business_acceptance")
    assert refused("withdraw", colleague, standing(), {"comment": "家属要求撤回"}) == "same_person"


@pytest.mark.parametrize(
    ("name", "actor", "where", "answers", "due"),
    [
        # Submitted on Friday 20 November: review until the third working day, Wednesday 25.
        ("claim", ZHOUMIN, standing(), {}, "2026-11-25T09:30:00Z"),
        # Released and to be claimed again: one working day from the submission, already Monday 23.
        ("release", ZHOUMIN, under_review(), {}, "2026-11-23T09:30:00Z"),
        # Returned on Monday 23: five working days to correct.
        ("return", ZHOUMIN, under_review(), {**MARKS, "comment": "手机号码少一位"}, "2026-11-30T09:30:00Z"),
        # Approved on Monday 23 at 10:00: four hours to upload.
        ("approve", ZHOUMIN, under_review(), TICKS, "2026-11-23T06:00:00Z"),
        ("upload", ZHOUMIN, standing("approved"), {}, None),
    ],
)
def test_the_next_limit_follows_from_the_states_and_is_not_renewed(
    name: str, actor: Actor, where: Standing, answers: dict[str, Any], due: str | None
) -> None:
    assert taken(name, actor, where, answers).due_at == due


def test_a_correction_begins_the_limits_anew() -> None:
    returned = standing(
        "returned",
        ("claim", "submitted", "under_review", ZHOUMIN),
        ("return", "under_review", "returned", ZHOUMIN),
    )
    assert taken("submit", XIAOLIN, returned).due_at == "2026-11-24T09:30:00Z"


def test_a_button_that_is_not_yours_says_why() -> None:
    shown = {one.transition.name: one for one in options(FORM, under_review(ZHOUMIN), WUQIAN, around(DATA))}
    assert {name: one.why.code if one.why else None for name, one in shown.items()} == {
        "release": "same_person",
        "recall": "role",
        "return": "same_person",
        "reject": "same_person",
        "approve": "same_person",
        "approve_first": "same_person",
    }
    mine = {one.transition.name: one.allowed for one in options(FORM, under_review(), ZHOUMIN, around(DATA))}
    assert mine == {
        "release": True,
        "recall": False,
        "return": True,
        "reject": True,
        "approve": True,
        "approve_first": False,
    }


def test_without_the_answers_at_hand_a_guard_over_them_waits() -> None:
    shown = {one.transition.name: one.allowed for one in options(FORM, under_review(), ZHOUMIN, around(None))}
    assert (shown["approve"], shown["approve_first"]) == (True, True)


def test_a_form_is_begun_by_those_who_may_submit_it() -> None:
    assert begin(FORM, XIAOLIN, "2026-11-23") == "acceptance_clerk"
    assert begin(FORM, PARTNER, "2026-12-31") == "partner_user"
    for actor, day in ((ZHOUMIN, "2026-11-23"), (PARTNER, "2027-01-01")):
        with pytest.raises(NotAllowed) as raised:
            begin(FORM, actor, day)
        assert raised.value.code == "begin"
