"""What one folder of the corpus is made from, and the small tools the cases share.

The expected verdicts are written down by hand in each case; no verifier is asked while the corpus is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.trust import canonical
from engine.trust.verdicts import NAMES
from tests.engine.trust.agency import DOC, LIN, TRUST, ZHOU, Agency

NOW = "2026-11-22T08:00:00Z"
SHOWN = ("/health/tubes/0", "/insured/full_name")
SUBMIT = (LIN, "submit", "draft", "submitted")
CLAIM = (ZHOU, "claim", "submitted", "under_review")
APPROVE = (ZHOU, "approve", "under_review", "approved")

# The step of docs/format.md section 16 at which a verdict is reached when nothing speaks against it.
_REACHED_AT = dict(zip(NAMES, (8, 5, 6, 7, 9), strict=True))
_UNKNOWN = {
    "not_judged", "identity.not_known_here", "authority.suspect", "authority.person_missing",
    "freshness.no_clock", "freshness.snapshot_expired", "freshness.root_expired", "freshness.clock",
}  # fmt: skip
_GOOD = {"authority.reaffirmed", "integrity.destroyed"}

Change = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Case:
    """One bundle. `codes` are the verdicts that are not good; `step` is the last step that is completed."""

    name: str
    about: str
    bundle: bytes
    codes: Mapping[str, str] = field(default_factory=dict)
    step: int = 9
    trust: bytes | None = TRUST
    now: str | None = NOW
    policy: Mapping[str, int] = field(default_factory=dict)

    def verdicts(self) -> dict[str, dict[str, str]]:
        """Status and code of each of the five."""
        out: dict[str, dict[str, str]] = {}
        for name in NAMES:
            silent = f"{name}.good" if self.step >= _REACHED_AT[name] else "not_judged"
            code = self.codes.get(name, silent)
            is_good = code == f"{name}.good" or code in _GOOD
            status = "good" if is_good else "unknown" if code in _UNKNOWN else "bad"
            out[name] = {"status": status, "code": code}
        return out

    def outcome(self) -> str:
        """good, bad or unknown."""
        found = {one["status"] for one in self.verdicts().values()}
        return "bad" if "bad" in found else "unknown" if "unknown" in found else "good"

    def folder(self) -> str:
        """The name with the outcome, as readers of a list want it."""
        return f"{self.name}_{ {'good': 'pass', 'bad': 'fail', 'unknown': 'unknown'}[self.outcome()] }"


def unread(name: str, about: str, data: bytes) -> Case:
    """A file that is no bundle at all."""
    return Case(name, about, data, {"integrity": "integrity.not_a_bundle"}, 0)


def malformed(name: str, about: str, data: bytes, step: int, **more: Any) -> Case:
    """A bundle in which something signed or proved is not as the format requires."""
    return Case(name, about, data, {"integrity": "integrity.malformed"}, step, **more)


def agency_where(*acts: tuple[Any, ...], people: list[dict[str, Any]] | None = None, **own: Any) -> Agency:
    """An agency with one snapshot in which these events happened to one document."""
    agency = Agency(**own) if people is None else Agency(people=people, **own)
    agency.publish_snapshot()
    for act in acts:
        agency.act(DOC, *act[:4], **(act[4] if len(act) > 4 else {}))
    return agency


def reviewed() -> Agency:
    """小林 submits and 周敏 claims: the document most cases are about."""
    return agency_where(SUBMIT, CLAIM)


def changed(change: Change, agency: Agency | None = None) -> bytes:
    """The bundle after a change of its JSON value, written canonically again."""
    value = json.loads((agency or reviewed()).bundle(DOC, SHOWN))
    change(value)
    return canonical.encode(value)


def replaced(old: bytes, new: bytes, agency: Agency | None = None) -> bytes:
    """The bundle with its first `old` replaced by `new`, byte for byte."""
    data = (agency or reviewed()).bundle(DOC, SHOWN)
    if old not in data:
        raise ValueError("nothing to replace")
    return data.replace(old, new, 1)
