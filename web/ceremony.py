"""The ceremony of a real agency: its keys, its trust root, its first three administrators.

Decides the order, so that a ceremony that breaks off leaves nothing that looks like an agency:
 1 the plan is judged before anything is made
 2 root keys are made in memory and written where their keepers take them from
 3 the vault is made with its lock; it holds no root key
 4 the first trust root is signed by all root keys and logged as record 0
 5 three administrators are invited; they choose their own secrets
Secrets (shares, tokens) are handed back once and kept nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.desk import inviting, people
from engine.desk.desk import Agency
from engine.desk.inviting import Invited
from engine.desk.people import RootKeys
from engine.errors import Conflict, Invalid, Problem
from engine.registry.numbers import is_uscc
from engine.trust import root
from storage.passphrases import Passphrases
from storage.root_keys import make_root_keys, sign_with, write_root_keys
from storage.software_module import SoftwareModule
from storage.unsealing import (
    FILE,
    MODULE,
    MOST_SHARES,
    PASSPHRASE,
    SHARES,
    SHORTEST_PASSPHRASE,
    Lock,
    lock_by_file,
    lock_by_passphrase,
    lock_by_shares,
    split,
)
from web.assemble import create_agency, open_desk
from web.roles import ROLE_TITLES

ADMINISTRATORS: Mapping[str, tuple[str, str]] = {
    "system_admin": ("it", "系统管理员"),
    "security_admin": ("info_mgmt", "安全管理员"),
    "audit_admin": ("info_mgmt", "审计管理员"),
}
"""Role → department and title of the three whose duties have to be apart (domain C.1)."""

_ORIGIN = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}(/[a-z0-9][a-z0-9._-]{0,62}){0,3}\Z")
_CODE = re.compile(r"[0-9]{6}\Z")
_STAFF_NO = re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}\Z")


@dataclass(frozen=True, slots=True)
class Sealing:
    """How the keys are opened: the method, and what it needs. Secrets stay in memory."""

    mode: str = PASSPHRASE
    passphrase: str = ""
    threshold: int = 2
    shares: int = 3
    module: Path | None = None
    pin: str = ""


@dataclass(frozen=True, slots=True)
class Administrator:
    """One of the first three people."""

    role: str
    staff_no: str
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is decided before the ceremony."""

    agency: Agency
    administrators: tuple[Administrator, ...]
    root_folder: Path
    root_keys: int = 3
    root_threshold: int = 2
    recovery_threshold: int = 2
    recovery_shares: int = 3
    sealing: Sealing = field(default_factory=Sealing)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is shown once: fingerprint, root key files, shares, and the tokens by staff number."""

    fingerprint: str
    root_files: tuple[Path, ...]
    recovery_shares: tuple[str, ...]
    seal_shares: tuple[str, ...]
    tokens: Mapping[str, str]


def hold(data: Path, plan: Plan) -> Outcome:
    """Set up an agency in an empty folder. Raises Conflict (`data.not_empty`), Invalid."""
    # 1
    if data.exists() and any(data.iterdir()):
        raise Conflict("data.not_empty")
    problems = judge(data, plan)
    if problems:
        raise Invalid("init", problems=problems)
    passphrases = Passphrases()
    lock = lock_of(plan.sealing, passphrases)
    module = None
    if plan.sealing.mode == MODULE and plan.sealing.module is not None:
        module = SoftwareModule.create(plan.sealing.module, passphrases, plan.sealing.pin)
    # 2
    held = make_root_keys(plan.root_keys)
    files = write_root_keys(plan.root_folder, held, plan.agency.name)
    # 3
    made = create_agency(data, plan.agency, lock=lock, module=module, root_keys=0)
    opened = open_desk(data, vault=made.vault)
    try:
        # 4
        public = tuple(one.public for one in held)
        signers = RootKeys(public, plan.root_threshold, lambda message: sign_with(held, message))
        people.found(opened.desk, ROLE_TITLES, signers)
        # 5
        tokens = {}
        for one in plan.administrators:
            unit, title = ADMINISTRATORS[one.role]
            invited = Invited(
                one.staff_no, one.name, unit, plan.agency.code, title, ((one.role, None, None),)
            )
            _, tokens[one.staff_no] = inviting.invite(opened.desk, invited)
        fingerprint = root.fingerprint(opened.desk.trust.root_chain())
    finally:
        opened.close()
    shares = split(made.recovery_secret, plan.recovery_threshold, plan.recovery_shares)
    return Outcome(fingerprint, files, shares, lock.shares if lock is not None else (), tokens)


def lock_of(sealing: Sealing, passphrases: Passphrases) -> Lock | None:
    """The lock a plan asks for; None where a module takes its place."""
    if sealing.mode == PASSPHRASE:
        return lock_by_passphrase(passphrases, sealing.passphrase)
    if sealing.mode == SHARES:
        return lock_by_shares(sealing.threshold, sealing.shares)
    return None if sealing.mode == MODULE else lock_by_file()


def judge(data: Path, plan: Plan) -> list[Problem]:
    """What of a plan cannot be carried out, with pointers into the answers' file."""
    agency = plan.agency
    checks = (
        ("/agency/code", _CODE.match(agency.code) is not None),
        ("/agency/origin", _ORIGIN.match(agency.origin) is not None),
        ("/agency/name", 0 < len(agency.name) <= 100),
        ("/agency/name_en", 0 < len(agency.name_en) <= 200),
        ("/agency/uscc", is_uscc(agency.uscc)),
        ("/root", 2 <= plan.root_threshold <= plan.root_keys <= 9),
        ("/root/folder", not plan.root_folder.resolve().is_relative_to(data.resolve())),
        ("/recovery", 2 <= plan.recovery_threshold <= plan.recovery_shares <= MOST_SHARES),
    )
    wrong = [pointer for pointer, holds in checks if not holds]
    wrong += [f"/seal/{name}" for name in judge_sealing(plan.sealing)]
    people_wrong = sorted(one.role for one in plan.administrators) != sorted(ADMINISTRATORS)
    numbers = [one.staff_no for one in plan.administrators]
    if people_wrong or len(set(numbers)) != len(numbers):
        wrong.append("/people")
    for place, one in enumerate(plan.administrators):
        if not one.name or _STAFF_NO.match(one.staff_no) is None:
            wrong.append(f"/people/{place}")
    return [Problem(pointer, "init") for pointer in wrong]


def judge_sealing(sealing: Sealing) -> list[str]:
    """The names of what is missing or wrong in a way of sealing."""
    if sealing.mode == PASSPHRASE:
        return [] if len(sealing.passphrase) >= SHORTEST_PASSPHRASE else ["passphrase"]
    if sealing.mode == SHARES:
        return [] if 2 <= sealing.threshold <= sealing.shares <= MOST_SHARES else ["shares"]
    if sealing.mode == MODULE:
        return [] if sealing.module is not None and sealing.pin else ["pin"]
    return [] if sealing.mode == FILE else ["mode"]
