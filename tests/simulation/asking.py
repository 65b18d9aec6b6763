"""R5.8: people apply for what is outside their task in hand; heads approve; each approval is run once.

Decides fates: of a hundred applications four are refused, six sent back, eight granted for less, a few never
run, one is revoked, one is tried twice. Results are handed over against a signature and destroyed on their
day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.benchmarks.material import id_number
from tests.simulation.entering import Desk
from tests.simulation.quarter import Quarter
from tests.simulation.seats import Unexpected
from tests.simulation.staff import (
    CHENXIAO,
    FANG,
    HEADS,
    HEJING,
    SHENQING,
    STAFF,
    UNIT,
    XIAOLIN,
    XULAN,
    ZHOUMIN,
    ZHULIN,
)  # fmt: skip

QUERY, RESULT = "info_query", "query_result"
APPLICANTS = (XIAOLIN, FANG, CHENXIAO, XULAN, ZHOUMIN, HEJING)
FIELDS = ["/insured/full_name", "/insured/id_no", "/insured/mobile", "/insured/gender"]
CLEAR = {
    "unmask_fields": ["/insured/full_name"],
    "unmask_reason": "需与结算单收款人姓名逐字比对，脱敏后无法核对",
}
NAMES = {one.staff_no: one for one in STAFF}
_DOC = re.compile(r"/documents/([a-z2-7]{26})")


@dataclass
class Queries:
    """Applications and what came of them."""

    quarter: Quarter
    desk: Desk
    waiting: list[tuple[Any, str, dict[str, Any]]] = field(default_factory=list)
    returned: list[tuple[Any, str, dict[str, Any]]] = field(default_factory=list)
    approved: list[tuple[str, str]] = field(default_factory=list)
    results: list[tuple[str, str, str]] = field(default_factory=list)  # doc, who holds it, when to destroy it

    def apply(self, count: int) -> None:
        """Somebody needs to know something about people in force."""
        life = self.quarter
        for _ in range(count):
            life.wait(minutes=5)
            who = life.rng.choice(APPLICANTS)
            answers = self._application(who)
            if life.rng.random() < 0.02:
                stock = {**answers, "purpose": {**answers["purpose"], "text": "因工作需要查询相关信息"}}
                life.line.submit(who, QUERY, stock, refusal="answers")
            receipt = life.filed(who, QUERY, life.line.submit(who, QUERY, answers))
            self.waiting.append((receipt, who, answers))

    def _application(self, who: str) -> dict[str, Any]:
        life, one = self.quarter, NAMES[who]
        kept = life.rng.choice(self.desk.force)
        clear = CLEAR if life.rng.random() < 0.25 else {}
        first = life.now.date() - timedelta(days=90)
        return {
            "applicant": {
                "staff_no": who, "name": one.name, "dept_code": UNIT[who], "post": one.title,
                "contact": "021-50000000",
            },
            "purpose": {
                "code": life.rng.choice(["business_handling", "claim_review", "audit_verification"]),
                "text": f"核对{life.now:%Y年%m月}申报材料与录入信息是否一致，第{len(life.papers)}件",
                "case_no": f"JS310104{life.now:%Y%m}{len(life.papers):06d}",
            },
            "scope": {
                "kind": "single", "categories": ["customer"], "subject_keys": [id_number(kept.number)],
                "fields": list(FIELDS), "period_from": first.isoformat(), "period_to": life.today(),
                "region": "310104", "max_records": 10, **clear,
            },
            "output": {
                "form": "sealed_pdf", "copies": 1, "recipient": one.name,
                "keep_days": life.rng.choice([1, 3, 7, 30]),
            },
            "pledge": {"confidential": True},
        }  # fmt: skip

    def decide(self) -> None:
        """Heads decide; information management countersigns what is asked for in clear."""
        life, line = self.quarter, self.quarter.line
        waiting, self.waiting = self.waiting, []
        for receipt, who, answers in waiting:
            head, luck = HEADS[UNIT[who]], life.rng.random()
            if luck < 0.03:
                line.take(who, receipt, "approve", {}, refusal="role")
            if luck < 0.06:
                back = line.take(head, receipt, "return", {"comment": "用途说明不够具体，补充后再报"})
                self.returned.append((back, who, answers))
                continue
            if luck < 0.10:
                line.decide(head, receipt["doc"], "reject", comment="用途与岗位职责不符")
                life.done["queries refused"] += 1
                continue
            clear = answers["scope"].get("unmask_fields")
            said: dict[str, Any] = {"granted_fields": list(FIELDS), "valid_days": "7"}
            if clear:
                said["granted_unmask"] = clear
            if luck < 0.18:
                said |= {"granted_fields": FIELDS[:-1], "comment": "性别与用途无关，不予批准"}
                life.done["queries narrowed"] += 1
            step = "approve_for_countersign" if clear else "approve"
            given = line.take(head, receipt, step, said)
            if clear:
                other = ZHULIN if life.rng.random() < 0.5 else SHENQING
                line.take(head, given, "countersign", {"comment": "同意"}, refusal="role")
                line.take(other, given, "countersign", {"comment": "用途与明文范围相符"})
            self.approved.append((receipt["doc"], who))

    def run(self) -> None:
        """Applicants run what was approved, once."""
        life, line = self.quarter, self.quarter.line
        approved, self.approved = self.approved, []
        for number, (doc, who) in enumerate(approved):
            luck = life.rng.random()
            if luck < 0.05:
                life.done["queries left to expire"] += 1
                continue
            if luck < 0.07:
                line.decide(HEADS[UNIT[who]], doc, "revoke", comment="申请用途已不存在")
                line.decide(who, doc, "execute", status=409)
                life.done["queries revoked"] += 1
                continue
            if number == 0:
                other = next(one for one in APPLICANTS if UNIT[one] == UNIT[who] and one != who)
                head = line.read(who, doc)["head"]
                line.call(
                    other, "POST", f"/documents/{doc}/transitions/execute",
                    {"answers": {}, "expected_head": head}, refusal="document.not_found",
                )  # fmt: skip
            line.decide(who, doc, "execute")
            if luck < 0.10:
                line.decide(who, doc, "execute", status=409)  # runs are used up
            page = line.page(who, f"/documents/{doc}")
            found = [one for one in dict.fromkeys(_DOC.findall(page)) if one != doc]
            results = [one for one in found if self._is_result(who, one)]
            if len(results) != 1:
                raise Unexpected(f"{doc} has {len(results)} results")
            self._deliver(who, results[0])

    def _is_result(self, who: str, doc: str) -> bool:
        return bool(self.quarter.line.read(who, doc)["form"] == RESULT)

    def _deliver(self, who: str, doc: str) -> None:
        life = self.quarter
        found = life.line.read(who, doc)
        life.filed(who, RESULT, found)
        life.line.decide(who, doc, "deliver", received_by=NAMES[who].name)
        days = timedelta(days=life.line.read(who, doc)["answers"]["copy"]["keep_days"])
        self.results.append((doc, who, (life.now.date() + days).isoformat()))

    def again(self) -> None:
        """Applications that were sent back are corrected."""
        life, returned = self.quarter, self.returned
        self.returned = []
        for receipt, who, answers in returned:
            answers = life.line.read(who, receipt["doc"])["answers"]  # with what the head wrote
            answers["purpose"]["text"] += "；补充：仅用于本次结算复核"
            again = life.line.submit(
                who, QUERY, answers, doc=receipt["doc"], expected_head=receipt["event"]
            )
            self.waiting.append((again, who, answers))

    def destroy(self) -> None:
        """What has to be destroyed today is destroyed today."""
        life, line = self.quarter, self.quarter.line
        today, kept = life.today(), []
        for doc, who, day in self.results:
            if day > today:
                kept.append((doc, who, day))
                continue
            found = line.read(who, doc)
            line.take(who, found, "destroy", {"method": "erased", "copies": "1"})
            life.done["results destroyed"] += 1
        self.results = kept


