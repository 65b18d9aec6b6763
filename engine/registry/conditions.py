"""The conditional part of a schema as a tree that is walked with the answers: what is needed, what is hidden.

Decides nothing about a form: required, dependentRequired, if/then/else, and `false` schemas say it all.
Conditions over fixed values of fields run here; any other condition runs in the schema validator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.registry.pointers import ABSENT, join, look
from engine.registry.schema_walk import is_local, types_of
from engine.registry.shape import compile_part

Holds = Callable[[Any], bool]

_SAID_ELSEWHERE: Final = frozenset({"title", "description", "$comment", "examples", "default"})


@dataclass(slots=True, eq=False)
class Node:
    """What a schema demands of the value it stands for, and of what is inside it."""

    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    dependent: tuple[tuple[str, tuple[str, ...]], ...] = ()
    together: tuple[Node, ...] = ()
    branches: tuple[tuple[Holds, Node | None, Node | None], ...] = ()
    parts: dict[str, Node] = field(default_factory=dict)
    objects: frozenset[str] = frozenset()
    items: Node | None = None

    def says_nothing(self) -> bool:
        """True when walking it can never require or forbid anything."""
        return (
            not (
                self.required
                or self.forbidden
                or self.dependent
                or self.together
                or self.branches
                or self.parts
            )
            and self.items is None
        )


def compile_conditions(root: Mapping[str, Any]) -> Node:
    """The tree of a schema. Local references are followed; recursive ones become cycles of the tree."""
    return _Compiler(root).node("", root) or Node()


class _Compiler:
    """Holds the root, for references, and the nodes made, so that each place is compiled once."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._made: dict[str, Node] = {}

    def node(self, pointer: str, schema: Any) -> Node | None:
        """The node of the schema at `pointer`, or None when it says nothing."""
        if not isinstance(schema, dict):
            return None
        if pointer in self._made:
            return self._made[pointer]
        node = self._made[pointer] = Node()
        self._fill(node, pointer, schema)
        return None if node.says_nothing() else node

    def _fill(self, node: Node, pointer: str, schema: dict[str, Any]) -> None:
        node.required = _names(schema.get("required"))
        needs = schema.get("dependentRequired")
        if isinstance(needs, dict):
            node.dependent = tuple((name, _names(others)) for name, others in needs.items())
        together = [
            self.node(join(pointer, "allOf", place), part)
            for place, part in enumerate(schema.get("allOf", ()))
        ]
        if is_local(schema.get("$ref")):
            named = look(self._root, schema["$ref"][1:])
            together.append(self.node(schema["$ref"][1:], named) if named is not ABSENT else None)
        node.together = tuple(part for part in together if part is not None)
        node.branches = tuple(self._branches(pointer, schema))
        self._parts(node, pointer, schema)
        if isinstance(schema.get("items"), dict):
            node.items = self.node(join(pointer, "items"), schema["items"])

    def _parts(self, node: Node, pointer: str, schema: dict[str, Any]) -> None:
        parts = schema.get("properties", {})
        node.forbidden = tuple(
            [name for name, part in parts.items() if part is False or part == {"not": {}}]
            + [name for name in _excluded(schema.get("not")) if name not in parts]
        )
        objects = set()
        for name, part in parts.items():
            made = self.node(join(pointer, "properties", name), part)
            if made is not None:
                node.parts[name] = made
            if isinstance(part, dict) and "object" in self._types(part):
                objects.add(name)
        node.objects = frozenset(objects)

    def _types(self, schema: dict[str, Any]) -> tuple[str, ...]:
        named = look(self._root, schema["$ref"][1:]) if is_local(schema.get("$ref")) else ABSENT
        return types_of(schema) or (types_of(named) if isinstance(named, dict) else ())

    def _branches(self, pointer: str, schema: dict[str, Any]) -> list[tuple[Holds, Node | None, Node | None]]:
        out: list[tuple[Holds, Node | None, Node | None]] = []
        if "if" in schema:
            then = self.node(join(pointer, "then"), schema.get("then"))
            other = self.node(join(pointer, "else"), schema.get("else"))
            if then is not None or other is not None:
                out.append((self._condition(join(pointer, "if"), schema["if"]), then, other))
        for name, part in schema.get("dependentSchemas", {}).items():
            made = self.node(join(pointer, "dependentSchemas", name), part)
            if made is not None:
                out.append((_has(name), made, None))
        for key in ("anyOf", "oneOf"):
            for place, part in enumerate(schema.get(key, ())):
                made = self.node(join(pointer, key, place), part)
                if made is not None:
                    out.append((self._condition(join(pointer, key, place), part), made, None))
        return out

    def _condition(self, pointer: str, schema: Any) -> Holds:
        simple = compile_condition(schema)
        if simple is not None:
            return simple
        fits: Holds = compile_part(self._root, pointer).is_valid
        return fits


def _names(value: Any) -> tuple[str, ...]:
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def _excluded(value: Any) -> tuple[str, ...]:
    """The field of `not: {required: [field]}`, the other way to write a forbidden field."""
    if (
        isinstance(value, dict)
        and set(value) <= {"required"} | _SAID_ELSEWHERE
        and len(_names(value.get("required"))) == 1
    ):
        return _names(value["required"])
    return ()


def _has(name: str) -> Holds:
    return lambda value: isinstance(value, dict) and name in value


def is_same(one: Any, other: Any) -> bool:
    """Equality of JSON values: true is not 1 (JSON Schema Core §4.2.2)."""
    return type(one) is type(other) and bool(one == other)


def compile_condition(schema: Any) -> Holds | None:
    """A test for a condition over presence and fixed values; None when it uses any other keyword."""
    if isinstance(schema, bool):
        return lambda _value: schema
    if not isinstance(schema, dict):
        return None
    tests: list[Holds] = []
    for key, rule in schema.items():
        if key in _SAID_ELSEWHERE:
            continue
        test = _COMPILERS[key](rule) if key in _COMPILERS else None
        if test is None:
            return None
        tests.append(test)
    return lambda value: all(test(value) for test in tests)


def _required(names: Any) -> Holds:
    return lambda value: not isinstance(value, dict) or all(name in value for name in names)


def _properties(parts: Any) -> Holds | None:
    tests = {name: compile_condition(part) for name, part in parts.items()}
    if any(test is None for test in tests.values()):
        return None
    known = [(name, test) for name, test in tests.items() if test is not None]
    return lambda value: (
        not isinstance(value, dict) or all(name not in value or test(value[name]) for name, test in known)
    )


def _const(expected: Any) -> Holds | None:
    if isinstance(expected, (dict, list, float)):
        return None
    return lambda value: is_same(value, expected)


def _enum(allowed: Any) -> Holds | None:
    if any(isinstance(value, (dict, list, float)) for value in allowed):
        return None
    return lambda value: any(is_same(value, one) for one in allowed)


def _not(schema: Any) -> Holds | None:
    test = compile_condition(schema)
    return None if test is None else (lambda value: not test(value))


def _all_of(schemas: Any) -> Holds | None:
    tests = [compile_condition(schema) for schema in schemas]
    known = [test for test in tests if test is not None]
    return (lambda value: all(test(value) for test in known)) if len(known) == len(tests) else None


def _any_of(schemas: Any) -> Holds | None:
    tests = [compile_condition(schema) for schema in schemas]
    known = [test for test in tests if test is not None]
    return (lambda value: any(test(value) for test in known)) if len(known) == len(tests) else None


_COMPILERS: Final[Mapping[str, Callable[[Any], Holds | None]]] = {
    "required": _required,
    "properties": _properties,
    "const": _const,
    "enum": _enum,
    "not": _not,
    "allOf": _all_of,
    "anyOf": _any_of,
}
