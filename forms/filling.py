"""Values that follow from another answer: the id number brings birth date, sex and region along.

Decides when such a value is written: into an empty field, or over a value this very rule wrote before.
What the clerk typed or changed stays (a rule of the form says when it disagrees). Help for typing, never
trusted: the rules judge the result as if it had been typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from forms.model import MISSING, FormModel, Json, lookup, place
from forms.normalize import same


@dataclass(frozen=True, slots=True)
class Filled:
    """Answers with followed values; `derived` maps each followed pointer to the value the rule wrote there;
    `changed` names what is different from before."""

    answers: Json
    derived: Mapping[str, Json]
    changed: frozenset[str]


def fill(
    model: FormModel,
    answers: Json,
    derived: Mapping[str, Json],
    follow: Callable[[str, str, Json], Json],
    applies: Callable[[str], bool] = lambda pointer: True,
) -> Filled:
    """Let values follow. `follow(target, source, value)` gives what the value at the source pointer
    brings to the target pointer, None for nothing; `applies` is false for a part that is not filled in
    now."""
    kept: dict[str, Json] = {}
    changed: set[str] = set()
    for node in model.nodes.values():
        if not node.fill_from or "*" in node.pattern or not applies(node.pattern):
            continue
        pointer = node.pattern
        source, current = lookup(answers, node.fill_from), lookup(answers, pointer)
        wrote = derived.get(pointer, MISSING)
        ours = current is MISSING or (wrote is not MISSING and same(current, wrote))
        result = follow(pointer, node.fill_from, source) if isinstance(source, str) and source else None
        if result is None:
            if wrote is not MISSING and ours and current is not MISSING:
                answers = place(answers, pointer, MISSING)
                changed.add(pointer)
        elif ours:
            kept[pointer] = result
            if current is MISSING or not same(current, result):
                answers = place(answers, pointer, result)
                changed.add(pointer)
    return Filled(answers, kept, frozenset(changed))
