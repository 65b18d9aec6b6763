"""Pages of people, keys, tokens and emergencies: looked at in both languages, walked by keyboard, and again
without scripts."""

from __future__ import annotations

import pytest

from engine.desk import keys
from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.running import Running
from tests.browser.seat import Seat
from tests.browser.test_every_page import LANGUAGES, hrefs, look_in_language
from web.demo.people import PASSPHRASE

GUOFANG, MACHAO, HUMING, WANGJU, LIN = "XX000008", "IT000009", "XX000009", "YW000001", "YW000231"


def person(running: Running, staff_no: str) -> str:
    assert running.services is not None
    account = running.services.desk.directory.by_staff_no(staff_no)
    assert account is not None
    return account.person


def number_of(running: Running, doc: str) -> str:
    assert running.services is not None
    row = running.services.desk.store.get(doc)
    assert row is not None
    return row["doc_no"] or row["doc_id"]


def give_passphrase(seat: Seat) -> None:
    """Answer the page that asks for the passphrase once more."""
    seat.tab_to(lambda at: at["name"] == "_passphrase")
    seat.page.keyboard.type(PASSPHRASE)
    seat.turn_page(lambda: seat.page.keyboard.press("Enter"))


@pytest.mark.parametrize("english", LANGUAGES)
def test_pages_of_administrators(sit_here: Sit, agency_here: Running, english: bool) -> None:
    guo = sit_here(GUOFANG, english=english)
    guo.go("/")
    assert {"/people", "/emergency"} <= set(hrefs(guo, "/"))
    for path in ("/people", f"/people/{person(agency_here, LIN)}", "/my-key", "/tokens", "/emergency"):
        guo.go(path)
        look_in_language(guo, english)
    assert agency_here.services is not None
    actor, unlock = prepared.somebody(agency_here, GUOFANG)
    head = person(agency_here, "LP000001")
    for kind, facts in ((keys.GRANT, {"role": "auditor"}), (keys.RESET, {})):
        keys.propose(agency_here.services.desk, actor, head, kind, facts, unlock)
    ma = sit_here(MACHAO, english=english)
    ma.go(f"/people/{head}")
    look_in_language(ma, english)
    ma.go("/people/p_aaaaaaaaaaaaaaaa")
    look_in_language(ma, english)


@pytest.mark.parametrize("english", LANGUAGES)
def test_a_documents_keys_are_led_to_and_shown(sit_here: Sit, agency_here: Running, english: bool) -> None:
    doc = prepared.document(agency_here)
    lin, wang = sit_here(LIN, english=english), sit_here(WANGJU, english=english)
    for seat, may in ((lin, False), (wang, True)):
        seat.go(f"/documents/{doc}")
        seat.look()
        assert f"/documents/{doc}/keys" in hrefs(seat, f"/documents/{doc}/keys")
        seat.go(f"/documents/{doc}/keys")
        look_in_language(seat, english)
        assert (seat.page.locator("select[name=basis]").count() == 1) is may


@pytest.mark.parametrize("english", LANGUAGES)
def test_an_invitation_is_accepted(sit_here: Sit, agency_here: Running, english: bool) -> None:
    assert agency_here.services is not None
    desk, whose = agency_here.services.desk, person(agency_here, "XX000003" if english else "SH000102")
    guo, ma = prepared.somebody(agency_here, GUOFANG), prepared.somebody(agency_here, MACHAO)
    proposal = keys.propose(desk, guo[0], whose, keys.RESET, {}, guo[1])
    link = f"/enrol/{keys.confirm(desk, ma[0], whose, proposal, ma[1]).token}"
    invited = sit_here(english=english)
    invited.go(link)
    look_in_language(invited, english)
    fill_secrets(invited, "one secret for both", "one secret for both")
    look_in_language(invited, english)
    assert invited.page.locator("[aria-invalid=true]").count() > 0
    fill_secrets(invited, "a password of spring", "a signing phrase of spring")
    assert invited.path.startswith("/sign-in")
    invited.go(link)
    look_in_language(invited, english)
    # The browser's advice to password managers: it sees two new secrets in one form, which is what there are.
    invited.trouble[:] = [line for line in invited.trouble if "Multiple forms should be" not in line]


def fill_secrets(seat: Seat, password: str, passphrase: str) -> None:
    """Type both secrets twice, agree and send, by keyboard."""
    for name, text in (
        ("password", password), ("password_again", password),
        ("passphrase", passphrase), ("passphrase_again", passphrase),
    ):  # fmt: skip
        seat.tab_to(lambda at, name=name: at["name"] == name)  # type: ignore[misc]
        seat.type_over(text)
    at = seat.tab_to(lambda at: at["name"] == "agreed")
    if not at["checked"]:
        seat.page.keyboard.press("Space")
    seat.tab_to(lambda at: at["tag"] == "BUTTON" and "primary" in seat.page.evaluate(_CLASS))
    seat.turn_page(lambda: seat.page.keyboard.press("Enter"))


_CLASS = "document.activeElement.className"


@pytest.mark.parametrize("english", LANGUAGES)
@pytest.mark.parametrize("script", [True, False])
def test_emergency_access_by_keyboard(
    sit_here: Sit, agency_here: Running, english: bool, script: bool
) -> None:
    if english and not script:
        pytest.skip("one language is enough without scripts")
    doc = prepared.document(agency_here)
    guo = sit_here(GUOFANG, english=english, script=script)
    guo.go("/emergency")
    guo.page.locator("textarea").fill(number_of(agency_here, doc))
    guo.page.locator("form[action='/emergency'] button").press("Enter")
    guo.page.locator("[name=_passphrase]").wait_for()
    guo.look()
    send_passphrase(guo)
    order = guo.path
    assert order.startswith("/emergency/")
    look_in_language(guo, english)
    wang = sit_here(WANGJU, english=english, script=script)
    wang.go(order)
    look_in_language(wang, english)
    wang.page.locator(f"form[action='{order}/consent'] button").press("Enter")
    wang.page.locator("[name=_passphrase]").wait_for()
    send_passphrase(wang)
    look_in_language(wang, english)
    wang.page.locator(f"form[action='{order}/documents/{doc}'] button").press("Enter")
    wang.page.locator(".facts-panel").first.wait_for()
    look_in_language(wang, english)
    assert wang.page.locator(".fact").count() > 20 and wang.page.locator(".masked").count() == 0
    hu = sit_here(HUMING, english=english, script=script)
    hu.go(order)
    look_in_language(hu, english)
    hu.page.locator("input[name=finding]").first.check()
    hu.page.locator(f"form[action='{order}/review'] button").press("Enter")
    hu.page.locator("[name=_passphrase]").wait_for()
    send_passphrase(hu)
    look_in_language(hu, english)
    hu.go("/emergency")
    look_in_language(hu, english)


def send_passphrase(seat: Seat) -> None:
    """Type the passphrase where it is asked for and press Enter."""
    if seat.has_script:
        give_passphrase(seat)
        return
    seat.page.locator("[name=_passphrase]").fill(PASSPHRASE)
    with seat.page.expect_navigation():
        seat.page.locator("[name=_passphrase]").press("Enter")


@pytest.mark.parametrize("script", [True, False])
def test_a_token_is_given_and_taken_away(sit_here: Sit, agency_here: Running, script: bool) -> None:
    guo = sit_here(GUOFANG, english=script, script=script)
    guo.go("/tokens")
    name = "scanner" if script else "扫描"
    guo.page.locator("#name").fill(name)
    guo.page.locator("form[action='/tokens'] button").press("Enter")
    guo.page.locator("[name=_passphrase]").wait_for()
    send_passphrase(guo)
    guo.look()
    ma = sit_here(MACHAO, english=script, script=script)
    ma.go("/tokens")
    ma.look()
    ma.page.locator("form[action$='/confirm'] button").first.press("Enter")
    ma.page.locator("[name=_passphrase]").wait_for()
    send_passphrase(ma)
    ma.look()
    assert ma.page.locator("#token").inner_text().startswith("fj_")
    guo.go("/tokens")
    guo.look()
    guo.page.locator("tr", has_text=name).locator("button").press("Enter")
    guo.page.locator("[name=_passphrase]").wait_for()
    send_passphrase(guo)
    assert name not in guo.text()


@pytest.mark.parametrize("english", LANGUAGES)
def test_refusals_of_keys_say_what_to_do(sit_here: Sit, agency_here: Running, english: bool) -> None:
    guo = sit_here(GUOFANG, english=english)
    guo.go(f"/people/{person(agency_here, GUOFANG)}")
    guo.page.locator("button[formaction$='/propose-reset']").press("Enter")
    guo.page.locator("[name=_passphrase]").wait_for()
    give_passphrase(guo)
    look_in_language(guo, english)
    words = "Nobody decides about their own key" if english else "不能办理自己的密钥"
    assert words in guo.text()
    guo.go("/emergency")
    guo.page.locator("textarea").fill("no such number")
    guo.page.locator("form[action='/emergency'] button").press("Enter")
    guo.page.locator("[name=_passphrase]").wait_for()
    give_passphrase(guo)
    look_in_language(guo, english)
    assert "no such number" in guo.text()
