"""R6.10 反馈机制: a round is opened, opinions come in, are grouped, handled, reported and answered."""

from __future__ import annotations

from typing import Any

import pytest

from engine.desk import drafting, listing, reading, timekeeping
from engine.desk.desk import Receipt
from engine.errors import Invalid, NotAllowed, NotFound, Refused
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import CHEN, HE, LIN, SHEN, TANG, WANG, ZHOU, Office

OPINION, REPORT = "opinion", "feedback_report"
ROUND = {
    "round_no": "2026-H1",
    "regulation_version": "1.0.0",
    "open_from": "2026-03-05",
    "open_to": "2026-03-16",
    "asked_depts": ["business_acceptance", "audit", "claims", "it"],
}
CONCLUSION = {
    "text": "本批意见集中在查询审批和录入两方面，已逐件处理并答复。",
    "needs_revision": False,
    "publish_scope": "departments",
}


def codes(refused: Refused) -> set[tuple[str, str]]:
    return {(one.pointer, one.code) for one in refused.problems}


def opinion(anonymous: bool = False, **content: Any) -> dict[str, Any]:
    """An opinion as somebody fills it in."""
    said = {
        "topic": "query",
        "priority": "normal",
        "problem": "部门主管外出时查询审批无人办理，影响当日服务。",
        "suggestion": "建议明确代理审批的登记办法和有效期限。",
    }
    return {"author": {"anonymous": anonymous}, "content": {**said, **content}}


def opened(office: Office, **more: Any) -> str:
    """A round that 何信 opens."""
    return office.submit(HE, {"round": {**ROUND, **more}}, form=REPORT).doc


def given(office: Office, who: str, anonymous: bool = False) -> Receipt:
    """An opinion of somebody."""
    return office.submit(who, opinion(anonymous), form=OPINION)


def group(*doc_ids: str, **more: Any) -> dict[str, Any]:
    """A group of opinions that is adopted."""
    said = {
        "topic": "query",
        "opinion_doc_ids": list(doc_ids),
        "analysis": "审批滞后的意见集中，情况属实。",
        "handling": "adopted",
        "action": "登记代理审批人及期限",
        "owner_dept": "info_mgmt",
        "due_date": "2026-06-30",
        "reply": "意见已采纳，代理审批办法将于六月底前施行。",
    }
    return {**said, **more}


def drafted(
    office: Office, report: str, *groups: dict[str, Any], who: str = HE, **conclusion: Any
) -> Receipt:
    """The report drafted by somebody."""
    answers = dict(reading.answers_of(office.desk, reading.row_of(office.desk, report)))
    answers["groups"], answers["conclusion"] = list(groups), {**CONCLUSION, **conclusion}
    return office.submit(who, answers, form=REPORT, doc=report, expected_head=office.head(report))


def closed_round(office: Office) -> tuple[str, Receipt, Receipt]:
    """A round with two opinions, accepted, that has ended."""
    report = opened(office)
    first, second = given(office, LIN), given(office, ZHOU, anonymous=True)
    for one in (first, second):
        office.decide(SHEN, one.doc, "accept")
    office.clock.advance(days=13)
    timekeeping.run(office.desk)
    assert office.state(report) == "analysing"
    return report, first, second


def test_R6_10_1_an_opinion_belongs_to_the_round_that_is_open(office: Office) -> None:
    with pytest.raises(Invalid) as early:
        given(office, LIN)
    assert ("/round/round_no", "A.open_round") in codes(early.value)
    opened(office)

    doc = given(office, LIN).doc

    answers = reading.answers_of(office.desk, reading.row_of(office.desk, doc))
    assert answers["round"] == {"round_no": "2026-H1"}
    assert answers["author"] == {"anonymous": False, "dept_code": "business_acceptance", "staff_no": LIN}


def test_R6_10_1_a_round_lasts_a_week_and_one_is_open_at_a_time(office: Office) -> None:
    with pytest.raises(Invalid) as short:
        opened(office, open_to="2026-03-11")
    assert codes(short.value) == {("/round/open_to", "A.open_days")}
    opened(office)

    with pytest.raises(Invalid) as twice:
        opened(office, round_no="2026-H2")
    assert codes(twice.value) == {("/round/round_no", "A.one_at_a_time")}


def test_R6_10_1_after_the_last_day_no_opinion_is_taken(office: Office) -> None:
    opened(office)
    office.clock.advance(days=12)

    with pytest.raises(Invalid) as late:
        given(office, LIN)

    assert codes(late.value) == {("/round/round_no", "A.open_round")}


def test_R6_10_1_nobody_who_reads_an_anonymous_opinion_sees_whose_it_is(office: Office) -> None:
    opened(office)
    doc, open_one = given(office, LIN, anonymous=True).doc, given(office, CHEN).doc

    seen = reading.open_document(office.desk, office.actors[HE], doc)
    steps = reading.history(office.desk, office.actors[HE], doc)
    names = {
        row.doc: row.created_by_name for row in listing.page(office.desk, office.actors[HE], "recent").rows
    }

    assert seen.answers["author"] == {"anonymous": True, "dept_code": "business_acceptance"}
    assert [one.name for one in steps] == [""]
    assert (names[doc], names[open_one]) == ("", "陈晓")
    with pytest.raises(Invalid) as typed:
        office.submit(LIN, opinion(True) | {"author": {"anonymous": True, "staff_no": LIN}}, form=OPINION)
    assert codes(typed.value) == {("/author/staff_no", "computed")}


def test_R6_10_1_the_author_may_take_an_opinion_back_before_it_is_accepted(office: Office) -> None:
    opened(office)
    first, second = given(office, LIN).doc, given(office, LIN).doc
    office.decide(SHEN, first, "accept")

    with pytest.raises(Refused):
        office.decide(LIN, first, "withdraw", {"comment": "已与部门沟通解决"})
    with pytest.raises(NotAllowed):
        office.decide(CHEN, second, "withdraw", {"comment": "已与部门沟通解决"})
    office.decide(LIN, second, "withdraw", {"comment": "已与部门沟通解决"})

    assert (office.state(first), office.state(second)) == ("accepted", "withdrawn")


def test_R6_10_2_every_opinion_stands_in_exactly_one_group(office: Office) -> None:
    report, first, second = closed_round(office)
    wrong = (
        [group(first.doc_id)],
        [group(first.doc_id, second.doc_id), group(second.doc_id)],
        [group(first.doc_id, second.doc_id, report_id(office, report))],
    )
    for groups in wrong:
        with pytest.raises(Invalid) as refused:
            drafted(office, report, *groups)
        assert codes(refused.value) == {("/groups", "B.each_once")}

    drafted(office, report, group(first.doc_id), group(second.doc_id, topic="entry"))

    campaign = reading.answers_of(office.desk, reading.row_of(office.desk, report))["round"]
    assert (campaign["opinion_count"], campaign["reply_rate"]) == (2, "0.50")


def report_id(office: Office, report: str) -> str:
    return reading.row_of(office.desk, report)["doc_id"]


def test_R6_10_2_what_was_asked_is_not_changed_when_the_report_is_drafted(office: Office) -> None:
    report, first, second = closed_round(office)
    answers = dict(reading.answers_of(office.desk, reading.row_of(office.desk, report)))
    answers["round"] = {**answers["round"], "asked_depts": ["audit"], "reply_rate": "1.00"}
    answers["groups"], answers["conclusion"] = [group(first.doc_id, second.doc_id)], CONCLUSION

    with pytest.raises(Invalid) as refused:
        office.submit(HE, answers, form=REPORT, doc=report, expected_head=office.head(report))

    assert codes(refused.value) == {("/round/asked_depts", "not_to_edit")}


def test_R6_10_2_the_head_who_did_not_draft_issues_and_every_opinion_is_answered(office: Office) -> None:
    report, first, second = closed_round(office)
    drafted(
        office,
        report,
        group(first.doc_id),
        group(second.doc_id, handling="not_adopted", reason="现行条款对此已有规定，不另行修改"),
    )
    office.decide(SHEN, report, "submit")
    lists = {one.name: one.verb_title for one in listing.views(office.desk, office.actors[TANG])}
    assert lists["feedback_report.under_review.issue"] == "印发"  # and not after the way back, 退回
    assert "feedback_report.under_review.return" not in lists
    reports = {one.name for one in listing.views(office.desk, office.actors[WANG])}
    assert "inspection_report.replied.issue" in lists  # 印发 waits for the head of information management
    assert "inspection_report.replied.issue" not in reports  # and for no other head
    for who in (HE, SHEN, WANG):
        with pytest.raises(NotAllowed):
            office.decide(who, report, "issue")

    office.decide(TANG, report, "issue")

    assert [office.state(one) for one in (report, first.doc, second.doc)] == [
        "issued",
        "answered",
        "answered",
    ]
    told = reading.answers_of(office.desk, reading.row_of(office.desk, second.doc))
    assert told["handling"] == {
        "result": "not_adopted",
        "reply": "意见已采纳，代理审批办法将于六月底前施行。",
        "report_doc_id": report_id(office, report),
    }
    office.decide(LIN, first.doc, "rate", {"rating": "satisfied"})
    with pytest.raises(NotAllowed):
        office.decide(LIN, first.doc, "rate", {"rating": "satisfied"})
    office.clock.advance(days=14)
    timekeeping.run(office.desk)
    assert office.state(second.doc) == "closed"


def test_R6_10_2_no_report_is_issued_while_an_opinion_is_unhandled(office: Office) -> None:
    report = opened(office)
    first, second = given(office, LIN), given(office, ZHOU)
    office.decide(SHEN, first.doc, "accept")
    office.clock.advance(days=13)
    timekeeping.run(office.desk)
    drafted(office, report, group(first.doc_id, second.doc_id))
    office.decide(HE, report, "submit")

    with pytest.raises(NotAllowed) as refused:
        office.decide(TANG, report, "issue")
    assert {one.code for one in refused.value.problems} == {"guard.all_accepted"}
    office.decide(SHEN, second.doc, "accept")
    office.decide(TANG, report, "issue")


def test_R6_10_2_others_read_the_report_once_it_is_issued(office: Office) -> None:
    report, first, second = closed_round(office)
    with pytest.raises(NotFound):
        reading.open_document(office.desk, office.actors[LIN], report)
    drafted(office, report, group(first.doc_id, second.doc_id))
    office.decide(HE, report, "submit")
    office.decide(TANG, report, "return", {"comment": "结论请补充说明"})
    drafted(office, report, group(first.doc_id, second.doc_id), who=SHEN)
    office.decide(SHEN, report, "submit")
    office.decide(TANG, report, "issue")

    assert reading.open_document(office.desk, office.actors[LIN], report).answers["conclusion"] == CONCLUSION


def test_R6_10_2_whoever_drafts_finds_the_opinions_grouped_by_topic(office: Office) -> None:
    report, first, second = closed_round(office)

    draft = drafting.correct(office.desk, office.actors[HE], report)

    [begun] = draft.answers["groups"]
    assert (begun["topic"], set(begun["opinion_doc_ids"])) == ("query", {first.doc_id, second.doc_id})
