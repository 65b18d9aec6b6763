"""Expressions of lifts: what they may see of answers, and which of their values may stand in a document.

Decides that nothing is computed from a place that is unknown, and that only what a document can hold is a
value. Never changes answers, never throws.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from engine.registry.expressions import Expression, Failure, prepare
from engine.registry.functions import FUNCTIONS
from engine.trust.strict_reader import DOCUMENT, MAX_INTEGER
from engine.versions.lift_places import get, is_inside
from engine.versions.lift_terms import ABSENT, STAR, Path

DEEPEST: Final = 64
READS_UNKNOWN: Final = Failure("reads_unknown")


def evaluate(expression: Expression, answers: Any, place: Path, unknown: Iterable[Path]) -> Any | Failure:
    """The value of an expression at a place of the answers; a Failure, or READS_UNKNOWN."""
    item = _item_around(place)
    if any(_reads(expression, path, place, item) for path in unknown):
        return READS_UNKNOWN
    value = get(answers, place)
    bound = {
        "data": answers,
        "value": None if value is ABSENT else value,
        "item": None if item is None else get(answers, item),
    }
    if any(_is_deeper_than(bound[name], DEEPEST) for name in expression.reads):
        return Failure("too_deep")
    try:
        return expression.evaluate(prepare(expression.reads, bound, FUNCTIONS))
    except (TypeError, ValueError, RuntimeError, ArithmeticError) as failed:
        return Failure(type(failed).__name__)


def _item_around(place: Path) -> Path | None:
    """The innermost list item a place lies in."""
    for at in range(len(place), 0, -1):
        if isinstance(place[at - 1], int):
            return place[:at]
    return None


def _reads(expression: Expression, mark: Path, place: Path, item: Path | None) -> bool:
    """Whether an expression reads a place that is marked unknown, something in it or around it."""
    pattern = tuple(STAR if isinstance(token, int) else token for token in mark)
    for name, reads in expression.reads.items():
        if name == "data" and reads.touches(pattern):
            return True
        if name == "value" and (is_inside(mark, place) or is_inside(place, mark)):
            return True
        if name != "item" or item is None:
            continue
        if is_inside(item, mark) or (is_inside(mark, item) and reads.touches(pattern[len(item) :])):
            return True
    return False


def is_key(name: Any) -> bool:
    """Whether a name may be a key of a document; digits alone would be taken for a place in a list."""
    return isinstance(name, str) and DOCUMENT.key.fullmatch(name) is not None and not name.isdigit()


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a computed value may stand in a document: no numbers with a point, no bytes, no moments."""
    if value is None or isinstance(value, (bool, str)):
        return True
    if isinstance(value, int):
        return -MAX_INTEGER <= value <= MAX_INTEGER
    if depth == DEEPEST:
        return False
    if isinstance(value, list):
        return all(is_plain(item, depth + 1) for item in value)
    return isinstance(value, dict) and all(
        is_key(key) and is_plain(member, depth + 1) for key, member in value.items()
    )


def _is_deeper_than(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            inner
            for one in level
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True
