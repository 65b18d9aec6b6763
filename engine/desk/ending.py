"""What ends a right, carried out whole: in one critical section, and finished by the next start.

Decides the order, so that a crash anywhere leaves nothing apart that belongs together:
 1  the signed event is handed to the journal (`engine.desk.keys` does, and then calls `carry_out`)
 2  every compartment the right reached begins a new epoch
 3  the directory says so: from here on nothing is signed and nobody is let in
 4  the key's file, what the person proposed, and drafts go
 5  the snapshot is durable, from whose index on everybody outside knows
Before 3 nothing has happened but a turn too many; from 3 on `settle` finds that directory and register differ
and goes on at 4, with what the events since the last snapshot say about the keys that ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.desk import people, rewrapping
from engine.desk.desk import Desk
from engine.desk.people import KeyMark
from engine.errors import Broken
from engine.ports import Account
from engine.record import Record
from engine.trust import merkle, snapshot
from engine.trust.envelope import EVENT, TRUST_SNAPSHOT

DISMISS, COMPROMISE, REVOKE, ROTATE = "person.dismiss", "key.compromise", "grant.revoke", "key.rotate"
CONFIRM, RESET = "review.confirm", "key.reset"


def carry_out(desk: Desk, account: Account, kind: str, body: Mapping[str, Any]) -> int:
    """Steps 2 to 5 of an event that ends a right; the log index of the snapshot. Inside the critical section.

    `kind` is `DISMISS`, `COMPROMISE` or `REVOKE`, `body` the event's.
    """
    # 2
    lost = _lost(account, kind, body)
    rewrapping.turn(desk, rewrapping.compartments_of(desk, lost))
    # 3
    desk.directory.save(_ended(account, kind, body))
    # 4
    _clear(desk, account.person, kind)
    # 5
    return people.announce(desk, _marks(kind, body))


def settle(desk: Desk) -> None:
    """Finish what a crash interrupted; nothing where directory and register agree, which it asks first."""
    for account in desk.directory.all():
        if account.public_key:
            desk.vault.adopt_key(account.person, bytes.fromhex(account.public_key))
    if desk.journal.read_only is not None or not _differs(desk):
        return
    with desk.journal.sequencing():
        if not _differs(desk):
            return  # somebody was in the middle of it
        marks, logged, ended = _since_the_last_snapshot(desk)
        for person, kind in ended.items():
            held = desk.directory.by_person(person)
            if held is not None and (kind == REVOKE or not held.public_key):
                _clear(desk, person, kind)
        if logged is not None:
            _keep(desk, logged, marks)
        else:
            people.announce(desk, marks)


def _lost(account: Account, kind: str, body: Mapping[str, Any]) -> list[str]:
    """The roles that are lost. Whose key is compromised keeps them: the key opens no document."""
    if kind == COMPROMISE:
        return []
    return [one["role"] for one in account.grants if kind == DISMISS or one["id"] == body["grant"]]


def _ended(account: Account, kind: str, body: Mapping[str, Any]) -> Account:
    if kind == REVOKE:
        return replace(account, grants=tuple(one for one in account.grants if one["id"] != body["grant"]))
    ended = replace(account, public_key="", tokens=(), proposals=())
    return ended if kind == COMPROMISE else replace(ended, active=False, grants=())


def _marks(kind: str, body: Mapping[str, Any]) -> dict[str, KeyMark]:
    """What the register is to say of the key that an event ends."""
    if kind == DISMISS:
        return {body["key"]: KeyMark("dismissed")}
    if kind == COMPROMISE:
        return {body["key"]: KeyMark("compromised", body["since"])}
    return {body["old"]: KeyMark("rotated")} if kind == ROTATE else {}


def _clear(desk: Desk, person: str, kind: str) -> None:
    if kind != REVOKE:
        desk.vault.forget_key(person)
    if kind == DISMISS:
        for draft in desk.drafts.of_person(person):
            desk.drafts.discard(draft.id)
    for account in desk.directory.all():
        kept = tuple(one for one in account.proposals if one["by"] != person)
        if kept != account.proposals:
            desk.directory.save(replace(account, proposals=kept))


def _differs(desk: Desk) -> bool:
    """Whether the newest register names another set of living keys and grants than the directory."""
    said = {
        each["key"] if "key" in each else each["id"]
        for entry in people.entries(desk)
        for each in (*entry["keys"], *entry["grants"])
        if each["valid_to_index"] is None
    }
    held: set[str] = set()
    for account in desk.directory.all():
        if account.active:
            held |= {one["id"] for one in account.grants} | ({account.public_key} - {""})
    return said != held


def _since_the_last_snapshot(desk: Desk) -> tuple[dict[str, KeyMark], Record | None, dict[str, str]]:
    """Marks of keys that events ended, a snapshot that was logged and not kept, and who was ended how."""
    kept = desk.trust.snapshots()
    held = {account.public_key for account in desk.directory.all() if account.active}
    open_keys = {
        entry["person"]: [one["key"] for one in entry["keys"] if one["valid_to_index"] is None]
        for entry in people.entries(desk)
    }
    marks: dict[str, KeyMark] = {}
    ended: dict[str, str] = {}
    for record in desk.journal.scan(kept[-1][0] + 1 if kept else 0):
        if record.envelope.payload_type == TRUST_SNAPSHOT:
            return _of_ended(marks, held), record, ended
        if record.envelope.payload_type != EVENT:
            continue
        said = record.statement()
        kind, body = said["type"], said["body"]
        marks |= _marks(kind, body)
        if kind == CONFIRM and body["kind"] == RESET:
            marks |= {key: KeyMark("reset") for key in open_keys.get(body["person"], ())}
        if kind in (DISMISS, COMPROMISE, REVOKE):
            ended[body["person"]] = kind
    return _of_ended(marks, held), None, ended


def _of_ended(marks: Mapping[str, KeyMark], held: set[str]) -> dict[str, KeyMark]:
    """Without those of keys that are somebody's still: their event was logged and nothing followed."""
    return {key: mark for key, mark in marks.items() if key not in held}


def _keep(desk: Desk, record: Record, marks: Mapping[str, KeyMark]) -> None:
    """Keep a snapshot that the log has and the register does not: its entries, made again, have its root."""
    entries = people.entries_at(desk, record.index, marks)
    hashes, said = snapshot.people_leaves(entries), snapshot.read(record.envelope.payload)
    if (len(hashes), merkle.root_of(hashes)) != (said.people_size, said.people_root):
        raise Broken("register.lost", index=record.index)
    listed = json.dumps(snapshot.sorted_people(entries), separators=(",", ":"), sort_keys=True).encode()
    desk.trust.save_snapshot(record.index, json.dumps(record.envelope.to_json()).encode(), listed)
