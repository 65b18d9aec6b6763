"""R6.9.2 问题整改: planned, tracked by adding only, extended once, verified from outside, then closed."""

from __future__ import annotations

from copy import deepcopy

import pytest

from engine.desk import drafting, listing, proving, timekeeping
from engine.errors import Invalid, NotAllowed, Refused
from engine.identity import utc_text
from engine.trust.verify import verify
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import FANG, HE, LIN, SHEN, WANG, Office
from tests.regulation.inspecting import (
    LUO,
    PENG,
    a_plan,
    answers_of,
    claimed,
    filled,
    issued,
    on,
    row,
    staffed,
    under_way,
)
from tests.verifier.asking import Question, first_says, needs_node, second_says

PASSED = {"text": "抽查合格，同意销号"}


def codes(refused: Refused) -> set[tuple[str, str]]:
    return {(one.pointer, one.code) for one in refused.problems}


def test_R6_9_2_the_inspection_closes_only_when_every_sheet_is_closed(office: Office) -> None:
    inspection, sheets = under_way(staffed(office))
    for doc in sheets:
        claimed(office, doc)
    office.decide(LUO, sheets[0], "verify_pass", PASSED)
    timekeeping.run(office.desk)

    with pytest.raises(NotAllowed) as refused:
        office.decide(HE, inspection, "close")
    office.decide(LUO, sheets[1], "verify_pass", PASSED)
    timekeeping.run(office.desk)
    office.decide(HE, inspection, "close")

    assert codes(refused.value) == {("", "guard.all_closed")}
    assert [row(office, doc)["state"] for doc in (*sheets, inspection)] == ["closed"] * 3


def test_R6_9_2_an_issued_report_cannot_open_its_sheets_again(office: Office) -> None:
    inspection, sheets = issued(staffed(office))

    with pytest.raises(Refused):
        office.decide("XX000001", inspection, "issue")

    assert len(sheets) == len(set(sheets)) == 2


def test_R6_9_2_the_head_names_the_owner_and_only_the_owner_acts(office: Office) -> None:
    _, (doc, _) = issued(staffed(office))

    office.decide(WANG, doc, "assign", {"owner": LIN})
    with pytest.raises(NotAllowed):
        office.decide(WANG, doc, "acknowledge")
    office.decide(LIN, doc, "acknowledge")
    filled(office, LIN, doc, plan=a_plan())

    assert answers_of(office, doc)["issue"]["owner_staff_no"] == LIN
    with pytest.raises(Refused):
        filled(office, WANG, doc, plan=a_plan())


def test_R6_9_2_a_sheet_waits_for_its_owner_and_for_nobody_else_of_the_department(office: Office) -> None:
    """What a list counts is what its holder can act on: 待签收 of somebody else is no work of mine."""
    _, (doc, other) = issued(staffed(office))
    responsible = {answers_of(office, one)["issue"]["dept_code"] for one in (doc, other)}
    assert waiting(office, WANG, "issued.acknowledge") and not waiting(office, LIN, "issued.acknowledge")
    assert responsible == {"business_acceptance"}

    office.decide(WANG, doc, "assign", {"owner": LIN})

    assert waiting(office, LIN, "issued.acknowledge") == {doc}
    assert waiting(office, WANG, "issued.acknowledge") == {other}
    assert waiting(office, FANG, "issued.assign") == set()
    for who, one in ((LIN, doc), (WANG, other)):
        office.decide(who, one, "acknowledge")
        filled(office, who, one, plan=a_plan())
        office.decide(SHEN, one, "agree")
    assert waiting(office, SHEN, "in_progress.track") == {doc, other}
    assert waiting(office, LIN, "in_progress.track.1") == {doc}


def waiting(office: Office, who: str, name: str) -> set[str]:
    """The sheets in a list of somebody, which are as many as the list counts."""
    actor, full = office.actors[who], f"rectification.{name}"
    rows = {one.doc for one in listing.page(office.desk, actor, full).rows}
    assert listing.counts(office.desk, actor)[full] == len(rows)
    return rows


def test_R6_9_2_the_owner_is_of_the_responsible_department(office: Office) -> None:
    _, (doc, _) = issued(staffed(office))

    with pytest.raises(Invalid) as refused:
        office.decide(WANG, doc, "assign", {"owner": HE})

    assert codes(refused.value) == {("/issue/owner_staff_no", "I.owner")}


def test_R6_9_2_measures_end_by_the_day_to_rectify(office: Office) -> None:
    _, (doc, _) = issued(staffed(office))
    office.decide(WANG, doc, "acknowledge")

    with pytest.raises(Invalid) as refused:
        filled(office, WANG, doc, plan=a_plan(due_date="2026-04-11"))

    assert codes(refused.value) == {("/plan/measures", "P.in_time")}


def test_R6_9_2_tracking_notes_are_only_added(office: Office) -> None:
    _, (doc, _) = under_way(staffed(office))

    office.decide(WANG, doc, "track", {"text": "已完成培训"})
    on(office, 17)
    office.decide(SHEN, doc, "track", {"text": "抽查60件全部当日录入"})
    with pytest.raises(NotAllowed):
        office.decide(FANG, doc, "track", {"text": "旁人不记"})
    notes = deepcopy(answers_of(office, doc)["tracking"])
    with pytest.raises(Invalid) as refused:
        filled(office, WANG, doc, tracking=notes[:1])

    assert [(one["by"], one["text"]) for one in notes] == [
        (WANG, "已完成培训"),
        (SHEN, "抽查60件全部当日录入"),
    ]
    assert ("/tracking", "not_to_edit") in codes(refused.value)


def test_R6_9_2_the_day_is_extended_once_with_a_reason_and_moves_the_limit(office: Office) -> None:
    _, (doc, _) = under_way(staffed(office))
    before = row(office, doc)["due_at"]
    wanted = {"new_due_date": "2026-04-20", "comment": "设备到货推迟，需要延期"}

    with pytest.raises(Invalid):
        office.decide(SHEN, doc, "extend", {"new_due_date": "2026-04-20"})
    with pytest.raises(NotAllowed):
        office.decide(WANG, doc, "extend", wanted)
    office.decide(SHEN, doc, "extend", wanted)
    with pytest.raises(NotAllowed) as refused:
        office.decide(SHEN, doc, "extend", {**wanted, "new_due_date": "2026-04-25"})

    assert codes(refused.value) == {("", "guard.once")}
    assert (before[:10], row(office, doc)["due_at"][:10]) == ("2026-04-10", "2026-04-20")


def test_R6_9_2_done_is_claimed_with_every_measure_done_and_evidence(office: Office) -> None:
    _, (doc, _) = under_way(staffed(office))
    plan = answers_of(office, doc)["plan"]

    with pytest.raises(NotAllowed) as refused:
        filled(office, WANG, doc, plan=plan)
    reworded = deepcopy(plan)
    reworded["measures"][0] |= {"done_on": "2026-03-16", "text": "换成更容易的措施"}
    with pytest.raises(Invalid) as rewritten:
        filled(office, WANG, doc, plan=reworded)
    claimed(office, doc)

    assert codes(refused.value) == {("", "guard.all_done"), ("", "guard.evidence")}
    assert codes(rewritten.value) == {("/plan/measures/0/text", "not_to_edit")}
    assert answers_of(office, doc)["evidence_file_ids"] == ["F-0501"]


def test_R6_9_2_a_note_added_meanwhile_costs_the_owner_nothing_typed(office: Office) -> None:
    _, (doc, _) = under_way(staffed(office))
    begun = drafting.correct(office.desk, office.actors[WANG], doc)
    plan = deepcopy(answers_of(office, doc)["plan"])
    plan["measures"][0]["done_on"] = "2026-03-16"
    answers = {**begun.answers, "plan": plan}
    drafting.save(office.desk, office.actors[WANG], begun.id, begun.revision, answers)
    office.decide(SHEN, doc, "track", {"text": "已完成培训"})

    again = drafting.correct(office.desk, office.actors[WANG], doc)

    assert (again.id, again.base_head) == (begun.id, row(office, doc)["head"])
    assert again.answers["plan"] == plan
    assert [one["text"] for one in again.answers["tracking"]] == ["已完成培训"]


def test_R6_9_2_somebody_of_another_department_verifies(office: Office) -> None:
    _, (doc, _) = under_way(staffed(office))
    claimed(office, doc)

    for who in (WANG, HE, SHEN, PENG):
        with pytest.raises(NotAllowed):
            office.decide(who, doc, "verify_pass", PASSED)
    office.decide(LUO, doc, "verify_fail", {"text": "抽查仍有2件超时，继续整改"})
    claimed(office, doc)
    office.decide(LUO, doc, "verify_pass", PASSED)

    assert (row(office, doc)["state"], answers_of(office, doc)["verify"]["by"]) == ("verified", LUO)


def test_R6_9_2_a_missed_day_stays_to_be_seen(office: Office) -> None:
    _, (doc, _) = under_way(staffed(office))
    office.clock.set(office.clock.now().replace(month=4, day=13))

    office.decide(WANG, doc, "track", {"text": "超过期限仍在整改"})

    assert "overdue" in row(office, doc)["flags"]


def test_R6_9_2_what_a_step_wrote_is_proved_like_what_was_filed(office: Office) -> None:
    inspection, (doc, _) = under_way(staffed(office))
    office.decide(WANG, doc, "track", {"text": "已完成培训"})

    for one in (inspection, doc):
        bundle = proving.bundle_of(office.desk, row(office, one), proving.all_fields)
        report = verify(bundle, office.desk.trust.root_chain(), now=office.clock.now())
        assert {verdict.status for verdict in report.verdicts} == {"good"}
    assert "已完成培训" in bundle.decode()


@needs_node
def test_R6_9_2_both_verifiers_say_the_same_of_what_steps_wrote(office: Office) -> None:
    inspection, (doc, _) = under_way(staffed(office))
    claimed(office, doc)
    office.decide(LUO, doc, "verify_pass", PASSED)
    timekeeping.run(office.desk)
    now = utc_text(office.clock.now())
    rows = [row(office, one) for one in (inspection, doc)]
    bundles = [proving.bundle_of(office.desk, one, proving.all_fields) for one in rows]
    questions = [Question(one, office.desk.trust.root_chain(), now) for one in bundles]

    assert second_says(questions) == [first_says(one) for one in questions]
    assert {one["status"] for said in second_says(questions) for one in said["verdicts"]} == {"good"}
