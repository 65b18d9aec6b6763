"""Who may sign: the trust root, the people's keys and grants, and the snapshots that make them public.

Decides what a snapshot says after somebody was enrolled, given a role or sent away. Each snapshot is signed
by the registrar and logged, so that authority is a matter of log indexes and not of somebody's table.
A name, a password or a passphrase never reaches the log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from engine.desk.desk import Desk
from engine.errors import NotAllowed, NotFound, Refused
from engine.identity import base32, utc_text
from engine.lifecycle.people import Actor, Grant, Partner
from engine.ports import Account, Committed
from engine.projection import NOTHING
from engine.record import Record
from engine.trust import checkpoint, identifiers, keys, root, snapshot
from engine.trust.envelope import EVENT, HEAD, PAGE, RECEIPT, TRUST_ROOT, TRUST_SNAPSHOT, Envelope, Signature

ROOT_LASTS = timedelta(days=5 * 365)
SNAPSHOT_LASTS = timedelta(days=400)
WAIT = 30.0  # seconds for the disk to answer


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to enrol. `roles` are (role, first day or None, last day or None); secrets stay in memory."""

    staff_no: str
    name: str
    unit: str
    region: str
    title: str
    roles: tuple[tuple[str, str | None, str | None], ...]
    password: str
    passphrase: str
    partner: Partner | None = None


@dataclass(frozen=True, slots=True)
class RootKeys:
    """Root keys that are not in the vault: public halves, how many have to sign, and what signs with them."""

    public: tuple[bytes, ...]
    threshold: int
    sign: Callable[[bytes], tuple[Signature, ...]]


def found(
    desk: Desk, roles: Mapping[str, Mapping[str, str]], root_keys: RootKeys | None = None
) -> None:
    """Set up trust for a new agency: the first trust root, signed by the root keys, as the first leaf.

    `roles` names every role in both languages: `{role: {"title_zh", "title_en"}}`. Without `root_keys` those
    in the vault sign (demo).
    """
    public = desk.vault.public_keys()
    if root_keys is None:
        held = tuple(public["root"])
        root_keys = RootKeys(held, min(2, len(held)), desk.vault.sign_root)
    now = desk.clock.now()
    vkey = checkpoint.VerifierKey(desk.agency.origin, checkpoint.TYPE_ED25519, public["log"])
    value = {
        "v": 1,
        "agency": {
            "code": desk.agency.code,
            "name_zh": desk.agency.name,
            "name_en": desk.agency.name_en,
        },
        "origin": desk.agency.origin,
        "version": 1,
        "issued_at": utc_text(now),
        "expires": utc_text(now + ROOT_LASTS),
        "root": _threshold(root_keys.public, root_keys.threshold),
        "registrar": _threshold(public["registrar"], 1),
        "log": [{"vkey": vkey.text(), "from_index": 0, "to_index": None}],
        "platform": [{"key": public["platform"].hex(), "suite": "L1", "from_index": 0, "to_index": None}],
        "witness_policy": f"log {vkey.text()}\nquorum none\n",
        "suites": ["L1"],
        "payload_types": [EVENT, TRUST_ROOT, TRUST_SNAPSHOT, HEAD, RECEIPT, PAGE],
        "roles": {name: dict(titles) for name, titles in roles.items()},
    }
    payload = root.payload(value)
    envelope = Envelope(TRUST_ROOT, payload, root_keys.sign(identifiers.pae(TRUST_ROOT, payload)))
    with desk.journal.sequencing():
        logged = log_envelope(desk, envelope, desk.journal.next_index)
    logged.result(WAIT)
    desk.trust.save_root_chain(root.trust_file([envelope]))


def _threshold(raw_keys: Sequence[bytes], threshold: int) -> dict[str, Any]:
    return {"threshold": threshold, "keys": [{"key": key.hex(), "suite": "L1"} for key in raw_keys]}


def enrol(desk: Desk, newcomers: Iterable[NewPerson]) -> tuple[Account, ...]:
    """Make accounts and signing keys, then one snapshot that makes keys and grants valid from its own index.

    Raises `Refused` (`staff_no.taken`) before anything is stored.
    """
    accounts = []
    for one in newcomers:
        if desk.directory.by_staff_no(one.staff_no) is not None:
            raise Refused("staff_no.taken", staff_no=one.staff_no)
        person = f"p_{base32(desk.randomness.bytes(10))}"
        public_key = desk.vault.enrol(person, one.passphrase)
        if not keys.is_acceptable(public_key):
            raise Refused("key.unacceptable")
        grants = grants_of(desk, one.roles, one.unit, one.region)
        partner = one.partner
        accounts.append(
            Account(
                person=person,
                staff_no=one.staff_no,
                name=one.name,
                unit=one.unit,
                region=one.region,
                password_hash=desk.directory.hash_password(one.password),
                grants=grants,
                partner=None
                if partner is None
                else {
                    "uscc": partner.uscc,
                    "contract_from": partner.contract_from,
                    "contract_to": partner.contract_to,
                },
                public_key=public_key.hex(),
                title=one.title,
            )
        )
    for account in accounts:
        desk.directory.save(account)
    publish(desk)
    return tuple(accounts)


def grants_of(
    desk: Desk, roles: Iterable[tuple[str, str | None, str | None]], unit: str, region: str
) -> tuple[dict[str, Any], ...]:
    """New grants of roles (role, first day or None, last day or None) in a unit."""
    return tuple(
        {
            "id": f"g_{base32(desk.randomness.bytes(10))}",
            "role": role,
            "unit": unit,
            "region": region,
            "valid_from": first,
            "valid_to": last,
        }
        for role, first, last in roles
    )


def begin(desk: Desk, account: Account) -> None:
    """Let an account begin whose key has been made; key and grants count from the snapshot's own index."""
    with desk.journal.sequencing():
        desk.directory.save(account)
        announce(desk)


def dismiss(desk: Desk, person: str) -> None:
    """End a person's account, grants and key as of the next log index (a leaver; R4.5.2b)."""
    account = desk.directory.by_person(person)
    if account is None:
        raise NotFound("person.not_found")
    with desk.journal.sequencing():
        desk.directory.save(replace(account, active=False, grants=()))
        announce(desk)


def publish(desk: Desk) -> int:
    """Sign and log a snapshot of the directory as it stands; returns its log index.

    Keys and grants that are new begin at this index, those that are gone end at it; nothing is forgotten.
    """
    with desk.journal.sequencing():
        return announce(desk)


def entries(desk: Desk) -> list[dict[str, Any]]:
    """Everybody's entry in the newest snapshot: every key and grant there ever was, with its interval."""
    before = desk.trust.snapshots()
    found: list[dict[str, Any]] = json.loads(before[-1][2]) if before else []
    return found


@dataclass(frozen=True, slots=True)
class KeyMark:
    """What a snapshot is to say of a key that ends: why, and from which log index on it is suspect."""

    reason: str
    suspect_since_index: int | None = None


def announce(desk: Desk, marks: Mapping[str, KeyMark] | None = None) -> int:
    """Log a snapshot of the directory and show it once it is durable; its log index.

    Called inside the critical section, which it holds until then: no event can slip between a change and
    its announcement, and no second snapshot can begin from the same one before. The journal's writer does
    not need the section. `marks` are by public key, hexadecimal.
    """
    before = desk.trust.snapshots()
    prev, version = "", 1
    if before:
        last = Envelope.from_json(json.loads(before[-1][1]))
        prev = identifiers.event_id(last.pae())
        version = snapshot.read(last.payload).version + 1
    now, index = desk.clock.now(), desk.journal.next_index
    listed = entries_at(desk, index, marks or {})
    payload = snapshot.payload(
        origin=desk.agency.origin,
        version=version,
        prev=prev,
        issued_at=utc_text(now),
        expires=utc_text(now + SNAPSHOT_LASTS),
        root_version=root.walk(root.read_trust_file(desk.trust.root_chain()))[-1].version,
        people=listed,
    )
    signatures = desk.vault.sign_registrar(identifiers.pae(TRUST_SNAPSHOT, payload))
    envelope = Envelope(TRUST_SNAPSHOT, payload, signatures)
    people = json.dumps(snapshot.sorted_people(listed), separators=(",", ":"), sort_keys=True).encode()
    log_envelope(desk, envelope, index).result(WAIT)
    desk.trust.save_snapshot(index, json.dumps(envelope.to_json()).encode(), people)
    return index


def entries_at(desk: Desk, index: int, marks: Mapping[str, KeyMark]) -> list[dict[str, Any]]:
    """Everybody's entry in a snapshot of the directory as it stands that is logged at `index`."""
    previous = {entry["person"]: entry for entry in entries(desk)}
    found = [_entry(account, previous.get(account.person), index) for account in desk.directory.all()]
    for key in (one for entry in found for one in entry["keys"] if one["key"] in marks):
        mark = marks[key["key"]]
        key |= {"reason": mark.reason, "suspect_since_index": mark.suspect_since_index}
    return found


def _entry(account: Account, before: Mapping[str, Any] | None, index: int) -> dict[str, Any]:
    """The account's entry in the people tree: what was, with its end, and what begins."""
    keys_now = {account.public_key} if account.public_key and account.active else set()
    grants_now = {grant["id"]: grant for grant in account.grants} if account.active else {}
    old_keys = [_ended(one, one["key"] in keys_now, index) for one in before["keys"]] if before else []
    old_grants = [_ended(one, one["id"] in grants_now, index) for one in before["grants"]] if before else []
    known_keys, known_grants = {one["key"] for one in old_keys}, {one["id"] for one in old_grants}
    return {
        "person": account.person,
        "keys": old_keys
        + [
            {
                "key": key,
                "suite": "L1",
                "tier": "S0",
                "valid_from_index": index,
                "valid_to_index": None,
                "reason": "enrolled",
                "suspect_since_index": None,
            }
            for key in sorted(keys_now - known_keys)
        ],
        "grants": old_grants
        + [
            {
                "id": grant["id"],
                "role": grant["role"],
                "unit": grant["unit"],
                "region": grant["region"],
                "valid_from_index": index,
                "valid_to_index": None,
            }
            for name, grant in grants_now.items()
            if name not in known_grants
        ],
    }


def _ended(entry: Mapping[str, Any], still_holds: bool, index: int) -> dict[str, Any]:
    ended = dict(entry)
    if not still_holds and ended["valid_to_index"] is None:
        ended["valid_to_index"] = index
    return ended


def log_envelope(desk: Desk, envelope: Envelope, index: int) -> Future[int]:
    """Append; the promise is waited for outside of the critical section, which the journal needs too."""
    record = Record(index, envelope, utc_text(desk.clock.now()))
    future = desk.journal.append(record, _index_of)
    desk.store.apply(index, NOTHING)
    return future


def _index_of(committed: Committed) -> int:
    return committed.index


def actor_of(account: Account, session: str, method: str) -> Actor:
    """The actor an account is in one session. An account that was ended has no grants left."""
    partner = account.partner
    grants = tuple(Grant(**grant) for grant in account.grants) if account.active else ()
    return Actor(
        person=account.person,
        staff_no=account.staff_no,
        unit=account.unit,
        region=account.region,
        grants=grants,
        partner=None if partner is None else Partner(**partner),
        session=session,
        method=method,
    )


def as_of_now(desk: Desk, actor: Actor) -> Actor:
    """The actor with the grants of this moment; `NotAllowed` when the account has ended.

    Called inside the journal's critical section, where revocations are logged too: a right that was
    withdrawn between the page and the signature is not used.
    """
    if actor.is_system:
        return actor
    account = desk.directory.by_person(actor.person)
    if account is None or not account.active:
        raise NotAllowed("account.ended")
    return replace(actor, grants=tuple(Grant(**grant) for grant in account.grants))


def system_actor(desk: Desk) -> Actor:
    """The platform itself, for transitions that time or another event brings about."""
    return Actor("system", "", "system", desk.agency.code, (), None, "", "system", is_system=True)
