"""Whether a value makes an atom true: the exact meaning of keywords, formats asserted as the product does.

Decides by the value alone. Never searches. A thing that cannot be judged here (OPAQUE) is neither true nor
false: Undecided says so.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from engine.registry import formats
from engine.registry.patterns import matches
from engine.versions.inclusion_atoms import Atom, Literal, Schema, frozen
from engine.versions.inclusion_cases import cases_of
from engine.versions.inclusion_work import GivingUp, Work


class Undecided(GivingUp):
    """The value meets a thing that is not judged here."""


def type_of(value: Any) -> str:
    """The JSON type of a value; every number is a `number`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def is_whole(value: Any) -> bool:
    """True for 1 and 1.0: both are integers since draft-06."""
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def is_multiple(value: Any, step: Any) -> bool:
    """As jsonschema computes it, with its way of dividing floats."""
    if not isinstance(step, float):
        return not value % step
    try:
        quotient = value / step
        return bool(int(quotient) == quotient)
    except OverflowError:
        return (Fraction(value) / Fraction(step)).denominator == 1


def holds(literal: Literal, value: Any, work: Work) -> bool:
    """Whether a value satisfies a literal. Raises Undecided."""
    return is_true(literal.atom, value, work) is literal.holds


def valid(schema: Schema, value: Any, work: Work) -> bool:
    """Whether a value is valid under a subschema. Raises Undecided."""
    return all(is_true(atom, value, work) for atom in schema.atoms)


def is_true(atom: Atom, value: Any, work: Work) -> bool:
    """Whether an atom is true of a value. Raises Undecided."""
    work.step()
    kind, args = atom
    if kind in _COMBINED:
        return _combined(kind, args, value, work)
    if isinstance(value, dict):
        return _of_object(kind, args, value, work)
    if isinstance(value, list):
        return _of_array(kind, args, value, work)
    if isinstance(value, str):
        return _of_string(kind, args, value, work)
    if type_of(value) == "number":
        return _of_number(kind, args, value)
    return True


_COMBINED = frozenset({
    "TYPE", "IN", "FALSE", "SCHEMA", "ANYOF", "ONEOF", "NOT", "IF", "UNEVALP", "UNEVALI", "OPAQUE",
})  # fmt: skip


def _combined(kind: str, args: tuple[Any, ...], value: Any, work: Work) -> bool:
    if kind == "TYPE":
        of = type_of(value)
        return of in args or (of == "number" and "integer" in args and is_whole(value))
    if kind == "IN":
        return frozen(value) in args[0]
    if kind == "FALSE":
        return False
    if kind == "SCHEMA":
        return valid(args[0], value, work)
    if kind == "ANYOF":
        return any(valid(one, value, work) for one in args)
    if kind == "ONEOF":
        return sum(valid(one, value, work) for one in args) == 1
    if kind == "NOT":
        return not valid(args[0], value, work)
    if kind == "IF":
        return valid(args[1] if valid(args[0], value, work) else args[2], value, work)
    if kind == "OPAQUE":
        raise Undecided(args[0])
    return _unevaluated(kind, args, value, work)


def _unevaluated(kind: str, args: tuple[Any, ...], value: Any, work: Work) -> bool:
    if not isinstance(value, dict if kind == "UNEVALP" else list):
        return True
    # A schema whose other keywords fail is false whatever this says, so no case need then apply.
    for case in cases_of(kind, args[0]):
        if all(holds(one, value, work) for one in case.literals):
            return is_true(case.rest(args[1]), value, work)
    return True


def _of_number(kind: str, args: tuple[Any, ...], value: Any) -> bool:
    if kind == "MIN":
        return bool(value > args[0] if args[1] else value >= args[0])
    if kind == "MAX":
        return bool(value < args[0] if args[1] else value <= args[0])
    if kind == "MULT":
        return is_multiple(value, args[0])
    return True


def _of_string(kind: str, args: tuple[Any, ...], value: str, work: Work) -> bool:
    if kind == "MINLEN":
        return bool(len(value) >= args[0])
    if kind == "MAXLEN":
        return bool(len(value) <= args[0])
    if kind == "PATTERN":
        work.step(1 + len(value) // 64)
        return matches(args[0], value)
    if kind == "FORMAT":
        return formats.holds(args[0], value)
    return True


def _of_array(kind: str, args: tuple[Any, ...], value: list[Any], work: Work) -> bool:
    if kind == "MINITEMS":
        return bool(len(value) >= args[0])
    if kind == "MAXITEMS":
        return bool(len(value) <= args[0])
    if kind == "UNIQUE":
        work.step(len(value) // 4)
        return len({frozen(item) for item in value}) == len(value)
    if kind == "PREFIX":
        return args[0] >= len(value) or valid(args[1], value[args[0]], work)
    if kind == "ITEMS":
        return all(valid(args[1], item, work) for item in value[args[0] :])
    if kind == "CONTAINS":
        found = sum(valid(args[0], item, work) for item in value)
        return found >= args[1] and (args[2] is None or found <= args[2])
    return True


def _of_object(kind: str, args: tuple[Any, ...], value: dict[str, Any], work: Work) -> bool:
    if kind == "MINPROPS":
        return bool(len(value) >= args[0])
    if kind == "MAXPROPS":
        return bool(len(value) <= args[0])
    if kind == "HAS":
        return args[0] in value
    if kind == "PROP":
        return args[0] not in value or valid(args[1], value[args[0]], work)
    if kind == "PATPROP":
        return all(valid(args[1], part, work) for name, part in value.items() if matches(args[0], name))
    if kind == "ADDL":
        known = set(args[0])
        return all(
            valid(args[2], part, work)
            for name, part in value.items()
            if name not in known and not any(matches(pattern, name) for pattern in args[1])
        )
    if kind == "NAMES":
        return all(valid(args[0], name, work) for name in value)
    if kind == "DEPREQ":
        return args[0] not in value or args[1] in value
    if kind == "DEPS":
        return args[0] not in value or valid(args[1], value, work)
    return True


def thawed(text: str) -> Any:
    """The JSON value that `frozen` wrote."""
    return json.loads(text)
