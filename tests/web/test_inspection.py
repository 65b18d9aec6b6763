"""The demo's inspection on its pages: a step opens its own parts only, and the papers say what was drawn."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from engine.desk import sampling
from engine.projection import DocumentRow
from tests.web.agency import Agency, Browser
from tests.web.conftest import NOON, DemoAgency
from web.app import create_app
from web.demo.clock import SettableClock
from web.pdf.prints import print_form, print_notice

ZHU, SHEN, WANG = "XX000002", "XX000004", "YW000001"


@pytest.fixture(scope="module")
def agency(demo: DemoAgency) -> Agency:
    return Agency(create_app(demo.services), demo.services, SettableClock(NOON))


def of(demo: DemoAgency, form: str) -> DocumentRow:
    return next(row for row in demo.rows() if row["form"] == form)


def text_of(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def opened_by(browser: Browser, doc: str) -> str:
    """The page of the draft that a step opens."""
    begun = browser.post(f"/documents/{doc}/correct")
    assert begun.status_code == 303
    return browser.get(begun.headers["location"]).text


def test_claiming_opens_the_days_and_the_evidence_and_nothing_else(demo: DemoAgency, agency: Agency) -> None:
    page = opened_by(agency.browser(WANG), of(demo, "rectification")["doc"])

    assert 'name="/plan/measures/0/done_on"' in page
    assert "全员启用移动端离线录入并设置当日提醒" in page
    others = ("/plan/measures/0/text", "/plan/cause", "/issue/text", "/verify/text", "/evidence_file_ids/0")
    for closed in others:
        assert f'name="{closed}"' not in page


def test_somebody_else_cannot_open_what_the_owner_fills_in(demo: DemoAgency, agency: Agency) -> None:
    doc = of(demo, "rectification")["doc"]

    assert agency.browser(SHEN).post(f"/documents/{doc}/correct").status_code == 403


def test_an_extension_that_does_not_hold_is_refused_in_the_words_of_the_form(
    demo: DemoAgency, agency: Agency
) -> None:
    doc = of(demo, "rectification")["doc"]

    refused = agency.browser(SHEN).decide(doc, "extend", new_due_date="2026-01-02", comment="设备到货推迟")

    assert refused.status_code == 422
    assert "延期须晚于原期限" in refused.text


def test_the_report_waits_for_its_sheet_and_says_so(demo: DemoAgency, agency: Agency) -> None:
    page = agency.browser(ZHU).get(f"/documents/{of(demo, 'inspection_report')['doc']}").text

    assert "还有整改跟踪单未销号" in page


def test_the_printed_report_has_its_picture_and_the_list_names_what_was_drawn(demo: DemoAgency) -> None:
    row, session = of(demo, "inspection_report"), demo.session(ZHU)
    form = demo.services.desk.registry.by_digest(row["digest"])
    step, ids = sampling.drawn(demo.services.desk, row, form)
    assert step is not None

    report = print_form(demo.services, session, row["doc"], "01", "zh-CN").data
    listed = print_notice(demo.services, session, row["doc"], step["seq"], "sample_list", "01", "zh-CN").data

    assert "合格线" in text_of(report)
    assert len(ids) == 2
    assert all(one in text_of(listed).replace("\n", "") for one in ids)
