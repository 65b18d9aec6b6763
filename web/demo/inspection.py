"""The demo's inspection: planned, sampled, answered and issued; its finding is being rectified.

Decides the story only. Each step is a real use case of the desk, taken by the person whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from engine.desk import reading, timekeeping
from engine.desk.desk import Desk
from engine.identity import local_day
from web.demo.clock import SettableClock

Answers = dict[str, Any]
_LEADER, _MEMBER, _ISSUER, _HEAD = "XX000002", "XX000004", "XX000001", "YW000001"
_CLAIMS = "LP000001"
_INSPECTION = "inspection_report"
_PLANNED, _ON_SITE = timedelta(days=24), timedelta(days=14)
_ISSUED, _TRACKED = timedelta(days=9), timedelta(days=4)


class Storyteller(Protocol):
    """Who files and decides as one of the people."""

    def file(self, by: str, form: str, answers: Answers, doc: str = "") -> str: ...
    def decide(self, by: str, doc: str, transition: str, answers: Mapping[str, Any]) -> None: ...


def tell(desk: Desk, clock: SettableClock, now: datetime, story: Storyteller) -> None:
    """One inspection of two departments, up to the tracking of its one finding."""
    clock.set(now - _PLANNED)
    doc = story.file(_LEADER, _INSPECTION, _plan(now))
    story.decide(_MEMBER, doc, "notify", {})
    clock.set(now - _ON_SITE)
    story.decide(_LEADER, doc, "start", {})
    clock.set(now - _ON_SITE + timedelta(days=2))
    story.file(_LEADER, _INSPECTION, {**_answers(desk, doc), **_report(now)}, doc)
    story.decide(_HEAD, doc, "reply_agree", {"text": "认可，将增设当日录入提醒。"})
    story.decide(_CLAIMS, doc, "reply_agree", {})
    timekeeping.run(desk)
    clock.set(now - _ISSUED)
    story.decide(_ISSUER, doc, "issue", {})
    row = desk.store.by_doc_id(_answers(desk, doc)["rectification_doc_ids"][0])
    if row is not None:
        _rectify(desk, clock, now, row["doc"], story)


def _rectify(desk: Desk, clock: SettableClock, now: datetime, doc: str, story: Storyteller) -> None:
    story.decide(_HEAD, doc, "acknowledge", {})
    measure = {"text": "全员启用移动端离线录入并设置当日提醒", "due_date": local_day(now + timedelta(days=6))}
    plan = {"cause": "上门采集后次日集中补录，未使用移动端离线录入", "measures": [measure]}
    story.file(_HEAD, "rectification", {**_answers(desk, doc), "plan": plan}, doc)
    story.decide(_MEMBER, doc, "agree", {})
    clock.set(now - _TRACKED)
    story.decide(_MEMBER, doc, "track", {"text": "已完成培训，移动端覆盖率80%"})


def _plan(now: datetime) -> Answers:
    first, last = local_day(now - _ON_SITE), local_day(now - _ON_SITE + timedelta(days=3))
    return {
        "plan": {
            "period": "2026-H1",
            "kind": "periodic",
            "scope_text": "2026年上半年信息录入的准确、完整和及时情况",
            "dept_codes": ["business_acceptance", "claims"],
            "on_site_from": first,
            "on_site_to": last,
        },
        "team": {"leader_staff_no": _LEADER, "member_staff_nos": [_MEMBER, "SH000102"]},
    }


def _report(now: datetime) -> Answers:
    late = {
        "clause": "R5.6.1",
        "result": "minor",
        "fact": "抽查的录入表中，有采集后次日才集中补录的情况",
        "dept_code": "business_acceptance",
        "due_date": local_day(now + timedelta(days=12)),
    }
    revoked = {"clause": "R4.5.2b", "result": "conform", "fact": "离岗人员权限均于当日撤销"}
    text = "信息准确性、完整性总体较好，录入及时性需要改进，限期整改。"
    return {
        "measure": {"access_anomaly_count": 0},
        "items": [late, revoked],
        "conclusion": {"overall": "basically_conform", "text": text},
    }


def _answers(desk: Desk, doc: str) -> Answers:
    return reading.answers_of(desk, reading.row_of(desk, doc))
