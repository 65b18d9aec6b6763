"""What a states file says of a form whose documents interpret clauses of the regulation (R7.1).

Decides only how the declaration reads; which notes are shown is engine.desk.interpretations'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Interprets:
    """Where a note says its clause and its words, as pointers into the answers; in which states it is shown,
    and which transition published it. `text_en` is "" where the form has no English words."""

    clause: str
    text: str
    text_en: str
    published: str
    states: tuple[str, ...]


def parse_interprets(declared: Any) -> Interprets | None:
    """The declaration, or None where the form interprets nothing."""
    if not isinstance(declared, dict):
        return None
    return Interprets(
        clause=str(declared.get("clause", "")),
        text=str(declared.get("text", "")),
        text_en=str(declared.get("text_en", "")),
        published=str(declared.get("published", "")),
        states=tuple(declared.get("states", ())),
    )
