"""Machines of partners: accounts that work through the API alone, and the tokens that open their keys.

Decides who gives one (two administrators, as any right), how long it lasts (never beyond the partner's
contract) and that taking one away ends its key at once. A machine's passphrase is made for it,
kept by nobody and sealed under its token; no person's passphrase is ever asked for. Makes no token itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.desk import ending, events, keys, people, rewrapping
from engine.desk.desk import Desk
from engine.errors import NotFound, Refused
from engine.identity import base32, local_day
from engine.lifecycle.people import Actor
from engine.ports import Account

ISSUE, REVOKE = keys.MACHINE, "token.revoke"
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Token:
    """One token: whose, what it is called, through which day (YYYY-MM-DD) it counts."""

    account: Account
    id: str
    name: str
    expires: str


def is_machine(account: Account) -> bool:
    """Whether nobody signs in with this account: it works through the API alone."""
    return account.partner is not None and account.active and not account.password_hash


def partners(desk: Desk) -> tuple[Account, ...]:
    """The partners' people at work, for whom a machine can be ordered."""
    return tuple(
        one for one in desk.directory.all() if one.partner is not None and one.active and one.password_hash
    )


def tokens(desk: Desk) -> tuple[Token, ...]:
    """Every token there is, by account and name. Invitations are none."""
    found = [
        Token(account, one["id"], one["name"], one["expires"])
        for account in desk.directory.all()
        if account.active
        for one in account.tokens
    ]
    return tuple(sorted(found, key=_order))


def _order(one: Token) -> tuple[str, str]:
    return one.account.staff_no, one.name


def propose(desk: Desk, actor: Actor, person: str, name: str, last_day: str, unlock: str | None) -> str:
    """Propose a machine for the partner that `person` works for, through `last_day`; the proposal's id.

    Raises `NotAllowed` (`key.role`, `key.own`), `NotFound`, `Refused` (`machine.no_partner`, `machine.name`,
    `machine.days` with the last possible day).
    """
    account = desk.directory.by_person(person)
    if account is None or account not in partners(desk):
        raise Refused("machine.no_partner")
    name = name.strip()
    is_taken = any(one.account.partner == account.partner and one.name == name for one in tokens(desk))
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or is_taken:
        raise Refused("machine.name")
    _check_days(desk, account, last_day)
    return keys.propose(desk, actor, person, ISSUE, {"last_day": last_day}, unlock, private={"name": name})


def _check_days(desk: Desk, account: Account, last_day: str) -> None:
    """ISO days compare as texts; what is no day is not between two days of the same length either."""
    end = account.partner["contract_to"] if account.partner else ""
    is_day = len(last_day) == 10 and last_day.replace("-", "").isdecimal()
    if not is_day or not local_day(desk.clock.now()) <= last_day <= end:
        raise Refused("machine.days", last=end)


def confirm(
    desk: Desk, actor: Actor, person: str, proposal: str, passphrase: str, unlock: str | None
) -> tuple[Account, Mapping[str, Any]]:
    """Confirm what another administrator proposed: the machine's account, and the facts of the proposal.

    `passphrase` is a fresh random one, which the caller seals under the token and forgets. Raises as
    `engine.desk.keys.confirm`, and `Refused("machine.days")` when the contract ended meanwhile.

    1. may this person confirm, and is there anything to confirm
    2. the key, outside the critical section: it takes long on purpose
    3. both once more, inside; the event, the account, the snapshot from which the key counts
    """
    # 1
    with desk.journal.sequencing():
        _, account, found = keys.confirmable(desk, actor, person, proposal, ISSUE)
        _check_days(desk, account, found["facts"]["last_day"])
    # 2
    machine = f"p_{base32(desk.randomness.bytes(10))}"
    public = desk.vault.enrol(machine, passphrase)
    try:
        keys.check_acceptable(desk, machine, public)
        # 3
        with desk.journal.sequencing():
            actor, account, found = keys.confirmable(desk, actor, person, proposal, ISSUE)
            body = {"proposal": proposal, "kind": ISSUE, "person": machine}
            events.append(desk, rewrapping.note(desk, ending.CONFIRM, body, actor), unlock, _nothing)
            rest = tuple(one for one in account.proposals if one["id"] != proposal)
            desk.directory.save(replace(account, proposals=rest))
            made = _account_of(desk, account, machine, found["facts"], public)
            desk.directory.save(made)
            people.announce(desk)
    except BaseException:
        if desk.directory.by_person(machine) is None:
            desk.vault.forget_key(machine)
        raise
    return made, found["facts"]


def _account_of(
    desk: Desk, partner: Account, machine: str, facts: Mapping[str, Any], public: bytes
) -> Account:
    roles = [(one["role"], one["valid_from"], facts["last_day"]) for one in partner.grants]
    return Account(
        person=machine,
        staff_no=_free_number(desk, partner.staff_no),
        name=facts["name"],
        unit=partner.unit,
        region=partner.region,
        password_hash="",
        grants=people.grants_of(desk, roles, partner.unit, partner.region),
        partner=partner.partner,
        public_key=public.hex(),
    )


def _free_number(desk: Desk, staff_no: str) -> str:
    number = 1
    while desk.directory.by_staff_no(f"{staff_no}-{number}") is not None:
        number += 1
    return f"{staff_no}-{number}"


def revoke(desk: Desk, actor: Actor, person: str, token: str, unlock: str | None) -> None:
    """Take a token away; it opens nothing from the next request on. A machine's key and grants end with it.

    Raises `NotAllowed("key.role")`, `NotFound("token.not_found")`.
    """
    account = desk.directory.by_person(person)
    if account is None or not any(one["id"] == token for one in account.tokens):
        raise NotFound("token.not_found")
    if is_machine(account):
        keys.dismiss(desk, actor, person, unlock)
        return
    with desk.journal.sequencing():
        actor = keys.allowed(desk, actor, keys.ADMINISTRATORS)
        body = {"person": person, "token": token}
        events.append(desk, rewrapping.note(desk, REVOKE, body, actor), unlock, _nothing).wait()
        account = desk.directory.by_person(person) or account
        desk.directory.save(
            replace(account, tokens=tuple(one for one in account.tokens if one["id"] != token))
        )


def _nothing(_written: events.Written, _committed: object) -> None:
    return None
