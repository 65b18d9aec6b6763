"""Who sits at the browser: revoked people, ended sessions, forged and foreign requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.desk import people
from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.hands import change
from tests.browser.running import Running
from tests.browser.seat import Seat
from web.demo.people import PASSWORD

OURS = {"Sec-Fetch-Site": "same-origin"}


def test_a_dismissed_person_is_out_at_the_next_click(sit_here: Sit, agency_here: Running) -> None:
    he = sit_here("SH000001")
    assert agency_here.services is not None
    desk = agency_here.services.desk
    account = desk.directory.by_staff_no("SH000001")
    assert account is not None
    people.dismiss(desk, account.person)
    he.page.reload()
    assert he.path.startswith("/sign-in")
    he.sign_in("SH000001")
    assert he.path.startswith("/sign-in")


def test_a_form_without_the_right_token_is_refused(sit_here: Sit, agency_here: Running) -> None:
    path = prepared.draft(agency_here)
    lin = sit_here("YW000231")
    for token in ("", "0" * 32):
        sent: dict[str, Any] = {"_csrf": token, "_revision": "0", "/insured/full_name": "别人", "_save": "1"}
        reply = lin.page.request.post(lin.address + path, form=sent, headers=OURS)
        assert reply.status == 403
    lin.go(path)
    assert lin.page.locator("[name='/insured/full_name']").input_value() != "别人"


def test_a_form_sent_by_another_site_is_refused(sit_here: Sit, agency_here: Running) -> None:
    path = prepared.draft(agency_here)
    lin = sit_here("YW000231")
    sent: dict[str, Any] = {"_csrf": lin.csrf(), "_revision": "0", "_discard": "1"}
    for site in ("cross-site", "same-site"):
        reply = lin.page.request.post(lin.address + path, form=sent, headers={"Sec-Fetch-Site": site})
        assert reply.status == 403
    lin.go(path)
    assert lin.page.locator("#form").count() == 1


def test_a_page_of_another_site_cannot_press_our_buttons(sit_here: Sit, agency_here: Running) -> None:
    path = prepared.draft(agency_here)
    lin = sit_here("YW000231")
    token = lin.csrf()
    foreign = agency_here.address.replace("localhost", "127.0.0.1")
    page = lin.page.context.new_page()
    page.goto(foreign + "/verify")
    page.route("**/bait", lambda route: route.fulfill(body=(
        f'<form method=post action="{lin.address}{path}"><input name=_csrf value={token}>'
        "<button name=_discard value=1>x</button></form>"
    ), content_type="text/html"))  # fmt: skip
    page.goto(foreign + "/bait")
    page.locator("button").click()
    page.wait_for_load_state()
    lin.go(path)
    assert lin.page.locator("#form").count() == 1


@pytest.mark.parametrize("script", [True, False])
def test_a_session_that_ends_while_somebody_types_keeps_what_was_typed(
    sit_here: Sit, agency_here: Running, script: bool
) -> None:
    path = prepared.draft(agency_here)
    lin = sit_here("YW000231", script=script)
    lin.go(path)
    assert agency_here.clock is not None
    lin.page.locator("[name='/insured/residence_address']").fill('示范路99号"<b>')
    agency_here.clock.shift += timedelta(minutes=21)
    lin.turn_page(lambda: lin.page.locator(".entry-bar button[name=_save]").click())
    assert "登录" in lin.text()
    lin.look()
    lin.page.locator("[name=staff_no]").fill("YW000231")
    lin.page.locator("[name=password]").fill(PASSWORD)
    lin.turn_page(lambda: lin.page.locator("main form button").first.click())
    lin.look()
    go_on = lin.page.get_by_role("button", name="继续")
    lin.turn_page(lambda: go_on.click())
    assert lin.path.startswith(path)
    assert lin.page.locator("[name='/insured/residence_address']").input_value() == '示范路99号"<b>'


def test_a_locked_key_is_opened_on_the_way_and_the_submission_goes_on(
    sit_here: Sit, agency_here: Running
) -> None:
    path = prepared.draft(agency_here)
    lin = sit_here("YW000231")
    lin.press_button("锁定签名")
    lin.go(path)
    change(lin, "/statement/remark", "第一行\n第二行", back=False)
    lin.turn_page(lambda: lin.page.locator(".entry-bar button[name=_submit]").press("Enter"))
    lin.look()
    lin.page.keyboard.type("wrong-passphrase")
    lin.turn_page(lambda: lin.page.keyboard.press("Enter"))
    lin.look()
    lin.tab_to(lambda at: at["name"] == "_passphrase")
    lin.page.keyboard.type("shifan-qianming-2026")
    lin.turn_page(lambda: lin.page.keyboard.press("Enter"))
    assert lin.path.startswith("/entry/done/"), lin.text()


def test_six_wrong_passwords_have_to_wait(sit_here: Sit) -> None:
    anybody: Seat = sit_here()
    for _ in range(6):
        anybody.go("/sign-in")
        anybody.page.locator("[name=staff_no]").fill("IT000004")
        anybody.page.locator("[name=password]").fill("not-the-password")
        anybody.turn_page(lambda: anybody.page.locator("main button").click())
    assert "秒" in anybody.text()
    anybody.look()
