"""What one answer suggests for others: an id number brings the birth date and the sex along.

Decides suggestions only; they are help for the person who types and are judged like anything typed.
"""

from __future__ import annotations

from typing import Any

from engine.registry.compiled import CompiledForm
from engine.registry.expressions import Failure


def suggestions(form: CompiledForm, pointer: str, value: Any, today: str) -> dict[str, Any]:
    """The values that the answer at `pointer` suggests, by target pointer (annotation `x-fill`).

    A rule that gives null, or cannot be evaluated on this value, suggests nothing.
    """
    out: dict[str, Any] = {}
    for target, rule in form.fills.get(pointer, ()):
        with form.bench.prepared(rule.reads, {"value": value, "today": today}) as context:
            found = rule.evaluate(context)
        if found is not None and not isinstance(found, Failure):
            out[target] = found
    return out
