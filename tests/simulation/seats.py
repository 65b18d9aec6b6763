"""Everybody's way to the agency: one HTTP line, a token each, a browser each for what asks for a passphrase.

Decides how a request is sent and counts every refusal: one that was not meant ends the run with its words.
"""

from __future__ import annotations

import http.client
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from web.demo.people import PASSPHRASE, PASSWORD

FORM = "application/x-www-form-urlencoded"
_TOKEN = re.compile(r'name="_csrf" value="([^"]+)"')


class Unexpected(AssertionError):
    """An answer that nobody meant."""


@dataclass
class Line:
    """A connection to the server, and what it was asked."""

    port: int
    tokens: Mapping[str, str]
    asked: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    _csrf: dict[str, str] = field(default_factory=dict)
    _keys: int = 0
    _line: http.client.HTTPConnection | None = None

    # -- by token --

    def call(
        self, who: str, method: str, path: str, body: Any = None, *, refusal: str = "", **headers: str
    ) -> Any:
        """One call of the API. `refusal` is the code that is meant to come back, if one is."""
        told = {"Authorization": f"Bearer {self.tokens[who]}", **headers}
        data = None
        if method == "POST":
            self._keys += 1
            told["Idempotency-Key"] = f"life-{self._keys}"
            told.setdefault("Content-Type", "application/json")
            data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        status, _, answer = self._send(method, f"/api/v1{path}", data, told)
        self.asked["api"] += 1
        if status < 300 and not refusal:
            return json.loads(answer) if answer[:1] in b"{[" else answer
        said = json.loads(answer) if answer[:1] == b"{" else {}
        codes = {said.get("code", "")} | {one["code"] for one in said.get("problems", ())}
        if not refusal or refusal not in codes:
            raise Unexpected(f"{who} {method} {path}: {status} {said or answer[:300]!r}, meant {refusal!r}")
        self.refused[f"{status} {refusal}"] += 1
        return said

    def submit(self, who: str, form: str, answers: Any, *, refusal: str = "", **more: Any) -> Any:
        """File a document, or the parts of `doc` that its next step opens; the receipt."""
        body = {"form": form, "answers": answers, **more}
        return self.call(who, "POST", "/documents", body, refusal=refusal)

    def take(self, who: str, receipt: Any, step: str, answers: Any = None, *, refusal: str = "") -> Any:
        """Take a step from the state that a receipt tells of."""
        body = {"answers": answers or {}, "expected_head": receipt["event"]}
        path = f"/documents/{receipt['doc']}/transitions/{step}"
        return self.call(who, "POST", path, body, refusal=refusal)

    def read(self, who: str, doc: str) -> Any:
        """A document as somebody may see it, its head as `event` as in a receipt."""
        found = self.call(who, "GET", f"/documents/{doc}")
        return {**found, "event": found["head"]}

    def bundle(self, who: str, doc: str) -> bytes:
        """The proof bundle of a document."""
        path = f"/api/v1/documents/{doc}/bundle?disclose=none"
        status, _, data = self._send("GET", path, None, {"Authorization": f"Bearer {self.tokens[who]}"})
        if status != 200:
            raise Unexpected(f"{who} bundle {doc}: {status} {data[:300]!r}")
        return data

    def upload(self, who: str, data: bytes) -> str:
        """Stage a file; its digest."""
        answer = self.call(who, "POST", "/files", data, **{"Content-Type": "application/pdf"})
        return str(answer["sha256"])

    # -- by browser --

    def page(self, who: str, path: str, *, status: int = 200) -> str:
        """A page as somebody sees it, signed in again where the day's session has ended."""
        got, _, data = self._visit(who, "GET", path, None)
        if got == 303:
            self._sign_in(who)
            got, _, data = self._visit(who, "GET", path, None)
        if got != status:
            raise Unexpected(f"{who} GET {path}: {got} {_words(data)}")
        return data.decode()

    def press(
        self, who: str, path: str, pairs: Iterable[tuple[str, str]] = (), *, status: int = 303
    ) -> tuple[str, str]:
        """Send a form of a page with the signing passphrase; (where it leads, the page)."""
        self.page(who, "/unlock")
        sent = urlencode([("_csrf", self._csrf[who]), ("_passphrase", PASSPHRASE), *pairs]).encode()
        got, headers, data = self._visit(who, "POST", path, sent)
        if got != status:
            raise Unexpected(f"{who} POST {path}: {got} {_words(data)}")
        if got >= 400:
            self.refused[f"{got} on a page"] += 1
        return headers.get("location", ""), data.decode()

    def decide(
        self, who: str, doc: str, step: str, *, status: int = 303, **answers: str | list[str]
    ) -> str:
        """A step taken on the document's page, with the head that the page shows."""
        shown = self.page(who, f"/documents/{doc}")
        head = re.search(r'name="_head" value="([0-9a-f]+)"', shown)
        if head is None and status == 303:
            raise Unexpected(f"{who} has nothing to decide on {doc} ({step})")
        self._keys += 1
        # A button that is not there is pressed all the same.
        seen = head[1] if head else self.read(who, doc)["head"]
        pairs = [("_head", seen), ("_key", f"life-{self._keys}")]
        for name, said in answers.items():
            pairs += [(name, one) for one in (said if isinstance(said, list) else [said])]
        return self.press(who, f"/documents/{doc}/transitions/{step}", pairs, status=status)[1]

    def _sign_in(self, who: str) -> None:
        self._cookies[who] = {}
        self._csrf[who] = _token(self._visit(who, "GET", "/sign-in", None)[2])
        said = [("_csrf", self._csrf[who]), ("staff_no", who), ("password", PASSWORD)]
        said += [("passphrase", PASSPHRASE)]
        got, _, data = self._visit(who, "POST", "/sign-in", urlencode(said).encode())
        if got != 303:
            raise Unexpected(f"{who} cannot sign in: {got} {_words(data)}")
        self._csrf[who] = _token(self._visit(who, "GET", "/unlock", None)[2])
        self.asked["sign-in"] += 1

    def _visit(
        self, who: str, method: str, path: str, body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        cookies = self._cookies.setdefault(who, {})
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if body is not None:
            headers["Content-Type"] = FORM
        status, told, data = self._send(method, path, body, headers)
        self.asked["page"] += 1
        for one in filter(None, told.get("set-cookie", "").split("\n")):
            name, _, value = one.split(";", 1)[0].partition("=")
            cookies[name] = value
        return status, told, data

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        self._line.request(method, path, body, {"Host": f"localhost:{self.port}", **headers})
        reply = self._line.getresponse()
        told: dict[str, str] = {}
        for name, value in reply.getheaders():
            told[name.lower()] = "\n".join(filter(None, (told.get(name.lower()), value)))
        data = reply.read()
        if told.get("connection") == "close":
            self._line.close()
            self._line = None
        return reply.status, told, data


def _token(page: bytes) -> str:
    found = _TOKEN.search(page.decode())
    if found is None:
        raise Unexpected(f"no form on the page: {_words(page)}")
    return found[1]


def _words(page: bytes) -> str:
    """What a page says, without its marks."""
    marks = r"<(script|style|svg)[^>]*>.*?</\1>|<[^>]+>"
    text = re.sub(marks, " ", page.decode("utf-8", "replace"), flags=re.S)
    return re.sub(r"\s+", " ", text)[:1500]
