"""Every route, every role, somebody else's object: over HTTP, with real sessions and tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from engine.trust.log import tile_path
from tests.attack.agency import XIAOLIN, Town
from tests.attack.browser import Browser
from tests.attack.house import Answer
from tests.attack.rights import API, OWNER, PAGES, PEOPLE, VISITOR, Row
from web.app import page_routers
from web.demo.people import PASSPHRASE
from web.routes.api import create_api

LETTER = b"%PDF-1.4\n% rights\n%%EOF\n"
QUERIES = {"GET /log/inclusion": "?index=0", "GET /log/consistency": "?old=1"}
PAIRS: Mapping[str, list[tuple[str, str]]] = {
    "POST /documents/{doc}/reveal": [("pointer", "/insured/id_no")],
    "POST /documents/{doc}/transitions/{name}": [("_key", "rights")],
    "POST /search": [("q", "张桂芳")],
    "POST /drafts/{draft_id}": [("_save", "1"), ("_revision", "1")],
    "POST /drafts/{draft_id}/field": [("_field", "/insured/full_name"), ("/insured/full_name", "张桂芳")],
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Everybody's browser, and 小林's things."""

    town: Town
    browsers: dict[str, Browser]
    receipt: dict[str, Any]
    other: dict[str, Any]
    person: str
    order: str

    def path(self, template: str) -> str:
        values = {
            "{doc}": self.receipt["doc"], "{draft_id}": self.town.keys.draft, "{number}": "1", "{seq}": "1",
            "{digest}": self.town.keys.digests[XIAOLIN][0], "{file_id}": "F-0001", "{form}": "info_entry",
            "{name}": "claim" if "transitions" in template else "info_entry.submitted.claim",
            "{person}": self.person, "{intent}": self.order, "{act}": "dismiss",
            "{token}": "no-such-invitation", "{version}": "1.0.0", "{kind}": "acceptance_receipt",
            "{name:path}": "schema.json", "{key}": "sla.entry_hours",
            "tile/{level}/{place:path}": tile_path(0, 0, 1),
            "{table}": "regions?form=info_entry&version=1.0.0&q=310",
        }  # fmt: skip
        if template.startswith("/tokens"):
            values["{act}"] = "revoke"
        for name, value in values.items():
            template = template.replace(name, value)
        return template

    def ask(self, route: str, who: str, csrf: str | None = None) -> Answer:
        """One request of one person; with another anti-forgery token where one is given."""
        method, template = route.split(" ")
        browser, path = self.browsers[who], self.path(template)
        if method == "GET":
            return browser.get(path)
        pairs = [*PAIRS.get(route, []), ("staff_no", f"NOBODY-{who}"), ("password", "nothing at all")]
        if "transitions" in path:
            pairs = [*pairs, ("_head", self.receipt["event"])]
        if path.endswith("/files"):
            return browser.upload(path, "a.pdf", LETTER, "application/pdf")
        return browser.post(path, pairs, csrf=csrf)


@pytest.fixture(scope="module")
def scene(town: Town) -> Iterator[Scene]:
    browsers = {who: Browser(town.server).sign_in(staff_no) for who, staff_no in PEOPLE.items()}
    visitor = Browser(town.server)
    visitor.visit()
    listed = re.search(r"/people/(p_[a-z2-7]+)", browsers["security_admin"].get("/people").body.decode())
    assert listed is not None
    mine, other = town.submitted(), town.submitted()
    asked = browsers["security_admin"].post("/emergency", [
        ("documents", mine["doc"]), ("hours", "2"), ("reason", "audit"), ("_passphrase", PASSPHRASE),
    ])  # fmt: skip
    order = asked.headers["location"].rpartition("/")[2]
    yield Scene(town, {**browsers, VISITOR: visitor}, mine, other, listed[1], order)


def everybody(route: str, row: Row) -> list[str]:
    """Those who ask, the one whose act changes the document last."""
    return sorted(row, key=lambda who: (who == "auditor", who))


def test_every_route_of_the_application_is_in_the_table() -> None:
    pages = {
        f"{method} {route.path}"  # type: ignore[attr-defined]
        for router in page_routers()
        for route in router.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
    assert pages == set(PAGES)
    services: Any = SimpleNamespace(desk=None)
    api = set()
    for route in create_api(services).routes:
        methods = getattr(route, "methods", None) or {"GET", "POST"}
        api |= {f"{method} {route.path}" for method in methods - {"HEAD"}}  # type: ignore[attr-defined]
    assert api == set(API)


@pytest.mark.parametrize("route", [one for one in PAGES if one.split(" ")[1] not in ("/sign-out", "/lock")])
def test_a_page_is_as_open_as_the_table_says(scene: Scene, route: str) -> None:
    row = PAGES[route]
    found = {who: scene.ask(route, who).status for who in everybody(route, row)}
    assert found == dict(row)


POSTS = [one for one in PAGES if one.startswith("POST") and not one.endswith("/files")]


@pytest.mark.parametrize("route", POSTS)
def test_a_form_without_this_sessions_token_changes_nothing(scene: Scene, route: str) -> None:
    before = scene.town.server.log_size()
    strange = scene.browsers["colleague"].csrf
    found = [scene.ask(route, OWNER, csrf=token).status for token in ("", "0" * 64, strange, "ü\ud800"[:1])]
    assert found == [403] * 4
    assert scene.town.server.log_size() == before


@pytest.mark.parametrize("route", API)
def test_the_api_is_as_open_as_the_table_says(scene: Scene, route: str) -> None:
    town, row = scene.town, API[route]
    method, template = route.split(" ")
    path = scene.path(template.replace("{doc}", scene.other["doc"])) + QUERIES.get(route, "")
    found = {}
    for number, who in enumerate(everybody(route, row)):
        token = town.keys.tokens[PEOPLE[who]] if who != VISITOR else "none"
        key, more = (f"{route}-{number}".replace(" ", ""), {}) if method == "POST" else ("", {})
        body: Any = None
        if method == "POST":
            body = town.body() if template == "/documents" else {"expected_head": scene.other["event"]}
        if template == "/files":
            body, more = LETTER, {"Content_Type": "application/pdf"}
        found[who] = town.server.call(method, path, token, body, key, None, **more).status
    assert found == dict(row)


def test_signing_out_ends_the_session_everywhere(scene: Scene) -> None:
    browser = Browser(scene.town.server).sign_in("YW000232")
    assert browser.get("/").status == 200
    assert browser.post("/lock").status == 303
    kept = browser.copy()
    assert browser.post("/sign-out").status == 303
    assert (browser.get("/").status, kept.get("/").status) == (303, 303)
