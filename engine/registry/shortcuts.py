"""The plain parts of rules, answered without the expression engine.

Most rules begin "absent, or of another kind, or …": `!has(data.a.b) || data.a.k != 'x' || rest`. Whether such
a part is true is a look into the answers; only when none is does the rest have to be evaluated. Decides
nothing new: a part is taken only when it is plainly true, false only when it is plainly false, and whatever
is neither leaves the whole expression to the engine. The tests hold both ways equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.registry.reads import LITERALS, Token, chain_at, tokenize

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Atom:
    """`op` over the value at `path` in data: absent, in or not_in the `values` (scalars of exact type)."""

    op: str
    path: tuple[str, ...]
    values: tuple[Any, ...] = ()

    def holds(self, data: Mapping[str, Any]) -> bool | None:
        """True, False, or None when only the engine can say (nothing there, or of another type)."""
        value: Any = data
        for token in self.path[:-1]:
            value = value.get(token)
            if type(value) is not dict:
                return None
        value = value.get(self.path[-1], _ABSENT)
        if self.op == "absent":
            return value is _ABSENT
        if type(value) is not type(self.values[0]):
            return None
        return (value in self.values) is (self.op == "in")


def split_rule(text: str) -> tuple[tuple[Atom, ...], str | None]:
    """The plain alternatives of an expression, and the text of the others (None when there are none).

    An expression with a conditional (`? :`) outside of brackets has no alternatives of its own.
    """
    tokens = tokenize(text)
    parts = _alternatives(tokens)
    if parts is None:
        return (), text
    atoms: list[Atom] = []
    rest: list[str] = []
    for part in parts:
        atom = _atom(part)
        if atom is not None:
            atoms.append(atom)
        elif part:
            rest.append(text[part[0].start : part[-1].end])
    return tuple(dict.fromkeys(atoms)), " || ".join(rest) if rest else None


def _alternatives(tokens: list[Token]) -> list[list[Token]] | None:
    """The tokens between the top-level `||`; None when a top-level `?` binds looser than they do."""
    parts: list[list[Token]] = [[]]
    depth, at = 0, 0
    while at < len(tokens):
        text = tokens[at].text if tokens[at].kind == "sign" else ""
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}")) if text else 0
        if depth == 0 and text == "?":
            return None
        if depth == 0 and text == "|":
            parts.append([])
            at += 2
            continue
        parts[-1].append(tokens[at])
        at += 1
    return parts


def _atom(part: list[Token]) -> Atom | None:
    """The plain test that the tokens are, or None."""
    signs = [token.text for token in part]
    if signs[:3] == ["!", "has", "("] and signs[-1:] == [")"]:
        path = _path(part[3:-1])
        return Atom("absent", path) if path else None
    if signs[:2] == ["!", "("] and signs[-1:] == [")"]:
        return _membership(part[2:-1], "not_in")
    if signs[:1] == ["!"]:
        path = _path(part[1:])
        return Atom("in", path, (False,)) if path else None
    return _membership(part, "in") or _comparison(part)


def _path(part: list[Token]) -> tuple[str, ...] | None:
    """The members of a chain that begins at `data` and is all of `part`."""
    if not part or part[0].text != "data" or part[0].kind != "name":
        return None
    path, after = chain_at(part, 0)
    return path if path and after == len(part) else None


def _comparison(part: list[Token]) -> Atom | None:
    """`data.a.b == literal`, `data.a.b != literal`."""
    if len(part) < 4 or part[-2].text != "=" or part[-3].text not in ("=", "!"):
        return None
    path, value = _path(part[:-3]), _literal(part[-1])
    if path is None or value is None:
        return None
    return Atom("in" if part[-3].text == "=" else "not_in", path, (value,))


def _membership(part: list[Token], op: str) -> Atom | None:
    """`data.a.b in ['x', 'y']`."""
    at = next((place for place, token in enumerate(part) if token.kind == "name" and token.text == "in"), 0)
    if not at or len(part) < at + 4 or part[at + 1].text != "[" or part[-1].text != "]":
        return None
    path, inside = _path(part[:at]), part[at + 2 : -1]
    values = [_literal(token) for token in inside[::2]]
    if path is None or any(token.text != "," for token in inside[1::2]):
        return None
    if any(type(value) is not str for value in values) or len(inside) % 2 == 0:
        return None
    return Atom(op, path, tuple(values))


def _literal(token: Token) -> Any:
    """A plain text, a whole number or a truth; None for anything that would need unescaping."""
    if token.kind == "text" and token.text[0] in "'\"" and "\\" not in token.text and token.text[:3] != '"""':
        return token.text[1:-1] if token.text[:3] != "'''" else None
    if token.kind == "number" and token.text.isascii() and token.text.isdigit():
        return int(token.text) if not (len(token.text) > 1 and token.text[0] == "0") else None
    if token.kind == "name" and token.text in LITERALS and token.text in ("true", "false"):
        return token.text == "true"
    return None
