"""A whole agency in a temporary folder, for tests that key in documents: real desk, real journal, real
vault."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

import schemas
from engine.desk import people
from engine.desk.desk import Agency, Desk
from engine.desk.people import NewPerson
from engine.identity import SHANGHAI
from web.app import create_app
from web.assemble import create_agency, open_desk
from web.services import build_services
from web.settings import Settings

AGENCY = Agency(
    "fengjian.example/test", "310104", "示范区医疗保障服务中心", "Demonstration Centre", "12310199MB2A000113"
)
PASSWORD, PASSPHRASE = "四月的雨下在示范路", "封缄以后只看印"
ROLES = {
    role: {"title_zh": role, "title_en": role}
    for role in ("acceptance_clerk", "auditor", "claims_officer", "system")
}
STAFF = (
    ("YW000231", "林小燕", "business_acceptance", "acceptance_clerk"),
    ("SH000101", "周敏", "audit", "auditor"),
    ("LP000117", "陈晓", "claims", "claims_officer"),
)


@dataclass
class StandingClock:
    """A clock that stands until it is moved."""

    moment: datetime = datetime(2026, 3, 5, 9, 45, tzinfo=SHANGHAI)

    def now(self) -> datetime:
        return self.moment

    def move(self, **step: int) -> None:
        self.moment += timedelta(**step)


@dataclass
class Counter:
    """The window: a browser without scripts, as the test client is, in front of a running agency."""

    client: TestClient
    desk: Desk
    clock: StandingClock

    def sign_in(self, staff_no: str = "YW000231", passphrase: str = PASSPHRASE) -> None:
        data = {
            "_csrf": csrf_of(self.client.get("/sign-in").text),
            "staff_no": staff_no,
            "password": PASSWORD,
            "passphrase": passphrase,
            "next": "/",
        }
        reply = self.client.post("/sign-in", data=data, follow_redirects=False)
        assert reply.status_code == 303, reply.text

    def begin(self, choice: str = "first_assessment") -> str:
        page = self.client.get("/entry/new/info_entry").text
        reply = self.client.post(
            "/entry/new/info_entry", data={"_csrf": csrf_of(page), "choice": choice}, follow_redirects=False
        )
        assert reply.status_code == 303, reply.text
        return str(reply.headers["location"])

    def read(self, address: str) -> PageForm:
        reply = self.client.get(address)
        assert reply.status_code == 200, reply.text[:400]
        return PageForm(reply.text)

    def press(
        self, address: str, form: PageForm, button: str, value: str = "1", files: Any = None, **headers: str
    ) -> Any:
        """Press a button of a page's form, as a browser without scripts would."""
        return self.client.post(
            address.partition("?")[0].partition("#")[0],
            data=multi([*form.pairs(), (button, value)]),
            files=files,
            headers=headers,
            follow_redirects=False,
        )


class PageForm(HTMLParser):
    """What a browser would send for the form `form` of a page, with values changed by name."""

    def __init__(self, text: str, form_id: str = "form") -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.wanted = form_id
        self.items: list[list[Any]] = []  # name, value, kind, is successful
        self._inside = False
        self._select = ""
        self._area: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value if value is not None else "" for name, value in attrs}
        if tag == "form":
            self._inside = at.get("id") == self.wanted
        if not self._inside:
            return
        if tag == "input" and at.get("name"):
            kind = at.get("type", "text")
            if kind != "file":
                on = kind not in ("checkbox", "radio") or "checked" in at
                self.items.append([at["name"], at.get("value", ""), kind, on])
        elif tag == "select":
            self._select = at.get("name", "")
            self.items.append([self._select, "", "select", True])
        elif tag == "option" and self._select and "selected" in at:
            self.items[-1][1] = at.get("value", "")
        elif tag == "textarea":
            self.items.append([at["name"], "", "textarea", True])
            self._area = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area is not None:
            self.items[-1][1] = "".join(self._area).removeprefix("\n").replace("\n", "\r\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.append(data)

    def pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value, _, on in self.items if on]

    def value(self, name: str) -> str:
        return next((v for n, v in self.pairs() if n == name), "")

    def has(self, name: str) -> bool:
        return any(item[0] == name for item in self.items)

    def set(self, name: str, *values: str) -> PageForm:
        """Type into, tick or choose; a control that is not on the page is a failure."""
        found = [item for item in self.items if item[0] == name and item[2] != "hidden"]
        assert found, f"no control {name}"
        if found[0][2] in ("checkbox", "radio"):
            known = {item[1] for item in found}
            assert set(values) <= known, (name, values, known)
            for item in found:
                item[3] = item[1] in values
        else:
            found[0][1] = values[0]
        return self


def csrf_of(text: str) -> str:
    found = re.search(r'name="_csrf" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def multi(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for name, value in pairs:
        out.setdefault(name, []).append(value)
    return out


def example(name: str) -> dict[str, Any]:
    """One filled example of the form version."""
    file = schemas.root() / "info_entry" / "1.0.0" / "examples" / f"{name}.json"
    data: dict[str, Any] = json.loads(file.read_bytes())["data"]
    return data


@contextmanager
def open_counter(folder: Path) -> Iterator[Counter]:
    """An agency with a clerk, an auditor and a claims officer."""
    create_agency(folder, AGENCY)
    clock = StandingClock()
    opened = open_desk(folder, clock=clock)
    try:
        people.found(opened.desk, ROLES)
        newcomers = [
            NewPerson(
                staff_no=no,
                name=name,
                unit=unit,
                region="310104",
                title=role,
                roles=((role, "2026-01-01", None),),
                password=PASSWORD,
                passphrase=PASSPHRASE,
                partner=None,
            )
            for no, name, unit, role in STAFF
        ]
        people.enrol(opened.desk, newcomers)
        app = create_app(build_services(opened.desk, Settings(mode="demo", hosts=("testserver",))))
        with TestClient(
            app, base_url="https://testserver", headers={"Sec-Fetch-Site": "same-origin"}
        ) as client:
            yield Counter(client, opened.desk, clock)
    finally:
        opened.close()
