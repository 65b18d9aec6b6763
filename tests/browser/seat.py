"""One person at one browser: a window of 1366x768, a keyboard, and an eye that checks every page looked at.

The hands use no mouse. The eye runs axe (WCAG 2.2 A and AA and its best practices) on the page as it stands
and looks whether it must be scrolled sideways at 683 pixels, which is 200 % of this window.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, Route, ViewportSize

from web.demo.people import PASSPHRASE, PASSWORD

WIDE: ViewportSize = {"width": 1366, "height": 650}  # a screen of 768 lines less the browser's own frame
DOUBLED: ViewportSize = {"width": 683, "height": 325}
_AXE = Axe()


@dataclass
class Seat:
    """A person's window. `trouble` collects what must never happen."""

    page: Page
    address: str
    has_script: bool = True
    trouble: list[str] = field(default_factory=list)

    def go(self, path: str) -> Response | None:
        """Open an address of ours."""
        return self.page.goto(self.address + path)

    @property
    def path(self) -> str:
        """The address without the host."""
        return self.page.url.removeprefix(self.address)

    def focused(self) -> dict[str, Any]:
        """What has the focus: tag, type, name, value, id, checked, label."""
        found: dict[str, Any] = self.page.evaluate(_FOCUSED)
        return found

    def tab_to(self, wanted: Callable[[dict[str, Any]], bool], back: bool = False, limit: int = 250) -> Any:
        """Press Tab until the wanted thing has the focus."""
        for _ in range(limit):
            here = self.focused()
            if wanted(here):
                return here
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"never reached by Tab on {self.path}")

    def press_button(self, words: str, back: bool = False) -> None:
        """Reach a button or link by its words and press Enter; waits for the page that follows."""
        self.tab_to(lambda at: at["tag"] in ("BUTTON", "A") and at["words"] == words, back)
        self.turn_page(lambda: self.page.keyboard.press("Enter"))

    def turn_page(self, do: Callable[[], object]) -> None:
        """Do something that leads to another page, and wait for that page."""
        before = self.page.evaluate("performance.timeOrigin")
        do()
        self.wait_for_new_page(before)

    def unfold(self, words: str) -> None:
        """Open a folded part of the page by its words."""
        self.tab_to(lambda at: at["tag"] == "SUMMARY" and words in at["words"])
        if not self.page.evaluate("document.activeElement.parentNode.open"):
            self.page.keyboard.press("Enter")

    def wait_for_new_page(self, before: float) -> None:
        """Until another page than the one born at `before` is there and its scripts have run."""
        for _ in range(200):
            try:
                if self.page.evaluate("performance.timeOrigin") != before:
                    break
            except Exception as moved:  # the page goes away while it is asked
                if "navigation" not in str(moved) and "destroyed" not in str(moved):
                    raise
            self.page.wait_for_timeout(25)
        self.page.wait_for_load_state("load")

    def type_over(self, text: str) -> None:
        """Replace the text of the focused field."""
        self.page.keyboard.press("Control+a")
        if text.isascii():
            self.page.keyboard.type(text)
        else:
            self.page.keyboard.insert_text(text)

    def look(self, *, sideways: bool = True) -> None:
        """Check the page as it stands: no fault of accessibility, no scrolling sideways at 200 %."""
        page = self.page if self.has_script else self._lens()
        found = _AXE.run(page, options=_RULES)
        faults = [_fault(one) for one in found.response["violations"]]
        if sideways:
            page.set_viewport_size(DOUBLED)
            wide = page.evaluate(_TOO_WIDE)
            page.set_viewport_size(WIDE)
            faults += [f"scrolls sideways at 683: {wide}"] if wide else []
        if page is not self.page:
            page.context.close()
        assert faults == [], f"{self.path}: " + "\n".join(faults)

    def _lens(self) -> Page:
        """The page of a window without scripts, in one where axe can run but nothing of ours."""
        browser = self.page.context.browser
        assert browser is not None
        page = browser.new_context(viewport=WIDE, locale="zh-CN", bypass_csp=True).new_page()
        page.route("**/*.js*", lambda route: route.abort())
        page.route(self.page.url, _handed(self.page.content()))
        page.goto(self.page.url)
        return page

    def text(self) -> str:
        """The words of the page's main part."""
        return self.page.locator("main").inner_text()

    def sign_in(self, staff_no: str, *, passphrase: str = PASSPHRASE) -> None:
        """Sign in by keyboard."""
        if "/sign-in" not in self.page.url:
            self.go("/sign-in")
        for name, text in (("staff_no", staff_no), ("password", PASSWORD), ("passphrase", passphrase)):
            self.tab_to(partial(_is_named, name))
            self.page.keyboard.type(text)
        self.turn_page(lambda: self.page.keyboard.press("Enter"))

    def csrf(self) -> str:
        """The page's anti-forgery token."""
        return self.page.locator("input[name=_csrf]").first.input_value()


def sit_down(
    browser: Browser, address: str, staff_no: str = "", *, script: bool = True, english: bool = False
) -> Seat:
    """A new window of its own; signed in when a staff number is given."""
    context = browser.new_context(
        viewport=WIDE, java_script_enabled=script, locale="zh-CN", timezone_id="Asia/Shanghai",
        accept_downloads=True, bypass_csp=False,
    )  # fmt: skip
    context.set_default_timeout(30_000)
    page = context.new_page()
    seat = Seat(page, address, script)
    page.on("console", lambda message: _heard(seat, message))
    page.on("pageerror", lambda fault: seat.trouble.append(f"{seat.path}: script: {fault}"))
    page.on("crash", lambda _: seat.trouble.append(f"{seat.path}: the page crashed"))
    if staff_no:
        seat.sign_in(staff_no)
        assert seat.path == "/", seat.path
    if english:
        seat.go("/")
        seat.press_button("English")
    return seat


def _is_named(name: str, at: dict[str, Any]) -> bool:
    return bool(at["name"] == name)


def _handed(html: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")


def _heard(seat: Seat, message: ConsoleMessage) -> None:
    status = re.search(r"the server responded with a status of (\d+)", message.text)
    if status is not None and int(status[1]) in (401, 403, 404, 409, 413, 422, 423, 429):
        return  # the browser's own note about an answer that the tests ask for
    seat.trouble.append(f"{seat.path}: {message.type}: {message.text}")


def _fault(one: dict[str, Any]) -> str:
    places = [f"{node['target']} {node['html'][:160]}" for node in one["nodes"][:4]]
    return f"{one['id']} ({one['impact']}) {one['help']}: {json.dumps(places, ensure_ascii=False)}"


_RULES = {"resultTypes": ["violations"]}
_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return "";
  const out = [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > room + 1)
    .slice(0, 4).map(one => one.tagName + "." + one.className + "#" + one.id);
  return document.documentElement.scrollWidth + " " + out.join(" ");
}"""
_FOCUSED = """() => {
  const at = document.activeElement || document.body;
  const words = (at.innerText || "").trim().replace(/\\s+/g, " ");
  return {tag: at.tagName, type: at.type || "", name: at.name || "", value: at.value || "", id: at.id,
          checked: !!at.checked, words, href: at.getAttribute("href") || "",
          index: at.tagName === "SELECT" ? at.selectedIndex : -1,
          values: at.tagName === "SELECT" ? [...at.options].map(one => one.value) : []};
}"""
