"""The ways in which the parts of a schema can hold, where a keyword depends on which of them do.

Decides the alternatives of anyOf, oneOf, if, dependencies and negations, and which members or items each
alternative has evaluated (2020-12 core §11). Never searches for values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.versions.inclusion_atoms import Atom, Literal, Schema
from engine.versions.inclusion_dialect import NEWEST
from engine.versions.inclusion_work import GivingUp

MOST_CASES: Final = 256
Options = list[list[Literal]]


def yes(schema: Schema) -> Literal:
    """Valid under it."""
    return schema.literal()


def no(schema: Schema) -> Literal:
    """Not valid under it."""
    return schema.literal(False)


def has(name: str, holds: bool = True) -> Literal:
    """That a member is there, or is not."""
    return Literal(holds, Atom("HAS", (name,)))


def options_of(literal: Literal, of: str) -> Options | None:
    """The alternatives that together are the literal, for values of type `of`; None for a plain literal.

    An alternative is a list of literals that all hold; no alternative means that it cannot hold.
    """
    holds, (kind, args) = literal
    if kind == "SCHEMA":
        if holds:
            return [[Literal(True, atom) for atom in args[0].atoms]]
        return [[Literal(False, atom)] for atom in args[0].atoms]
    if kind == "ANYOF":
        return [[yes(one)] for one in args] if holds else [[no(one) for one in args]]
    if kind == "ONEOF":
        return _one_of(args, holds)
    if kind == "NOT":
        return [[no(args[0])]] if holds else [[yes(args[0])]]
    if kind == "IF":
        first, then, other = args
        if holds:
            return [[no(first), yes(other)], [yes(first), yes(then)]]
        return [[yes(first), no(then)], [no(first), no(other)]]
    if kind in ("DEPREQ", "DEPS"):
        if of != "object":
            return [[]] if holds else []
        needed = has(args[1], holds) if kind == "DEPREQ" else args[1].literal(holds)
        return [[has(args[0], False)], [needed]] if holds else [[has(args[0]), needed]]
    if kind in ("UNEVALP", "UNEVALI"):
        if of != ("object" if kind == "UNEVALP" else "array"):
            return [[]] if holds else []
        return [[*case.literals, Literal(holds, case.rest(args[1]))] for case in cases_of(kind, args[0])]
    if kind == "CONTAINS" and not holds and of == "array":
        counted, fewest, most = args
        fewer = [Literal(True, Atom("CONTAINS", (counted, 0, fewest - 1)))]
        more = [] if most is None else [[Literal(True, Atom("CONTAINS", (counted, most + 1, None)))]]
        return ([fewer] if fewest > 0 else []) + more
    return None


def _one_of(parts: tuple[Schema, ...], holds: bool) -> Options:
    places = range(len(parts))
    if holds:
        return [[yes(parts[n]), *(no(parts[m]) for m in places if m != n)] for n in places]
    pairs = [[yes(parts[n]), yes(parts[m])] for n in places for m in places if n < m]
    return [[no(one) for one in parts], *pairs]


@dataclass(frozen=True, slots=True)
class Case:
    """One way: what then holds, and what has been evaluated (`upto` items; everything when `whole`)."""

    literals: tuple[Literal, ...] = ()
    names: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    upto: int = 0
    counted: frozenset[Schema] = frozenset()
    whole: bool = False
    about: str = "UNEVALP"

    def rest(self, schema: Schema) -> Atom:
        """That what has not been evaluated is valid under `schema`."""
        if self.whole:
            return Atom("TYPE", ("array", "boolean", "null", "number", "object", "string"))
        if self.about == "UNEVALI":
            # What `contains` has counted is evaluated (since 2020-12), wherever it stands.
            return Atom("ITEMS", (self.upto, schema.home.any_of((*self.counted, schema))))
        return Atom("ADDL", (tuple(sorted(self.names)), tuple(sorted(self.patterns)), schema))

    def also(self, other: Case, *literals: Literal) -> Case:
        """Both."""
        return Case(
            (*self.literals, *literals, *other.literals), self.names | other.names,
            self.patterns | other.patterns, max(self.upto, other.upto), self.counted | other.counted,
            self.whole or other.whole, self.about,
        )  # fmt: skip


def cases_of(kind: str, schema: Schema, depth: int = 0) -> list[Case]:
    """Every way in which the parts of `schema` can hold, each with what it evaluates. Raises GivingUp."""
    if depth > 16:
        raise GivingUp("recursive")
    found = [_own(kind, schema)]
    for atom in schema.atoms:
        more = list(_alternatives(kind, atom, depth + 1))
        if more:
            found = [one.also(other) for one in found for other in more]
        if len(found) > MOST_CASES:
            raise GivingUp("unevaluated")
    return found


def _own(kind: str, schema: Schema) -> Case:
    names: set[str] = set()
    patterns: set[str] = set()
    counted: set[Schema] = set()
    upto, whole = 0, False
    for name, args in schema.atoms:
        if kind == "UNEVALP":
            names |= {args[0]} if name == "PROP" else set()
            patterns |= {args[0]} if name == "PATPROP" else set()
            whole = whole or name in ("ADDL", "UNEVALP")
        else:
            if name == "CONTAINS" and schema.home.dialect == NEWEST:
                counted.add(args[0])
            upto = max(upto, args[0] + 1) if name == "PREFIX" else upto
            whole = whole or name in ("ITEMS", "UNEVALI")
    return Case((), frozenset(names), frozenset(patterns), upto, frozenset(counted), whole, kind)


def _alternatives(kind: str, atom: Atom, depth: int) -> Iterator[Case]:
    name, args = atom
    empty = Case(about=kind)
    if name == "SCHEMA":
        yield from cases_of(kind, args[0], depth)
    elif name == "ONEOF":
        for n, one in enumerate(args):
            others = [no(other) for m, other in enumerate(args) if m != n]
            yield from (empty.also(case, yes(one), *others) for case in cases_of(kind, one, depth))
    elif name == "ANYOF":
        yield from _any_of(kind, args, depth)
    elif name == "IF":
        first, then, other = args
        for condition in cases_of(kind, first, depth):
            for rest in cases_of(kind, then, depth):
                yield empty.also(condition, yes(first)).also(rest)
        yield from (empty.also(case, no(first)) for case in cases_of(kind, other, depth))
    elif name == "DEPS":
        yield Case((has(args[0], False),), about=kind)
        yield from (empty.also(case, has(args[0])) for case in cases_of(kind, args[1], depth))


def _any_of(kind: str, parts: Sequence[Schema], depth: int) -> list[Case]:
    found = [Case(about=kind)]
    for one in parts:
        ways = [Case(about=kind).also(case, yes(one)) for case in cases_of(kind, one, depth)]
        ways.append(Case((no(one),), about=kind))
        found = [case.also(way) for case in found for way in ways]
        if len(found) > MOST_CASES:
            raise GivingUp("unevaluated")
    return found


def spelled_out(value: Any) -> dict[str, Any]:
    """A schema that only `value` (an object or an array) satisfies, in keywords that can be denied singly."""
    if isinstance(value, dict):
        return {
            "type": "object",
            "required": sorted(value),
            "properties": {name: {"const": part} for name, part in value.items()},
            "additionalProperties": False,
        }
    return {
        "type": "array",
        "minItems": len(value),
        "maxItems": len(value),
        "prefixItems": [{"const": part} for part in value],
    }
