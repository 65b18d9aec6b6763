"""The people of the tests: 小林 keys, 周敏 and 吴倩 review, 王局 heads audit, 高洁 manages information."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from engine.lifecycle.people import Actor, Grant, Partner
from engine.lifecycle.standing import Standing, Step
from engine.registry.validate import Surroundings

REGION = "310104"


def person(name: str, staff_no: str, role: str, unit: str, region: str = REGION, **more: Any) -> Actor:
    grant = Grant(f"g_{name}", role, unit, region, None, None)
    return Actor(f"p_{name}", staff_no, unit, region, (grant,), None, "s" * 64, "passphrase", **more)


XIAOLIN = person("xiaolin", "YW000231", "acceptance_clerk", "business_acceptance")
ZHOUMIN = person("zhoumin", "SH000088", "auditor", "audit")
WUQIAN = person("wuqian", "SH000089", "auditor", "audit")
WANGJU = person("wangju", "SH000001", "department_head", "audit")
LINZHANG = person("linzhang", "YW000001", "department_head", "business_acceptance")
GAOJIE = person("gaojie", "XX000010", "info_manager", "info_mgmt")
ITOPS = person("itops", "IT000004", "it_operator", "it")
SYSTEM = Actor("p_system", "", "", "", (), None, "", "system", is_system=True)
PARTNER = replace(
    person("hezuo", "WB000007", "partner_user", "external"),
    partner=Partner("91110000600037341L", "2026-01-01", "2026-12-31"),
)
# 2026-11-23 is a Monday; 10:00 in Shanghai.
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def standing(state: str = "submitted", *steps: tuple[str, str, str, Actor], **given: Any) -> Standing:
    """A document of 小林, submitted on Friday 20 November at 10:00, after further steps."""
    taken = [step_of(1, "submit", "draft", "submitted", XIAOLIN, "2026-11-20T02:00:00Z")]
    for number, (name, source, target, actor) in enumerate(steps, start=2):
        taken.append(step_of(number, name, source, target, actor, f"2026-11-20T0{number + 1}:00:00Z"))
    usual: dict[str, Any] = {
        "doc": "a" * 26,
        "doc_id": "LTCI-ENT-310104-20260305-000123-1",
        "doc_no": "长护录〔2026〕123号",
        "form": "info_entry",
        "version": "1.0.0",
        "digest": "0" * 64,
        "state": state,
        "seq": len(taken),
        "head": taken[-1].event,
        "revision": 1,
        "region": REGION,
        "unit": "business_acceptance",
        "created_by": XIAOLIN.person,
        "submitted_by": XIAOLIN.person,
        "collector": XIAOLIN.person,
        "claimed_by": "",
        "created_at": "2026-11-20T01:00:00Z",
        "submitted_at": "2026-11-20T02:00:00Z",
        "steps": tuple(taken),
    }
    return Standing(**{**usual, **given})


def step_of(seq: int, name: str, source: str, target: str, actor: Actor, at: str) -> Step:
    role = actor.grants[0].role if actor.grants else "system"
    return Step(seq, name, source, target, actor.person, role, actor.unit, at, f"e{seq}", seq)


def under_review(by: Actor = ZHOUMIN, **given: Any) -> Standing:
    return standing("under_review", ("claim", "submitted", "under_review", by), claimed_by=by.person, **given)


def around(data: dict[str, Any] | None = None, **given: Any) -> Surroundings:
    usual: dict[str, Any] = {
        "now": NOW,
        "today": "2026-11-23",
        "document": {"channel": "counter"},
        "actor": {},
        "facts": {"open_same": []},
        "data": data,
    }
    return Surroundings(**{**usual, **given})


class WeekCalendar:
    """A simulator of the State Council calendar: weekends, with holidays and make-up days as given."""

    def __init__(
        self, holidays: frozenset[date] = frozenset(), make_up: frozenset[date] = frozenset()
    ) -> None:
        self._holidays = holidays
        self._make_up = make_up

    def is_working_day(self, day: date) -> bool:
        return day in self._make_up or (day.weekday() < 5 and day not in self._holidays)
