"""郭芳 opens reviews of grants, the heads judge, 孙浩 executes and 胡明 checks; 何信 closes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from engine.desk import people, reading
from engine.desk.desk import Receipt
from engine.desk.people import NewPerson
from tests.engine.desk.office import SESSION, Office

REVIEW = "permission_review"
SUN, QIAN, GUO, HU, LUO = "IT000004", "IT000005", "XX000008", "XX000009", "IT000001"
MORE = (
    (SUN, "孙浩", "it", "it_operator"),
    (QIAN, "钱进", "it", "it_operator"),
    (LUO, "梁志远", "it", "department_head"),
    (GUO, "郭芳", "info_mgmt", "security_admin"),
    (HU, "胡明", "info_mgmt", "audit_admin"),
)
KEEP = {"verdict": "keep"}
REVOKE = {"verdict": "revoke", "reason": "已离开原岗位"}


def staffed(office: Office) -> Office:
    """The office with its technicians and administrators."""
    accounts = people.enrol(
        office.desk,
        [
            NewPerson(no, name, unit, "310104", name, ((role, None, None),), "password", f"phrase {no}")
            for no, name, unit, role in MORE
        ],
    )
    for account in accounts:
        office.actors[account.staff_no] = people.actor_of(account, SESSION, "password")
        office.unlocks[account.staff_no] = office.desk.vault.unlock(
            account.person, f"phrase {account.staff_no}", SESSION
        )
    return office


def opened(office: Office, department: str = "business_acceptance", **more: Any) -> Receipt:
    """A review that 郭芳 opens."""
    campaign = {"period": "2026-Q1", "kind": "incident", "dept_code": department, **more}
    return office.submit(GUO, {"round": campaign}, form=REVIEW)


def answers_of(office: Office, doc: str) -> dict[str, Any]:
    """What the document says now."""
    return deepcopy(reading.answers_of(office.desk, reading.row_of(office.desk, doc)))


def lines(office: Office, doc: str) -> dict[str, dict[str, Any]]:
    """The lines of a review by `staff number/role`."""
    return {f"{one['staff_no']}/{one['role']}": one for one in answers_of(office, doc)["grants"]}


def judged(
    office: Office,
    doc: str,
    who: str,
    verdicts: dict[str, dict[str, Any]],
    text: str = "逐项审查完毕，权限设置合理。",
) -> Receipt:
    """Verdicts by somebody, by staff number; the lines of others stay as they are."""
    answers = answers_of(office, doc)
    for line in answers["grants"]:
        line |= verdicts.get(line["staff_no"], {})
    answers["summary"] = {"text": text}
    return office.submit(who, answers, form=REVIEW, doc=doc, expected_head=office.head(doc))
