"""What one person at a browser waits for: the form page, the check of a field, the inbox, a one-page PDF.

Speaks to the real server over one kept connection; the figure is the time until the last byte, of which about
a tenth of a millisecond is the client's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from tests.benchmarks.load import Answer, Load, body_of, json_of, request, run
from web.demo.people import PASSPHRASE, PASSWORD

_FORM = "application/x-www-form-urlencoded"


@dataclass
class Browser:
    """One signed-in person: the cookies and the anti-forgery token."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def sign_in(self, staff_no: str) -> None:
        """Sign in and open the signing key."""
        self.csrf = _token_in(self._one("GET", "/sign-in", 200))
        pairs = {"staff_no": staff_no, "password": PASSWORD, "passphrase": PASSPHRASE, "_csrf": self.csrf}
        self._one("POST", "/sign-in", 303, urlencode(pairs).encode())
        self.csrf = _token_in(self._one("GET", "/unlock", 200))

    def _one(self, method: str, path: str, status: int, body: bytes = b"") -> str:
        load = run(self.port, 1, [self.request(method, path, body)], status)
        head = load.answers[0].body.split(b"\r\n\r\n", 1)[0].decode("latin-1")
        for name, value in re.findall(r"(?im)^set-cookie: ([^=]+)=([^;\r]*)", head):
            self.cookies[name] = value
        return text_of(load.answers[0])

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        """The bytes of a request of this person."""
        told = {"Content-Type": _FORM, "Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        told |= {"Sec-Fetch-Site": "same-origin", **{n.replace("_", "-"): v for n, v in headers.items()}}
        return request(method, path, body, told)

    def get(self, path: str, times: int) -> Load:
        """The same page several times, one after the other; once before, unmeasured."""
        return _but_first(run(self.port, 1, [self.request("GET", path)] * (times + 1), 200))

    def check_field(self, draft: str, pointer: str, times: int) -> Load:
        """The check of one changed field of a filled form, as the page posts it."""
        filled = controls_of(self._one("GET", f"/drafts/{draft}", 200))
        pairs = [(name, value) for name, value in filled if name not in ("_csrf", "_field")]
        body = urlencode([*pairs, ("_csrf", self.csrf), ("_field", pointer)]).encode()
        asked = self.request(
            "POST", f"/drafts/{draft}/field", body, HX_Request="true", HX_Request_Type="partial"
        )
        return _but_first(run(self.port, 1, [asked] * (times + 1), 200))

    def first_inbox(self) -> str:
        """The address of the first list with work in it."""
        found = re.search(r'href="(/inbox/[^"]+\.claim)"', self._one("GET", "/", 200))
        if found is None:
            raise RuntimeError("no list of work on the home page")
        return found[1]


def _but_first(load: Load) -> Load:
    return Load(load.answers[1:], load.seconds)


def text_of(answer: Answer) -> str:
    """The page."""
    return body_of(answer).decode()


def _token_in(html: str) -> str:
    return html.split('name="_csrf" value="', 1)[1].split('"', 1)[0]


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self._select = self._area = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = dict(attrs)
        name, value = got.get("name") or "", got.get("value") or ""
        if tag == "input" and name and got.get("type") not in ("submit", "button", "file", "image"):
            if got.get("type") not in ("checkbox", "radio") or "checked" in got:
                self.pairs.append((name, value or ("on" if got.get("type") == "checkbox" else "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in got:
            self.pairs.append((self._select, value))
        elif tag == "textarea":
            self._area, self._text = name, ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            self.pairs.append((self._area, self._text))
            self._area = ""
        elif tag == "select":
            self._select = ""


def controls_of(html: str) -> list[tuple[str, str]]:
    """What a browser would send of a page's controls, buttons aside."""
    reader = _Controls()
    reader.feed(html)
    return reader.pairs


__all__ = ["Browser", "controls_of", "json_of", "text_of"]
