"""The monthly report on paper: issued by the head of information management, judged by somebody outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from engine.desk import deciding
from tests.web.conftest import DemoAgency
from web.assemble import assemble
from web.demo.people import PASSPHRASE
from web.pdf.prints import print_form
from web.settings import Settings
from web.verification.judge import judge

XU = "XX000001"
WORDS = ("长护险信息管理月度统计报告", "指标图", "数量过小，不列")


def test_the_issued_report_of_the_demo_is_a_sealed_paper_with_bars_that_an_outsider_finds_good(
    copy_of_demo: Callable[[], Path],
) -> None:
    services, opened = assemble(copy_of_demo(), Settings(mode="demo", hosts=("testserver",)))
    try:
        demo, desk = DemoAgency(services, services.data or Path()), services.desk
        report = next(row for row in desk.store.rows() if row["form"] == "monthly_report")
        session = demo.session(XU)
        wish = deciding.Decision(report["doc"], "issue", report["head"], {}, "issue-1", stepped_up=True)
        actor = replace(session.actor, session="5e" * 32)
        deciding.decide(desk, actor, wish, desk.vault.unlock(actor.person, PASSPHRASE, "5e" * 32)).wait()

        paper = print_form(services, session, report["doc"], "01", "zh-CN").data

        text = "".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages)
        assert [one for one in (*WORDS, report["doc_no"]) if one not in text] == []
        case = judge(paper, trust=desk.trust.root_chain(), now=desk.clock.now())
        assert case.report is not None
        assert [one.status for one in case.report.verdicts] == ["good"] * 5
    finally:
        opened.close()
