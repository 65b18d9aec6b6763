"""Lists in the browser: narrowed by the address, walked page by page, honest about missed limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from engine.desk.desk import Receipt
from tests.web.agency import HEJING, XIAOLIN, ZHOUMIN, Agency, open_agency

WAITING = "/inbox/info_entry.submitted.claim"
FIRST = "info_entry:first_assessment"


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    place: Path = tmp_path_factory.mktemp("lists")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(place / "configuration"))
        with open_agency(place / "data") as opened:
            settings = opened.services.settings.model_copy(update={"inbox_rows": 2})
            opened.app.state.services = replace(opened.services, settings=settings)
            yield opened


@pytest.fixture(scope="module")
def receipts(agency: Agency) -> list[Receipt]:
    """Five entries of 小林, a minute apart."""
    return [agency.submitted() for _ in range(5)]


def numbers(html: str) -> list[str]:
    return re.findall(r'class="row-link" href="[^"]+">([^<]+)<', html)


def link(html: str, words: str) -> str:
    found = re.search(rf'<a[^>]* href="([^"]+)"[^>]*>{words}</a>', html)
    return unescape(found[1]) if found else ""


def test_pages_lead_on_and_back_with_the_total_on_each(agency: Agency, receipts: list[Receipt]) -> None:
    zhoumin = agency.browser(ZHOUMIN)
    first = zhoumin.get(WAITING).text
    second = zhoumin.get(link(first, "下一页")).text
    third = zhoumin.get(link(second, "下一页")).text
    shown = [numbers(one) for one in (first, second, third)]
    assert [len(one) for one in shown] == [2, 2, 1]
    assert [*shown[0], *shown[1], *shown[2]] == [one.doc_no for one in receipts]
    assert all("共 5 份" in one for one in (first, second, third))
    assert numbers(zhoumin.get(link(third, "上一页")).text) == shown[1]
    assert numbers(zhoumin.get(link(second, "上一页")).text) == shown[0]
    assert numbers(zhoumin.get(link(third, "回到第一页")).text) == shown[0]
    assert (link(first, "上一页"), link(third, "下一页")) == ("", "")


def test_a_list_is_narrowed_by_links_that_keep_the_other_choices(
    agency: Agency, receipts: list[Receipt]
) -> None:
    xiaolin = agency.browser(XIAOLIN)
    page = xiaolin.get("/inbox/mine").text
    assert (link(page, "首次评估申请"), link(page, "已提交")) == ("", "")  # whose, nobody could tell
    by_form = link(page, "长护险信息录入表")
    assert by_form == "/inbox/mine?form=info_entry"
    by_kind = link(xiaolin.get(by_form).text, "首次评估申请")
    assert by_kind == f"/inbox/mine?form=info_entry&kind={FIRST.replace(':', '%3A')}"
    page = xiaolin.get(by_kind).text
    assert len(numbers(page)) == 2
    by_both = f"/inbox/mine?form=info_entry&state=submitted&kind={FIRST.replace(':', '%3A')}"
    assert link(page, "已提交") == by_both
    assert link(page, "长护险信息更新表") == "/inbox/mine?form=info_update"
    assert numbers(xiaolin.get("/inbox/mine?form=info_update").text) == []
    none = xiaolin.get("/inbox/mine?state=effective").text
    assert numbers(none) == []
    assert "没有符合所选条件的文档" in none
    assert link(none, "看全部") == "/inbox/mine"


def test_an_unknown_choice_shows_nothing_strange(agency: Agency, receipts: list[Receipt]) -> None:
    xiaolin = agency.browser(XIAOLIN)
    for query in ("kind=other:thing", "form=other", "mark=<b>", "after=%00", "state=nowhere&trail=x&trail=y"):
        answer = xiaolin.get(f"/inbox/mine?{query}")
        assert answer.status_code == 200, query
        assert "<b>" not in answer.text


def test_an_empty_list_says_what_would_stand_there(agency: Agency) -> None:
    page = agency.browser(HEJING).get("/inbox/info_entry.under_review.release").text
    assert "领取之后，文档列在这里" in page


def test_a_missed_limit_is_shown_and_stays_shown_after_the_step(
    agency: Agency, receipts: list[Receipt]
) -> None:
    zhoumin = agency.browser(ZHOUMIN)
    assert numbers(zhoumin.get(f"{WAITING}?mark=overdue").text) == []
    agency.clock.move(timedelta(days=8))
    try:
        zhoumin = agency.sign_in(ZHOUMIN, "shifan-qianming-2026")
        late = zhoumin.get(f"{WAITING}?mark=overdue").text
        assert numbers(late) == [one.doc_no for one in receipts[:2]]
        assert late.count(">逾期</span>") == 2
        assert zhoumin.decide(receipts[0].doc, "claim").status_code == 303
        held = zhoumin.get("/inbox/info_entry.under_review.release?mark=overdue").text
        assert numbers(held) == [receipts[0].doc_no]
    finally:
        agency.clock.move(-timedelta(days=8))
