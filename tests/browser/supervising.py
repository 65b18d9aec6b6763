"""Hands for the forms of supervision: find a document in a list, take a step, judge a grant."""

from __future__ import annotations

from playwright.sync_api import Locator

from tests.browser.seat import Seat
from web.demo.people import PASSPHRASE


def first_in(seat: Seat, name: str) -> str:
    """The document on top of a list, opened; its id."""
    seat.go(f"/inbox/{name}")
    seat.page.locator('main table a[href^="/documents/"]').first.click()
    seat.page.wait_for_url("**/documents/*")
    return seat.path.removeprefix("/documents/")


def open_document(seat: Seat, doc: str) -> None:
    seat.go(f"/documents/{doc}")


def fill_in(seat: Seat, doc: str) -> None:
    """From a document to the page of the step that opens parts of it."""
    open_document(seat, doc)
    seat.page.locator('form[action$="/correct"] button').click()
    seat.page.wait_for_url("**/drafts/*")


def file(seat: Seat) -> None:
    """Press 提交 and see that the form was filed."""
    seat.page.locator("button[name=_submit]").click()
    seat.page.wait_for_url("**/entry/done/*")


def decide(seat: Seat, doc: str, name: str, *, secret: bool = False, **answers: str) -> None:
    """Take a step on a document's page, with its answers, and the passphrase where it asks for it."""
    open_document(seat, doc)
    form = seat.page.locator(f"#form-{name}")
    unfolded(form)
    for asked, text in answers.items():
        form.locator(f'[name="{asked}"]').fill(text)
    if secret:
        form.locator("[name=_passphrase]").fill(PASSPHRASE)
    before = seat.page.evaluate("performance.timeOrigin")
    form.locator("button").last.click()
    seat.wait_for_new_page(before)
    assert seat.page.locator(".summary[role=alert], .fault").count() == 0, seat.text()[:800]


def unfolded(form: Locator) -> None:
    """Open the folded part of the page that a form stands in."""
    fold = form.locator("xpath=ancestor::details").first
    if fold.count() and fold.get_attribute("open") is None:
        fold.locator("summary").first.click()


def judge(seat: Seat, who: str, verdict: str, reason: str = "") -> None:
    """Tick a verdict in the row of somebody's grant."""
    row = seat.page.locator("table.grants tbody tr", has_text=who)
    row.locator(f'input[type=radio][value="{verdict}"]').check()
    if reason:
        row.locator("textarea").fill(reason)
