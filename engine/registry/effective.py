"""What a form asks for, given the answers so far: which fields are needed and which parts do not belong.

Decides by the schema's own conditionals, so the screen and the validator can never disagree.
Never judges values: a field that is needed and wrong is a matter of `validate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from engine.registry.conditions import Node
from engine.registry.pointers import is_at_or_below, join, parent_of, split

if TYPE_CHECKING:
    from engine.registry.compiled import CompiledForm

# Below a part that is not there, only so far: enough for a section and its groups, and recursion ends.
DEEPEST_ABSENT: Final = 3
MOST_ROUNDS: Final = 8


@dataclass(frozen=True, slots=True)
class Effective:
    """Concrete pointers. For list items both are given: each index that is there, and `*` for a new row.

    `required` holds the fields of an optional part too, when that part is not there: they are needed once
    it is begun. A part that is in neither set is optional.
    """

    required: frozenset[str]
    forbidden: frozenset[str]

    def is_hidden(self, pointer: str) -> bool:
        """True when the pointer is forbidden or lies in a forbidden part."""
        while pointer:
            if pointer in self.forbidden:
                return True
            pointer = parent_of(pointer)
        return False


def effective(form: CompiledForm, answers: dict[str, Any]) -> Effective:
    """What the form asks for with these answers (forms.md §4, "Hidden parts")."""
    return effective_of(form.conditions, answers)


def effective_of(conditions: Node, answers: Any) -> Effective:
    """The same for any schema compiled by `compile_conditions`."""
    required: set[str] = set()
    forbidden: set[str] = set()
    _walk(conditions, answers, "", 0, required, forbidden)
    hidden = Effective(frozenset(), frozenset(forbidden))
    return Effective(frozenset([p for p in required if not hidden.is_hidden(p)]), hidden.forbidden)


def drop_hidden(form: CompiledForm, answers: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The answers without the parts that do not belong, and the pointers of what was dropped.

    Repeats until nothing more falls away, since an answer that goes may have been a condition.
    The given answers are not changed.
    """
    dropped: list[str] = []
    for _ in range(MOST_ROUNDS):
        found: set[str] = set()
        _walk_present(form.conditions, answers, "", found)
        here = sorted(p for p in found if not any(p != q and is_at_or_below(p, q) for q in found))
        if not here:
            break
        for pointer in reversed(here):
            answers = _without(answers, split(pointer))
        dropped.extend(here)
    return answers, tuple(dropped)


def _without(value: Any, path: tuple[str, ...]) -> Any:
    """A copy of `value` without what stands at `path`; only what lies on the way is copied."""
    token, rest = path[0], path[1:]
    if isinstance(value, list):
        place = int(token)
        changed = [_without(value[place], rest)] if rest else []
        return [*value[:place], *changed, *value[place + 1 :]]
    copy = dict(value)
    if rest:
        copy[token] = _without(value[token], rest)
    else:
        del copy[token]
    return copy


def _walk(node: Node, value: Any, pointer: str, absent: int, required: set[str], forbidden: set[str]) -> None:
    """Collect pointers. `absent` counts the steps below what is not there."""
    is_object = isinstance(value, dict)
    if is_object:
        for name in node.required:
            required.add(join(pointer, name))
        for name in node.forbidden:
            forbidden.add(join(pointer, name))
        for name, others in node.dependent:
            if name in value:
                required.update(join(pointer, other) for other in others)
    for part in chosen_parts(node, value):
        _walk(part, value, pointer, absent, required, forbidden)
    if is_object:
        for name, part in node.parts.items():
            if name in value:
                _walk(part, value[name], join(pointer, name), absent, required, forbidden)
            elif absent < DEEPEST_ABSENT:
                inside: Any = {} if name in node.objects else None
                _walk(part, inside, join(pointer, name), absent + 1, required, forbidden)
    if node.items is not None and (isinstance(value, list) or value is None):
        for place, item in enumerate(value or ()):
            _walk(node.items, item, join(pointer, place), absent, required, forbidden)
        if absent < DEEPEST_ABSENT:
            _walk(node.items, {}, pointer + "/*", absent + 1, required, forbidden)


def _walk_present(node: Node, value: Any, pointer: str, found: set[str]) -> None:
    """Collect the pointers of answers that are there and forbidden."""
    for part in chosen_parts(node, value):
        _walk_present(part, value, pointer, found)
    if isinstance(value, dict):
        for name in node.forbidden:
            if name in value:
                found.add(join(pointer, name))
        for name, part in node.parts.items():
            if name in value:
                _walk_present(part, value[name], join(pointer, name), found)
    elif node.items is not None and isinstance(value, list):
        for place, item in enumerate(value):
            _walk_present(node.items, item, join(pointer, place), found)


def chosen_parts(node: Node, value: Any) -> Iterator[Node]:
    """The schemas that hold beside the node's own for this value: allOf, and the branches it chooses."""
    yield from node.together
    for holds, then, other in node.branches:
        chosen = then if holds(value) else other
        if chosen is not None:
            yield chosen


def count_filled(form: CompiledForm, answers: Any) -> tuple[int, int]:
    """How many of the fields that the form asks for in the parts that are there are filled in, and how many
    it asks for (R1b). Much quicker than `effective`: it follows only what is there."""
    return _count((form.conditions,), answers)


def _count(nodes: tuple[Node, ...], value: Any) -> tuple[int, int]:
    """The same for a value to which several schemas apply."""
    chosen = list(nodes)
    for node in chosen:  # grows while it is walked: what a schema brings in may bring in more
        chosen.extend(chosen_parts(node, value))
    filled = asked = 0
    inside: list[tuple[tuple[Node, ...], Any]] = []
    if isinstance(value, dict):
        hidden = {name for node in chosen for name in node.forbidden}
        needed = {name for node in chosen for name in node.required}
        needed |= {one for node in chosen for name, all_ in node.dependent if name in value for one in all_}
        needed -= hidden
        filled, asked = sum(name in value for name in needed), len(needed)
        parts = {name for node in chosen for name in node.parts if name in value} - hidden
        inside = [(tuple(n.parts[name] for n in chosen if name in n.parts), value[name]) for name in parts]
    elif isinstance(value, list):
        items = tuple(node.items for node in chosen if node.items is not None)
        inside = [(items, item) for item in value] if items else []
    for within, held in inside:
        here, there = _count(within, held)
        filled, asked = filled + here, asked + there
    return filled, asked
