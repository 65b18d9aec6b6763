"""A whole agency on disk for page tests: real desk, journal and vault, a movable clock, a browser each.

Every person is invented; every document belongs to another insured person, so that tests do not meet.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.testclient import TestClient

import schemas
from engine.desk import attaching, drafting, people, submitting
from engine.desk.desk import Receipt
from engine.desk.people import NewPerson
from engine.identity import SHANGHAI
from engine.lifecycle.people import Actor
from tests.web.office import token_in
from tests.web.scans import picture
from web.app import create_app
from web.assemble import create_agency, open_desk
from web.demo.clock import SettableClock
from web.demo.people import AGENCY, PASSPHRASE, PASSWORD, PEOPLE, REGION, ROLES
from web.services import Services, build_services
from web.settings import Settings

XIAOLIN, ZHOUMIN, HEJING, WANGJU = "YW000231", "SH000101", "SH000102", "YW000001"
MENGSHUANG, SUNHAO = "SH000109", "IT000004"
TWO_POSTS = NewPerson(
    staff_no=MENGSHUANG,
    name="孟双",
    unit="audit",
    region=REGION,
    title="审核，兼受理",
    roles=(("acceptance_clerk", "2026-01-01", None), ("auditor", "2026-01-01", None)),
    password=PASSWORD,
    passphrase=PASSPHRASE,
)
THURSDAY = datetime(2026, 3, 5, 10, 10, tzinfo=SHANGHAI)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass
class Browser:
    """One person's browser."""

    client: TestClient

    def get(self, path: str) -> httpx2.Response:
        return self.client.get(path)

    def post(self, path: str, **pairs: str) -> httpx2.Response:
        """Post a form with the anti-forgery token of a page; redirects are not followed."""
        csrf = token_in(self.client.get("/unlock").text)
        return self.client.post(path, data={"_csrf": csrf, **pairs}, follow_redirects=False)

    def decide(self, doc: str, transition: str, **pairs: str) -> httpx2.Response:
        """Post a decision with the head and key that the document page shows."""
        return self.post(f"/documents/{doc}/transitions/{transition}", **(self.seen(doc) | pairs))

    def seen(self, doc: str) -> dict[str, str]:
        page = self.get(f"/documents/{doc}").text
        head = re.search(r'name="_head" value="([0-9a-f]+)"', page)
        key = re.search(r'name="_key" value="([0-9a-f]+)', page)
        return {"_head": head[1] if head else "0" * 64, "_key": (key[1] if key else "0") + transition_salt()}


_salts = count()


def transition_salt() -> str:
    return f"-{next(_salts)}"


@dataclass
class Agency:
    """The application and what is behind it."""

    app: FastAPI
    services: Services
    clock: SettableClock
    numbers: Iterator[int] = field(default_factory=lambda: count(100, 2))
    _browsers: dict[str, Browser] = field(default_factory=dict)
    _unlocked: dict[str, str] = field(default_factory=dict)

    def browser(self, staff_no: str) -> Browser:
        """The browser of somebody who has signed in and opened the key; one per person."""
        if staff_no not in self._browsers:
            self._browsers[staff_no] = self.sign_in(staff_no, PASSPHRASE)
        return self._browsers[staff_no]

    def sign_in(self, staff_no: str, passphrase: str) -> Browser:
        """Somebody signs in at a browser of their own."""
        client = TestClient(self.app, base_url="https://testserver")
        answer = client.post(
            "/sign-in",
            data={
                "_csrf": token_in(client.get("/sign-in").text),
                "staff_no": staff_no,
                "password": PASSWORD,
                "passphrase": passphrase,
            },
            follow_redirects=False,
        )
        assert answer.status_code == 303, answer.text
        return Browser(client)

    def actor(self, staff_no: str) -> Actor:
        """Somebody at work with the key unlocked."""
        desk = self.services.desk
        account = desk.directory.by_staff_no(staff_no)
        assert account is not None
        actor = people.actor_of(account, sha256(staff_no.encode()).hexdigest(), "password")
        if staff_no not in self._unlocked:
            self._unlocked[staff_no] = desk.vault.unlock(account.person, PASSPHRASE, actor.session)
        return actor

    def corrected(self, doc: str, mobile: str) -> Receipt:
        """小林 submits a returned document again with another mobile number."""
        desk, actor = self.services.desk, self.actor(XIAOLIN)
        draft = drafting.correct(desk, actor, doc)
        answers = copy.deepcopy(dict(draft.answers))
        answers["insured"]["mobile"] = mobile
        wanted = submitting.Submission(
            "info_entry",
            answers,
            draft.id,
            doc=doc,
            expected_head=draft.base_head,
            draft_id=draft.id,
            created_at=draft.created_at,
            confirmed=frozenset({"V11.late"}),
        )
        return submitting.submit(desk, actor, wanted, self._unlocked[XIAOLIN]).wait()

    def submitted(self, by: str = XIAOLIN) -> Receipt:
        """Somebody, mostly 小林, submits example 1 for another invented person."""
        desk, actor = self.services.desk, self.actor(by)
        answers = example()
        number = next(self.numbers)
        answers["insured"]["id_no"] = id_number(f"31019919420315{number:03d}")
        answers["insurance"]["psn_no"] = f"3100000000000{number:07d}"
        for place, listed in enumerate(answers["files"]):
            scan = picture("PNG", (40 + place, 40))
            listed["sha256"] = attaching.attach(desk, actor, scan, "image/png").sha256
        wanted = submitting.Submission(
            "info_entry", answers, f"test-{number}", confirmed=frozenset({"V11.late"})
        )
        self.clock.move(timedelta(seconds=1))
        return submitting.submit(desk, actor, wanted, self._unlocked[by]).wait()


def example() -> dict[str, Any]:
    """Example 1 of the entry form."""
    folder = schemas.root().joinpath("info_entry", "1.0.0", "examples")
    found = json.loads(folder.joinpath("ok-1-first-assessment.json").read_bytes())["data"]
    return copy.deepcopy(found)


def id_number(first17: str) -> str:
    """An 18-digit citizen number of an unassigned region with its check digit (GB 11643-1999)."""
    rest = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11
    return first17 + "10X98765432"[rest]


@contextmanager
def open_agency(data: Path) -> Iterator[Agency]:
    """示范区医疗保障服务中心 with 小林, two auditors, 王局 and 孙浩 of IT, on a Thursday morning."""
    create_agency(data, AGENCY)
    clock = SettableClock(THURSDAY - timedelta(days=30))
    opened = open_desk(data, clock=clock)
    try:
        people.found(opened.desk, ROLES)
        chosen = {XIAOLIN, ZHOUMIN, HEJING, WANGJU, SUNHAO}
        newcomers = [one.as_newcomer() for one in PEOPLE if one.staff_no in chosen]
        people.enrol(opened.desk, [*newcomers, TWO_POSTS])
        clock.set(THURSDAY)
        services = build_services(opened.desk, Settings(hosts=("testserver",), mode="demo"))
        yield Agency(create_app(services), services, clock)
    finally:
        opened.close()
