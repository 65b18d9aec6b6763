"""Emergency access on its pages: two ask, those two open, a third reviews, and what was opened is listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.desk import people, reading
from tests.web.agency import WANGJU, XIAOLIN, Agency, Browser, open_agency
from web.demo.people import PASSPHRASE, PEOPLE

GUOFANG, HUMING = "XX000008", "XX000009"


@pytest.fixture
def agency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agency]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with open_agency(tmp_path / "data") as opened:
        chosen = {GUOFANG, HUMING}
        people.enrol(opened.services.desk, [one.as_newcomer() for one in PEOPLE if one.staff_no in chosen])
        yield opened


def ask(browser: Browser, number: str, **pairs: str) -> str:
    """Ask for a document; the address of the order."""
    wanted = {"reason": "staff_unavailable", "documents": number, "hours": "2"} | pairs
    answer = browser.post("/emergency", _passphrase=PASSPHRASE, **wanted)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def signed(browser: Browser, path: str, **pairs: str) -> int:
    return browser.post(path, _passphrase=PASSPHRASE, **pairs).status_code


def test_two_people_open_a_document_and_the_audit_administrator_sees_it_listed(agency: Agency) -> None:
    receipt = agency.submitted()
    row = reading.row_of(agency.services.desk, receipt.doc)
    guofang, wangju, huming = (agency.browser(one) for one in (GUOFANG, WANGJU, HUMING))
    place = ask(guofang, row["doc_no"])
    opening = f"{place}/documents/{receipt.doc}"
    assert guofang.post(opening).status_code == 403  # nobody has consented
    assert signed(guofang, f"{place}/consent") == 403  # not by herself
    assert wangju.post(f"{place}/consent").status_code == 423  # not without the passphrase
    assert signed(wangju, f"{place}/consent") == 303
    shown = guofang.post(opening)
    assert shown.status_code == 200 and "张文兰" in shown.text
    assert huming.post(opening).status_code == 403  # took no part
    listed = huming.get(place).text
    assert row["doc_no"] in listed and "郭芳" in listed and "打开时间" in listed
    assert "张文兰" not in listed
    agency.clock.move(timedelta(hours=2))
    agency.services.sessions.end_all_of("nobody")
    huming = agency.sign_in(HUMING, PASSPHRASE)
    guofang = agency.sign_in(GUOFANG, PASSPHRASE)
    assert guofang.post(opening).status_code == 403  # the time is over
    assert "待复核" in huming.get("/emergency").text
    assert "应急查阅（1 次待复核）" in huming.get("/").text
    assert "次待复核" not in guofang.get("/").text  # she took part
    assert signed(guofang, f"{place}/review", finding="justified") == 403
    assert signed(huming, f"{place}/review", finding="justified") == 303
    assert "查阅有据" in huming.get(place).text


def test_a_clerk_finds_no_such_pages(agency: Agency) -> None:
    row = reading.row_of(agency.services.desk, agency.submitted().doc)
    place = ask(agency.browser(GUOFANG), row["doc_id"])
    xiaolin = agency.browser(XIAOLIN)
    assert [xiaolin.get(path).status_code for path in ("/emergency", place)] == [404, 404]
    assert signed(xiaolin, f"{place}/consent") == 404
    assert "/emergency" not in xiaolin.get("/").text
    assert "/emergency" in agency.browser(HUMING).get("/").text


def test_an_order_that_cannot_be_is_refused_in_words_and_logs_nothing(agency: Agency) -> None:
    row = reading.row_of(agency.services.desk, agency.submitted().doc)
    guofang = agency.browser(GUOFANG)
    before = agency.services.desk.journal.next_index
    for pairs, status, words in (
        ({"documents": "no such number"}, 404, "没有这个编号的单据：no such number"),
        ({"documents": " "}, 422, "填写 1 至 50 份单据"),
        ({"hours": "99"}, 422, "时限填写 1 至 24 小时"),
        ({"hours": "-1"}, 422, "时限填写 1 至 24 小时"),
        ({"reason": "curiosity"}, 422, "选择事由"),
    ):
        wanted = {"reason": "audit", "documents": row["doc_id"], "hours": "2"} | pairs
        answer = guofang.post("/emergency", _passphrase=PASSPHRASE, **wanted)
        assert (answer.status_code, words in answer.text) == (status, True), pairs
    assert agency.services.desk.journal.next_index == before
