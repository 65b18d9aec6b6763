"""What a states file says of a form whose documents publish form versions and clauses (decision 0017).

Decides only how the declaration reads; publishing is engine.desk.publishing's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Publishes:
    """Where a document says what it publishes, as pointers into its answers.

    `changes` is the list of form versions, `clauses` that of changed clauses, `effective_on` the day,
    `version` and `follows` the regulation's own numbers. `forms` is the list of forms that are touched, into
    which the system writes those of `changes`; "" where a document has none. In one of the `agreed` states
    every required department has agreed and nothing is published yet.
    """

    changes: str
    clauses: str
    effective_on: str
    version: str
    follows: str
    agreed: tuple[str, ...]
    forms: str = ""


def parse_publishes(declared: Any) -> Publishes | None:
    """The part `publishes` of a parsed states.json; None where there is none."""
    if not isinstance(declared, dict):
        return None
    return Publishes(
        changes=str(declared.get("changes", "")),
        clauses=str(declared.get("clauses", "")),
        effective_on=str(declared.get("effective_on", "")),
        version=str(declared.get("version", "")),
        follows=str(declared.get("follows", "")),
        agreed=tuple(declared.get("agreed", ())),
        forms=str(declared.get("forms", "")),
    )
