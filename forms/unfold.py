"""Between a document and the form drawn from it, where the two have different shapes.

A map is drawn as rows of name and value, alternatives as a choice with the controls of each. `unfold` gives
the value as drawn, `fold` the value meant; fold(unfold(value)) is the value. Pointers are carried both ways.
Never judges; a value that fits no control passes through as `Raw`. Forms without such parts are left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine.errors import Problem
from forms.extras import NAME, VALUE
from forms.model import MISSING, PICK, FormModel, Json, Missing, Node, Raw, escape, lookup, place, unescape
from forms.normalize import same
from forms.rawness import is_raw

_CONTAINERS: Final = ("object", "array", "fixed")
_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
}


def unfolded(model: FormModel, answers: Json | Missing) -> Any:
    """The answers as the form draws them."""
    return unfold(model.root, answers) if model.folds else answers


def folded(model: FormModel, drawn: Any, problems: list[Problem] | None = None) -> Json | Missing:
    """The answers a drawn value means; what cannot be named is added to `problems` (drawn pointers)."""
    return fold(model.root, drawn, "", problems if problems is not None else []) if model.folds else drawn


def place_drawn(model: FormModel, answers: Json, pointer: str, new: Json | Missing) -> Json:
    """A copy of the answers with something else at the place of a control."""
    if not model.folds:
        return place(answers, pointer, new)
    meant = folded(model, place(unfolded(model, answers), pointer, new))
    return {} if meant is MISSING else meant


def lookup_drawn(model: FormModel, answers: Json, pointer: str) -> Any:
    """What a control shows, by the control's own pointer."""
    return lookup(unfolded(model, answers), pointer)


def holds_raw(drawn: Any) -> bool:
    """Whether a drawn value has a part no control can show, so that it cannot be kept as JSON."""
    parts = drawn.values() if isinstance(drawn, dict) else drawn if isinstance(drawn, list) else ()
    return isinstance(drawn, Raw) or any(holds_raw(part) for part in parts)


def unfold(node: Node, value: Json | Missing, *, in_row: bool = False) -> Any:
    """One value as drawn."""
    if value is MISSING:
        return MISSING
    if node.widget == "either":
        return _pick(node, value, in_row)
    if node.kind not in _CONTAINERS or value is None:
        return value
    drawn = value
    if node.kind == "object" and isinstance(value, dict):
        members = dict(node.members)
        known = {name: part for name, part in value.items() if name in members and name != node.more}
        drawn = {name: unfold(members[name], part) for name, part in known.items()}
        rest = {name: part for name, part in value.items() if name not in known}
        if node.more and rest:
            drawn[node.more] = _rows_of(members[node.more], rest)
        else:
            drawn |= rest
        if node.more and rest and is_raw(members[node.more], drawn[node.more]):
            return Raw(value)
    elif node.kind == "array" and isinstance(value, list) and node.item is not None:
        drawn = [unfold(node.item, part, in_row=True) for part in value]
    elif node.kind == "fixed" and isinstance(value, list):
        parts = [member for _, member in node.members]
        drawn = [
            unfold(parts[index], part) if index < len(parts) else part for index, part in enumerate(value)
        ]
    return Raw(value) if is_raw(node, drawn) else drawn


def _rows_of(rows: Node, rest: dict[str, Json]) -> list[Any]:
    assert rows.item is not None
    value_node = dict(rows.item.members)[VALUE]
    return [{NAME: name, VALUE: unfold(value_node, part)} for name, part in rest.items()]


def _pick(node: Node, value: Json, in_row: bool) -> Any:
    """The first alternative that has all it needs and shows the value with its own controls, else the first
    that shows it, else the first whose type fits."""
    fitting, second = None, None
    for index, (name, branch) in enumerate(node.members[1:]):
        if not _fits(branch, value):
            continue
        inner = _without_told(branch, unfold(branch, value))
        drawn = {PICK: index, name: inner}
        if isinstance(inner, Raw) or is_raw(branch, inner):
            fitting = fitting or drawn
        elif isinstance(value, dict) and not all(name in value for name in branch.required):
            second = second or drawn
        else:
            return drawn
    if second or fitting:
        return second or fitting
    return {} if in_row and value == "" else Raw(value)


def _without_told(branch: Node, drawn: Any) -> Any:
    if not isinstance(drawn, dict) or branch.kind != "object":
        return drawn
    told = {name for name, member in branch.members if member.widget == "told"}
    return {name: part for name, part in drawn.items() if name not in told}


def _fits(branch: Node, value: Json) -> bool:
    named = branch.schema.get("type")
    kinds = named if isinstance(named, list) else [named] if isinstance(named, str) else []
    if kinds and not any(_TYPES.get(kind, lambda _: False)(value) for kind in kinds):
        return value is None and branch.nullable
    if branch.widget == "either":
        return any(_fits(inner, value) for _, inner in branch.members[1:])
    if value is None:
        return branch.nullable or branch.reading == "loose" or branch.kind == "json"
    if branch.kind == "object":
        return isinstance(value, dict) and _tells_of(branch, value)
    if branch.kind in ("array", "fixed") or branch.reading == "set":
        return isinstance(value, list)
    if branch.choices:
        return any(same(choice.value, value) for choice in branch.choices)
    return branch.reading == "loose" or branch.kind == "json" or bool(kinds) or isinstance(value, str)


def _tells_of(branch: Node, value: dict[str, Json]) -> bool:
    members = dict(branch.members)
    told = (name for name, member in branch.members if member.widget == "told")
    return all(name in value for name in told) and all(
        any(same(choice.value, part) for choice in members[name].choices)
        for name, part in value.items()
        if name in members
        and members[name].kind == "leaf"
        and members[name].choices
        and part is not None
        and members[name].reading != "set"
    )


def fold(node: Node, drawn: Any, pointer: str, problems: list[Problem]) -> Json | Missing:
    """One drawn value as it is meant."""
    if isinstance(drawn, Raw):
        return drawn.value
    if drawn is MISSING or drawn is None or node.kind not in _CONTAINERS:
        return drawn
    if node.widget == "either":
        return _chosen(node, drawn, pointer, problems) if isinstance(drawn, dict) else drawn
    if node.kind == "object" and isinstance(drawn, dict):
        members = dict(node.members)
        out: dict[str, Json] = {}
        for name, part in drawn.items():
            if name == node.more and name in members:
                continue
            at = f"{pointer}/{escape(name)}"
            meant = fold(members[name], part, at, problems) if name in members else part
            if meant is not MISSING:
                out[name] = meant
        if node.more and node.more in drawn:
            _name_rows(node, members[node.more], drawn[node.more], pointer, out, problems)
        return out if out or not drawn else MISSING
    if isinstance(drawn, list):
        items = [node.item] * len(drawn) if node.item is not None else [member for _, member in node.members]
        meant_items = [
            fold(items[index], part, f"{pointer}/{index}", problems) if index < len(items) else part
            for index, part in enumerate(drawn)
        ]
        return ["" if part is MISSING else part for part in meant_items]
    return drawn


def _name_rows(
    node: Node, rows: Node, drawn: Any, pointer: str, out: dict[str, Json], problems: list[Problem]
) -> None:
    assert rows.item is not None
    value_node = dict(rows.item.members)[VALUE]
    known = {name for name, _ in node.members if name != node.more}
    for index, row in enumerate(drawn if isinstance(drawn, list) else []):
        at = f"{pointer}/{escape(node.more)}/{index}"
        name = row.get(NAME, MISSING) if isinstance(row, dict) else MISSING
        value = (
            fold(value_node, row.get(VALUE, MISSING), f"{at}/{escape(VALUE)}", problems) if row else MISSING
        )
        if not isinstance(name, str):
            if value is not MISSING:
                problems.append(Problem(f"{at}/{escape(NAME)}", "extra.no_name", {"row": index + 1}))
        elif name in out or name in known:
            problems.append(Problem(f"{at}/{escape(NAME)}", "extra.twice", {"row": index + 1}))
        else:
            out[name] = _blank(value_node) if value is MISSING else value


def _blank(node: Node) -> Json:
    """What stands where something must and nothing was filled in."""
    if node.nullable:
        return None
    return {"object": {}, "array": [], "fixed": []}.get(node.kind, "") if node.widget != "either" else ""


def _chosen(node: Node, drawn: dict[str, Any], pointer: str, problems: list[Problem]) -> Json | Missing:
    pick = drawn.get(PICK, MISSING)
    if not isinstance(pick, int) or not 0 <= pick < len(node.members) - 1:
        filled = [
            index
            for index, (name, _) in enumerate(node.members[1:])
            if drawn.get(name, MISSING) is not MISSING
        ]
        if len(filled) != 1:
            return MISSING
        pick = filled[0]
    name, branch = node.members[1 + pick]
    value = fold(branch, drawn.get(name, MISSING), f"{pointer}/{escape(name)}", problems)
    told = {key: member.choices[0].value for key, member in branch.members if member.widget == "told"}
    if branch.kind == "object" and branch.widget != "either":
        if value is MISSING:
            value = None if branch.schema.get("type") == "null" else {}
        return {**told, **value} if isinstance(value, dict) else value
    return [] if value is MISSING and branch.kind in ("array", "fixed") else value


def to_drawn(model: FormModel, answers: Json, pointer: str) -> str:
    """Where on the page a place of the document stands."""
    return _carried(model.root, unfolded(model, answers), pointer) if model.folds else pointer


def _carried(node: Node, drawn: Any, pointer: str) -> str:
    if not pointer or isinstance(drawn, Raw):
        return pointer
    here = drawn if isinstance(drawn, dict) else {}
    if node.widget == "either":
        pick = here.get(PICK, 0)
        name, branch = node.members[1 + (pick if isinstance(pick, int) else 0)]
        return f"/{escape(name)}" + _carried(branch, here.get(name, MISSING), pointer)
    step, slash, rest = pointer[1:].partition("/")
    key = unescape(step)
    if node.kind == "object":
        members = dict(node.members)
        if key in members and key != node.more:
            return f"/{step}" + _carried(members[key], here.get(key, MISSING), slash + rest)
        rows = here.get(node.more, []) if node.more else []
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            item = members[node.more].item
            if row.get(NAME) == key and item is not None:
                inner = _carried(dict(item.members)[VALUE], row.get(VALUE, MISSING), slash + rest)
                return f"/{escape(node.more)}/{index}/{escape(VALUE)}" + inner
        return pointer
    parts = drawn if isinstance(drawn, list) else []
    inner_node = node.item if node.kind == "array" else dict(node.members).get(step)
    if inner_node is None or not step.isdigit():
        return pointer
    part = parts[int(step)] if int(step) < len(parts) else MISSING
    return f"/{step}" + _carried(inner_node, part, slash + rest)


def to_meant(model: FormModel, drawn: Any, pointer: str) -> str:
    """Which place of the document a control of the page stands for; the nearest where there is none."""
    if not model.folds:
        return pointer
    out, here, nodes = "", drawn, [model.root]
    for step in pointer.split("/")[1:]:
        node, key = nodes[-1], unescape(step)
        inner = lookup(here, f"/{step}") if not isinstance(here, Raw) else MISSING
        if node.widget == "either":
            following = dict(node.members).get(key)
        elif node.is_map:
            name = inner.get(NAME) if isinstance(inner, dict) else None
            if not isinstance(name, str):
                return out
            out, following = f"{out}/{escape(name)}", node.item
        elif key in (NAME, VALUE) and len(nodes) > 1 and nodes[-2].is_map:
            following = dict(node.members)[key]
        elif node.kind == "object" and key == node.more:
            following = dict(node.members).get(key)
        else:
            out = f"{out}/{step}"
            following = dict(node.members).get(key) if node.kind != "array" else node.item
        if following is None:
            return out
        nodes.append(following)
        here = inner
    return out
