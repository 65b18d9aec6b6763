"""An office for page tests: a clock that can be moved, a directory of invented people, a vault of
passphrases.

Only what signing in needs; tests that move documents use the demo's desk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from starlette.testclient import TestClient

from engine.errors import NotAllowed
from engine.ports import Account
from tests.simulators.memory_notices import MemoryNotices
from web.app import create_app
from web.services import Services, build_services
from web.settings import Settings

PASSWORD = "四月的雨下在示范路"
PASSPHRASE = "封缄以后只看印"


@dataclass
class MovableClock:
    """A clock that stands until it is moved."""

    moment: datetime = datetime(2026, 3, 5, 1, 40, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def move(self, **step: int) -> None:
        self.moment += timedelta(**step)


@dataclass
class CountedRandomness:
    """Bytes that differ at every call and are the same in every run."""

    count: int = 0

    def bytes(self, count: int) -> bytes:
        self.count += 1
        return hashlib.shake_256(str(self.count).encode()).digest(count)


@dataclass
class People:
    """The directory: accounts in memory, a password "hash" that is the password."""

    accounts: dict[str, Account] = field(default_factory=dict)
    checks: list[str | None] = field(default_factory=list)

    def by_staff_no(self, staff_no: str) -> Account | None:
        return next((a for a in self.accounts.values() if a.staff_no == staff_no), None)

    def by_person(self, person: str) -> Account | None:
        return self.accounts.get(person)

    def save(self, account: Account) -> None:
        self.accounts[account.person] = account

    def password_is(self, account: Account | None, password: str) -> bool:
        self.checks.append(account.staff_no if account else None)
        return account is not None and account.password_hash == password


@dataclass
class KeyCabinet:
    """The vault's unlocking half: one passphrase for everybody."""

    unlocked: dict[str, str] = field(default_factory=dict)

    def unlock(self, person: str, passphrase: str, session: str) -> str:
        if passphrase != PASSPHRASE:
            raise NotAllowed("passphrase")
        self.unlocked[session] = person
        return f"token of {person}"

    def lock_session(self, session: str) -> None:
        self.unlocked.pop(session, None)


@dataclass
class Office:
    """A running application with its people."""

    client: TestClient
    services: Services
    clock: MovableClock
    people: People
    vault: KeyCabinet

    def csrf(self, path: str = "/sign-in") -> str:
        return token_in(self.client.get(path).text)

    def sign_in(self, staff_no: str = "YW000231", passphrase: str = "", password: str = PASSWORD) -> Any:
        return self.client.post(
            "/sign-in",
            data={
                "_csrf": self.csrf(),
                "staff_no": staff_no,
                "password": password,
                "passphrase": passphrase,
                "next": "/unlock",
            },
            follow_redirects=False,
        )

    def dismiss(self, staff_no: str) -> None:
        account = self.people.by_staff_no(staff_no)
        assert account is not None
        self.people.save(replace(account, active=False))


def token_in(html: str) -> str:
    """The anti-forgery token of a page."""
    return html.split('name="_csrf" value="', 1)[1].split('"', 1)[0]


def person(staff_no: str, name: str, role: str, unit: str) -> Account:
    return Account(
        person="p_" + staff_no.lower().ljust(16, "a")[:16],
        staff_no=staff_no,
        name=name,
        unit=unit,
        region="310199",
        password_hash=PASSWORD,
        title="",
        grants=(
            {
                "id": f"g-{staff_no}",
                "role": role,
                "unit": unit,
                "region": "310199",
                "valid_from": None,
                "valid_to": None,
            },
        ),
    )


@contextmanager
def open_office(**settings: Any) -> Iterator[Office]:
    """An office with 小林, 周敏 and 王局 in it."""
    clock, people, vault = MovableClock(), People(), KeyCabinet()
    for account in (
        person("YW000231", "林小燕", "acceptance_clerk", "business_acceptance"),
        person("SH000007", "周敏", "auditor", "audit"),
        person("YW000001", "王局", "department_head", "business_acceptance"),
    ):
        people.save(account)
    desk: Any = SimpleNamespace(
        clock=clock,
        randomness=CountedRandomness(),
        directory=people,
        vault=vault,
        notices=MemoryNotices(),
        agency=SimpleNamespace(
            name="示范区医疗保障服务中心", name_en="Demonstration District Service Centre"
        ),
    )
    services = build_services(desk, Settings(hosts=("testserver",), **settings))
    with TestClient(
        create_app(services), base_url="https://testserver", raise_server_exceptions=False
    ) as client:
        yield Office(client, services, clock, people, vault)
