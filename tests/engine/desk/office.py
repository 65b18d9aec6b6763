"""An agency in memory for the desk's tests: every port a simulator, every form the real one.

小林 keys, 周敏 and 吴桐 review, 陈晓 works on claims, 王局 heads the acceptance department, 方主管 audit;
何信 and 沈青 manage information, 唐主任 heads them; 李主任 heads claims.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import schemas
from engine.desk import attaching, deciding, people, reading, submitting
from engine.desk.desk import Agency, Desk, Receipt, Workshop
from engine.desk.people import NewPerson
from engine.desk.ruling import Rulebook
from engine.lifecycle.measures import parse_measures
from engine.lifecycle.people import Actor
from engine.lifecycle.settings import parse_settings
from engine.registry.registry import Registry, build_registry
from tests.schemas.reading import VERSIONS, compiled, folder, read, tables
from tests.simulators.memory_forms import MemoryForms, MemoryVersionDrafts
from tests.simulators.memory_journal import MemoryJournal
from tests.simulators.memory_notices import MemoryChores, MemoryNotices
from tests.simulators.memory_stores import (
    MemoryAccessLog,
    MemoryBlobs,
    MemoryDirectory,
    MemoryDrafts,
    MemoryErasable,
    MemoryStore,
    MemoryTrust,
)
from tests.simulators.memory_vault import MemoryVault
from tests.simulators.surroundings import FixedClock, SeededRandomness, WeekdayCalendar

SESSION = "5e" * 32
ROLES = [
    "acceptance_clerk",
    "audit_admin",
    "auditor",
    "claims_officer",
    "department_head",
    "info_manager",
    "it_operator",
    "partner_user",
    "reviewer",
    "security_admin",
    "system",
    "system_admin",
]
STAFF = (
    ("YW000231", "林小燕", "business_acceptance", "acceptance_clerk"),
    ("YW000232", "赵一", "business_acceptance", "acceptance_clerk"),
    ("SH000001", "周敏", "audit", "auditor"),
    ("SH000002", "吴桐", "audit", "auditor"),
    ("LP000117", "陈晓", "claims", "claims_officer"),
    ("YW000001", "王局", "business_acceptance", "department_head"),
    ("SH000009", "方主管", "audit", "department_head"),
    ("XX000002", "何信", "info_mgmt", "info_manager"),
    ("XX000003", "沈青", "info_mgmt", "info_manager"),
    ("XX000001", "唐主任", "info_mgmt", "department_head"),
    ("LP000001", "李主任", "claims", "department_head"),
)
LIN, ZHAO, ZHOU, WU, CHEN, WANG, FANG, HE, SHEN, TANG, LI = (one[0] for one in STAFF)


def registry() -> Registry:
    """The shipped forms, in force since 2020."""
    return build_registry([(compiled(form, version), date(2020, 1, 1)) for form, version in VERSIONS])


def workshop() -> Workshop:
    """Shipped tables and meta-schemas; the shipped folder's examples are kept beside its bundle."""
    archive = MemoryForms()
    archive.keep(compiled().bundle, tables())
    beside = [file for file in folder().joinpath("examples").iterdir() if file.name.endswith(".json")]
    papers = {f"examples/{file.name}": file.read_bytes() for file in beside}
    papers["CHANGES.md"] = folder().joinpath("CHANGES.md").read_bytes()
    archive.keep_papers(compiled().digest, papers)
    meta = {name: read("_meta", f"{name}.schema.json") for name in ("annotations", "states", "layout")}
    return Workshop(MemoryVersionDrafts(), archive, tables(), meta, read("regulation", "1.0.0.json"))


def example(name: str = "ok-1-first-assessment") -> dict[str, Any]:
    """The answers of a shipped example, free to change."""
    file = schemas.root().joinpath("info_entry", "1.0.0", "examples", f"{name}.json")
    return deepcopy(json.loads(file.read_text("utf-8"))["data"])


@dataclass
class Office:
    """The desk, its simulators by name, and who is signed in."""

    desk: Desk
    clock: FixedClock
    journal: MemoryJournal
    actors: dict[str, Actor] = field(default_factory=dict)
    unlocks: dict[str, str] = field(default_factory=dict)
    keys: int = 0

    def key(self) -> str:
        """A client key nobody has used."""
        self.keys += 1
        return f"key-{self.keys}"

    def answers(self, who: str = LIN, **changes: Any) -> dict[str, Any]:
        """Example 1 with its files uploaded by `who`; `changes` replace whole sections."""
        answers = example() | changes
        for number, item in enumerate(answers["files"]):
            staged = attaching.attach(self.desk, self.actors[who], b"scan %d" % number, "application/pdf")
            item["sha256"] = staged.sha256
        return answers

    def submit(self, who: str = LIN, answers: dict[str, Any] | None = None, **more: Any) -> Receipt:
        """Submit as `who` and wait for the receipt."""
        wanted = submitting.Submission(
            more.pop("form", "info_entry"),
            self.answers(who) if answers is None else answers,
            more.pop("key", self.key()),
            **more,
        )
        return submitting.submit(self.desk, self.actors[who], wanted, self.unlocks[who]).wait(1)

    def decide(
        self, who: str, doc: str, transition: str, answers: Mapping[str, Any] | None = None, **more: Any
    ) -> Receipt:
        """Decide as `who` on the head that stands, and wait for the receipt."""
        wanted = deciding.Decision(
            doc,
            transition,
            more.pop("head", None) or self.head(doc),
            answers or {},
            more.pop("key", self.key()),
            more.pop("stepped_up", True),
        )
        return deciding.decide(self.desk, self.actors[who], wanted, self.unlocks[who]).wait(1)

    def approved(self) -> Receipt:
        """A document that 小林 submitted and 周敏 approved."""
        receipt = self.submit()
        self.decide(ZHOU, receipt.doc, "claim")
        return self.decide(ZHOU, receipt.doc, "approve", TICKS)

    def head(self, doc: str) -> str:
        return reading.row_of(self.desk, doc)["head"]

    def state(self, doc: str) -> str:
        return reading.row_of(self.desk, doc)["state"]


TICKS = {"accuracy": True, "completeness": True, "no_interest": True}


def open_office(now: datetime = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)) -> Office:
    """A founded agency with its people enrolled and their keys unlocked."""
    vault, clock = MemoryVault(), FixedClock(now)
    origin = "office.test/log"
    journal = MemoryJournal(origin, vault.public_keys()["log"], vault.sign_log)
    store = MemoryStore()
    desk = Desk(
        agency=Agency(
            origin, "310104", "示范区医疗保障服务中心", "Demonstration centre", "52310199MJ0T00129R"
        ),
        registry=registry(),
        vault=vault,
        journal=journal,
        store=store,
        drafts=MemoryDrafts(),
        blobs=MemoryBlobs(),
        access=MemoryAccessLog(),
        directory=MemoryDirectory(),
        trust=MemoryTrust(),
        erasable=MemoryErasable(),
        clock=clock,
        randomness=SeededRandomness(),
        calendar=WeekdayCalendar(),
        workshop=workshop(),
        settings=Rulebook(parse_settings(read("settings", "1.0.0.json")), journal, store),
        notices=MemoryNotices(),
        chores=MemoryChores(),
        measures=parse_measures(read("measures", "1.0.0.json")),
    )
    people.found(desk, {role: {"title_zh": role, "title_en": role} for role in ROLES})
    accounts = people.enrol(
        desk,
        [
            NewPerson(
                number, name, unit, "310104", name, ((role, None, None),), "password", f"phrase {number}"
            )
            for number, name, unit, role in STAFF
        ],
    )
    office = Office(desk, clock, journal)
    for account in accounts:
        office.actors[account.staff_no] = people.actor_of(account, SESSION, "password")
        office.unlocks[account.staff_no] = vault.unlock(account.person, f"phrase {account.staff_no}", SESSION)
    return office
