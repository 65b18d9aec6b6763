"""Two texts of one file, for two people who saved at once.

Decides which lines are called different. Merges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

_MOST_LINES = 6000
_MOST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Both:
    """One file as another saved it and as this person has it; `lines` are (number, whose, text) of what
    differs, whose is theirs or yours."""

    name: str
    theirs: str
    yours: str
    lines: tuple[tuple[int, str, str], ...]


def both_of(name: str, theirs: str, yours: str) -> Both:
    """The two texts with the lines that differ, as far as they can be listed."""
    old, new = theirs.splitlines(), yours.splitlines()
    lines: list[tuple[int, str, str]] = []
    if max(len(old), len(new)) <= _MOST_LINES:
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag != "equal":
                lines += [(i1 + at + 1, "theirs", text) for at, text in enumerate(old[i1:i2])]
                lines += [(j1 + at + 1, "yours", text) for at, text in enumerate(new[j1:j2])]
    return Both(name, theirs, yours, tuple(lines[:_MOST_SHOWN]))
