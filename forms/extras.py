"""Members without a name of their own, and alternatives: the parts of a form that are more than one control.

Decides how a map becomes rows of name and value, what the alternatives of a choice are called, and which
member tells an alternative apart and need not be asked. Never holds a value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from forms.messages import phrase
from forms.model import LANGUAGES, Node, escape
from forms.narrow import type_of

NAME: Final = "~name"
VALUE: Final = "~value"
_MORE: Final = "~more"
_MOST: Final = 200
_ROWS: Final = frozenset({NAME})


def word(key: str, lang: str) -> str:
    """A word of ours on a form that has none of its own."""
    return phrase(f"part.{key}", lang)


def value_schema(flat: Mapping[str, Any]) -> Any:
    """The schema of the values of a map; None when the object is no map.

    An object that merely stays open is no map: what it did not name is kept, not asked for.
    """
    patterns = flat.get("patternProperties")
    more = flat.get("additionalProperties")
    parts = [part for part in patterns.values() if part is not False] if isinstance(patterns, Mapping) else []
    if isinstance(more, Mapping) and more:
        parts.append(more)
    if parts:
        return parts[0] if all(part == parts[0] for part in parts) else {}
    is_open = more is not False and flat.get("unevaluatedProperties") is not False
    if is_open and (isinstance(more, Mapping) or more is True or not flat.get("properties")):
        return {} if flat.get("maxProperties") != 0 else None
    return None


def free_name(properties: Collection[str]) -> str:
    """The name of the rows of a map among the members of its object: one no member has."""
    name = _MORE
    while name in properties:
        name += "~"
    return name


def with_map(node: Node, name: str, value: Node, english: Mapping[str, Any]) -> Node:
    """The object with rows of name and value for the members it does not name."""
    pattern = f"{node.pattern}/{escape(name)}"
    zh, en = LANGUAGES
    label = Node(
        kind="leaf",
        pattern=f"{pattern}/*/{escape(NAME)}",
        title=word("name", zh),
        title_en=word("name", en),
        schema={},
    )
    has_title = bool(value.schema.get("title"))
    shown = replace(
        value,
        title=value.title if has_title else word("value", zh),
        title_en=value.title_en or ("" if has_title else word("value", en)),
    )
    row = Node(
        kind="object",
        pattern=f"{pattern}/*",
        title="",
        title_en="",
        schema={},
        widget="group",
        members=((NAME, label), (VALUE, shown)),
        required=_ROWS,
    )
    alone = not node.members
    rows = Node(
        kind="array",
        pattern=pattern,
        title="" if alone else word("more", zh),
        title_en="" if alone else word("more", en),
        schema={},
        widget="table" if value.kind == "leaf" and value.reading != "set" else "cards",
        item=row,
        max_items=_MOST,
        is_map=True,
    )
    return replace(node, members=(*node.members, (name, rows)), more=name, extra=None)


def as_branch(node: Node) -> Node:
    """An alternative: members that have one value only, and must, follow from the choice."""
    if node.kind != "object":
        return node
    members = tuple(
        (name, replace(member, widget="told") if name in node.required and _tells(member) else member)
        for name, member in node.members
    )
    return replace(node, members=members)


def _tells(member: Node) -> bool:
    return (
        member.kind == "leaf"
        and len(member.choices) == 1
        and not member.nullable
        and member.widget != "checkbox"
    )


def branch_names(branches: Sequence[Mapping[str, Any]], nodes: Sequence[Node]) -> list[tuple[str, str]]:
    """What the alternatives are called, in both languages: title, else the value that tells them apart, else
    the kind of value; counted where two would be called the same."""
    zh, en = LANGUAGES
    out: list[tuple[str, str]] = []
    groups = sum(1 for node in nodes if node.kind == "object" and node.members and node.widget == "group")
    for branch, node in zip(branches, nodes, strict=True):
        told = [member.choices[0] for _, member in node.members if member.widget == "told"]
        kind = type_of(branch)
        kind = (
            kind if kind in ("string", "integer", "number", "boolean", "object", "array", "null") else "any"
        )
        if branch.get("title"):
            title = str(branch["title"])
            out.append((title, node.title_en or ""))
        elif told:
            out.append((told[0].label, told[0].label_en))
        elif kind == "object" and node.members and groups > 1:
            names = [member for name, member in node.members if name in node.required] or [node.members[0][1]]
            out.append((names[0].title, names[0].title_en))
        else:
            out.append((word(kind, zh), word(kind, en)))
    same = [name for name, _ in out]
    for place, (name, name_en) in enumerate(out):
        if same.count(name) > 1:
            out[place] = (f"{name} {place + 1}", f"{name_en or name} {place + 1}")
    return out
