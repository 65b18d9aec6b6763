"""Where a document stands: the fold over its events that the lifecycle judges.

Decides nothing and opens nothing: no answers, no names; only ids, times and the steps taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One transition that was taken: who, in which role and department, when, and the event that proves."""

    seq: int
    transition: str
    source: str
    target: str
    person: str
    role: str
    unit: str
    at: str
    event: str
    index: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The current position of one document.

    `head` is the event id of the newest event; `revision` counts submissions from 1; `collector` and
    `claimed_by` are person pseudonyms or "". Times are UTC, YYYY-MM-DDTHH:MM:SSZ.
    """

    doc: str
    doc_id: str
    doc_no: str
    form: str
    version: str
    digest: str
    state: str
    seq: int
    head: str
    revision: int
    region: str
    unit: str
    created_by: str
    submitted_by: str
    collector: str
    claimed_by: str
    created_at: str
    submitted_at: str
    steps: tuple[Step, ...]

    def as_facts(self, channel: str = "") -> dict[str, Any]:
        """What CEL sees as `document`; `steps` are all steps ever taken, oldest first, `round` those since
        the last submission, so that a consent to an older text does not count for the new one."""
        first = self.steps[0].transition if self.steps else ""
        begun = max((n for n, step in enumerate(self.steps) if step.transition == first), default=-1)
        return {
            "doc_id": self.doc_id,
            "doc_no": self.doc_no,
            "state": self.state,
            "revision": self.revision,
            "region": self.region,
            "unit": self.unit,
            "created_by": self.created_by,
            "submitted_by": self.submitted_by,
            "collector": self.collector,
            "claimed_by": self.claimed_by,
            "created_at": self.created_at,
            "submitted_at": self.submitted_at,
            "channel": channel,
            "steps": [_facts(step) for step in self.steps],
            "round": [_facts(step) for step in self.steps[begun + 1 :]],
        }


def _facts(step: Step) -> dict[str, Any]:
    return {
        "transition": step.transition,
        "person": step.person,
        "role": step.role,
        "unit": step.unit,
        "at": step.at,
        "from": step.source,
        "to": step.target,
    }
