"""R6.9.1 定期检查: planned, sampled so that anybody can draw again, measured from the records, issued."""

from __future__ import annotations

from hashlib import sha256

import pytest

from engine.desk import listing, opening, periodic, reading, redrawing, sampling, timekeeping
from engine.errors import Invalid, NotAllowed, Refused
from engine.ports import ListView
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import FANG, HE, LIN, SHEN, TANG, WANG, ZHOU, Office
from tests.regulation.inspecting import (
    CONCLUSION,
    FINDINGS,
    LUO,
    PLAN,
    answers_of,
    drafted,
    filled,
    issued,
    on,
    planned,
    replied,
    row,
    staffed,
    started,
)
from tests.regulation.updating import approved, mobile, wanted


def codes(refused: Refused) -> set[tuple[str, str]]:
    return {(one.pointer, one.code) for one in refused.problems}


def test_R6_9_1_the_draw_follows_from_the_seed_and_from_nothing_else() -> None:
    ids = [f"LTCI-ENT-310104-20260305-{n:06}-0" for n in range(1000)]

    first = sampling.draw(ids, "2026-Q2-310104-7f3a", 384)

    assert first == sampling.draw(reversed(ids), "2026-Q2-310104-7f3a", 384)
    assert first != sampling.draw(ids, "2026-Q2-310104-7f3b", 384)
    assert first[0] == min(ids, key=lambda one: sha256(f"2026-Q2-310104-7f3a\n{one}".encode()).digest())
    assert len(set(first)) == 384


@pytest.mark.parametrize(
    "period, days",
    [
        ("2026", ("2026-01-01", "2026-12-31")),
        ("2026-H2", ("2026-07-01", "2026-12-31")),
        ("2026-Q1", ("2026-01-01", "2026-03-31")),
        ("2026-02", ("2026-02-01", "2026-02-28")),
        ("2026-12", ("2026-12-01", "2026-12-31")),
    ],
)
def test_R6_9_1_a_period_has_a_first_and_a_last_day(period: str, days: tuple[str, str]) -> None:
    assert sampling.bounds(period) == days


def test_R6_9_1_starting_draws_the_sample_and_keeps_what_was_drawn(office: Office) -> None:
    doc = started(staffed(office))

    sample = answers_of(office, doc)["sample"]
    found = row(office, doc)
    step, ids = sampling.drawn(office.desk, found, office.desk.registry.by_digest(found["digest"]))
    entries = [one["doc_id"] for one in office.desk.store.page(ListView(("info_entry",)), None, 50).rows]

    assert (sample["population"], sample["size"], len(ids)) == (3, 3, 3)
    assert step is not None and step["transition"] == "start"
    assert ids == sampling.draw(entries, sample["seed"], sample["size"])


def test_R6_9_1_an_empty_period_gives_no_sample(office: Office) -> None:
    doc = planned(staffed(office), period="2025-Q1")
    office.decide(SHEN, doc, "notify")
    on(office, 16)

    with pytest.raises(Invalid) as refused:
        office.decide(HE, doc, "start")

    assert codes(refused.value) == {("/plan/period", "sample.empty")}


def test_R1b_rates_are_computed_from_the_records_of_the_sample(office: Office) -> None:
    doc = drafted(staffed(office))

    assert answers_of(office, doc)["measure"] == {
        "accuracy_rate": "1",
        "effective_count": 0,
        "corrected_count": 0,
        "completeness_rate": "1",
        "asked_count": 198,
        "filled_count": 198,
        "timeliness_rate": "0",
        "overdue_count": 3,
        "access_anomaly_count": 0,
    }


def test_R1b_what_was_corrected_for_a_data_error_was_not_accurate(office: Office) -> None:
    staffed(office)
    entries = office.desk.store.page(ListView(("info_entry",)), None, 10).rows
    for one in entries:
        office.decide(ZHOU, one["doc"], "upload")
    change = {"reason": "data_error", "reason_text": "录入时看错一位数字"}
    update = approved(office, wanted(office, entries[0]["doc"], mobile(), change=change))
    office.decide(ZHOU, update, "apply")

    doc = drafted(office)

    assert answers_of(office, doc)["measure"]["accuracy_rate"] == "0.6666"


def test_R1b_a_rate_is_rounded_down_and_never_flattered() -> None:
    shares = {(359, 384): "0.9348", (383, 384): "0.9973", (1, 2): "0.5", (0, 3): "0", (0, 0): "1"}

    assert {pair: sampling.rate(*pair) for pair in shares} == shares


def test_R1b_a_typed_rate_that_differs_is_refused(office: Office) -> None:
    doc = started(staffed(office))
    typed = {"access_anomaly_count": 0, "timeliness_rate": "0.99"}

    with pytest.raises(Invalid) as refused:
        filled(office, HE, doc, measure=typed, items=FINDINGS, conclusion=CONCLUSION)

    assert codes(refused.value) == {("/measure/timeliness_rate", "computed")}


def test_R1b_what_was_measured_stays_whatever_happens_to_the_documents_later(office: Office) -> None:
    doc = drafted(staffed(office))
    before = answers_of(office, doc)["measure"]
    first = office.desk.store.page(ListView(("info_entry",)), None, 1).rows[0]
    office.decide(ZHOU, first["doc"], "upload")
    sampling.remembered.clear()

    form = office.desk.registry.by_digest(row(office, doc)["digest"])
    again = sampling.measured(office.desk, form, doc)

    assert again is not None
    assert {f"/{name}": value for name, value in before.items() if name != "access_anomaly_count"} == again


def test_R6_9_1_notice_is_given_in_time(office: Office) -> None:
    doc = planned(staffed(office), on_site_from="2026-03-06")

    with pytest.raises(NotAllowed) as refused:
        office.decide(SHEN, doc, "notify")

    assert codes(refused.value) == {("", "guard.notice")}


def test_R6_9_1_only_the_leader_starts_and_only_information_management_plans(office: Office) -> None:
    doc = planned(staffed(office))
    office.decide(SHEN, doc, "notify")
    on(office, 16)

    with pytest.raises(NotAllowed):
        office.decide(SHEN, doc, "start")
    with pytest.raises(NotAllowed):
        office.submit(LIN, {}, form="inspection_report")


def test_R6_9_1_the_draft_leaves_plan_and_sample_alone(office: Office) -> None:
    doc = started(staffed(office))
    plan = answers_of(office, doc)["plan"] | {"scope_text": "换一个更窄的检查范围再拟稿"}
    sample = answers_of(office, doc)["sample"] | {"seed": "a seed that suits"}
    parts = {"measure": {"access_anomaly_count": 0}, "items": FINDINGS, "conclusion": CONCLUSION}

    with pytest.raises(Invalid) as refused:
        filled(office, HE, doc, plan=plan, sample=sample, **parts)

    assert codes(refused.value) == {("/plan", "not_to_edit"), ("/sample", "not_to_edit")}


def test_R6_9_1_an_inspected_department_replies_once_by_its_head(office: Office) -> None:
    doc = drafted(staffed(office))

    with pytest.raises(NotAllowed):
        office.decide(FANG, doc, "reply_agree")  # of a department that was not inspected
    with pytest.raises(Invalid):
        office.decide(WANG, doc, "reply_disagree")  # without saying why
    office.decide(WANG, doc, "reply_disagree", {"text": "第一项不属于本部门职责"})
    with pytest.raises(NotAllowed):
        office.decide(WANG, doc, "reply_agree")
    timekeeping.run(office.desk)

    assert row(office, doc)["state"] == "replied"
    assert answers_of(office, doc)["dept_reply"] == [
        {"dept_code": "business_acceptance", "agree": False, "text": "第一项不属于本部门职责"}
    ]


def test_R6_9_1_silence_counts_once_the_time_for_replies_is_over(office: Office) -> None:
    doc = drafted(staffed(office))
    on(office, 22)
    assert row(office, doc)["state"] == "drafted"

    on(office, 23)

    assert row(office, doc)["state"] == "replied"


def test_R6_9_1_the_head_sends_back_and_replies_begin_anew(office: Office) -> None:
    doc = replied(staffed(office))

    office.decide(TANG, doc, "redraft", {"comment": "第二项依据不足，补充证据"})

    assert (row(office, doc)["state"], answers_of(office, doc)["dept_reply"]) == ("in_progress", [])
    filled(office, HE, doc, items=FINDINGS[:2])
    office.decide(WANG, doc, "reply_agree")
    assert answers_of(office, doc)["dept_reply"] == [{"dept_code": "business_acceptance", "agree": True}]


def test_R6_9_1_the_report_is_issued_by_the_head_and_opens_one_sheet_a_finding(office: Office) -> None:
    doc, sheets = issued(staffed(office))

    found = [answers_of(office, one) for one in sheets]
    assert row(office, doc)["state"] == "issued"
    assert [one["source"] for one in found] == [
        {"kind": "inspection", "doc_id": row(office, doc)["doc_id"], "item_no": 1},
        {"kind": "inspection", "doc_id": row(office, doc)["doc_id"], "item_no": 3},
    ]
    assert [one["issue"]["owner_staff_no"] for one in found] == [WANG, WANG]
    assert {(row(office, one)["state"], row(office, one)["unit"]) for one in sheets} == {
        ("issued", "business_acceptance")
    }
    assert [row(office, one)["doc_no"] for one in sheets] == ["长护整〔2026〕1号", "长护整〔2026〕2号"]


def test_R6_9_2_a_sheet_filed_before_the_report_failed_to_be_issued_is_not_filed_again(
    office: Office,
) -> None:
    doc = replied(staffed(office))
    found, answers = row(office, doc), answers_of(office, doc)
    form = office.desk.registry.by_digest(found["digest"])
    effect = opening.prepare(office.desk, found, form, answers)
    for line in effect.lines:
        opening.file_once(office.desk, found, effect.rules, line)

    office.decide(TANG, doc, "issue")

    sheets = office.desk.store.page(ListView(("rectification",)), None, 9).rows
    assert sorted(one["doc_id"] for one in sheets) == answers_of(office, doc)["rectification_doc_ids"]


def test_R6_9_1_neither_another_department_nor_a_member_issues(office: Office) -> None:
    doc = replied(staffed(office))

    for who in (WANG, HE, SHEN, FANG):
        with pytest.raises(NotAllowed):
            office.decide(who, doc, "issue")
    assert office.desk.store.page(ListView(("rectification",)), None, 5).rows == ()


def test_R6_9_1_a_department_whose_finding_is_past_its_day_gets_no_sheet(office: Office) -> None:
    doc = replied(staffed(office))
    office.clock.set(office.clock.now().replace(month=4, day=20))

    with pytest.raises(Invalid) as refused:
        office.decide(TANG, doc, "issue")

    assert codes(refused.value) == {("/items/0", "opens.unfit"), ("/items/2", "opens.unfit")}
    assert row(office, doc)["state"] == "replied"


def test_R6_9_1_the_timeline_shows_what_was_drawn(office: Office) -> None:
    doc = started(staffed(office))

    steps = reading.history(office.desk, office.actors[HE], doc)

    assert [len(one.answers.get("sample", ())) for one in steps] == [0, 0, 3]


def test_R6_9_1_an_inspection_is_planned_by_itself_once_in_every_quarter(office: Office) -> None:
    staffed(office)

    opened = [periodic.run(office.desk), periodic.run(office.desk)]

    [plan] = office.desk.store.page(ListView(("inspection_report",)), None, 9).rows
    said = answers_of(office, plan["doc"])
    assert opened[1] == 0
    assert (plan["state"], plan["unit"], plan["steps"][0]["role"]) == ("planned", "info_mgmt", "system")
    assert said["plan"] == {
        "period": "2026-Q1",
        "kind": "periodic",
        "scope_text": "本季度信息录入、更新、查询和权限管理的准确、完整和及时情况",
        "dept_codes": ["business_acceptance", "audit", "claims", "it", "external"],
        "on_site_from": "2026-03-19",
        "on_site_to": "2026-03-23",
    }
    assert said["team"] == {"leader_staff_no": HE, "member_staff_nos": [SHEN, LUO]}
    assert plan["due_at"] == "2026-03-19T09:30:00Z"


def test_R6_9_1_any_information_manager_changes_a_plan_until_notice_is_given(office: Office) -> None:
    staffed(office)
    periodic.run(office.desk)
    [plan] = office.desk.store.page(ListView(("inspection_report",)), None, 9).rows
    team = {"leader_staff_no": SHEN, "member_staff_nos": [HE]}

    filled(office, SHEN, plan["doc"], team=team)

    assert (row(office, plan["doc"])["state"], answers_of(office, plan["doc"])["team"]) == ("planned", team)
    office.decide(HE, plan["doc"], "notify")
    with pytest.raises(Refused):
        filled(office, HE, plan["doc"], team=PLAN["team"])


def test_R6_9_1_a_period_that_nobody_inspects_is_overdue(office: Office) -> None:
    staffed(office)
    periodic.run(office.desk)
    on(office, 30)

    found = listing.page(office.desk, office.actors[HE], "inspection_report.planned.notify").rows

    assert [(one.doc_no, one.overdue) for one in found] == [("长护检〔2026〕1号", True)]


def test_R6_9_1_the_sample_is_drawn_again_and_the_same_comes_out(office: Office) -> None:
    doc = started(staffed(office))

    found = redrawing.redraw(office.desk, reading.open_document(office.desk, office.actors[HE], doc))

    assert found is not None
    assert (found.agrees, found.population, found.population_again, found.again) == (True, 3, 3, found.drawn)


def test_R6_9_1_a_document_without_a_sample_is_not_drawn_again(office: Office) -> None:
    doc = planned(staffed(office))

    assert redrawing.redraw(office.desk, reading.open_document(office.desk, office.actors[HE], doc)) is None
