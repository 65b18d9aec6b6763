"""The page of API tokens: two administrators give one, it works at once, and one takes it away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.desk import people
from tests.web.agency import XIAOLIN, Agency, Browser, open_agency
from tests.web.test_people import GUOFANG, MACHAO, order, person
from web.demo.people import PARTNER_STAFF_NO, PASSPHRASE, PEOPLE

LAST = "2027-12-31"


@pytest.fixture
def agency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agency]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with open_agency(tmp_path / "data") as opened:
        chosen = {GUOFANG, MACHAO, PARTNER_STAFF_NO}
        people.enrol(opened.services.desk, [one.as_newcomer() for one in PEOPLE if one.staff_no in chosen])
        yield opened


def given(agency: Agency) -> str:
    """A token that 郭芳 proposed and 马超群 confirmed."""
    guofang, machao = agency.browser(GUOFANG), agency.browser(MACHAO)
    partner = person(agency, PARTNER_STAFF_NO)
    assert order(guofang, "/tokens", partner=partner, name="评估所系统", last_day=LAST) == 303
    waiting = machao.get("/tokens").text
    proposal = re.search(r'name="proposal" value="([a-z2-7]+)"', waiting)
    assert proposal is not None and "评估所系统" in waiting
    assert order(guofang, f"/tokens/{partner}/confirm", proposal=proposal[1]) == 403
    shown = machao.post(f"/tokens/{partner}/confirm", proposal=proposal[1], _passphrase=PASSPHRASE).text
    token = re.search(r'id="token">(fj_[\w-]+)<', shown)
    assert token is not None and token[1] not in machao.get("/tokens").text
    return token[1]


def asked(agency: Agency, token: str) -> int:
    machine = TestClient(agency.app, base_url="https://testserver")
    return machine.get("/api/v1/documents", headers={"Authorization": f"Bearer {token}"}).status_code


def revocable(browser: Browser) -> tuple[str, str]:
    """The address and the id of the only token's button."""
    found = re.search(
        r'action="(/tokens/p_[a-z2-7]+/revoke)".*?name="token" value="([0-9a-f]+)"',
        browser.get("/tokens").text,
    )
    assert found is not None
    return found[1], found[2]


def test_a_token_works_from_its_confirmation_to_its_revocation(agency: Agency) -> None:
    token = given(agency)
    assert asked(agency, token) == 200
    guofang, machao = agency.browser(GUOFANG), agency.browser(MACHAO)
    shown = guofang.get("/tokens").text
    assert f"{PARTNER_STAFF_NO}-1" in shown and LAST in shown and "2026-01-01" in shown
    assert "/revoke" not in machao.get("/tokens").text
    place, name = revocable(guofang)
    assert guofang.post(place, token=name).status_code == 423
    assert order(machao, place, token=name) == 403
    assert asked(agency, token) == 200
    assert order(guofang, place, token=name) == 303
    assert asked(agency, token) == 401


def test_what_cannot_be_is_refused_in_words(agency: Agency) -> None:
    guofang, partner = agency.browser(GUOFANG), person(agency, PARTNER_STAFF_NO)
    for pairs, words in (
        ({"last_day": "2028-01-01"}, "填写今天至合同终止日 2027-12-31 之间的日期"),
        ({"name": " "}, "接口名称不合要求或已使用"),
        ({"partner": person(agency, XIAOLIN)}, "只有外部合作单位可以申领接口令牌"),
    ):
        wanted = {"partner": partner, "name": "系统", "last_day": LAST} | pairs
        answer = guofang.post("/tokens", _passphrase=PASSPHRASE, **wanted)
        assert (answer.status_code, words in answer.text) == (400, True), pairs


def test_a_clerk_finds_no_such_page(agency: Agency) -> None:
    assert agency.browser(XIAOLIN).get("/tokens").status_code == 404
