"""小林 changes a telephone number: from the document's page, by picking the field, to a filed form."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Sit
from tests.browser.seat import Seat


def in_force(seat: Seat) -> str:
    """A document of hers from whose page an update may be begun."""
    seat.go("/inbox/mine")
    links = seat.page.locator('main a[href^="/documents/"]').evaluate_all(
        "all => [...new Set(all.map(one => one.getAttribute('href')))]"
    )
    for href in reversed(links):
        seat.go(href)
        if seat.page.locator('form[action$="/begin/info_update"]').count():
            return str(href)
    raise AssertionError("no document in force")


@pytest.mark.parametrize("english", [False, True])
def test_the_pages_of_an_update_have_no_fault_and_no_sideways_scrolling(sit: Sit, english: bool) -> None:
    lin = sit("YW000231", english=english)
    in_force(lin)
    lin.look()
    lin.turn_page(lambda: lin.page.locator('form[action$="/begin/info_update"] button').press("Enter"))
    lin.look()

    lin.page.locator('input[name="/insured/mobile"]').focus()
    lin.type_over("19900000066")
    row = lin.page.locator("tr.offer", has=lin.page.locator('input[name="/insured/mobile"]'))
    assert row.locator('input[name="_pick"]').is_checked()
    assert re.search("1", lin.page.locator("#picked").inner_text())
    lin.turn_page(lambda: lin.page.locator("#changes button.primary").press("Enter"))

    assert "199****0066" in lin.text()
    lin.look()


def test_an_update_can_be_begun_and_its_fields_chosen_without_a_script(sit: Sit) -> None:
    lin = sit("YW000231", script=False)
    in_force(lin)
    lin.turn_page(lambda: lin.page.locator('form[action$="/begin/info_update"] button').press("Enter"))
    lin.page.locator('input[name="_pick"][value="/insured/mobile"]').press("Space")
    lin.page.locator('input[name="/insured/mobile"]').fill("19900000067")
    lin.turn_page(lambda: lin.page.locator("#changes button.primary").press("Enter"))

    assert "199****0067" in lin.text()
    lin.look()
