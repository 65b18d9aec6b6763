"""R4.5.2 权限审查: a frozen snapshot, a verdict on every grant, revocation carried out and checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.desk import keys, listing, people, periodic, proving, reading, timekeeping
from engine.errors import Invalid, NotAllowed, Refused
from engine.identity import local_day
from engine.ports import ListView
from engine.trust.verify import verify
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import FANG, HE, LIN, TANG, WANG, ZHAO, ZHOU, Office
from tests.regulation.reviewing import (
    GUO,
    HU,
    KEEP,
    QIAN,
    REVIEW,
    REVOKE,
    SUN,
    answers_of,
    judged,
    lines,
    opened,
    staffed,
)


def codes(refused: Refused) -> set[tuple[str, str]]:
    return {(one.pointer, one.code) for one in refused.problems}


def confirmed(office: Office, **verdicts: dict[str, str]) -> str:
    """A review of the acceptance department that 王局 judged, but for himself, and 唐主任 for him."""
    doc = opened(office).doc
    judged(office, doc, WANG, {LIN: KEEP, ZHAO: KEEP, **verdicts})
    judged(office, doc, TANG, {WANG: KEEP})
    office.decide(WANG, doc, "confirm")
    return doc


def test_R4_5_2a_a_review_opens_with_every_grant_of_the_department_and_a_digest(office: Office) -> None:
    staffed(office)
    office.submit(LIN)

    doc = opened(office).doc

    assert list(lines(office, doc)) == [
        f"{WANG}/department_head",
        f"{LIN}/acceptance_clerk",
        f"{ZHAO}/acceptance_clerk",
    ]
    line = lines(office, doc)[f"{LIN}/acceptance_clerk"]
    account = office.desk.directory.by_staff_no(LIN)
    assert account is not None
    assert line == {
        "grant_id": account.grants[0]["id"],
        "staff_no": LIN,
        "role": "acceptance_clerk",
        "scope_text": "业务受理部门，上海市徐汇区（310104）",
        "unit": "business_acceptance",
        "region": "310104",
        "granted_on": "2026-03-05",
        "last_used_on": "2026-03-05",
        "conflict": False,
    }
    campaign = answers_of(office, doc)["round"]
    assert (campaign["reviewer_staff_no"], campaign["due_date"]) == (WANG, "2026-03-19")
    assert len(campaign["snapshot_hash"]) == 64


def test_R4_5_2a_the_snapshot_does_not_follow_the_directory(office: Office) -> None:
    staffed(office)
    doc = opened(office).doc
    before = answers_of(office, doc)
    account = office.desk.directory.by_staff_no(ZHAO)
    assert account is not None
    keys.end_grant(
        office.desk, office.actors[GUO], account.person, account.grants[0]["id"], office.unlocks[GUO]
    )

    judged(office, doc, WANG, {LIN: KEEP, ZHAO: KEEP})

    after = answers_of(office, doc)
    assert [one["grant_id"] for one in after["grants"]] == [one["grant_id"] for one in before["grants"]]
    assert after["round"] == before["round"] | {"waiting_for": "next_level"}


@pytest.mark.parametrize("act", ["add", "remove", "change"])
def test_R4_5_2a_no_grant_is_added_to_a_snapshot_nor_taken_from_it(office: Office, act: str) -> None:
    staffed(office)
    doc = opened(office).doc
    answers = answers_of(office, doc) | {"summary": {"text": "逐项审查完毕，权限设置合理。"}}
    if act == "add":
        answers["grants"].append({**answers["grants"][0], "grant_id": "g_invented"})
    elif act == "remove":
        answers["grants"].pop()
    else:
        answers["grants"][1]["role"] = "auditor"

    with pytest.raises(Invalid) as refused:
        office.submit(WANG, answers, form=REVIEW, doc=doc, expected_head=office.head(doc))

    expected = {
        "add": {("/grants", "not_to_edit")},
        "remove": {("/grants", "not_to_edit")},
        "change": {("/grants/1/role", "not_to_edit")},
    }
    assert codes(refused.value) == expected[act]


def test_R4_5_2a_every_grant_is_judged_and_nobody_judges_their_own(office: Office) -> None:
    staffed(office)
    doc = opened(office).doc
    with pytest.raises(Invalid) as own:
        judged(office, doc, WANG, {LIN: KEEP, ZHAO: KEEP, WANG: KEEP})
    assert codes(own.value) == {("/grants", "B.own")}

    judged(office, doc, WANG, {LIN: KEEP, ZHAO: KEEP})
    with pytest.raises(NotAllowed) as early:
        office.decide(WANG, doc, "confirm")
    assert {one.code for one in early.value.problems} == {"guard.all_judged"}
    judged(office, doc, TANG, {WANG: KEEP})
    office.decide(WANG, doc, "confirm")

    assert office.state(doc) == "confirmed"
    by = {one["staff_no"]: one["judged_by"] for one in answers_of(office, doc)["grants"]}
    assert by == {WANG: TANG, LIN: WANG, ZHAO: WANG}


def test_R4_5_2a_only_the_head_or_the_next_level_reviews(office: Office) -> None:
    staffed(office)
    doc = opened(office).doc
    for who in (FANG, HE, GUO, HU):
        with pytest.raises(Refused):
            judged(office, doc, who, {LIN: KEEP})
    for who in (WANG, LIN, HE):
        with pytest.raises(NotAllowed):
            office.submit(
                who, {"round": {"period": "2026-Q1", "kind": "incident", "dept_code": "audit"}}, form=REVIEW
            )


def test_R4_5_2a_unused_and_conflicting_grants_are_marked_and_kept_only_with_a_reason(office: Office) -> None:
    staffed(office)
    account = office.desk.directory.by_staff_no(LIN)
    assert account is not None
    second = people.grants_of(office.desk, [("auditor", None, None)], "audit", "310104")
    office.desk.directory.save(replace(account, grants=(*account.grants, *second)))
    people.publish(office.desk)
    office.clock.advance(days=91)

    doc = opened(office, period="2026-Q2").doc

    marks = {name: one["conflict"] for name, one in lines(office, doc).items()}
    assert marks == {
        f"{WANG}/department_head": False,
        f"{LIN}/acceptance_clerk": True,
        f"{ZHAO}/acceptance_clerk": False,
    }
    with pytest.raises(Invalid) as refused:
        judged(office, doc, WANG, {ZHAO: KEEP})
    assert codes(refused.value) == {("/grants", "B.reason")}
    judged(office, doc, WANG, {ZHAO: {"verdict": "keep", "reason": "产假返岗，继续使用"}})


def test_R4_5_2b_a_revoked_grant_is_gone_for_running_sessions_and_its_end_is_checked(office: Office) -> None:
    staffed(office)
    doc = confirmed(office, **{ZHAO: REVOKE})
    zhao = office.actors[ZHAO]  # signed in, with yesterday's grants in the session
    with pytest.raises(NotAllowed):
        office.decide(GUO, doc, "execute")
    with pytest.raises(NotAllowed):
        office.decide(HU, doc, "verify")

    office.decide(SUN, doc, "execute")

    line = lines(office, doc)[f"{ZHAO}/acceptance_clerk"]
    assert (line["done_by"], line["done_at"]) == (SUN, "2026-03-05T02:00:00Z")
    account = office.desk.directory.by_staff_no(ZHAO)
    assert account is not None and (account.active, account.grants) == (True, ())
    with pytest.raises(NotAllowed):
        people_submit = office.answers(ZHAO)
        office.actors[ZHAO] = zhao
        office.submit(ZHAO, people_submit)
    office.decide(HU, doc, "verify")
    office.decide(HE, doc, "close")
    assert office.state(doc) == "closed"
    assert answers_of(office, doc)["summary"] == {
        "total": 3, "kept": 2, "narrowed": 0, "revoked": 1, "text": "逐项审查完毕，权限设置合理。",
    }  # fmt: skip


def test_R4_5_2b_a_check_is_refused_while_a_grant_is_still_there(office: Office) -> None:
    staffed(office)
    doc = confirmed(office, **{ZHAO: REVOKE})
    account = office.desk.directory.by_staff_no(ZHAO)
    assert account is not None
    office.decide(SUN, doc, "execute")
    office.desk.directory.save(account)  # restored behind everybody's back

    with pytest.raises(NotAllowed) as refused:
        office.decide(HU, doc, "verify")

    assert codes(refused.value) == {("/grants/2", "review.not_done")}
    assert office.state(doc) == "executing"


def test_R4_5_2b_whoever_executes_is_not_concerned(office: Office) -> None:
    staffed(office)
    doc = opened(office, "it").doc
    judged(office, doc, "IT000001", {SUN: REVOKE, QIAN: KEEP})
    judged(office, doc, TANG, {"IT000001": KEEP})
    office.decide("IT000001", doc, "confirm")

    with pytest.raises(NotAllowed):
        office.decide(SUN, doc, "execute")
    office.decide(QIAN, doc, "execute")

    account = office.desk.directory.by_staff_no(SUN)
    assert account is not None and account.grants == ()


def test_R4_5_2b_a_leaver_has_no_account_afterwards(office: Office) -> None:
    staffed(office)
    doc = opened(office, kind="leaver", person_staff_no=ZHAO).doc
    assert list(lines(office, doc)) == [f"{ZHAO}/acceptance_clerk"]
    judged(office, doc, WANG, {ZHAO: REVOKE})
    office.decide(WANG, doc, "confirm")

    office.decide(SUN, doc, "execute")

    account = office.desk.directory.by_staff_no(ZHAO)
    assert account is not None and (account.active, account.public_key, account.tokens) == (False, "", ())
    office.decide(HU, doc, "verify")


def test_R4_5_2b_what_a_leaver_held_is_due_the_same_day_and_ends_without_an_answer(office: Office) -> None:
    """O2: a leaver the same day, a mover in one working day, others as the setting says."""
    staffed(office)
    left = opened(office, kind="leaver", person_staff_no=ZHAO).doc
    moved = opened(office, kind="mover", person_staff_no=LIN).doc
    rest = opened(office).doc
    days = {doc: answers_of(office, doc)["round"]["due_date"] for doc in (left, moved, rest)}
    limits = {doc: reading.row_of(office.desk, doc)["due_at"][:10] for doc in days}
    today = local_day(office.clock.now())
    assert limits == days
    assert today == days[left] < days[moved] < days[rest]

    judged(office, moved, WANG, {LIN: REVOKE})
    office.clock.advance(days=1)
    timekeeping.run(office.desk)  # nobody answered for the leaver

    account = office.desk.directory.by_staff_no(ZHAO)
    assert account is not None and account.grants == ()
    assert office.state(left) == "overdue"


def test_R4_5_2b_a_leavers_revocation_is_executed_the_same_day(office: Office) -> None:
    staffed(office)
    doc = opened(office, kind="leaver", person_staff_no=ZHAO).doc
    judged(office, doc, WANG, {ZHAO: REVOKE})

    office.decide(WANG, doc, "confirm")

    assert reading.row_of(office.desk, doc)["due_at"][:10] == local_day(office.clock.now())


def test_R4_5_2a_a_mover_keeps_the_account_and_loses_what_the_old_post_gave(office: Office) -> None:
    staffed(office)
    doc = opened(office, kind="mover", person_staff_no=ZHAO).doc
    assert list(lines(office, doc)) == [f"{ZHAO}/acceptance_clerk"]
    judged(office, doc, WANG, {ZHAO: {"verdict": "revoke", "reason": "已调往理赔部门"}})
    office.decide(WANG, doc, "confirm")

    office.decide(SUN, doc, "execute")
    office.decide(HU, doc, "verify")

    account = office.desk.directory.by_staff_no(ZHAO)
    assert account is not None and (account.active, account.grants) == (True, ())
    assert account.public_key


def test_R4_5_2b_a_narrowed_grant_ends_and_a_smaller_one_begins(office: Office) -> None:
    staffed(office)
    doc = confirmed(
        office, **{ZHAO: {"verdict": "narrow", "reason": "只需办理至月底", "narrow_until": "2026-03-31"}}
    )
    old = lines(office, doc)[f"{ZHAO}/acceptance_clerk"]["grant_id"]

    office.decide(SUN, doc, "execute")

    account = office.desk.directory.by_staff_no(ZHAO)
    assert account is not None
    [grant] = account.grants
    assert (grant["id"] != old, grant["role"], grant["valid_to"]) == (True, "acceptance_clerk", "2026-03-31")
    office.decide(HU, doc, "verify")


def counted(office: Office, who: str) -> dict[str, int]:
    """The lists of reviews that somebody has, with what lies in them."""
    found = listing.counts(office.desk, office.actors[who])
    return {
        name.removeprefix(f"{REVIEW}."): number for name, number in found.items() if REVIEW in name and number
    }


def test_R4_5_2a_a_head_finds_the_review_of_their_department_and_what_waits_for_the_next_level(
    office: Office,
) -> None:
    staffed(office)
    periodic.run(office.desk)
    rows = office.desk.store.page(ListView((REVIEW,)), None, 50).rows
    doc = next(row["doc"] for row in rows if row["unit"] == "business_acceptance")

    assert counted(office, WANG) == {"opened.attest": 1}
    assert counted(office, TANG) == {"opened.attest": 1}
    assert counted(office, FANG) == {"opened.attest": 1}
    judged(office, doc, WANG, {LIN: KEEP, ZHAO: KEEP})
    assert counted(office, WANG) == {}
    assert counted(office, TANG) == {"opened.attest": 1, "attesting.attest.1": 1}
    judged(office, doc, TANG, {WANG: KEEP})
    assert counted(office, WANG) == {"attesting.confirm": 1}
    assert counted(office, TANG) == {"opened.attest": 1}
    office.clock.advance(days=30)
    timekeeping.run(office.desk)
    assert counted(office, TANG)["overdue.attest.2"] == 4


def test_R4_5_2a_a_head_reads_the_review_of_no_other_department(office: Office) -> None:
    staffed(office)
    periodic.run(office.desk)
    rows = office.desk.store.page(ListView((REVIEW,)), None, 50).rows

    def readable(who: str) -> set[str]:
        found = listing.page(office.desk, office.actors[who], "recent").rows
        return {one.facets["/round/dept_code"] for one in found if one.form == REVIEW}

    departments = {row["unit"] for row in rows}
    assert readable(WANG) == {"business_acceptance"}
    assert readable(FANG) == {"audit", "info_mgmt"}
    assert readable(TANG) == departments


def test_R4_5_1_administrators_read_reviews_and_judge_none(office: Office) -> None:
    staffed(office)
    doc = opened(office).doc
    assert reading.open_document(office.desk, office.actors[HU], doc).answers["round"]["kind"] == "incident"
    for who in (LIN, ZHOU):
        with pytest.raises(Refused):
            reading.open_document(office.desk, office.actors[who], doc)


def test_R4_5_2a_a_review_opens_by_itself_once_in_every_quarter_for_each_department(office: Office) -> None:
    staffed(office)

    opened_now = [periodic.run(office.desk), periodic.run(office.desk)]
    office.clock.advance(days=40)
    opened_later = [periodic.run(office.desk), periodic.run(office.desk)]

    assert (opened_now, opened_later) == ([6, 0], [7, 0])  # with the plan of the inspection, a month's report
    rows = office.desk.store.page(ListView((REVIEW,)), None, 50).rows
    found = sorted(
        (row["facets"]["/round/period"], row["facets"]["/round/dept_code"], row["unit"]) for row in rows
    )
    departments = ["audit", "business_acceptance", "claims", "info_mgmt", "it"]
    assert found == [(period, one, one) for period in ("2026-Q1", "2026-Q2") for one in departments]
    assert {row["steps"][0]["role"] for row in rows} == {"system"}
    doc = next(row["doc"] for row in rows if row["unit"] == "business_acceptance")
    judged(office, doc, WANG, {LIN: KEEP, ZHAO: KEEP})


def test_R4_5_2b_a_review_is_proved_from_outside_after_its_rights_have_ended(office: Office) -> None:
    staffed(office)
    periodic.run(office.desk)
    rows = office.desk.store.page(ListView((REVIEW,)), None, 50).rows
    doc = next(row["doc"] for row in rows if row["unit"] == "business_acceptance")
    judged(office, doc, WANG, {LIN: KEEP, ZHAO: REVOKE})
    judged(office, doc, TANG, {WANG: KEEP})
    for who, verb in ((WANG, "confirm"), (SUN, "execute"), (HU, "verify"), (HE, "close")):
        office.decide(who, doc, verb)

    data = proving.bundle(office.desk, office.actors[HE], doc, proving.nothing)
    report = verify(data, office.desk.trust.root_chain(), now=datetime(2026, 3, 6, tzinfo=UTC))

    assert {verdict.status for verdict in report.verdicts} == {"good"}
