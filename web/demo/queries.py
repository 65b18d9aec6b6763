"""The demo's queries: one that was run and waits to be signed for, one that waits for the head of claims.

Decides the story only. Each step is a real use case of the desk, taken by the person whose it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from engine.identity import local_day
from web.demo.clock import SettableClock
from web.demo.inspection import Storyteller

_CLERK, _HEAD = "LP000117", "LP000001"
_QUERY = "info_query"
_FIELDS = ["/insured/full_name", "/insured/id_no", "/assess/valid_to", "/care/mode"]


def tell(clock: SettableClock, now: datetime, person: str, story: Storyteller) -> None:
    """Two applications of 陈晓 about one person, who is typed by id number."""
    clock.set(now - timedelta(hours=5))
    purpose = "复核居家护理费用申报，核对护理方式与结论有效期"
    run = story.file(_CLERK, _QUERY, _application(now, person, purpose))
    clock.set(now - timedelta(hours=4))
    granted = {"granted_fields": _FIELDS, "valid_days": "7"}
    story.decide(_HEAD, run, "approve", granted)
    clock.set(now - timedelta(hours=3))
    story.decide(_CLERK, run, "execute", {})
    clock.set(now - timedelta(hours=2))
    story.file(_CLERK, _QUERY, _application(now, person, "参保人来电申诉结算金额，核对其护理方式和登记信息"))
    clock.set(now)


def _application(now: datetime, person: str, purpose: str) -> dict[str, Any]:
    return {
        "applicant": {"name": "陈晓", "post": "理赔审核岗", "contact": "021-50000000"},
        "purpose": {"code": "claim_review", "text": purpose, "case_no": "JS310104202605000921"},
        "scope": {
            "kind": "single",
            "categories": ["customer", "business"],
            "subject_keys": [person],
            "fields": _FIELDS,
            "period_from": f"{now.year}-01-01",
            "period_to": local_day(now),
            "region": "310104",
            "max_records": 20,
        },
        "output": {"form": "sealed_pdf", "copies": 1, "recipient": "陈晓", "keep_days": 30},
        "pledge": {"confidential": True},
    }
