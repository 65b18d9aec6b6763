"""The second verifier in a real browser: on the public page, and as one file without a network."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.running import Running
from tests.browser.seat import Seat, sit_down
from tests.browser.verifying import download_paper, verdict_of, with_a_page_drawn_over
from web.verifier.build import PAGE, with_trust

PDF = "application/pdf"


@pytest.fixture(scope="module")
def paper(agency_here: Running, browser: Browser) -> bytes:
    """The print of a submitted document."""
    lin = sit_down(browser, agency_here.address, "YW000231")
    lin.page.context.set_default_timeout(90_000)  # the first print starts the renderer
    printed = download_paper(lin, prepared.document(agency_here))
    lin.page.context.close()
    return printed


@pytest.fixture(scope="module")
def trust(agency_here: Running) -> bytes:
    """The agency's trust.json."""
    assert agency_here.services is not None
    return agency_here.services.desk.trust.root_chain()


@pytest.fixture
def apart(browser: Browser, tmp_path: Path) -> Iterator[Seat]:
    """A window without a network, at the file that works without one."""
    file = tmp_path / PAGE.name
    file.write_bytes(PAGE.read_bytes())
    seat = sit_down(browser, file.as_uri())
    seat.page.context.set_offline(True)
    seat.go("")
    yield seat
    seat.page.context.close()
    assert seat.trouble == []


def _hand(page: Page, field: str, name: str, data: bytes, kind: str = PDF) -> None:
    page.set_input_files(field, {"name": name, "mimeType": kind, "buffer": data})


def test_the_public_page_judges_without_the_file_leaving(sit_here: Sit, paper: bytes) -> None:
    zheng = sit_here()
    sent: list[tuple[str, str]] = []
    zheng.page.on("request", lambda one: sent.append((one.method, one.url.removeprefix(zheng.address))))
    words = verdict_of(zheng, "paper.pdf", paper)
    assert "✓" in words
    asked = [path.partition("=")[0] for method, path in sent if "static" not in path]
    assert (asked, {method for method, _ in sent}) == (
        ["/verify", "/log/trust.json", "/verify/standing?doc"], {"GET"},
    )  # fmt: skip
    zheng.look()


def test_the_public_page_names_the_page_that_was_drawn_over(sit_here: Sit, paper: bytes) -> None:
    assert "第 1 页" in verdict_of(sit_here(), "paper.pdf", with_a_page_drawn_over(paper))


def test_the_server_still_judges_who_asks_it_to(sit_here: Sit, paper: bytes) -> None:
    zheng = sit_here()
    zheng.go("/verify")
    _hand(zheng.page, "#file", "paper.pdf", paper)
    zheng.press_button("改由服务器核验")
    assert (zheng.path, "✓" in zheng.page.locator(".verdict").inner_text()) == ("/verify", True)


def test_one_file_judges_without_a_network(apart: Seat, paper: bytes, trust: bytes) -> None:
    page = apart.page
    _hand(page, "#file", "paper.pdf", paper)
    assert "印章未知" in page.locator(".verdict").inner_text()
    _hand(page, "#trust", "trust.json", trust, "application/json")
    page.locator(".verdict-good").wait_for()
    assert page.evaluate("document.activeElement.className") == "verdict verdict-good"
    apart.look()
    _hand(page, "#file", "paper.pdf", with_a_page_drawn_over(paper))
    page.locator(".verdict-bad").wait_for()
    apart.look()
    page.get_by_role("button", name="English").click()
    assert "(Changed: page 1)" in page.locator(".verdict").inner_text()
    assert page.locator("html").get_attribute("lang") == "en"
    apart.look()


def test_the_file_says_what_is_no_trust_file(apart: Seat, paper: bytes) -> None:
    _hand(apart.page, "#trust", "trust.json", paper, "application/json")
    assert apart.page.get_by_role("alert").inner_text() == "这不是可用的信任文件。核对后重新选择。"
    apart.look()


def test_the_agencys_own_copy_of_the_file_holds_its_trust(sit_here: Sit, trust: bytes) -> None:
    zheng = sit_here()
    zheng.go("/verify")
    with zheng.page.expect_download() as waiting:
        zheng.page.get_by_role("link", name="下载离线核验文件").click()
    found: Any = waiting.value
    assert found.suggested_filename == PAGE.name
    held = Path(found.path()).read_text("utf-8")
    assert held == with_trust(PAGE.read_text("utf-8"), trust)
    assert base64.b64encode(trust).decode() in held
