"""The application while its vault is shut: what answers, how custodians open it, and what takes over."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from engine.desk import people
from storage.passphrases import Passphrases, Strength
from storage.unsealing import Lock, lock_by_passphrase, lock_by_shares
from storage.vault_client import VaultProcess
from tests.web.office import token_in
from web.app import create_app
from web.assemble import assemble, create_agency, open_desk
from web.demo.people import AGENCY, PEOPLE, ROLES
from web.sealed.gate import Gate, Inside
from web.sealed.pages import create_sealed_app
from web.sealed.vaults import post_of
from web.settings import Settings

QUICK = Strength(passes=1, memory=8192)
PASSPHRASE = "fifteen herons in a row"
SETTINGS = Settings(mode="serve", hosts=("testserver",))
SHARES = lock_by_shares(2, 3)


class Sealed:
    """An agency whose keys are shut, behind its gate."""

    def __init__(self, data: Path, lock: Lock) -> None:
        self.data = data
        vault = create_agency(data, AGENCY, lock=lock).vault
        opened = open_desk(data, vault=vault)
        people.found(opened.desk, ROLES)
        people.enrol(opened.desk, [PEOPLE[0].as_newcomer()])
        opened.close()
        self.process = VaultProcess(replace(post_of(data, SETTINGS), strength=QUICK))
        sealed = create_sealed_app(data, AGENCY, self.process.client, SETTINGS, None)
        self.gate = Gate(self.process.client, sealed, self._inside)

    def _inside(self) -> Inside:
        services, opened = assemble(self.data, SETTINGS, vault=self.process.client)
        app: FastAPI = create_app(services)
        return Inside(app, opened.close)


@pytest.fixture(params=[lambda: lock_by_passphrase(Passphrases(QUICK), PASSPHRASE, QUICK), lambda: SHARES],
                ids=["passphrase", "shares"])  # fmt: skip
def sealed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sealed]:
    before = os.environ.get("XDG_CONFIG_HOME")
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path / "configuration")
    made = Sealed(tmp_path / "data", request.param())
    yield made
    made.process.close()
    if before is None:
        del os.environ["XDG_CONFIG_HOME"]
    else:
        os.environ["XDG_CONFIG_HOME"] = before


def browser_at(sealed: Sealed) -> TestClient:
    return TestClient(sealed.gate, base_url="https://testserver", follow_redirects=False)


def offer(browser: TestClient, secret: str) -> httpx2.Response:
    token = token_in(browser.get("/unseal").text)
    return browser.post("/unseal", data={"_csrf": token, "secret": secret})


def test_a_shut_application_answers_status_unsealing_and_verification_alone(sealed: Sealed) -> None:
    with browser_at(sealed) as browser:
        assert {path: browser.get(path).status_code for path in ("/status", "/unseal", "/verify")} == {
            "/status": 200, "/unseal": 200, "/verify": 200,
        }  # fmt: skip
        for path in ("/", "/sign-in", "/inbox/mine", "/documents/" + "a" * 26, "/log/checkpoint", "/enrol/x"):
            answer = browser.get(path)
            assert (path, answer.status_code, "系统已上锁" in answer.text) == (path, 503, True)
        api = browser.post("/api/v1/documents", json={})
        assert (api.status_code, api.json()["code"]) == (503, "vault.sealed")
        assert (browser.get("/status.json").status_code, browser.get("/status.json").json()["sealed"]) == (
            503,
            True,
        )


def test_custodians_open_it_at_the_page_and_the_whole_application_takes_over(sealed: Sealed) -> None:
    is_split = sealed.process.client.state().mode == "shares"
    with browser_at(sealed) as browser:
        wrong = offer(browser, "academic acid acne" if is_split else "fifteen herons in a pond")
        assert (wrong.status_code, 'role="alert"' in wrong.text) == (403, True)
        if is_split:
            first = offer(browser, SHARES.shares[2])
            assert (first.status_code, first.headers["location"]) == (303, "/unseal")
            assert "已输入 1 份，需要 2 份" in browser.get("/unseal").text
            done = offer(browser, SHARES.shares[0])
        else:
            done = offer(browser, PASSPHRASE)
        assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
        assert browser.get("/sign-in").status_code == 200
        assert browser.get("/unseal").status_code == 404
        status = browser.get("/status").text
        assert "在单独的密钥进程内" in status and "重启之后，须由保管人开启才可读" in status


def test_opened_from_the_command_line_it_takes_over_by_itself(sealed: Sealed) -> None:
    vault = sealed.process.client
    with browser_at(sealed) as browser:
        if vault.state().mode == "shares":
            for share in SHARES.shares[:2]:
                vault.offer_share(share)
        else:
            vault.unseal(PASSPHRASE)
        for _ in range(100):
            if browser.get("/sign-in").status_code == 200:
                break
            time.sleep(0.1)
        assert browser.get("/sign-in").status_code == 200


def test_a_forged_form_opens_nothing(sealed: Sealed) -> None:
    with browser_at(sealed) as browser:
        browser.get("/unseal")
        answer = browser.post("/unseal", data={"_csrf": "0" * 64, "secret": PASSPHRASE})
        assert (answer.status_code, sealed.process.client.state().is_open) == (403, False)
