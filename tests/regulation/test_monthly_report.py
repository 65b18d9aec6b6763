"""R1b, R6.9.1: the figures of a month become a document by themselves; nobody types one, two issue it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from engine.desk import periodic, reading
from engine.errors import Invalid, NotAllowed
from engine.projection import DocumentRow
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import HE, LIN, SHEN, TANG, ZHOU, Office
from tests.regulation.inspecting import entered

REPORT = "monthly_report"
APRIL = datetime(2026, 4, 1, 9, 0, tzinfo=timezone(timedelta(hours=8)))


def reports(office: Office) -> list[DocumentRow]:
    return [one for one in office.desk.store.rows() if one["form"] == REPORT]


def said_by(office: Office, row: DocumentRow) -> dict[str, Any]:
    return dict(reading.answers_of(office.desk, row))


def march(office: Office, entries: int) -> None:
    for number in range(entries):
        entered(office, number)
    office.clock.set(APRIL)


def test_R1b_the_report_of_a_month_is_opened_once_it_has_ended_and_only_once(office: Office) -> None:
    for number in range(6):
        entered(office, number)
    periodic.run(office.desk)
    assert reports(office) == []
    office.clock.set(APRIL)

    periodic.run(office.desk)
    periodic.run(office.desk)

    (report,) = reports(office)
    assert (report["state"], report["doc_no"], report["facets"]["/report/period"]) == (
        "counted", "长护月〔2026〕1号", "2026-03",
    )  # fmt: skip
    said = said_by(office, report)
    assert said["report"] == {"period": "2026-03", "as_of": "2026-04-01"}
    line = next(one for one in said["lines"] if one["form"] == "info_entry")
    assert line == {
        "form": "info_entry", "dept_code": "business_acceptance", "filed": 6, "missed": 6,
        "completeness_rate": "1", "timeliness_rate": "0", "return_rate": "0", "median_days": 0, "p90_days": 0,
    }  # fmt: skip
    assert [one for one in said["waiting"] if one["form"] == "info_entry"] == [
        {"form": "info_entry", "state": "审核通过", "count": 6,
         "up_to_1": 0, "up_to_3": 0, "up_to_10": 0, "over_10": 6}
    ]  # fmt: skip


def test_O23_small_groups_of_forms_about_persons_are_withheld(office: Office) -> None:
    march(office, 2)
    periodic.run(office.desk)

    said = said_by(office, reports(office)[0])

    lines = [one for one in said["lines"] if one["form"] == "info_entry"]
    assert lines == [{"form": "info_entry", "dept_code": "business_acceptance", "withheld": True}]
    assert all(one.get("withheld") for one in said["waiting"] if one["form"] == "info_entry")
    assert said["totals"]["filed"] == 2 + sum(one["filed"] for one in said["lines"] if "filed" in one)


def test_R6_9_1_no_figure_is_typed_and_no_month_counted_before_it_ends_or_twice(office: Office) -> None:
    march(office, 6)
    made = office.submit(HE, {"report": {"period": "2026-03"}, "totals": {"filed": 999}}, form=REPORT)
    assert said_by(office, reading.row_of(office.desk, made.doc))["totals"]["filed"] == 6

    for period, code in (("2026-04", "M.ended"), ("2026-03", "M.once"), ("2026-02", "report.nothing_filed")):
        with pytest.raises(Invalid) as refused:
            office.submit(HE, {"report": {"period": period}}, form=REPORT)
        assert code in {one.code for one in refused.value.problems}


def test_R6_9_1_a_second_person_issues_it_and_a_discarded_one_is_counted_anew(office: Office) -> None:
    march(office, 6)
    doc = office.submit(HE, {"report": {"period": "2026-03"}}, form=REPORT).doc
    with pytest.raises(NotAllowed):
        office.decide(HE, doc, "issue")
    for who in (LIN, ZHOU):
        with pytest.raises(NotAllowed):
            office.submit(who, {"report": {"period": "2026-03"}}, form=REPORT)
    office.decide(SHEN, doc, "discard", {"comment": "漏了说明，重新统计。"})
    again = office.submit(HE, {"report": {"period": "2026-03", "note": "三月窗口延时。"}}, form=REPORT).doc
    office.decide(TANG, again, "issue")

    assert (office.state(doc), office.state(again)) == ("discarded", "issued")
