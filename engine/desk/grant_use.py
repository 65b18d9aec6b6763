"""Grants as the directory has them: who holds them, since when, when last used, and which do not go together.

Decides by the log alone when a grant was last used: every signed event names the grant that allowed it.
Reading leaves no event, so a right that was only read with counts as unused here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from engine.desk import people
from engine.desk.desk import Desk
from engine.identity import local_day, parse_utc
from engine.ports import Account, Journal
from engine.trust.envelope import EVENT

_seen: WeakKeyDictionary[Journal, tuple[int, dict[str, str]]] = WeakKeyDictionary()
"""How far each log was read, and the day each grant was last used up to there: a memo."""


def held_in(desk: Desk, department: str, staff_no: str = "") -> Iterator[tuple[Account, Mapping[str, Any]]]:
    """Every grant in a department, or of one person there, in the order of staff numbers."""
    for account in sorted(desk.directory.all(), key=_by_number):
        if account.active and (not staff_no or account.staff_no == staff_no):
            for grant in account.grants:
                if grant["unit"] == department or staff_no:
                    yield account, grant


def line_of(
    desk: Desk,
    account: Account,
    grant: Mapping[str, Any],
    table: Mapping[str, Any],
    names: Mapping[str, str],
    regions: Mapping[str, str],
) -> dict[str, Any]:
    """What a review freezes of a grant; days in Asia/Shanghai. A day that is not known is absent."""
    line: dict[str, Any] = {
        "grant_id": grant["id"],
        "staff_no": account.staff_no,
        "role": grant["role"],
        "scope_text": scope_of(grant, names, regions),
        "unit": grant["unit"],
        "region": grant["region"],
        "conflict": is_in_conflict(grant["role"], {one["role"] for one in account.grants}, table),
    }
    begun, used = _begun(desk, account.person, grant["id"]), _last_used(desk).get(grant["id"])
    line |= {name: grant[name] for name in ("valid_from", "valid_to") if grant.get(name)}
    if begun:
        line["granted_on"] = begun
    if used:
        line["last_used_on"] = used
    return line


def scope_of(grant: Mapping[str, Any], names: Mapping[str, str], regions: Mapping[str, str]) -> str:
    """Department and region of a grant by their names, in one line; its days stand beside it."""
    unit, region = str(grant["unit"]), str(grant["region"])
    place = f"{regions[region]}（{region}）" if region in regions else region
    return f"{names.get(unit, unit)}，{place}"


def is_in_conflict(role: str, held: Iterable[str], table: Mapping[str, Any]) -> bool:
    """Whether a role and another one of the same person exclude each other (K1, domain O25)."""
    others = set(held) - {role}
    administrators = set(table["administrators"])
    if role in administrators:
        return bool(others)
    if others & administrators:
        return True
    return any(role in pair and others & (set(pair) - {role}) for pair in table["conflicts"])


def _begun(desk: Desk, person: str, grant: str) -> str:
    """The day from which on the register has had the grant."""
    entry = next((one for one in people.entries(desk) if one["person"] == person), None)
    found = next((one for one in entry["grants"] if one["id"] == grant), None) if entry else None
    if found is None:
        return ""
    return local_day(parse_utc(desk.journal.read(found["valid_from_index"]).received_at))


def _last_used(desk: Desk) -> Mapping[str, str]:
    """The day each grant was last used; reads on from where it stopped the last time."""
    start, known = _seen.get(desk.journal, (0, {}))
    end = desk.journal.durable_size
    if end <= start:
        return known
    used = dict(known)
    for record in desk.journal.scan(start):
        if record.index >= end:
            break
        if record.envelope.payload_type == EVENT:
            grant = record.statement()["actor"].get("grant")
            if grant:
                used[grant] = local_day(parse_utc(record.received_at))
    _seen[desk.journal] = (end, used)
    return used


def _by_number(account: Account) -> str:
    return account.staff_no
