"""Uses of keywords on which our two validators do not agree: a form that needs them cannot be published.

Decides by a list, found with the official test suite and with invented documents (tests/dialects). One
validator answers quickly, the other explains; a document they judge differently would be accepted here and
refused there. Never repairs a schema: the sentence says what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Problem
from engine.registry.pointers import join

DRAFT_07: Final = "draft-07"
DRAFT_2020_12: Final = "2020-12"
DIALECTS: Final[Mapping[str, str]] = {
    "http://json-schema.org/draft-07/schema": DRAFT_07,
    "https://json-schema.org/draft-07/schema": DRAFT_07,
    "https://json-schema.org/draft/2020-12/schema": DRAFT_2020_12,
}
Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One use on which the validators differ: the keyword it is marked at, the dialects, why, and when."""

    keyword: str
    dialects: tuple[str, ...]
    why: str
    is_used: Callable[[Part], bool]


def _is_fraction(part: Part) -> bool:
    return isinstance(part["multipleOf"], float) and not part["multipleOf"].is_integer()


def _always(_part: Part) -> bool:
    return True


DIFFERENCES: Final = (
    # jsonschema-rs keeps asserting it after draft-07, jsonschema does not.
    Difference("dependencies", (DRAFT_2020_12,), "one_asserts", _always),
    # jsonschema-rs decodes the text in draft-07, jsonschema takes it as a note.
    Difference("contentEncoding", (DRAFT_07,), "one_asserts", _always),
    Difference("contentMediaType", (DRAFT_07,), "one_asserts", _always),
    # jsonschema 4.26 fails on it: it counts the items of true.
    Difference("additionalItems", (DRAFT_07,), "one_fails", lambda part: isinstance(part.get("items"), bool)),
    # Binary fractions: 0.3 does not divide as a person reckons, and each rounds in its own way.
    Difference("multipleOf", (DRAFT_07, DRAFT_2020_12), "fractions", _is_fraction),
)
# Property classes of characters whose members both pattern engines know alike; of others one knows more
# characters than the other, by the edition of Unicode it was built with.
SAME_CLASSES: Final = frozenset(
    {"Script=Han", "Han", "Script=Hiragana", "Hiragana", "Script=Hangul", "Hangul", "Zs"}
)
_DIFFERENT_ESCAPES: Final = frozenset("sSbB")


def dialect_of(schema: Part) -> str | None:
    """The dialect a schema is written in (2020-12 when it names none); None for one we do not take."""
    named = schema.get("$schema", "https://json-schema.org/draft/2020-12/schema")
    return DIALECTS.get(named.removesuffix("#")) if isinstance(named, str) else None


def check_agreement(parts: Sequence[tuple[str, Part]], pointer: str = "") -> Iterator[Problem]:
    """`schema.dialect` for a dialect we do not take, `keyword.engines_differ` for each use they differ on.

    `parts` are all parts of one schema, itself first, with their pointers (schema_walk.subschemas). Patterns
    that read the names of members are checked as `pattern` is. A schema that asks for what no part of it
    evaluated while members are named by pattern is refused too: the explaining validator would match names
    with a backtracking engine.
    """
    dialect = dialect_of(parts[0][1])
    if dialect is None:
        yield Problem(join(pointer, "$schema"), "schema.dialect")
        return
    by_pattern = any(part.get("patternProperties") for _, part in parts)
    for place, part in parts:
        at = pointer + place
        if "$schema" in part and dialect_of(part) != dialect:
            yield Problem(join(at, "$schema"), "schema.dialect")
        for one in DIFFERENCES:
            if one.keyword in part and dialect in one.dialects and one.is_used(part):
                yield _differ(join(at, one.keyword), one.keyword, one.why)
        if by_pattern and "unevaluatedProperties" in part:
            yield _differ(join(at, "unevaluatedProperties"), "unevaluatedProperties", "backtracking")
        named = part.get("patternProperties")
        patterns = [(join(at, "patternProperties", name), name) for name in named or ()]
        for where, pattern in [(join(at, "pattern"), part.get("pattern")), *patterns]:
            found = different_in(pattern) if isinstance(pattern, str) else ""
            if found:
                yield Problem(where, "keyword.engines_differ", {"keyword": found, "why": "characters"})


def _differ(pointer: str, keyword: str, why: str) -> Problem:
    return Problem(pointer, "keyword.engines_differ", {"keyword": keyword, "why": why})


def different_in(pattern: str) -> str:
    """The first piece of a pattern that the two pattern engines read differently; "" when there is none."""
    place, in_class = 0, False
    while place < len(pattern):
        char = pattern[place]
        if char == "\\":
            escape = pattern[place + 1 : place + 2]
            if escape in _DIFFERENT_ESCAPES and escape:
                return char + escape
            if escape in ("p", "P"):
                end = pattern.find("}", place) if pattern[place + 2 : place + 3] == "{" else place + 2
                if pattern[place + 2 : end].lstrip("{") not in SAME_CLASSES:
                    return pattern[place : end + 1]
                place = end + 1
                continue
            place += 2
            continue
        if in_class and pattern.startswith("[:", place):
            return "[:"
        in_class = (in_class and char != "]") or char == "["
        place += 1
    return ""
