"""What a blank form begins with: the defaults its schema names.

Decides only which values stand there before anybody typed. Whether they are good is judged like any other
answer; a default is shown and can be changed, never added behind the clerk's back.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from forms.model import MISSING, FormModel, Json, Missing, Node


def begin(model: FormModel) -> Json:
    """The answers of a form nobody has filled in yet: {} where the schema names no default."""
    found = _begin(model.root)
    if found is MISSING:
        return {} if model.root.kind == "object" and model.root.widget == "group" else None
    return found


def _begin(node: Node) -> Json | Missing:
    if "default" in node.schema and not node.computed:
        return deepcopy(node.schema["default"])
    if node.kind != "object" or node.widget != "group":
        return MISSING
    members: dict[str, Any] = {
        name: value for name, member in node.members if (value := _begin(member)) is not MISSING
    }
    return members or MISSING
