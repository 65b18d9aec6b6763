"""What people fill in: the shipped examples, each time about another invented person, collected just before.

Decides numbers and dates only. Id numbers are of an unassigned region.
"""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta
from typing import Any

import schemas
from tests.benchmarks.material import id_number
from web.demo.seed import renewed

Answers = dict[str, Any]


def example(form: str, name: str) -> Answers:
    """The answers of a shipped example, free to change."""
    place = schemas.root().joinpath(form, "1.0.0", "examples", f"{name}.json")
    found: Answers = json.loads(place.read_bytes())["data"]
    return found


def entry(who: str, number: int, now: datetime, files: list[str], late: bool = False) -> Answers:
    """A first assessment asked for by the n-th person, collected by `who` half an hour ago, or two days."""
    answers = renewed(example("info_entry", "ok-1-first-assessment"), now - timedelta(days=2 * late))
    answers["entry"]["collector_staff_no"] = who
    identity = id_number(number)
    answers["insured"]["id_no"] = identity
    answers["insured"]["birth_date"] = f"{identity[6:10]}-{identity[10:12]}-{identity[12:14]}"
    answers["insurance"]["psn_no"] = f"3100000000000{number:07d}"
    for listed, digest in zip(answers["files"], files, strict=True):
        listed["sha256"] = digest
    return answers


def update(target: str, revision: int, day: str, path: str, value: str, reason: str) -> Answers:
    """A change of one field of an effective document, known today."""
    change = {"reason": reason, "occurred_on": day, "known_on": day, "requested_by": "department"}
    if reason == "data_error":
        change["reason_text"] = "录入时看错原件，以原件为准"
    return {
        "target": {"doc_id": target, "revision": revision},
        "change": change,
        "changes": [{"path": path, "new_value": value}],
        "effect": {
            "affects_benefit": False,
            "needs_reassessment": False,
            "notify_subject": True,
            "effective_on": day,
        },
        "statement": {"truthful": True},
    }


def copied(answers: Answers) -> Answers:
    """The same answers, free to change."""
    return copy.deepcopy(answers)
