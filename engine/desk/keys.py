"""The life of people's keys and grants: rotation, revocation, compromise, and what takes two people.

Decides who may take a right away (one security administrator) and who may give one (two people, with two
keys, neither of them the receiver). Every act is a signed event, and a snapshot makes it count from its log
index on. A forgotten passphrase never opens an old key: the key ends and a new one is made by an
invitation (trust.md §2.2, §2.3). Never ends a web session: sessions ask the directory at every request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.desk import ending, events, inviting, people, rewrapping
from engine.desk.desk import Desk
from engine.desk.people import KeyMark
from engine.errors import NotAllowed, NotFound, Refused
from engine.identity import base32, local_day, utc_text
from engine.lifecycle.people import Actor
from engine.ports import Account
from engine.trust import keys

ADMINISTRATORS = frozenset({"security_admin"})
"""Who may revoke, and propose what gives a right."""
CONFIRMERS = frozenset({"security_admin", "system_admin"})
"""Who may confirm what another person proposed."""
GRANT, RESET, MACHINE = "grant.give", ending.RESET, "machine.issue"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a confirmation brought about; `token` is for a reset: of an invitation, shown once."""

    kind: str
    person: str
    token: str = ""


def rotate(desk: Desk, actor: Actor, passphrase: str, unlock: str | None) -> int:
    """A new signing key for the actor, announced by the old one; the log index at which the old one ends.

    What was unlocked is locked, and the actor's API tokens, which open the old key, are gone.
    """
    public = desk.vault.make_next_key(actor.person, passphrase)
    check_acceptable(desk, actor.person, public)
    with desk.journal.sequencing():
        actor = people.as_of_now(desk, actor)
        account = _account(desk, actor.person)
        body = {"person": actor.person, "old": account.public_key, "new": public.hex()}
        events.append(desk, rewrapping.note(desk, ending.ROTATE, body, actor), unlock, _nothing)
        desk.directory.save(replace(account, public_key=public.hex(), tokens=()))
        index = people.announce(desk, {account.public_key: KeyMark("rotated")})
        desk.vault.adopt_key(actor.person, public)  # inside: the old key signs nothing after its end
    return index


def check_acceptable(desk: Desk, person: str, public: bytes) -> None:
    """Refuse a key of small order, or one that was ever anybody's (`key.unacceptable`, `key.known`)."""
    if not keys.is_acceptable(public):
        desk.vault.forget_key(person)
        raise Refused("key.unacceptable")
    if public.hex() in {one["key"] for entry in people.entries(desk) for one in entry["keys"]}:
        raise Refused("key.known")


def dismiss(desk: Desk, actor: Actor, person: str, unlock: str | None) -> int:
    """End a person's account, grants, tokens and key from here on; the log index at which they end.

    What they had proposed falls away and their drafts are discarded; every compartment they could open
    begins a new epoch. Signatures from before stay valid.
    """
    return _end(desk, actor, person, unlock, ending.DISMISS)


def compromise(desk: Desk, actor: Actor, person: str, since: int, unlock: str | None) -> int:
    """End a person's key that others may have used since a log index; the account stays, without a key.

    Events from `since` on are suspect until somebody else confirms them. Raises `Refused("key.since")`.
    """
    if not 0 <= since <= desk.journal.next_index:
        raise Refused("key.since", most=desk.journal.next_index)
    return _end(desk, actor, person, unlock, ending.COMPROMISE, {"since": since})


def _end(
    desk: Desk,
    actor: Actor,
    person: str,
    unlock: str | None,
    kind: str,
    more: Mapping[str, Any] | None = None,
) -> int:
    with desk.journal.sequencing():
        actor = allowed(desk, actor, ADMINISTRATORS)
        account = _account(desk, person)
        if person == actor.person and kind == ending.DISMISS:
            raise NotAllowed("key.own")
        body = {"person": person, "key": account.public_key, **(more or {})}
        events.append(desk, rewrapping.note(desk, kind, body, actor), unlock, _nothing)
        return ending.carry_out(desk, account, kind, body)


def end_grant(desk: Desk, actor: Actor, person: str, grant: str, unlock: str | None) -> int:
    """Take one grant away; the log index at which it ends. The compartments of its role begin new epochs."""
    with desk.journal.sequencing():
        actor = allowed(desk, actor, ADMINISTRATORS)
        account = _account(desk, person)
        if not any(one["id"] == grant for one in account.grants):
            raise NotFound("grant.not_found")
        body = {"person": person, "grant": grant}
        events.append(desk, rewrapping.note(desk, ending.REVOKE, body, actor), unlock, _nothing)
        return ending.carry_out(desk, account, ending.REVOKE, body)


def propose(
    desk: Desk,
    actor: Actor,
    person: str,
    kind: str,
    facts: Mapping[str, Any],
    unlock: str | None,
    *,
    private: Mapping[str, Any] | None = None,
) -> str:
    """Propose to give a grant (`role`, `unit`, `region`), a new key or a machine; the id to confirm it by.

    `private` are facts that the directory keeps and the log does not.

    Raises `NotAllowed` (`key.role`, `key.own`), `Refused("proposal.kind")`.
    """
    if kind not in (GRANT, RESET, MACHINE):
        raise Refused("proposal.kind")
    with desk.journal.sequencing():
        actor = allowed(desk, actor, ADMINISTRATORS)
        account = _account(desk, person)
        if person == actor.person:
            raise NotAllowed("key.own")
        name = base32(desk.randomness.bytes(10))
        body = {"proposal": name, "kind": kind, "person": person, **facts}
        ticket = events.append(desk, rewrapping.note(desk, "review.propose", body, actor), unlock, _event_of)
        proposal = {
            "id": name, "kind": kind, "facts": {**facts, **(private or {})}, "by": actor.person,
            "key": _account(desk, actor.person).public_key, "at": utc_text(desk.clock.now()),
        }  # fmt: skip
        desk.directory.save(replace(account, proposals=(*account.proposals, proposal)))
    ticket.wait()
    return name


def confirm(desk: Desk, actor: Actor, person: str, name: str, unlock: str | None) -> Confirmed:
    """Confirm what another person proposed, and carry it out.

    The two are two persons with two raw keys, and neither is the receiver. Raises `NotFound`, `NotAllowed`
    (`key.role`, `key.own`, `proposal.second_person`).
    """
    with desk.journal.sequencing():
        actor, account, found = confirmable(desk, actor, person, name, GRANT, RESET)
        body = {"proposal": name, "kind": found["kind"], "person": person}
        events.append(desk, rewrapping.note(desk, ending.CONFIRM, body, actor), unlock, _nothing)
        rest = replace(account, proposals=tuple(one for one in account.proposals if one["id"] != name))
        token = ""
        if found["kind"] == GRANT:
            desk.directory.save(_granted(desk, rest, found["facts"]))
            people.announce(desk)
        else:
            # Ended grants stay ended in the register: the person begins with new ones of the same kind.
            fresh = tuple({**one, "id": f"g_{base32(desk.randomness.bytes(10))}"} for one in rest.grants)
            ended = replace(rest, active=False, public_key="", tokens=(), password_hash="", grants=fresh)
            _, token = inviting.invite_again(desk, ended)
            desk.vault.forget_key(person)
            people.announce(desk, {account.public_key: KeyMark("reset")})
    return Confirmed(found["kind"], person, token)


def confirmable(
    desk: Desk, actor: Actor, person: str, name: str, *kinds: str
) -> tuple[Actor, Account, Mapping[str, Any]]:
    """What somebody may confirm now: the actor with the grant for it, the account, the proposal."""
    actor = allowed(desk, actor, CONFIRMERS)
    account, own = _account(desk, person), _account(desk, actor.person)
    found = next((one for one in account.proposals if one["id"] == name and one["kind"] in kinds), None)
    if found is None:
        raise NotFound("proposal.not_found")
    if person == actor.person:
        raise NotAllowed("key.own")
    if found["by"] == actor.person or found["key"] == own.public_key:
        raise NotAllowed("proposal.second_person")
    return actor, account, found


def _granted(desk: Desk, account: Account, facts: Mapping[str, Any]) -> Account:
    grant = {
        "id": f"g_{base32(desk.randomness.bytes(10))}",
        "role": facts["role"],
        "unit": facts.get("unit", account.unit),
        "region": facts.get("region", account.region),
        "valid_from": facts.get("valid_from") or None,
        "valid_to": facts.get("valid_to") or None,
    }
    return replace(account, grants=(*account.grants, grant))


def allowed(desk: Desk, actor: Actor, roles: frozenset[str]) -> Actor:
    """The actor with the one grant that allows the act, as of now."""
    actor = people.as_of_now(desk, actor)
    day = local_day(desk.clock.now())
    grant = next((one for one in actor.grants_on(day) if one.role in roles), None)
    if grant is None:
        raise NotAllowed("key.role")
    return replace(actor, grants=(grant,))


def _account(desk: Desk, person: str) -> Account:
    account = desk.directory.by_person(person)
    if account is None or not account.active:
        raise NotFound("person.not_found")
    return account


def _nothing(_written: events.Written, _committed: object) -> None:
    return None


def _event_of(written: events.Written, _committed: object) -> str:
    return written.event
