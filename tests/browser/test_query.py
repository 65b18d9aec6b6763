"""The whole of a query, as its people live it: 方志强 opens what is no task of his, applies, the head
approves, information management countersigns, he runs it, signs for the result, destroys it on its day."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.desk import reading, timekeeping
from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.papers import example_one
from tests.browser.running import Running
from tests.browser.seat import Seat
from tests.browser.test_every_page import LANGUAGES, look_in_language
from web.demo.people import PASSPHRASE

FANG, WANG, ZHU, HUMING = "YW000232", "YW000001", "XX000002", "XX000009"
AUDITOR = "SH000101"
NAME = "/insured/full_name"


@pytest.fixture(autouse=True)
def as_it_was(agency_here: Running) -> Iterator[None]:
    """A test that moves the clock puts it back."""
    yield
    assert agency_here.clock is not None
    agency_here.clock.shift = timedelta()


def effective(running: Running) -> tuple[str, str]:
    """A document of 小林's in force, and the name of its person."""
    answers = example_one()
    steps = ((AUDITOR, "claim"), (AUDITOR, "approve"), (AUDITOR, "upload"))
    return prepared.document(running, *steps, answers=answers), str(answers["insured"]["full_name"])


def see(seat: Seat, english: bool, name: str) -> None:
    """Look at the page as it stands; keep a picture where one was asked for."""
    look_in_language(seat, english)
    folder = os.environ.get("FENGJIAN_PICTURES")
    if folder:
        seat.page.screenshot(path=f"{folder}/{name}-{'en' if english else 'zh'}.png", full_page=True)


def fill(seat: Seat, **texts: str) -> None:
    """Type into fields by the last part of their names."""
    for name, text in texts.items():
        field = seat.page.locator(f'[name$="/{name}"]').first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)


def choose(seat: Seat, name: str, *values: str) -> None:
    """Tick boxes or choose one of several, by keyboard."""
    for value in values:
        one = seat.page.locator(f'input[name="{name}"][value="{value}"]')
        if not one.is_checked():
            one.focus()
            seat.page.keyboard.press("Space")


def decide(seat: Seat, transition: str, passphrase: bool = False, **texts: str) -> None:
    """Take a step from the document's page."""
    form = seat.page.locator(f'form[action$="/transitions/{transition}"]')
    fold = seat.page.locator("details.decision-fold", has=form)
    if fold.count() and not fold.evaluate("one => one.open"):
        fold.locator("summary").press("Enter")
    for name, text in texts.items():
        field = form.locator(f'[name="{name}"]').first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(text)
        elif field.get_attribute("type") == "radio":
            form.locator(f'[name="{name}"][value="{text}"]').check()
        else:
            field.fill(text)
    seat.turn_page(lambda: form.locator("button").last.press("Enter"))
    if passphrase:
        seat.page.locator('[name="_passphrase"]').fill(PASSPHRASE)
        seat.turn_page(lambda: seat.page.locator('[name="_passphrase"]').press("Enter"))


@pytest.mark.parametrize("english", LANGUAGES)
def test_a_query_from_the_closed_door_to_the_destroyed_copy(
    sit_here: Sit, agency_here: Running, english: bool
) -> None:
    services = agency_here.services
    assert services is not None and agency_here.clock is not None
    desk, (doc, name) = services.desk, effective(agency_here)
    fang = sit_here(FANG, english=english)
    answer = fang.go(f"/documents/{doc}")
    assert answer is not None and answer.status == 403 and name not in fang.text()
    see(fang, english, "1-closed")
    fang.turn_page(lambda: fang.page.locator('form[action="/queries"] button').press("Enter"))

    draft = fang.path
    fill(fang, name="方志强", post="受理经办", contact="021-50000000", code="business_handling")
    fill(fang, text="参保人来电询问结论有效期，核对其登记信息后答复本人", case_no="长护录〔2026〕1号")
    choose(fang, "/scope/kind", "single")
    choose(fang, "/scope/categories", "customer")
    choose(fang, "/scope/fields", NAME, "/insured/id_no", "/insured/gender")
    choose(fang, "/scope/unmask_fields", NAME)
    fill(fang, unmask_reason="须与来电人所报姓名逐字核对，脱敏后无法核对")
    choose(fang, "/output/form", "sealed_pdf")
    fill(fang, copies="1", recipient="方志强", keep_days="2")
    choose(fang, "/pledge/confidential", "true")
    see(fang, english, "2-application")
    fang.turn_page(lambda: fang.page.locator(".entry-bar button.primary").press("Enter"))
    assert fang.path != draft
    (query,) = [row["doc"] for row in desk.store.rows() if row["form"] == "info_query" and
                row["created_by"] == prepared.somebody(agency_here, FANG)[0].person
                and row["state"] == "submitted"]  # fmt: skip

    wang = sit_here(WANG, english=english)
    wang.go(f"/documents/{query}")
    see(wang, english, "3-head")
    decide(wang, "approve_for_countersign", valid_days="7")
    zhu = sit_here(ZHU, english=english)
    zhu.go(f"/documents/{query}")
    decide(zhu, "countersign", comment="用途与明文范围相符，同意")
    see(zhu, english, "4-countersigned")

    fang.go(f"/documents/{query}")
    see(fang, english, "5-approved")
    decide(fang, "execute", passphrase=True)
    see(fang, english, "6-executed")
    result = str(fang.page.locator('main a[href^="/documents/"]', has_text="复").first.get_attribute("href"))
    fang.go(result)
    see(fang, english, "7-result")
    said = fang.text()
    assert name in said and any(word in said for word in ("男", "女"))
    assert fang.page.request.get(f"{fang.address}{result}/print").headers["content-type"] == "application/pdf"
    fang.go(f"/documents/{doc}")
    see(fang, english, "8-original-under-approval")
    assert name in fang.text()

    fang.go(result)
    decide(fang, "deliver", passphrase=True, received_by="方志强")
    see(fang, english, "9-delivered")
    agency_here.clock.shift = timedelta(days=2)
    timekeeping.run(desk)
    row = reading.row_of(desk, result.rpartition("/")[2])
    assert row["state"] == "due"
    fang.sign_in(FANG)
    fang.go(result)
    see(fang, english, "10-due")
    assert name not in fang.text()
    decide(fang, "destroy", method="erased", copies="1")
    see(fang, english, "11-destroyed")
    row = reading.row_of(desk, row["doc"])
    assert row["state"] == "destroyed"
    timekeeping.run(desk)
    assert reading.row_of(desk, query)["state"] == "closed"

    hu = sit_here(HUMING, english=english)
    hu.go("/access-log")
    see(hu, english, "12-access-log")
    hu.go("/access-log?view=without")
    see(hu, english, "13-without")
