"""Signing in, the session's limits, the signing key's passphrase."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.office import PASSPHRASE, PASSWORD, Office, open_office, token_in


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


def test_the_session_cookie_is_bound_to_this_host_and_hidden_from_scripts(office: Office) -> None:
    answer = office.sign_in()
    assert answer.status_code == 303
    name, _, rest = answer.headers["set-cookie"].partition("=")
    token, *flags = [part.strip() for part in rest.split(";")]
    assert name == "__Host-fengjian"
    assert len(token) == 64
    assert {flag.lower() for flag in flags} == {"httponly", "path=/", "samesite=strict", "secure"}


def test_the_server_keeps_only_the_digest_of_the_token(office: Office) -> None:
    office.sign_in()
    token = office.client.cookies["__Host-fengjian"]
    assert token not in repr(office.services.sessions._records)


def test_a_new_sign_in_ends_the_old_session_and_gets_a_new_token(office: Office) -> None:
    office.sign_in(passphrase=PASSPHRASE)
    first = office.client.cookies["__Host-fengjian"]
    page = office.client.get("/unlock")
    office.client.post(
        "/sign-in",
        data={"_csrf": token_in(page.text), "staff_no": "SH000007", "password": PASSWORD},
        follow_redirects=False,
    )
    assert office.client.cookies["__Host-fengjian"] != first
    assert office.services.sessions.look(first) is None
    assert office.vault.unlocked == {}


def test_an_unknown_account_and_a_wrong_password_get_the_same_answer_after_the_same_work(
    office: Office,
) -> None:
    unknown = office.sign_in(staff_no="YW999999")
    wrong = office.sign_in(password="不是这个")
    assert (unknown.status_code, wrong.status_code) == (401, 401)
    assert office.people.checks == [None, "YW000231"]
    assert unknown.text.replace("YW999999", "#") == wrong.text.replace("YW000231", "#")


def test_a_dismissed_person_cannot_sign_in_and_is_out_at_the_next_request(office: Office) -> None:
    office.sign_in(passphrase=PASSPHRASE)
    assert office.client.get("/unlock", follow_redirects=False).status_code == 200
    office.dismiss("YW000231")
    answer = office.client.get("/unlock", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Funlock")
    assert office.vault.unlocked == {}
    assert office.sign_in().status_code == 401


def test_twenty_idle_minutes_end_a_session(office: Office) -> None:
    office.sign_in()
    office.clock.move(minutes=19)
    assert office.client.get("/unlock", follow_redirects=False).status_code == 200
    office.clock.move(minutes=20)
    assert office.client.get("/unlock", follow_redirects=False).status_code == 303


def test_twelve_hours_end_a_session_however_busy(office: Office) -> None:
    office.sign_in()
    for _ in range(47):
        office.clock.move(minutes=15)
        assert office.client.get("/unlock", follow_redirects=False).status_code == 200
    office.clock.move(minutes=15)
    assert office.client.get("/unlock", follow_redirects=False).status_code == 303


def test_asking_how_much_time_is_left_does_not_keep_a_session_alive(office: Office) -> None:
    office.sign_in()
    office.clock.move(minutes=18)
    assert office.client.get("/session").json() == {"left": 120}
    office.clock.move(minutes=2)
    assert office.client.get("/session").json() == {"left": 0}


def test_guessing_gets_slower_but_never_locks_the_account_for_good(office: Office) -> None:
    for _ in range(5):
        assert office.sign_in(password="猜").status_code == 401
    assert office.sign_in().status_code == 429
    office.clock.move(seconds=2)
    assert office.sign_in(password="再猜").status_code == 401
    office.clock.move(seconds=1)
    assert office.sign_in().status_code == 429
    office.clock.move(minutes=5)
    assert office.sign_in().status_code == 303


def test_one_address_that_tries_many_accounts_has_to_wait(office: Office) -> None:
    statuses = [office.sign_in(staff_no=f"YW9{n:05d}").status_code for n in range(31)]
    assert statuses == [401] * 30 + [429]


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    office.sign_in(passphrase=PASSPHRASE)
    token = office.client.cookies["__Host-fengjian"]
    office.client.post("/sign-out", data={"_csrf": office.csrf("/unlock")}, follow_redirects=False)
    assert office.services.sessions.look(token) is None
    assert office.vault.unlocked == {}


def test_the_passphrase_at_sign_in_opens_the_signing_key(office: Office) -> None:
    office.sign_in(passphrase=PASSPHRASE)
    assert list(office.vault.unlocked.values()) == ["p_yw000231aaaaaaaa"]


def test_a_wrong_passphrase_at_sign_in_still_signs_in_and_asks_again(office: Office) -> None:
    answer = office.sign_in(passphrase="错的")
    assert answer.status_code == 423
    assert "签名口令不对" in answer.text
    assert office.client.get("/unlock", follow_redirects=False).status_code == 200


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "\t//evil"]
)
def test_signing_in_leads_only_to_addresses_of_ours(office: Office, target: str) -> None:
    answer = office.client.post(
        "/sign-in",
        data={"_csrf": office.csrf(), "staff_no": "YW000231", "password": PASSWORD, "next": target},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/"
