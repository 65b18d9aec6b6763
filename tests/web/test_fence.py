"""The outermost layer: headers, hosts, requests from other sites, anti-forgery tokens, body sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from tests.web.office import Office, open_office
from web.app import page_routers


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


@pytest.mark.parametrize("path", ["/sign-in", "/static/css/base.css", "/no-such-page", "/"])
def test_every_answer_carries_the_security_headers(office: Office, path: str) -> None:
    headers = office.client.get(path, follow_redirects=False).headers
    policy = {part.strip() for part in headers["content-security-policy"].split(";")}
    assert {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    } <= policy
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


def test_an_unexpected_failure_is_answered_inside_the_fence_without_its_text(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office.sign_in()
    monkeypatch.setattr(office.people, "by_person", lambda person: 1 / (len(person) * 0))
    answer = office.client.get("/unlock")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text and "division" not in answer.text
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_failure_is_logged_by_place_never_with_the_values_around_it(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumble(name: str) -> None:
        raise ValueError(f"{name} 张文兰 31019919420315026X")

    office.sign_in()
    monkeypatch.setattr(office.people, "by_person", stumble)
    office.client.get("/unlock")
    logged = capsys.readouterr().out
    assert "ValueError" in logged and "stumble" in logged
    assert "张文兰" not in logged and "026X" not in logged


def test_an_address_that_cannot_be_read_is_not_found(office: Office) -> None:
    office.sign_in()
    assert office.client.get("/documents/x/revisions/abc").status_code == 404


def test_pages_are_never_kept_by_a_browser_and_versioned_files_are(office: Office) -> None:
    assert office.client.get("/sign-in").headers["cache-control"] == "no-store"
    kept = office.client.get("/static/css/base.css?v=1").headers["cache-control"]
    assert kept == "public, max-age=31536000, immutable"


def test_https_installations_ask_for_https_for_a_year() -> None:
    with open_office(https=True) as office:
        sent = office.client.get("/sign-in").headers["strict-transport-security"]
        assert sent == "max-age=31536000; includeSubDomains"


def test_a_host_that_is_not_ours_is_refused(office: Office) -> None:
    assert office.client.get("/sign-in", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_post_from_another_site_is_refused_before_anything_reads_it(
    office: Office, headers: dict[str, str]
) -> None:
    office.sign_in()
    csrf = office.csrf("/unlock")
    answer = office.client.post("/sign-out", data={"_csrf": csrf}, headers=headers, follow_redirects=False)
    assert answer.status_code == 403
    assert office.client.get("/unlock", follow_redirects=False).status_code == 200


@pytest.mark.parametrize("token", ["", "0" * 32, "é"])
def test_a_post_without_the_sessions_token_changes_nothing(office: Office, token: str) -> None:
    office.sign_in()
    answer = office.client.post("/sign-out", data={"_csrf": token}, follow_redirects=False)
    assert answer.status_code == 403
    assert "页面已过期" in answer.text
    assert office.client.get("/unlock", follow_redirects=False).status_code == 200


def test_the_token_of_one_session_does_not_serve_another(office: Office) -> None:
    office.sign_in()
    csrf = office.csrf("/unlock")
    office.client.post("/sign-out", data={"_csrf": csrf}, follow_redirects=False)
    office.sign_in()
    assert office.client.post("/sign-out", data={"_csrf": csrf}, follow_redirects=False).status_code == 403


def test_a_body_beyond_the_limit_is_refused() -> None:
    with open_office(request_bytes=10_000) as office:
        csrf = office.csrf()
        answer = office.client.post("/sign-in", data={"_csrf": csrf, "staff_no": "a" * 10_001})
        assert answer.status_code == 413


def test_every_page_route_that_can_be_posted_to_is_guarded(office: Office) -> None:
    office.sign_in()
    posted = [
        route.path
        for router in page_routers()
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    ]
    assert {"/sign-in", "/sign-out", "/unlock", "/language"} <= set(posted)
    answers = {
        path: office.client.post(
            re.sub(r"[{}]", "", path), data={"x": "1"}, follow_redirects=False
        ).status_code
        for path in posted
    }
    assert answers == dict.fromkeys(posted, 403)


def test_the_language_choice_holds_for_the_session(office: Office) -> None:
    office.sign_in()
    assert '<html lang="zh-CN">' in office.client.get("/unlock").text
    answer = office.client.post(
        "/language",
        data={"_csrf": office.csrf("/unlock"), "lang": "en", "next": "/unlock"},
        follow_redirects=True,
    )
    assert '<html lang="en">' in answer.text
