"""A browser without scripts for the real server: cookies, the anti-forgery token, forms as a page sends them.

Keeps Secure cookies on http://localhost, as browsers do. Never follows a redirect by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from tests.attack.house import Answer, Server
from web.demo.people import PASSPHRASE, PASSWORD

FORM = "application/x-www-form-urlencoded"


class Browser:
    """One person's browser, or a visitor's."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._cookies: dict[str, str] = {}
        self.csrf = ""

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, "")

    def post(self, path: str, pairs: Iterable[tuple[str, str]] = (), *, csrf: str | None = None) -> Answer:
        """Post a form with the token of this browser's pages, or with another one."""
        token = self.csrf if csrf is None else csrf
        return self._ask("POST", path, urlencode([("_csrf", token), *pairs]).encode(), FORM)

    def upload(self, path: str, name: str, data: bytes, kind: str) -> Answer:
        """Post one file as a form of parts."""
        edge = "an-edge-of-the-attack"
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}'
        token = f'Content-Disposition: form-data; name="_csrf"\r\n\r\n{self.csrf}'
        body = (
            f"--{edge}\r\n{token}\r\n--{edge}\r\n{head}\r\n\r\n".encode()
            + data
            + f"\r\n--{edge}--\r\n".encode()
        )
        return self._ask("POST", path, body, f"multipart/form-data; boundary={edge}")

    def visit(self) -> None:
        """Look at a public page, as a visitor."""
        self.csrf = _token(self.get("/sign-in"))

    def copy(self) -> Browser:
        """A thief's browser with the same cookies."""
        other = Browser(self._server)
        other._cookies, other.csrf = dict(self._cookies), self.csrf
        return other

    def sign_in(self, staff_no: str) -> Browser:
        """Somebody signs in and opens the signing key."""
        self.csrf = _token(self.get("/sign-in"))
        answer = self.post(
            "/sign-in", [("staff_no", staff_no), ("password", PASSWORD), ("passphrase", PASSPHRASE)]
        )
        assert answer.status == 303, answer.body.decode()
        self.csrf = _token(self.get("/unlock"))
        return self

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if kind:
            headers["Content-Type"] = kind
        answer = self._server.send(method, path, body, headers)
        for line in filter(None, answer.headers.get("set-cookie", "").split("\n")):
            name, _, value = line.split(";", 1)[0].partition("=")
            self._cookies[name] = value
        return answer


def _token(page: Answer) -> str:
    return page.body.decode().split('name="_csrf" value="', 1)[1].split('"', 1)[0]
