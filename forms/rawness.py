"""Whether a control can hold a value at all.

Decides by the way back: a control fits when what it would send is the value again. Where none fits, a box
with JSON stands in its place. Never changes a value.
"""

from __future__ import annotations

from forms.model import MISSING, Json, Missing, Node, Raw
from forms.normalize import exactly, normalize, same, text_of


def is_raw(node: Node, value: Json | Missing) -> bool:
    """Whether no control of this kind brings the value back, so that a box with JSON stands there."""
    if isinstance(value, Raw):
        return True
    if value is MISSING or (value is None and node.kind != "json"):
        return False
    if node.kind == "json":
        return True
    if node.kind == "object":
        if not isinstance(value, dict):
            return True
        return node.extra is None and any(key not in {name for name, _ in node.members} for key in value)
    if node.kind == "array":
        return (
            not isinstance(value, list) or len(value) > node.max_items or any(item is None for item in value)
        )
    if node.kind == "fixed":
        return not isinstance(value, list) or len(value) > len(node.members)
    if node.reading == "set":
        return not isinstance(value, list) or not _is_set(node, value)
    if value == "":
        return False
    text = text_of(node, value)
    if not isinstance(value, str) and not isinstance(value, bool | int | float):
        return not any(exactly(choice.value, value) for choice in node.choices)
    if any(char in text for char in "\r\x00") or ("\n" in text and node.widget != "textarea"):
        return True
    back = normalize(node, text)
    if back.problem is not None:
        return not isinstance(value, str) or back.value != value or back.problem.code == "text.control"
    return not (same(back.value, value) and type(back.value) is type(value))


def _is_set(node: Node, value: list[Json]) -> bool:
    ticked = [choice for choice in node.choices if any(same(choice.value, item) for item in value)]
    return len(ticked) == len(value) and all(
        any(same(choice.value, item) for choice in node.choices) for item in value
    )
