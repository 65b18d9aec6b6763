"""What a states file says of documents that belong to a round and are answered together.

Decides only how the declarations read; what is done with them is engine.desk's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Take:
    """That a new document takes a value from the one document a lookup finds: `value` there, `at` here."""

    at: str
    lookup: str
    value: str


@dataclass(frozen=True, slots=True)
class Answering:
    """That a step answers other documents: those whose ids each line of `lines` lists under `documents`.

    Each takes `transition` with `answers`: by name a member of the line, or `document.doc_id`. Whoever fills
    in the lines first finds one begun for each value that the documents of `lookup` have at `by`, as `topic`.
    """

    lines: str
    documents: str
    lookup: str
    by: str
    topic: str
    transition: str
    answers: Mapping[str, str]


def parse_takes(declared: Any) -> tuple[Take, ...]:
    """The part `takes` of a parsed states.json. Its shape is the meta-schema's."""
    found = [one for one in declared or () if isinstance(one, dict)]
    return tuple(
        Take(str(one.get("at", "")), str(one.get("lookup", "")), str(one.get("value", ""))) for one in found
    )


def parse_answering(declared: Any) -> Answering | None:
    """The part `answers_others` of a parsed states.json; None where there is none."""
    if not isinstance(declared, dict):
        return None
    return Answering(
        lines=str(declared.get("lines", "")),
        documents=str(declared.get("documents", "")),
        lookup=str(declared.get("lookup", "")),
        by=str(declared.get("by", "")),
        topic=str(declared.get("topic", "")),
        transition=str(declared.get("transition", "")),
        answers={str(name): str(term) for name, term in declared.get("answers", {}).items()},
    )
