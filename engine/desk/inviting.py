"""One-time enrolment: somebody is named, and makes password, passphrase and signing key alone.

Decides how long an invitation counts and that it counts once. The account exists from the invitation on, with
its grants, but cannot sign in, hold a key or act before it is accepted. Never sees a passphrase twice, and
nobody but the invited person ever knows one (trust.md §2.2).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from engine.desk import people
from engine.desk.desk import Desk
from engine.errors import Invalid, NotFound, Problem, Refused
from engine.identity import base32, parse_utc, utc_text
from engine.lifecycle.people import Partner
from engine.ports import Account
from engine.trust import keys

LASTS = timedelta(hours=24)
SHORTEST_PASSWORD = 12
SHORTEST_PASSPHRASE = 15
LONGEST = 256


@dataclass(frozen=True, slots=True)
class Invited:
    """A person to be enrolled by themselves. `roles` are (role, first day or None, last day or None)."""

    staff_no: str
    name: str
    unit: str
    region: str
    title: str
    roles: tuple[tuple[str, str | None, str | None], ...]
    partner: Partner | None = None


def invite(desk: Desk, one: Invited) -> tuple[Account, str]:
    """Make the account and its invitation; the second is the token, which is kept nowhere.

    Raises `Refused` (`staff_no.taken`).
    """
    if desk.directory.by_staff_no(one.staff_no) is not None:
        raise Refused("staff_no.taken", staff_no=one.staff_no)
    partner = one.partner
    account = Account(
        person=f"p_{base32(desk.randomness.bytes(10))}",
        staff_no=one.staff_no,
        name=one.name,
        unit=one.unit,
        region=one.region,
        password_hash="",
        grants=people.grants_of(desk, one.roles, one.unit, one.region),
        partner=None
        if partner is None
        else {
            "uscc": partner.uscc,
            "contract_from": partner.contract_from,
            "contract_to": partner.contract_to,
        },
        active=False,
        title=one.title,
    )
    return invite_again(desk, account)


def invite_again(desk: Desk, account: Account) -> tuple[Account, str]:
    """A new invitation for an account that has not been accepted; an older one ends.

    Raises `Refused` (`enrol.done`) for an account that has.
    """
    if account.active or account.public_key:
        raise Refused("enrol.done")
    token = urlsafe_b64encode(desk.randomness.bytes(32)).decode("ascii").rstrip("=")
    entry = {
        "id": desk.randomness.bytes(6).hex(),
        "hash": _name(token),
        "name": "enrolment",
        "expires": utc_text(desk.clock.now() + LASTS),
    }
    account = replace(account, tokens=(entry,))
    desk.directory.save(account)
    return account, token


def invited_by(desk: Desk, token: str) -> Account:
    """The account an invitation is for. Raises NotFound (`enrol.unknown`): never was, has ended, was used."""
    name = _name(token)
    account = desk.directory.by_token(name)
    entry = next((one for one in account.tokens if one["hash"] == name), None) if account else None
    if account is None or entry is None or account.active:
        raise NotFound("enrol.unknown")
    if parse_utc(entry["expires"]) <= desk.clock.now():
        raise NotFound("enrol.unknown")
    return account


def accept(desk: Desk, token: str, password: str, passphrase: str) -> Account:
    """Make the person's key and let the account begin; the snapshot that says so is logged.

    Raises Invalid (`/password`, `/passphrase`) for secrets that are too weak, NotFound (`enrol.unknown`).

    1. the secrets, before the invitation is touched
    2. the invitation is used up, inside the critical section: of two tries at once one goes on
    3. the key is made; when that fails, the invitation stands again
    4. the account begins with the log index of the snapshot that names its key
    """
    # 1
    account = invited_by(desk, token)
    problems = judge_secrets(account, password, passphrase)
    if problems:
        raise Invalid("secrets", problems=problems)
    # 2
    with desk.journal.sequencing():
        account = invited_by(desk, token)
        desk.directory.save(replace(account, tokens=()))
    # 3
    try:
        public_key = desk.vault.enrol(account.person, passphrase)
        password_hash = desk.directory.hash_password(password)
        if not keys.is_acceptable(public_key):
            raise Refused("key.unacceptable")
    except BaseException:
        desk.directory.save(account)
        raise
    # 4
    begun = replace(account, tokens=(), active=True, public_key=public_key.hex(), password_hash=password_hash)
    people.begin(desk, begun)
    return begun


def judge_secrets(account: Account, password: str, passphrase: str) -> tuple[Problem, ...]:
    """What is wrong with a choice of secrets: length, sameness, the staff number in them (ASVS 6.2)."""
    problems = []
    for pointer, secret, least in (
        ("/password", password, SHORTEST_PASSWORD),
        ("/passphrase", passphrase, SHORTEST_PASSPHRASE),
    ):
        if not least <= len(secret) <= LONGEST:
            problems.append(Problem(pointer, "secret.length", {"least": least, "most": LONGEST}))
        elif account.staff_no.lower() in secret.lower() or len(set(secret)) < 5:
            problems.append(Problem(pointer, "secret.easy"))
    if password == passphrase:
        problems.append(Problem("/passphrase", "secret.same"))
    return tuple(problems)


def _name(token: str) -> str:
    return sha256(b"fengjian/enrolment/v1\x00" + token.encode("utf-8", "replace")).hexdigest()
