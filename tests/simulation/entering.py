"""R5.6, R5.7: entries and their updates, keyed, reviewed, returned, corrected, uploaded, applied.

Decides how often something goes wrong: every eighth entry is returned, every thirtieth refused; the wrong
person tries now and then, and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.simulation import papers
from tests.simulation.quarter import Quarter
from tests.simulation.seats import Unexpected
from tests.simulation.staff import (
    DUPING,
    FANG,
    FENGYUAN,
    HEJING,
    QINYU,
    XIAOLIN,
    ZHOUMIN,
)  # fmt: skip

ENTRY, UPDATE = "info_entry", "info_update"
CLERKS, AUDITORS = (XIAOLIN, FANG, QINYU), (ZHOUMIN, HEJING, FENGYUAN)
TICKS = {"accuracy": True, "completeness": True, "no_interest": True}
PER_CHANGE = {"each_change": True, "evidence": True, "no_interest": True}
RETURN = {
    "comment": "手机号码与原件不一致，核对后再报",
    "marks": [{"pointer": "/insured/mobile", "text": "与原件核对"}],
    "no_interest": True,
}
REJECT = {
    "comment": "经核实未参加长期护理保险",
    "ground": "not_insured",
    "how_to_object": "三十日内向本机构审核部门提出复核",
    "no_interest": True,
}


@dataclass
class Kept:
    """An entry in force, as its clerk remembers it."""

    doc: str
    doc_id: str
    revision: int
    number: int
    clerk: str
    answers: dict[str, Any]
    is_free: bool = True


@dataclass
class Desk:
    """The work in hand of those who key and those who review."""

    quarter: Quarter
    people: int = 0
    waiting: list[tuple[Any, str, dict[str, Any], int]] = field(default_factory=list)
    returned: list[tuple[Any, str, dict[str, Any], int]] = field(default_factory=list)
    updates: list[tuple[Any, Kept, str]] = field(default_factory=list)
    force: list[Kept] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    aside: list[tuple[Any, str, dict[str, Any], int]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    street: bool = False

    def key(self, count: int) -> None:
        """Clerks key what was collected just before."""
        life, line = self.quarter, self.quarter.line
        clerks = [one for one in (*CLERKS, DUPING) if one not in self.gone]
        for _ in range(count):
            life.wait(minutes=2)
            self.people += 1
            who = life.rng.choice(clerks)
            late = life.rng.random() < 0.06
            answers = papers.entry(who, self.people, life.now, life.scans(who), late)
            if self.street and life.rng.random() < 0.5:
                answers["statement"]["street_name"] = "示范街道"
            if late:
                line.submit(who, ENTRY, answers, refusal="V11.remark")
                answers["statement"]["remark"] = "上门采集，次日返回后补录"
                line.submit(who, ENTRY, answers, refusal="V11.late")
            if life.rng.random() < 0.03:  # a digit mistyped, and refused before anything is filed
                wrong = papers.copied(answers)
                wrong["insured"]["id_no"] = wrong["insured"]["id_no"][:-1] + "Y"
                line.submit(who, ENTRY, wrong, refusal="answers")
            receipt = line.submit(who, ENTRY, answers, confirmed=["V11.late"] if late else [])
            life.filed(who, ENTRY, receipt)
            self.waiting.append((receipt, who, answers, self.people))

    def review(self) -> None:
        """Auditors at work take what waits; while one is away some lies until it is late."""
        life, line = self.quarter, self.quarter.line
        if not self.absent:
            self.waiting, self.aside = [*self.aside, *self.waiting], []
        waiting, self.waiting = self.waiting, []
        for receipt, clerk, answers, number in waiting:
            auditors = [one for one in AUDITORS if one not in self.absent and one not in self.gone]
            if self.absent and (not self.aside or life.rng.random() < 0.15):
                self.aside.append((receipt, clerk, answers, number))
                continue
            who, luck = life.rng.choice(auditors), life.rng.random()
            if luck < 0.02:
                line.take(clerk, receipt, "claim", refusal="role")
                life.done["withdrawn"] += 1
                line.take(clerk, receipt, "withdraw", {"comment": "参保人不再申请"})
                continue
            claimed = line.take(who, receipt, "claim")
            if luck < 0.04:  # somebody else was slower
                other = next(one for one in AUDITORS if one != who and one not in self.gone)
                line.take(other, receipt, "claim", refusal="document.changed")
                line.take(other, claimed, "approve", TICKS, refusal="same_person")
            life.wait(seconds=40)
            if luck < 0.155 and luck > 0.03:
                back = line.take(who, claimed, "return", RETURN)
                self.returned.append((back, clerk, answers, number))
            elif luck > 0.97:
                self._reject(who, claimed)
            else:
                self._upload(who, claimed, clerk, answers, number)

    def _upload(self, who: str, claimed: Any, clerk: str, answers: dict[str, Any], number: int) -> None:
        line = self.quarter.line
        approved = line.take(who, claimed, "approve", TICKS)
        line.take(who, approved, "upload")
        revision = int(approved["revision"])
        self.force.append(Kept(approved["doc"], approved["doc_id"], revision, number, clerk, answers))

    def _reject(self, who: str, claimed: Any) -> None:
        line = self.quarter.line
        line.take(who, claimed, "reject", REJECT, refusal="step_up")  # a machine cannot give the passphrase
        said = {name: "1" if one is True else str(one) for name, one in REJECT.items()}
        line.decide(who, claimed["doc"], "reject", status=303, **said)
        self.quarter.done["rejected"] += 1

    def correct(self) -> None:
        """Clerks put right what was returned."""
        life, line = self.quarter, self.quarter.line
        returned, self.returned = self.returned, []
        for receipt, clerk, answers, number in returned:
            if clerk in self.gone:
                continue
            answers = papers.copied(answers)
            answers["insured"]["mobile"] = f"199{life.rng.randrange(10**6):08d}"
            answers["statement"]["remark"] = "退回后核对原件，补正再报"
            again = line.submit(
                clerk, ENTRY, answers, doc=receipt["doc"], expected_head=receipt["event"],
                confirmed=["V11.late"],
            )  # fmt: skip
            life.done["corrected"] += 1
            self.waiting.append((again, clerk, answers, number))

    def change(self, count: int) -> None:
        """Changes of what is in force come in."""
        life, line = self.quarter, self.quarter.line
        for _ in range(count):
            free = [one for one in self.force if one.is_free and one.clerk not in self.gone]
            if not free:
                raise Unexpected("nothing in force to update")
            kept = life.rng.choice(free)
            kept.is_free = False
            life.wait(minutes=3)
            value, reason = f"199{life.rng.randrange(10**6):08d}", "contact_change"
            if life.rng.random() < 0.1:
                reason = "data_error"
            answers = papers.update(
                kept.doc_id, kept.revision, life.today(), "/insured/mobile", value, reason
            )
            receipt = line.submit(kept.clerk, UPDATE, answers)
            life.filed(kept.clerk, UPDATE, receipt)
            self.updates.append((receipt, kept, value))

    def apply(self) -> None:
        """Auditors review updates; each that holds becomes the next revision."""
        life, line = self.quarter, self.quarter.line
        updates, self.updates = self.updates, []
        for receipt, kept, value in updates:
            auditors = [one for one in AUDITORS if one not in self.absent and one not in self.gone]
            who = life.rng.choice(auditors)
            claimed = line.take(who, receipt, "claim")
            approved = line.take(who, claimed, "approve", PER_CHANGE)
            if life.rng.random() < 0.05:  # R5.7.2: of two updates of one revision the second is refused
                late = papers.update(
                    kept.doc_id, kept.revision, life.today(), "/insured/mobile", "19900000999",
                    "contact_change",
                )  # fmt: skip
                second = line.submit(kept.clerk, UPDATE, late)
                life.filed(kept.clerk, UPDATE, second)
                line.take(who, approved, "apply")
                claimed = line.take(who, second, "claim")
                overtaken = line.take(who, claimed, "approve", PER_CHANGE)
                line.take(who, overtaken, "apply", refusal="update.target_changed")
                life.done["overtaken"] += 1
            else:
                line.take(who, approved, "apply")
            kept.answers["insured"]["mobile"] = value
            kept.revision += 1
            kept.is_free = True
            life.done["applied"] += 1
