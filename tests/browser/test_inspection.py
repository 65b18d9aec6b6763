"""An inspection by its pages: from the plan that opened by itself to the paper that 郑老师 verifies.

朱琳 leads, 沈青 gives notice, 王建平 answers, 徐向东 issues; the finding becomes one sheet, through which
王建平 works; 罗思平 of another department accepts it, and only then the inspection closes.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.desk import timekeeping
from engine.identity import local_day
from tests.browser.conftest import Sit
from tests.browser.papers import scan
from tests.browser.running import Running
from tests.browser.seat import Seat
from tests.browser.supervising import decide, file, fill_in, first_in, open_document
from tests.browser.verifying import download_paper, trust_of, verdict_of, verify_offline

LEADER, MEMBER, ISSUER = "XX000002", "XX000004", "XX000001"
HEAD, REVIEWER = "YW000001", "XX000003"
PLANNED = "inspection_report.planned.notify"
FACT = "抽查的信息中有录入时间超过采集后24小时的"


@pytest.mark.parametrize("english", [False, True])
def test_the_pages_of_an_inspection_and_of_its_sheet_have_no_fault(sit: Sit, english: bool) -> None:
    leader = sit(LEADER, english=english)
    doc = first_in(leader, PLANNED)
    leader.look()
    fill_in(leader, doc)
    leader.look()
    assert "沈青" in leader.text()
    issued = first_in(leader, "inspection_report.issued.close")
    leader.look()
    assert "朱琳 XX000002" in leader.text() and "100%" in leader.text()
    leader.go(f"/documents/{issued}/sample")
    leader.look()
    assert leader.page.locator(".notice.good").count() == 1
    open_document(leader, issued)
    leader.page.locator("a", has_text="LTCI-RCT-").click()
    leader.page.wait_for_load_state("load")
    leader.look()
    assert "沈青 XX000004" in leader.text()


def test_from_the_plan_to_the_paper(sit_here: Sit, agency_here: Running, tmp_path: Path) -> None:
    assert agency_here.services is not None
    desk = agency_here.services.desk
    leader, member, head = sit_here(LEADER), sit_here(MEMBER), sit_here(HEAD)
    doc = first_in(leader, PLANNED)
    today = local_day(desk.clock.now())
    check_the_acceptance_department_at_once(leader, doc, today)
    decide(member, doc, "notify")
    decide(leader, doc, "start")
    write_report(leader, doc, day_after(today, 20))
    decide(head, doc, "reply_agree", text="认可，将增设当日录入提醒。")
    timekeeping.run(desk)
    decide(sit_here(ISSUER), doc, "issue", secret=True)

    open_document(leader, doc)
    sheets = leader.page.locator("main a", has_text="LTCI-RCT-")
    assert sheets.count() == 1  # one finding of two lines
    sheet = str(sheets.get_attribute("href")).removeprefix("/documents/")
    assert leader.page.locator("#form-close").count() == 0  # not before its sheet is closed
    assert "还有整改跟踪单未销号" in leader.text()
    rectify(sit_here, head, member, sheet, today, tmp_path)
    timekeeping.run(desk)
    decide(leader, doc, "close")

    open_document(leader, doc)
    assert leader.page.locator("h1 .tag").first.inner_text() == "已销号"
    leader.look()
    paper = download_paper(leader, doc)
    assert verify_offline(paper, tmp_path, trust_of(leader)) == 0
    assert "真实且现行" in verdict_of(sit_here(), "检查报告.pdf", paper)


def day_after(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def check_the_acceptance_department_at_once(leader: Seat, doc: str, today: str) -> None:
    """The plan that opened by itself becomes a spot check of one department, today."""
    fill_in(leader, doc)
    page = leader.page
    page.locator('input[name="/plan/kind"][value=spot_check]').check()
    for other in ("audit", "claims", "it", "external"):
        page.locator(f'input[name="/plan/dept_codes"][value={other}]').uncheck()
    page.locator('input[name="/plan/on_site_from"]').fill(today)
    page.locator('input[name="/plan/on_site_to"]').fill(day_after(today, 2))
    file(leader)


def write_report(leader: Seat, doc: str, due: str) -> None:
    """Two lines, one of them a finding, and the conclusion. The rates stand there already."""
    fill_in(leader, doc)
    page = leader.page
    page.locator('input[name="/measure/access_anomaly_count"]').fill("0")
    with page.expect_navigation():
        page.locator('button[name=_add][value="/items"]').click()
    for place, (clause, result, fact) in enumerate(
        (("R5.6.1", "minor", FACT), ("R4.5.2b", "conform", "离岗人员权限均于当日撤销"))
    ):
        page.locator(f'input[name="/items/{place}/clause"]').fill(clause)
        page.locator(f'input[name="/items/{place}/result"][value={result}]').check()
        page.locator(f'textarea[name="/items/{place}/fact"]').fill(fact)
    page.locator('select[name="/items/0/dept_code"]').select_option("business_acceptance")
    page.locator('input[name="/items/0/due_date"]').fill(due)
    page.locator('input[name="/conclusion/overall"][value=basically_conform]').check()
    page.locator('textarea[name="/conclusion/text"]').fill(
        "信息准确性、完整性总体较好，录入及时性需要改进，限期整改。"
    )
    leader.look()
    file(leader)


def rectify(sit: Sit, head: Seat, member: Seat, sheet: str, today: str, folder: Path) -> None:
    """Cause and measures, a note, one extension, evidence, and the word of somebody of another department."""
    decide(head, sheet, "acknowledge")
    fill_in(head, sheet)
    head.page.locator('textarea[name="/plan/cause"]').fill("上门采集后次日集中补录，未使用移动端离线录入")
    head.page.locator('textarea[name="/plan/measures/0/text"]').fill("全员启用移动端离线录入")
    head.page.locator('input[name="/plan/measures/0/due_date"]').fill(day_after(today, 10))
    head.look()
    file(head)
    decide(member, sheet, "agree")
    decide(member, sheet, "track", text="已完成培训，移动端覆盖率80%")
    decide(member, sheet, "extend", new_due_date=day_after(today, 30), comment="设备采购延后，同意延期一次")
    open_document(member, sheet)
    assert member.page.locator("#form-extend").count() == 0  # once
    fill_in(head, sheet)
    head.page.locator('input[name="/plan/measures/0/done_on"]').fill(today)
    head.page.set_input_files("#upload-file", scan(folder, 1))
    with head.page.expect_navigation():
        head.page.locator("button[name=_upload]").click()
    file(head)
    reviewer = sit(REVIEWER)
    decide(reviewer, sheet, "verify_pass", text="抽查十件，均为当日录入")
    open_document(reviewer, sheet)
    reviewer.look()
