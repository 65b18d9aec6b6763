"""Figures in the browser, in both languages, with and without script: axe finds nothing, numbers lead on."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Sit
from tests.browser.test_every_page import LANGUAGES, look_in_language

POSTS = ("YW000231", "SH000101", "XX000002", "YW000001")


@pytest.mark.parametrize("english", LANGUAGES)
@pytest.mark.parametrize("staff_no", POSTS)
def test_the_questions_of_a_post_are_answered_in_words_pictures_and_tables(
    sit: Sit, staff_no: str, english: bool
) -> None:
    seat = sit(staff_no, english=english)
    seat.go("/figures?period=all")
    look_in_language(seat, english)
    cards = seat.page.locator(".figure-card")
    assert cards.count() == 4  # three questions, and where documents wait
    for place in range(4):
        card = cards.nth(place)
        assert card.locator(".figure-answer").inner_text()
        tables, pictures = card.locator("table.figures").count(), card.locator("svg[role=img]").count()
        assert tables >= pictures  # no picture without its table
    described = seat.page.locator("svg[role=img]").evaluate_all(
        "all => all.map(one => ['title', 'desc'].every(name => one.querySelector(name).textContent))"
    )
    assert described and all(described)


@pytest.mark.parametrize("english", LANGUAGES)
def test_a_number_leads_to_its_list_and_a_document_and_back(sit: Sit, english: bool) -> None:
    seat = sit("XX000002", english=english)
    seat.go("/figures")
    look_in_language(seat, english)
    number = seat.page.locator("#rates ~ .table-wrap a.figure-count").first
    said = number.inner_text()
    seat.turn_page(lambda: number.press("Enter"))
    look_in_language(seat, english)
    assert seat.page.locator("h1 .count").inner_text() == said
    seat.go("/figures/documents?part=corrected&period=2020")
    look_in_language(seat, english)
    assert seat.page.locator("h1 .count").inner_text() == "0"
    seat.turn_page(lambda: seat.page.locator("main a[href='/figures']").press("Enter"))
    assert seat.path == "/figures"


def test_without_script_the_choices_are_links(sit: Sit) -> None:
    seat = sit("XX000002", script=False)
    seat.go("/figures")
    seat.go(seat.page.locator(".filters p").nth(1).locator("a").nth(1).get_attribute("href") or "")
    assert seat.page.locator(".filters p").nth(1).locator("a[aria-current]").count() == 1
    assert "form=" in seat.page.url


@pytest.mark.parametrize("english", LANGUAGES)
def test_the_monthly_report_is_read_like_any_document(sit: Sit, english: bool) -> None:
    seat = sit("XX000002", english=english)
    seat.go("/figures/documents?part=all&form=monthly_report")
    look_in_language(seat, english)
    found = seat.page.locator("a.row-link")
    if found.count():  # the demo's story may have begun in this month: then there is none to report
        seat.turn_page(lambda: found.first.press("Enter"))
        look_in_language(seat, english)
        assert seat.page.locator("table.bars").count() == 1
