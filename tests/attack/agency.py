"""The agency under attack: everybody of the demo, two more partners, a token for each; no documents yet.

Decides who is there: 高岩 and 白露 are of two partners, the contract of 石磊 has ended, 杜平 has left.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.desk import attaching, drafting, people
from engine.desk.people import NewPerson
from engine.lifecycle.people import Partner
from tests.attack.house import Answer, Place, Server
from tests.benchmarks.agency import at_work
from tests.benchmarks.material import FILES, FORM, Answers, scan
from web.assemble import create_agency, open_desk
from web.demo.people import AGENCY, PARTNER_STAFF_NO, PASSPHRASE, PASSWORD, PEOPLE, REGION, ROLES
from web.tokens import make_token

XIAOLIN, FANG, WANGJU = "YW000231", "YW000232", "YW000001"
ZHOUMIN, HEJING, ZHAO = "SH000101", "SH000102", "SH000001"
GAOYAN, BAILU, SHILEI, DUPING = PARTNER_STAFF_NO, "WB000077", "WB000090", "YW000299"
OTHERS = (
    (BAILU, "白露", "external", "partner_user", Partner("52310199MJ0T00145G", "2026-01-01", "2099-12-31")),
    (SHILEI, "石磊", "external", "partner_user", Partner("52310199MJ0T00161X", "2026-01-01", "2026-06-30")),
    (DUPING, "杜平", "business_acceptance", "acceptance_clerk", None),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What the attackers and the honest hold. `old` is a token of 小林 that has ended."""

    tokens: dict[str, str]
    digests: dict[str, list[str]]
    draft: str
    old: str


def found(place: Place) -> Keys:
    """Make the agency; takes some seconds, for everybody's keys are argon2id."""
    with place.at_home() as data:
        create_agency(data, AGENCY)
        opened = open_desk(data)
        try:
            desk = opened.desk
            people.found(desk, ROLES)
            newcomers = [one.as_newcomer() for one in PEOPLE]
            newcomers += [
                NewPerson(no, name, unit, REGION, name, ((role, None, None),), PASSWORD, PASSPHRASE, partner)
                for no, name, unit, role, partner in OTHERS
            ]
            accounts = people.enrol(desk, newcomers)
            old = make_token(desk, accounts[0], PASSPHRASE, "old", "2026-01-31")
            tokens = {}
            for one in accounts:
                account = desk.directory.by_staff_no(one.staff_no)
                assert account is not None
                tokens[one.staff_no] = make_token(desk, account, PASSPHRASE, "attack", "2099-12-31")
            people.dismiss(desk, accounts[-1].person)
            digests = {}
            for staff_no in (XIAOLIN, FANG, GAOYAN, BAILU):
                actor, _ = at_work(desk, staff_no)
                digests[staff_no] = [
                    attaching.attach(desk, actor, scan(n), "application/pdf").sha256 for n in range(FILES)
                ]
            clerk, _ = at_work(desk, XIAOLIN)
            draft = drafting.begin(desk, clerk, FORM, Answers(digests[XIAOLIN]).about(6_999_999))
            keys = Keys(tokens, digests, draft.id, old)
            (place.folder / "keys.json").write_text(json.dumps(asdict(keys)))
            return keys
        finally:
            opened.close()


def known(place: Place) -> Keys:
    """What `found` left beside a place that was copied."""
    return Keys(**json.loads((place.folder / "keys.json").read_bytes()))


@dataclass
class Town:
    """A running server and everybody's tokens; people are numbered so that nobody is entered twice."""

    server: Server
    keys: Keys
    numbers: int = 0

    def answers(self, staff_no: str = XIAOLIN) -> dict[str, Any]:
        """A new person's first assessment, collected by somebody half an hour ago."""
        self.numbers += 1
        answers = Answers(self.keys.digests[staff_no]).about(self.numbers)
        if staff_no != XIAOLIN:
            answers["entry"]["collector_staff_no"] = staff_no
        return answers

    def body(self, staff_no: str = XIAOLIN) -> dict[str, Any]:
        return {"form": FORM, "answers": self.answers(staff_no)}

    def call(
        self, staff_no: str, method: str, path: str, body: Any = None, key: str = "", **more: str
    ) -> Answer:
        """One call of the API with somebody's token."""
        return self.server.call(method, path, self.keys.tokens[staff_no], body, key, None, **more)

    def submitted(self, staff_no: str = XIAOLIN) -> dict[str, Any]:
        """The receipt of a document that somebody has just submitted."""
        self.numbers += 1
        answer = self.call(staff_no, "POST", "/documents", self.body(staff_no), f"town-{self.numbers}")
        assert answer.status == 201, answer.body.decode()
        receipt: dict[str, Any] = answer.json()
        return receipt

    def taken(self, staff_no: str, receipt: dict[str, Any], name: str, answers: Any = None) -> dict[str, Any]:
        """The receipt of a transition that somebody takes from the state of another receipt."""
        self.numbers += 1
        body = {"answers": answers or {}, "expected_head": receipt["event"]}
        path = f"/documents/{receipt['doc']}/transitions/{name}"
        answer = self.call(staff_no, "POST", path, body, f"town-{self.numbers}")
        assert answer.status == 200, answer.body.decode()
        done: dict[str, Any] = answer.json()
        return done


def folder_of(base: Path) -> Place:
    """A place under a test's folder."""
    base.mkdir(parents=True, exist_ok=True)
    return Place(base)
