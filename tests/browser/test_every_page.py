"""Every page in both languages: no fault that axe finds, no scrolling sideways at 200 %, a quiet console."""

from __future__ import annotations

import re

import pytest

from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.running import Running
from tests.browser.seat import Seat
from tests.browser.verifying import a_blank_page, download_paper, verdict_of, with_a_page_drawn_over

LANGUAGES = [False, True]
CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def look_in_language(seat: Seat, english: bool) -> None:
    """Look, and see the page in the language asked for."""
    seat.look()
    assert seat.page.locator("html").get_attribute("lang") == ("en" if english else "zh-CN")


@pytest.mark.parametrize("english", LANGUAGES)
def test_pages_that_need_no_sign_in(sit: Sit, english: bool) -> None:
    anybody = sit(english=english)
    for path in (
        "/sign-in",
        "/verify",
        "/verify?code=ABCD-EFGH-JKLM-NPQR",
        "/verify?code=x",
        "/status",
        "/_kit",
    ):
        anybody.go(path)
        look_in_language(anybody, english)
    reply = anybody.go("/no/such/page")
    assert reply is not None and reply.status == 404
    look_in_language(anybody, english)


@pytest.mark.parametrize("english", LANGUAGES)
def test_pages_of_a_clerk(sit: Sit, english: bool) -> None:
    lin = sit("YW000231", english=english)
    lin.look()
    for path in (
        "/inbox/mine",
        "/inbox/recent",
        "/inbox/no-such-list",
        "/entry/new/info_entry",
        "/unlock",
        "/search",
    ):
        lin.go(path)
        look_in_language(lin, english)
    lin.go("/")
    for href in hrefs(lin, "/inbox/"):
        lin.go(href)
        look_in_language(lin, english)
    lin.go("/inbox/mine")
    for href in hrefs(lin, "/documents/")[:3]:
        lin.go(href)
        look_in_language(lin, english)
        lin.go(f"{href}/receipts/1")
        look_in_language(lin, english)
    lin.go("/")
    lin.go(hrefs(lin, "/drafts/")[0])
    look_in_language(lin, english)
    lin.turn_page(lambda: lin.page.locator(".entry-bar button[name=_check]").press("Enter"))
    look_in_language(lin, english)


@pytest.mark.parametrize("english", LANGUAGES)
def test_pages_of_an_auditor(sit_here: Sit, agency_here: Running, english: bool) -> None:
    doc = prepared.document(agency_here, ("SH000101", "claim"))
    zhou = sit_here("SH000101", english=english)
    zhou.look()
    zhou.go(f"/documents/{doc}/review")
    look_in_language(zhou, english)
    for name in ("return", "approve"):
        form = zhou.page.locator(f"#form-{name}")
        zhou.page.locator("details", has=form).locator("summary").first.press("Enter")
        zhou.turn_page(lambda form=form: form.locator("button").press("Enter"))  # type: ignore[misc]
        look_in_language(zhou, english)


@pytest.mark.parametrize("english", LANGUAGES)
def test_refusals_are_pages_too(sit: Sit, english: bool) -> None:
    lin = sit("YW000231", english=english)
    lin.go("/documents/" + "a" * 26)
    look_in_language(lin, english)
    token = lin.csrf()
    for path, data, status in (
        ("/drafts/" + "a" * 26, {"_csrf": token, "_save": "1"}, 404),
        ("/drafts/" + "a" * 26, {"_csrf": "no"}, 403),
        ("/unlock", {"_csrf": token, "_passphrase": "wrong"}, 423),
    ):
        lin.go("/")
        reply = post(lin, path, data)
        assert reply == status
        look_in_language(lin, english)
    clerk_of_it = sit("IT000004", english=english)
    clerk_of_it.look()
    clerk_of_it.go("/entry/new/info_entry")
    look_in_language(clerk_of_it, english)


@pytest.mark.parametrize("english", LANGUAGES)
def test_every_kind_of_verdict(sit: Sit, english: bool) -> None:
    lin, zheng = sit("YW000231"), sit(english=english)
    lin.go("/inbox/mine")
    newest, *_, oldest = (href.removeprefix("/documents/") for href in hrefs(lin, "/documents/"))
    paper, bundle = download_paper(lin, oldest), download_paper(lin, oldest, "bundle?disclose=all")
    shown = set()
    for name, data in (
        ("genuine.pdf", paper),
        ("pending.pdf", download_paper(lin, newest)),
        ("edited.pdf", with_a_page_drawn_over(paper)),
        ("cut.pdf", paper[: len(paper) // 2]),
        ("unsealed.pdf", a_blank_page()),
        ("bundle.json", bundle),
        ("another.json", b'{"a": 1}'),
    ):
        verdict = verdict_of(zheng, name, data)
        shown.add(verdict.split("\n\n")[1])
        look_in_language(zheng, english)
    assert len(shown) >= 5


def test_english_pages_are_english(sit: Sit) -> None:
    """Names of people, agencies and papers stay as they are; our own sentences do not."""
    lin = sit("YW000231", english=True)
    left: dict[str, list[str]] = {}
    paths = ("/", "/inbox/mine", "/entry/new/info_entry", "/unlock", "/verify", "/status")
    for path in (*paths, "/versions", "/regulation"):
        lin.go(path)
        words = lin.page.evaluate(
            "() => [...document.querySelectorAll('h1, h2, h3, label, legend, main button, dt, th, .hint')]"
            ".map(one => one.innerText)"
        )
        found = [one for one in words if CHINESE.search(one)]
        if found:
            left[path] = found
    assert left == {}


def hrefs(seat: Seat, start: str) -> list[str]:
    """Addresses of links in the main part that begin so, each once."""
    found = seat.page.locator(f"main a[href^='{start}']").evaluate_all(
        "links => links.map(one => one.getAttribute('href'))"
    )
    return list(dict.fromkeys(found))


def post(seat: Seat, path: str, data: dict[str, str]) -> int:
    """Send a form from the page that is open, as its own button would; the status of what follows."""
    with seat.page.expect_navigation() as reply:
        seat.page.evaluate(
            """([path, data]) => {
              const form = document.createElement("form");
              form.method = "post"; form.action = path;
              for (const [name, value] of Object.entries(data)) {
                const box = document.createElement("input");
                box.type = "hidden"; box.name = name; box.value = value; form.append(box);
              }
              document.body.append(form); form.submit();
            }""",
            [path, data],
        )
    assert reply.value is not None
    return reply.value.status
