"""A round of opinions by its pages, R6.10: opened, answered by two people, one of them nameless, grouped,
reported and issued; each author reads the answer, and 郑老师 verifies the paper.

The demonstration has an open round with 周敏's nameless opinion in it; 林小燕 adds one. 沈青 accepts, 朱琳
drafts, 徐向东 issues.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from engine.desk import timekeeping
from tests.browser.conftest import Sit
from tests.browser.running import Running
from tests.browser.seat import Seat
from tests.browser.supervising import decide, file, fill_in, first_in, open_document
from tests.browser.verifying import download_paper, trust_of, verdict_of, verify_offline

DRAFTER, ACCEPTER, HEAD = "XX000002", "XX000004", "XX000001"
NAMED, NAMELESS, OTHER = "YW000231", "SH000101", "LP000117"
PROBLEM = "批量补录时系统不提示已超过采集时限，事后才发现迟录。"
SUGGESTION = "建议在保存草稿时即提示距采集时间已过多少小时。"
WAITING, IN_LIST = "/inbox/opinion.submitted.accept", 'main table a[href^="/documents/"]'
REPLY = "意见已采纳，提示功能将于下一季度上线。"


def begin(seat: Seat) -> None:
    """A new opinion, begun from the home page."""
    seat.go("/entry/new/opinion")
    seat.page.locator("main form button").last.click()
    seat.page.wait_for_url("**/drafts/*")


@pytest.mark.parametrize("english", [False, True])
def test_the_pages_of_a_round_have_no_fault(sit: Sit, english: bool) -> None:
    clerk = sit(NAMED, english=english)
    begin(clerk)
    clerk.look()
    manager = sit(DRAFTER, english=english)
    first_in(manager, "opinion.submitted.accept")
    manager.look()
    assert "周敏" not in manager.text() and NAMELESS not in manager.text()


def test_from_the_open_round_to_the_answers_and_the_paper(
    sit_here: Sit, agency_here: Running, tmp_path: Path
) -> None:
    assert agency_here.services is not None and agency_here.clock is not None
    give(sit_here(NAMED))
    assert accepted(sit_here(ACCEPTER)) == ["", "林小燕"]

    agency_here.clock.shift += timedelta(days=14)  # the round has closed when somebody comes to it
    timekeeping.run(agency_here.services.desk)
    drafter, head = sit_here(DRAFTER), sit_here(HEAD)
    report = first_in(drafter, "feedback_report.analysing.draft_report")
    write_report(drafter, report)
    open_document(drafter, report)
    drafter.look()
    decide(drafter, report, "submit")
    assert first_in(head, "feedback_report.under_review.issue") == report
    decide(head, report, "issue", secret=True)

    read_the_answer(sit_here(NAMED))
    read_the_answer(sit_here(NAMELESS))
    other = sit_here(OTHER)  # of another department, who asked for nothing
    open_document(other, report)
    other.look()
    assert "周敏" not in other.text() and "林小燕" not in other.text()
    paper = download_paper(other, report)
    assert verify_offline(paper, tmp_path, trust_of(other)) == 0
    assert "真实且现行" in verdict_of(sit_here(), "反馈报告.pdf", paper)
    (tmp_path / "report.pdf").write_bytes(paper)


def give(seat: Seat) -> None:
    """林小燕's opinion, under her name."""
    begin(seat)
    page = seat.page
    page.locator('input[name="/author/anonymous"][value=false]').check()
    page.locator('select[name="/content/topic"]').select_option("entry")
    page.locator('input[name="/content/priority"][value=normal]').check()
    page.locator('textarea[name="/content/problem"]').fill(PROBLEM)
    page.locator('textarea[name="/content/suggestion"]').fill(SUGGESTION)
    file(seat)


def accepted(seat: Seat) -> list[str]:
    """Every opinion that waits, accepted: who made each, as its page tells."""
    tellers = []
    seat.go(WAITING)
    while seat.page.locator(IN_LIST).count():
        doc = first_in(seat, "opinion.submitted.accept")
        tellers.append("林小燕" if "林小燕" in seat.text() else "")
        assert "周敏" not in seat.text() and NAMELESS not in seat.text()
        decide(seat, doc, "accept")
        seat.go(WAITING)
    return sorted(tellers)


def write_report(seat: Seat, doc: str) -> None:
    """The opinions stand there grouped by topic already; handling and the conclusion are written."""
    fill_in(seat, doc)
    page = seat.page
    assert page.locator('textarea[name$="/analysis"]').count() == 2
    for place in range(2):
        at = f"/groups/{place}"
        page.locator(f'textarea[name="{at}/analysis"]').fill("意见反映的情况属实，需要改进。")
        page.locator(f'select[name="{at}/handling"]').select_option("adopted")
        page.locator(f'textarea[name="{at}/action"]').fill("列入下一季度改进事项")
        page.locator(f'select[name="{at}/owner_dept"]').select_option("info_mgmt")
        page.locator(f'input[name="{at}/due_date"]').fill("2030-06-30")
        page.locator(f'textarea[name="{at}/reply"]').fill(REPLY)
    page.locator('textarea[name="/conclusion/text"]').fill("本批意见集中在查询和录入两方面，已逐件处理并答复。")
    page.locator('input[name="/conclusion/needs_revision"][value=false]').check()
    page.locator('select[name="/conclusion/publish_scope"]').select_option("departments")
    seat.look()
    file(seat)


def read_the_answer(seat: Seat) -> None:
    """Whoever gave an opinion finds it among their own, with its answer and the report it came from."""
    seat.go("/inbox/mine")
    seat.page.locator("main tr", has_text="已答复").first.locator("a").first.click()
    seat.page.wait_for_url("**/documents/*")
    assert REPLY in seat.text() and "采纳" in seat.text()
    seat.look()
