"""The pages of people and keys: what ends at once, what takes two, what happens to documents' keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.desk import people, reading
from tests.web.agency import WANGJU, XIAOLIN, ZHOUMIN, Agency, Browser, open_agency
from web.demo.people import PASSPHRASE, PASSWORD, PEOPLE
from web.tokens import make_token

GUOFANG, MACHAO, ZHULIN = "XX000008", "IT000009", "XX000002"


@pytest.fixture
def agency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agency]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with open_agency(tmp_path / "data") as opened:
        chosen = {GUOFANG, MACHAO, ZHULIN}
        people.enrol(
            opened.services.desk, [one.as_newcomer() for one in PEOPLE if one.staff_no in chosen]
        )
        yield opened


def person(agency: Agency, staff_no: str) -> str:
    account = agency.services.desk.directory.by_staff_no(staff_no)
    assert account is not None
    return account.person


def order(browser: Browser, path: str, **pairs: str) -> int:
    return browser.post(path, _passphrase=PASSPHRASE, **pairs).status_code


def test_ending_a_person_ends_sessions_and_tokens_with_the_very_next_request(agency: Agency) -> None:
    desk = agency.services.desk
    zhoumin, guofang = agency.browser(ZHOUMIN), agency.browser(GUOFANG)
    account = desk.directory.by_staff_no(ZHOUMIN)
    assert account is not None
    token = make_token(desk, account, PASSPHRASE, "machine", "2099-12-31")
    machine = TestClient(agency.app, base_url="https://testserver")
    bearer = {"Authorization": f"Bearer {token}"}
    assert machine.get("/api/v1/documents", headers=bearer).status_code == 200
    assert zhoumin.get("/").status_code == 200
    assert order(guofang, f"/people/{account.person}/dismiss") == 303
    assert "/sign-in" in str(zhoumin.get("/").url)
    assert machine.get("/api/v1/documents", headers=bearer).status_code == 401


def test_an_act_without_the_passphrase_asks_for_it_and_does_nothing(agency: Agency) -> None:
    guofang = agency.browser(GUOFANG)
    assert guofang.post(f"/people/{person(agency, ZHOUMIN)}/dismiss").status_code == 423
    account = agency.services.desk.directory.by_staff_no(ZHOUMIN)
    assert account is not None and account.active


def test_a_clerk_finds_no_such_pages(agency: Agency) -> None:
    xiaolin = agency.browser(XIAOLIN)
    assert xiaolin.get("/people").status_code == 404
    assert order(xiaolin, f"/people/{person(agency, ZHOUMIN)}/dismiss") == 404


def test_a_forgotten_passphrase_is_replaced_by_a_link_that_two_people_order(agency: Agency) -> None:
    guofang, machao = agency.browser(GUOFANG), agency.browser(MACHAO)
    place = f"/people/{person(agency, XIAOLIN)}"
    assert order(guofang, f"{place}/propose-reset") == 303
    shown = machao.get(place).text
    proposal = re.search(r'name="proposal" value="([a-z2-7]+)"', shown)
    assert proposal is not None
    assert order(guofang, f"{place}/confirm", proposal=proposal[1]) == 403
    answer = machao.post(f"{place}/confirm", proposal=proposal[1], _passphrase=PASSPHRASE)
    link = re.search(r"/enrol/[\w-]+", answer.text)
    assert link is not None and link[0] not in machao.get(place).text
    visitor = Browser(TestClient(agency.app, base_url="https://testserver"))
    page = visitor.get(link[0]).text
    csrf = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert csrf is not None
    new = {"password": "a new password here", "passphrase": "a new signing phrase"}
    pairs = {**new, **{f"{name}_again": value for name, value in new.items()}, "agreed": "true"}
    answer = visitor.client.post(link[0], data={"_csrf": csrf[1], **pairs}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    assert visitor.get(link[0]).status_code == 404


def test_everybody_changes_their_own_key(agency: Agency) -> None:
    zhoumin, before = agency.browser(ZHOUMIN), agency.services.desk.directory.by_staff_no(ZHOUMIN)
    new = "a signing phrase of spring"
    assert order(zhoumin, "/my-key", new_passphrase=new, new_again="another") == 422
    assert order(zhoumin, "/my-key", new_passphrase=new, new_again=new) == 303
    after = agency.services.desk.directory.by_staff_no(ZHOUMIN)
    assert before is not None and after is not None and before.public_key != after.public_key
    assert after.public_key[:16] in zhoumin.get("/my-key").text


def test_two_people_destroy_and_the_document_page_says_so(agency: Agency) -> None:
    doc = agency.submitted().doc
    zhoumin = agency.browser(ZHOUMIN)
    ticks = dict.fromkeys(("accuracy", "completeness", "no_interest"), "true")
    for step, said in (("claim", {}), ("approve", ticks), ("upload", {})):
        assert zhoumin.decide(doc, step, **said).status_code == 303
    for who in (WANGJU, ZHULIN):
        browser = agency.browser(who)
        page = browser.get(f"/documents/{doc}/keys")
        assert page.status_code == 200
        head = reading.row_of(agency.services.desk, doc)["head"]
        assert order(browser, f"/documents/{doc}/shred", _head=head, basis="PIPL-47-5") == 303
    assert "内容已依法销毁" in agency.browser(ZHULIN).get(f"/documents/{doc}/keys").text
    shown = agency.browser(ZHULIN).get(f"/documents/{doc}")
    assert shown.status_code == 200 and "张文兰" not in shown.text
    assert "依法销毁" in shown.text


def test_the_list_and_a_person_are_shown_to_administrators(agency: Agency) -> None:
    machao = agency.browser(MACHAO)
    assert "周敏" in machao.get("/people").text
    shown = machao.get(f"/people/{person(agency, ZHOUMIN)}")
    assert shown.status_code == 200 and PASSWORD not in shown.text
