"""Settings and notices in the browser: read, changed by their owner, told and read; both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.desk import noticing
from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.running import Running
from tests.browser.seat import Seat
from tests.browser.test_every_page import LANGUAGES, look_in_language
from tests.browser.test_keys_and_people import give_passphrase

HEAD_OF_INFORMATION = "XX000001"
LATER = "2027-03-01"


def fill(seat: Seat, **values: str) -> None:
    for name, value in values.items():
        seat.page.locator(f"#{name}").fill(value)


@pytest.mark.parametrize("english", LANGUAGES)
def test_everybody_reads_the_settings_and_their_owner_is_offered_a_change(sit: Sit, english: bool) -> None:
    lin, head = sit("YW000231", english=english), sit(HEAD_OF_INFORMATION, english=english)
    for seat, may_change in ((lin, False), (head, True)):
        seat.go("/settings")
        look_in_language(seat, english)
        seat.go("/settings/inspection.accuracy_min")
        look_in_language(seat, english)
        change = seat.page.locator("form[action='/settings/inspection.accuracy_min']")
        assert (change.count() == 1) is may_change


@pytest.mark.parametrize("english", LANGUAGES)
def test_the_owner_is_told_what_is_wrong_and_then_signs(sit: Sit, english: bool) -> None:
    head = sit(HEAD_OF_INFORMATION, english=english)
    key, value = ("rectify.plan_working_days", "5") if english else ("sla.claim_working_days", "2")
    head.go(f"/settings/{key}")
    fill(head, value="99", effective_on="2020-01-01", reason="x", document="NO-1")
    head.turn_page(lambda: head.page.locator("button.primary").press("Enter"))
    look_in_language(head, english)
    assert head.page.locator(".fault").count() == 4
    assert head.page.locator("#reason").input_value() == "x"
    fill(head, value=value, effective_on=LATER, reason="Workload has grown 业务量增加", document="")
    head.turn_page(lambda: head.page.locator("main form button.primary").press("Enter"))
    look_in_language(head, english)
    give_passphrase(head)
    look_in_language(head, english)
    cells = head.page.locator("main tbody tr").first.inner_text()
    assert value in cells and LATER in cells and head.path == f"/settings/{key}"


def test_a_missed_limit_is_told_shown_at_home_and_read(sit_here: Sit, agency_here: Running) -> None:
    prepared.document(agency_here)
    prepared.document(agency_here)
    assert agency_here.clock is not None and agency_here.services is not None
    agency_here.clock.shift += timedelta(days=14)
    noticing.run(agency_here.services.desk)
    for english in LANGUAGES:
        zhou = sit_here("SH000101", english=english)
        zhou.look()
        assert zhou.page.locator(".work .tag-negative").count() >= 1
        zhou.go("/notices")
        look_in_language(zhou, english)
        before = zhou.page.locator("main tbody button").count()
        assert before >= 1
        zhou.turn_page(lambda seat=zhou: seat.page.locator("main tbody button").first.press("Enter"))  # type: ignore[misc]
        assert zhou.page.locator("main tbody button").count() == before - 1


@pytest.mark.parametrize("english", LANGUAGES)
def test_a_person_says_where_and_how_often_mail_goes(sit: Sit, english: bool) -> None:
    lin = sit("YW000231", english=english)
    lin.go("/notices")
    fill(lin, address="not an address")
    lin.page.locator("#rhythm").select_option("digest")
    lin.turn_page(lambda: lin.page.locator("button.primary").press("Enter"))
    look_in_language(lin, english)
    assert lin.page.locator("#address").get_attribute("aria-invalid") == "true"
    fill(lin, address="lin@agency.example")
    lin.turn_page(lambda: lin.page.locator("button.primary").press("Enter"))
    look_in_language(lin, english)
    assert lin.page.locator("#address").input_value() == "lin@agency.example"
    assert lin.page.locator("#rhythm").input_value() == "digest"
