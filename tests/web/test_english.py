"""Every page in English, as every role: no Chinese but what people typed, and names of people and places.

The kit page is left out: what stands on it are samples, as invented as a document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.testclient import TestClient

import schemas
from engine.desk import deciding, drafting, listing, reading
from tests.house.sources import CHINESE
from tests.web.conftest import DemoAgency
from tests.web.office import token_in
from web.app import create_app
from web.demo.people import PASSPHRASE, PASSWORD, PEOPLE

SHOWN = (
    "title", "aria-label", "placeholder", "alt", "content", "data-text", "data-stay", "data-over", "label",
)  # fmt: skip
ONE_OF_EACH_ROLE = {one.role: one.staff_no for one in reversed(PEOPLE)}
# Official numbers, and values that the engine has masked: a date, a name, an address.
NUMBERS = re.compile(
    r"长护\w{1,3}〔\d{4}〕\d+号|\d{4}年\*\*月\*\*日|[\u4e00-\u9fff]\*+[\u4e00-\u9fff]?|[\u4e00-\u9fff]+\*{4}"
)
PAGES = ("/", "/search", "/verify", "/status", "/unlock", "/entry/new/info_entry", "/nothing")
LEAVES_ENGLISH = ("中文", "封")  # the switch to Chinese, and the seal drawn in the header


class Words(HTMLParser):
    """What a page says: texts, and the attributes that people see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


class Reader:
    """One person with a browser set to English."""

    def __init__(self, app: Any, staff_no: str = "") -> None:
        self.client = TestClient(app, base_url="https://testserver")
        self.visited: dict[str, str] = {}
        self.client.post(
            "/language", data={"lang": "en", "next": "/sign-in", "_csrf": token_in(self.get("/sign-in"))}
        )
        if staff_no:
            self.post("/sign-in", staff_no=staff_no, password=PASSWORD, passphrase=PASSPHRASE)
            self.post("/language", lang="en", next="/")
        self.visited.clear()

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.visited[path] = answer.text
        return answer.text

    def post(self, path: str, **pairs: str) -> str:
        csrf = token_in(self.client.get("/verify").text)
        answer = self.client.post(path, data={"_csrf": csrf, **pairs})
        self.visited[f"POST {path} {sorted(pairs)}"] = answer.text
        return answer.text

    def chinese(self, known: list[str]) -> dict[str, str]:
        """Chinese words by page, with what people typed taken out."""
        found: dict[str, str] = {}
        for path, html in self.visited.items():
            words = Words()
            words.feed(html)
            for text in words.found:
                rest = NUMBERS.sub("", text)
                for one in known if CHINESE.search(rest) else ():
                    rest = rest.replace(one, "")
                if CHINESE.search(rest):
                    found.setdefault(rest.strip(), path)
        return found


@pytest.fixture(scope="module")
def typed(demo: DemoAgency) -> list[str]:
    """Everything that people typed or are called, longest first; and the names of regions."""
    desk = demo.services.desk
    found: set[str] = set(LEAVES_ENGLISH) | {one.name for one in PEOPLE} | {one.title for one in PEOPLE}

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from texts(inner)

    for row in demo.rows():
        found |= set(texts(reading.answers_of(desk, row)))
        found |= set(texts(reading.transition_answers(desk, row)))
    for draft in drafting.list_drafts(desk, demo.session("YW000231").actor):
        found |= set(texts(dict(draft.answers)))
    regions = json.loads(schemas.root().joinpath("codes", "regions.json").read_bytes())["entries"]
    found |= {one[name] for one in regions for name in ("name", "full") if one.get(name)}
    return sorted((one for one in found if CHINESE.search(one)), key=len, reverse=True)


@pytest.fixture(scope="module")
def app(demo: DemoAgency) -> Any:
    return create_app(demo.services)


@pytest.mark.parametrize("role", sorted(ONE_OF_EACH_ROLE))
def test_no_page_of_a_role_lacks_its_english(demo: DemoAgency, app: Any, typed: list[str], role: str) -> None:
    reader, desk = Reader(app, ONE_OF_EACH_ROLE[role]), demo.services.desk
    actor = demo.session(ONE_OF_EACH_ROLE[role]).actor
    for path in PAGES:
        reader.get(path)
    reader.post("/search", q="长护录〔2026〕999号")
    for view in listing.views(desk, actor):
        reader.get(f"/inbox/{view.name}")
    for draft in drafting.list_drafts(desk, actor):
        reader.get(f"/drafts/{draft.id}")
        reader.post(f"/drafts/{draft.id}", _check="1")
    for row in demo.rows():
        doc = row["doc"]
        page = reader.get(f"/documents/{doc}")
        for path in set(re.findall(r'href="(/documents/[^"#]+)"', page)):
            if "/print" not in path and "/papers/" not in path and "/files/" not in path:
                reader.get(path)
        reader.get(f"/documents/{doc}/review?all=1")
        reader.get(f"/documents/{doc}/revisions/1")
        if "not found" in page.lower():
            continue
        for option in deciding.possible(desk, actor, doc):
            reader.post(f"/documents/{doc}/transitions/{option.transition.name}", _head="0" * 64, _key="k")
    assert len(reader.visited) > 10
    assert reader.chinese(typed) == {}


def test_no_page_of_a_visitor_lacks_its_english(app: Any, typed: list[str]) -> None:
    reader = Reader(app)
    for path in ("/", "/sign-in", "/verify", "/status", "/nothing"):
        reader.get(path)
    reader.post("/sign-in", staff_no="YW000231", password="wrong")
    reader.post("/verify", code="0000")
    assert reader.chinese(typed) == {}
