"""What a verifier says: five verdicts, each with a reason, never one green tick.

Decides the shape of a report and how findings become verdicts. Holds no sentences: codes and facts, which
`engine.trust.sentences` puts into words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Name = Literal["integrity", "identity", "authority", "order", "freshness"]
Status = Literal["good", "bad", "unknown"]

NAMES: tuple[Name, ...] = ("integrity", "identity", "authority", "order", "freshness")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that keeps a verdict from being good."""

    verdict: Name
    status: Status
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def bad(verdict: Name, code: str, /, **facts: Any) -> Finding:
    """A finding that proves the verdict wrong."""
    return Finding(verdict, "bad", code, facts)


def unknown(verdict: Name, code: str, /, **facts: Any) -> Finding:
    """A finding that keeps the verdict from being reached."""
    return Finding(verdict, "unknown", code, facts)


def good(verdict: Name, code: str, /, **facts: Any) -> Finding:
    """A finding that is worth saying of a verdict which holds."""
    return Finding(verdict, "good", code, facts)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of the five, with the code and facts of its first reason; `findings` holds all of them."""

    name: Name
    status: Status
    code: str
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The verdict as a JSON object."""
        return {"name": self.name, "status": self.status, "code": self.code, "facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class EventView:
    """One event as it may be shown: what was signed, by whom, where it stands in the log."""

    index: int
    seq: int
    event: str
    type: str
    transition: str
    source: str
    target: str
    person: str
    role: str
    unit: str
    tier: str
    time: str
    received_at: str
    form: str
    version: str


@dataclass(frozen=True, slots=True)
class DisclosedValue:
    """A field that proved against what was signed in event number `seq`."""

    seq: int
    klass: str
    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class Policy:
    """What this verifier demands beyond the format. All fields have a meaning when left alone."""

    suites: tuple[str, ...] = ("L1",)
    min_root_version: int = 1
    min_snapshot_version: int = 1
    min_checkpoint_size: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """The answer about a bundle: verdicts in the order of `NAMES`, and what may be shown beside them.

    `step` is the last of the nine steps that was carried out. `unchecked` names rules of the pinned form
    that cannot be judged outside (they look at sealed answers). `trust` says whose document it claims to be.
    """

    verdicts: tuple[Verdict, ...]
    step: int
    pinned: bool
    doc: str = ""
    state: str = ""
    seq: int = 0
    form: str = ""
    version: str = ""
    header: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[EventView, ...] = ()
    values: tuple[DisclosedValue, ...] = ()
    unchecked: tuple[str, ...] = ()
    trust: Mapping[str, Any] = field(default_factory=dict)
    log: Mapping[str, Any] = field(default_factory=dict)

    @property
    def outcome(self) -> Status:
        """good when all five are, bad when one is, else unknown."""
        statuses = {one.status for one in self.verdicts}
        if "bad" in statuses:
            return "bad"
        return "unknown" if "unknown" in statuses else "good"

    @property
    def exit_code(self) -> int:
        """0 all verdicts good, 1 something is wrong, 2 cannot be judged."""
        return {"good": 0, "bad": 1, "unknown": 2}[self.outcome]

    def verdict(self, name: Name) -> Verdict:
        """The verdict of that name."""
        return self.verdicts[NAMES.index(name)]

    def as_json(self) -> dict[str, Any]:
        """The whole report as a JSON object."""
        return {
            "outcome": self.outcome,
            "pinned": self.pinned,
            "step": self.step,
            "verdicts": [one.as_json() for one in self.verdicts],
            "document": {
                "doc": self.doc,
                "state": self.state,
                "seq": self.seq,
                "form": self.form,
                "version": self.version,
                "header": dict(self.header),
            },
            "events": [{name: getattr(one, name) for name in one.__slots__} for one in self.events],
            "values": [
                {"seq": one.seq, "class": one.klass, "path": one.path, "value": one.value}
                for one in self.values
            ],
            "unchecked": list(self.unchecked),
            "trust": dict(self.trust),
            "log": dict(self.log),
        }


# How far the verifier must have come before silence means "good".
_DECIDED_AT: Mapping[str, int] = {"integrity": 8, "identity": 5, "authority": 6, "order": 7, "freshness": 9}


def _rank(one: Finding) -> int:
    return ("bad", "unknown", "good").index(one.status)


def conclude(findings: Sequence[Finding], step: int, facts: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """The five verdicts from all findings; a verdict whose step was not reached is unknown."""
    out: list[Verdict] = []
    for name in NAMES:
        is_decided = step >= _DECIDED_AT[name]
        found = (one for one in findings if one.verdict == name and (is_decided or one.status != "good"))
        mine = sorted(found, key=_rank)
        if not mine and not is_decided:
            mine = [unknown(name, "not_judged")]
        if mine:
            out.append(Verdict(name, mine[0].status, mine[0].code, mine[0].facts, tuple(mine)))
        else:
            out.append(Verdict(name, "good", f"{name}.good", facts))
    return tuple(out)
