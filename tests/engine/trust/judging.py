"""What the tests of the verifier share: a world, a moment, and codes instead of whole reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from engine.trust import canonical
from engine.trust.verdicts import Policy, Report
from engine.trust.verify import verify
from tests.engine.trust.agency import (
    DOC,
    LIN,
    TRUST,
    ZHOU,
    Agency,
    with_a_document,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SHOWN = ["/insured/full_name", "/health/tubes/0"]
WORLD = with_a_document()
GOOD = WORLD.bundle(DOC, SHOWN)


def judged(data: bytes, trust: bytes | None = TRUST, **rules: Any) -> dict[str, str]:
    return codes(verify(data, trust, Policy(**rules), NOW))


def codes(report: Report) -> dict[str, str]:
    return {one.name: one.code for one in report.verdicts if one.status != "good"}


def agency_where(*acts: tuple[Any, ...], people: list[dict[str, Any]] | None = None) -> Agency:
    agency = Agency() if people is None else Agency(people=people)
    agency.publish_snapshot()
    for act in acts:
        changes = act[4] if len(act) > 4 else {}
        agency.act(DOC, *act[:4], **changes)
    return agency


SUBMIT = (LIN, "submit", "draft", "submitted")
CLAIM = (ZHOU, "claim", "submitted", "under_review")
APPROVE = (ZHOU, "approve", "under_review", "approved")


def rebuilt(agency: Agency, change: Callable[[dict[str, Any]], None]) -> bytes:
    value = json.loads(agency.bundle(DOC, SHOWN))
    change(value)
    return canonical.encode(value)
