"""Which number a new version must at least have, and whether the one it has says too little.

Decides: patch for wording and layout alone; minor when every old document stays valid and every document
under way can finish, both proved; major for all else, `unknown` too (forms.md §5). More is always allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.errors import Invalid, Problem
from engine.versions.changes import Change, is_wording
from engine.versions.process import ProcessVerdict
from engine.versions.verdict import COMPATIBLE, Verdict

PATCH: Final = "patch"
MINOR: Final = "minor"
MAJOR: Final = "major"
_RANK: Final = {"": 0, PATCH: 1, MINOR: 2, MAJOR: 3}


def smallest_version(changes: Iterable[Change], old_documents: Verdict, process: ProcessVerdict) -> str:
    """`patch`, `minor` or `major`: the least step that says truly what these changes do."""
    if old_documents.verdict != COMPATIBLE or not process.can_finish:
        return MAJOR
    return PATCH if all(is_wording(one) for one in changes) else MINOR


def step_between(old_version: str, new_version: str) -> str:
    """The step from one number to a later one; "" when it is not later. Raises Invalid `version.number`."""
    old, new = _parts(old_version), _parts(new_version)
    if new <= old:
        return ""
    if new[0] != old[0]:
        return MAJOR
    return MINOR if new[1] != old[1] else PATCH


def is_understated(old_version: str, new_version: str, smallest: str) -> bool:
    """True when the number promises more than the verdict proved, or is not later at all."""
    return _RANK[step_between(old_version, new_version)] < _RANK[smallest]


def _parts(version: str) -> tuple[int, int, int]:
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in parts):
        raise Invalid("version", problems=[Problem("", "version.number", {"version": version})])
    return int(parts[0]), int(parts[1]), int(parts[2])
