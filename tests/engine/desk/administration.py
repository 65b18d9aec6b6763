"""Administrators for the tests of keys: 郭芳 and 胡岚 look after security, 马超 after the system."""

from __future__ import annotations

from typing import Any

from engine.desk import people, proving, reading
from engine.desk.people import NewPerson
from engine.ports import Account
from engine.trust import verify
from engine.trust.verdicts import Report
from tests.engine.desk.office import SESSION, Office

GUO, HU, MA = "XX000008", "XX000018", "IT000009"
ADMINISTRATORS = (
    (GUO, "郭芳", "security_admin"),
    (HU, "胡岚", "security_admin"),
    (MA, "马超", "system_admin"),
)


def with_administrators(office: Office) -> Office:
    """The office with its administrators at work."""
    newcomers = [
        NewPerson(number, name, "info_mgmt", "310104", name, ((role, None, None),), "password", number)
        for number, name, role in ADMINISTRATORS
    ]
    for account in people.enrol(office.desk, newcomers):
        enter(office, account, account.staff_no)
    return office


def enter(office: Office, account: Account, passphrase: str) -> None:
    """Sign a person in and unlock the key."""
    office.actors[account.staff_no] = people.actor_of(account, SESSION, "password")
    unlocked = office.desk.vault.unlock(account.person, passphrase, SESSION)
    office.unlocks[account.staff_no] = unlocked


def account(office: Office, who: str) -> Account:
    found = office.desk.directory.by_staff_no(who)
    assert found is not None
    return found


def person(office: Office, who: str) -> str:
    return account(office, who).person


def key_entry(office: Office, who: str, place: int = -1) -> dict[str, Any]:
    """What the newest snapshot says of a person's key; the last one by default."""
    entry = next(one for one in people.entries(office.desk) if one["person"] == person(office, who))
    keys: list[dict[str, Any]] = entry["keys"]
    return sorted(keys, key=lambda one: one["valid_from_index"])[place]


def judged(office: Office, doc: str) -> Report:
    """What 郑老师 outside hears of a document, who holds the trust file."""
    data = proving.bundle_of(office.desk, reading.row_of(office.desk, doc), proving.nothing)
    return verify.verify(data, office.desk.trust.root_chain(), now=office.clock.now())
