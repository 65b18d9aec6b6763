"""R6.9: an inspection with findings, each with its sheet of rectification, until all are closed.

Decides the findings: one for those who key, one for those who review. 朱琳 leads, 罗思平 verifies.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.simulation.granting import waiting
from tests.simulation.quarter import Quarter
from tests.simulation.staff import (
    FANG,
    HEADS,
    LUOSIPING,
    SHENQING,
    XIAOLIN,
    ZHOUMIN,
    ZHULIN,
)  # fmt: skip

INSPECTION, SHEET = "inspection_report", "rectification"
OWNERS = {"business_acceptance": FANG, "audit": ZHOUMIN}
CONCLUSION = {
    "overall": "basically_conform",
    "text": "信息准确性、完整性总体较好，录入及时性需要改进，限期整改。",
}


def plan(life: Quarter, period: str) -> str:
    """A spot check of two departments, planned and told of."""
    day = life.now.date()
    answers = {
        "plan": {
            "period": period,
            "kind": "spot_check",
            "scope_text": "信息录入和审核的准确、完整和及时情况",
            "dept_codes": ["business_acceptance", "audit"],
            "on_site_from": day.isoformat(),
            "on_site_to": (day + timedelta(days=3)).isoformat(),
        },
        "team": {"leader_staff_no": ZHULIN, "member_staff_nos": [SHENQING, LUOSIPING]},
    }
    life.line.submit(XIAOLIN, INSPECTION, answers, refusal="begin")
    wrong = {**answers, "team": {"leader_staff_no": ZHULIN, "member_staff_nos": [XIAOLIN]}}
    life.line.submit(ZHULIN, INSPECTION, wrong, refusal="answers")  # none from an inspected department
    receipt = life.filed(ZHULIN, INSPECTION, life.line.submit(ZHULIN, INSPECTION, answers))
    life.line.take(SHENQING, receipt, "notify")
    return str(receipt["doc"])


def opened_by_itself(life: Quarter) -> str:
    """The inspection of the quarter, which the clockwork planned."""
    (doc,) = waiting(life, ZHULIN, f"{INSPECTION}.planned.notify")
    life.filed(ZHULIN, INSPECTION, life.line.read(ZHULIN, doc))
    return doc


def notify(life: Quarter, doc: str) -> None:
    """The departments are told at least five working days before."""
    life.line.take(SHENQING, life.line.read(SHENQING, doc), "notify")


def inspect(life: Quarter, doc: str) -> None:
    """The sample is drawn, the findings written."""
    line = life.line
    found = line.read(ZHULIN, doc)
    line.take(SHENQING, line.read(SHENQING, doc), "start", refusal="rule")  # the leader does
    line.take(ZHULIN, found, "start")
    life.wait(hours=2)
    found = line.read(ZHULIN, doc)
    answers = found["answers"]
    due = (life.now.date() + timedelta(days=25)).isoformat()
    answers["items"] = [
        _finding("R5.6.1", "抽查的信息中有录入时间超过采集后24小时的", "business_acceptance", due),
        _finding("R5.6.2", "部分录入审核超过三个工作日才办结", "audit", due),
        {"clause": "R4.5.2b", "result": "conform", "fact": "离岗人员权限均于当日撤销"},
    ]
    answers["conclusion"] = CONCLUSION
    computed = dict(answers.get("measure", {}))
    typed = {**answers, "measure": {**computed, "access_anomaly_count": 0, "accuracy_rate": "0.5"}}
    line.submit(ZHULIN, INSPECTION, typed, doc=doc, expected_head=found["head"], refusal="answers")  # R1b
    answers["measure"] = {**computed, "access_anomaly_count": 0}
    line.submit(ZHULIN, INSPECTION, answers, doc=doc, expected_head=found["head"])


def _finding(clause: str, fact: str, unit: str, due: str) -> dict[str, Any]:
    return {"clause": clause, "result": "minor", "fact": fact, "dept_code": unit, "due_date": due}


def reply(life: Quarter, doc: str, units: tuple[str, ...]) -> None:
    """The heads of the inspected departments answer; one does not agree."""
    line = life.line
    for number, unit in enumerate(units):
        head = HEADS[unit]
        found = line.read(head, doc)
        if number == 1:
            text = "审核量集中在月末，建议按月均考核"
            line.take(head, found, "reply_disagree", {"text": text})
        else:
            line.take(head, found, "reply_agree", {"text": "认可，将增设当日录入提醒"})


def issue(life: Quarter, doc: str) -> list[str]:
    """The head of information management issues; each finding opens its sheet."""
    line = life.line
    line.decide(HEADS["info_mgmt"], doc, "issue")
    found = line.read(ZHULIN, doc)
    line.take(ZHULIN, found, "close", refusal="guard.all_closed")
    sheets = []
    for unit in OWNERS:
        for sheet in waiting(life, HEADS[unit], f"{SHEET}.issued.assign"):
            said = line.read(HEADS[unit], sheet)
            if said["answers"]["issue"]["dept_code"] == unit and said["doc"] not in life.papers:
                life.filed(HEADS[unit], SHEET, said)
                line.take(HEADS[unit], said, "assign", {"owner": OWNERS[unit]})
                sheets.append(sheet)
    assert len(sheets) == 2, sheets
    return sheets


def rectify(life: Quarter, sheets: list[str]) -> None:
    """Cause and measures, notes on the way, evidence, and somebody of another department verifies."""
    line = life.line
    for sheet in sheets:
        owner = OWNERS[line.read(ZHULIN, sheet)["answers"]["issue"]["dept_code"]]
        line.take(owner, line.read(owner, sheet), "acknowledge")
        found = line.read(owner, sheet)
        answers = found["answers"]
        measure = {"text": "每日下班前核对当日采集清单", "due_date": answers["issue"]["due_date"]}
        answers["plan"] = {"cause": "集中补录，没有当日核对的安排", "measures": [measure]}
        line.submit(owner, SHEET, answers, doc=sheet, expected_head=found["head"])
        line.take(ZHULIN, line.read(ZHULIN, sheet), "agree")
        life.wait(hours=1)
        line.take(owner, line.read(owner, sheet), "track", {"text": "已排班，今日起执行"})
    for sheet in sheets:
        found = line.read(ZHULIN, sheet)
        owner = OWNERS[found["answers"]["issue"]["dept_code"]]
        answers = found["answers"]
        answers["plan"]["measures"][0]["done_on"] = life.today()
        head = found["head"]
        line.submit(owner, SHEET, answers, doc=sheet, expected_head=head, refusal="guard.evidence")
        digest = line.upload(owner, b"%%PDF-1.4\n%% rectified %s\n%%%%EOF\n" % sheet.encode())
        answers["files"] = [{"kind": "screenshot", "file_id": "F-0501", "sha256": digest}]
        line.submit(owner, SHEET, answers, doc=sheet, expected_head=found["head"])
        found = line.read(LUOSIPING, sheet)
        line.take(owner, found, "verify_pass", {"text": "本人认为已完成"}, refusal="role")
        line.take(LUOSIPING, found, "verify_pass", {"text": "抽查十件，均当日录入"})


def close(life: Quarter, doc: str) -> None:
    """All sheets are closed: the report is."""
    life.line.take(ZHULIN, life.line.read(ZHULIN, doc), "close")
    life.done["inspections closed"] += 1


