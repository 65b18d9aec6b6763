"""何信 leads an inspection of the acceptance department; 王局 answers, 唐主任 issues, 罗思平 verifies."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

from engine.desk import attaching, people, reading, timekeeping
from engine.desk.desk import Receipt
from engine.desk.people import NewPerson
from engine.projection import DocumentRow
from tests.benchmarks.material import id_number
from tests.engine.desk.office import HE, LIN, SESSION, SHEN, TANG, TICKS, WANG, WU, ZHOU, Office

INSPECTION, RECTIFICATION = "inspection_report", "rectification"
LUO, PENG = "XX000005", "SH000005"
MORE = ((LUO, "罗思平", "info_mgmt", "reviewer"), (PENG, "彭越", "audit", "reviewer"))
PLAN: dict[str, Any] = {
    "plan": {
        "period": "2026-03",
        "kind": "periodic",
        "scope_text": "2026年3月信息录入的准确、完整和及时情况",
        "dept_codes": ["business_acceptance"],
        "on_site_from": "2026-03-16",
        "on_site_to": "2026-03-18",
    },
    "team": {"leader_staff_no": HE, "member_staff_nos": [SHEN, WU]},
}
FINDINGS: list[dict[str, Any]] = [
    {
        "clause": "R5.6.1",
        "result": "minor",
        "fact": "抽查的信息中有录入时间超过采集后24小时的",
        "dept_code": "business_acceptance",
        "due_date": "2026-04-10",
    },
    {"clause": "R4.5.2b", "result": "conform", "fact": "离岗人员权限均于当日撤销"},
    {
        "clause": "R5.7.1",
        "result": "minor",
        "fact": "变更信息未在5个工作日内更新，见更新表",
        "dept_code": "business_acceptance",
        "due_date": "2026-04-10",
    },
]
CONCLUSION = {
    "overall": "basically_conform",
    "text": "信息准确性、完整性总体较好，录入及时性需要改进，限期整改。",
}


def staffed(office: Office) -> Office:
    """The office with its two reviewers, and three entries of the period."""
    accounts = people.enrol(
        office.desk,
        [
            NewPerson(no, name, unit, "310104", name, ((role, None, None),), "password", f"phrase {no}")
            for no, name, unit, role in MORE
        ],
    )
    for account in accounts:
        office.actors[account.staff_no] = people.actor_of(account, SESSION, "password")
        phrase = f"phrase {account.staff_no}"
        office.unlocks[account.staff_no] = office.desk.vault.unlock(account.person, phrase, SESSION)
    for number in range(3):
        entered(office, number)
    return office


def entered(office: Office, number: int) -> Receipt:
    """The n-th person entered by 小林 and approved by 周敏."""
    answers = office.answers()
    identity = id_number(number)
    born = f"{identity[6:10]}-{identity[10:12]}-{identity[12:14]}"
    answers["insured"] |= {"id_no": identity, "birth_date": born}
    answers["insurance"]["psn_no"] = f"3100000000000{number:07d}"
    receipt = office.submit(LIN, answers)
    office.decide(ZHOU, receipt.doc, "claim")
    return office.decide(ZHOU, receipt.doc, "approve", TICKS)


def on(office: Office, day: int) -> None:
    """Ten in the morning, day `day` of March 2026; what time brings about happens."""
    office.clock.set(office.clock.now().replace(day=1) + timedelta(days=day - 1))
    timekeeping.run(office.desk)


def row(office: Office, doc: str) -> DocumentRow:
    return reading.row_of(office.desk, doc)


def answers_of(office: Office, doc: str) -> dict[str, Any]:
    """What the document says now."""
    return deepcopy(reading.answers_of(office.desk, row(office, doc)))


def filled(office: Office, who: str, doc: str, **parts: Any) -> Receipt:
    """Parts of a document filled in by somebody, with the step that edits where it stands."""
    found = row(office, doc)
    answers = answers_of(office, doc) | parts
    return office.submit(who, answers, form=found["form"], doc=doc, expected_head=found["head"])


def planned(office: Office, **plan: Any) -> str:
    return office.submit(HE, {**deepcopy(PLAN), "plan": {**PLAN["plan"], **plan}}, form=INSPECTION).doc


def started(office: Office) -> str:
    """An inspection whose sample is drawn."""
    doc = planned(office)
    office.decide(SHEN, doc, "notify")
    on(office, 16)
    office.decide(HE, doc, "start")
    return doc


def drafted(office: Office) -> str:
    doc = started(office)
    parts = {"items": deepcopy(FINDINGS), "conclusion": CONCLUSION}
    filled(office, HE, doc, measure={"access_anomaly_count": 0}, **parts)
    return doc


def replied(office: Office) -> str:
    doc = drafted(office)
    office.decide(WANG, doc, "reply_agree", {"text": "认可，将增设当日录入提醒"})
    timekeeping.run(office.desk)
    return doc


def issued(office: Office) -> tuple[str, list[str]]:
    """An issued report and the documents that it opened."""
    doc = replied(office)
    office.decide(TANG, doc, "issue")
    ids = answers_of(office, doc)["rectification_doc_ids"]
    return doc, [found["doc"] for one in ids if (found := office.desk.store.by_doc_id(one)) is not None]


def under_way(office: Office) -> tuple[str, list[str]]:
    """Both sheets acknowledged, planned by 王局 and agreed to."""
    inspection, sheets = issued(office)
    for doc in sheets:
        office.decide(WANG, doc, "acknowledge")
        filled(office, WANG, doc, plan=a_plan())
        office.decide(SHEN, doc, "agree")
    return inspection, sheets


def a_plan(**more: Any) -> dict[str, Any]:
    return {
        "cause": "上门采集后次日集中补录，未使用移动端离线录入",
        "measures": [{"text": "全员启用移动端离线录入", "due_date": "2026-04-01", **more}],
    }


def claimed(office: Office, doc: str) -> Receipt:
    """王局 says that all is done, with evidence."""
    staged = attaching.attach(office.desk, office.actors[WANG], b"%PDF evidence", "application/pdf")
    files = [{"kind": "screenshot", "file_id": "F-0501", "sha256": staged.sha256}]
    plan = answers_of(office, doc)["plan"]
    plan["measures"][0]["done_on"] = "2026-03-16"
    return filled(office, WANG, doc, plan=plan, files=files)
