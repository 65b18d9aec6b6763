"""Which parts of its names a CEL expression can read, so that only those are converted for it.

Decides by tokens, conservatively: whatever is not plainly a chain of members is read whole. Never evaluates.
Converting a whole document costs ten times as much as evaluating all of its rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

# Strings first, so that names inside them are not taken for names. A pattern of our own over texts of bounded
# length: the library's is five times as quick here as the one for patterns that others write.
_TOKEN = re.compile(
    r"(?s)"
    r"(?P<skip>\s+|//[^\n]*)"
    r"|(?P<text>[rRbB]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>[0-9][0-9A-Za-z_.]*)"
    r"|(?P<sign>.)"
)
# Macros that bind a name to each item of what stands before the dot.
_BINDING: Final = frozenset({"all", "exists", "exists_one", "map", "filter"})
# filter gives the items themselves on, so what is done with them later is not seen here.
_GIVES_ITEMS: Final = frozenset({"filter"})
LITERALS: Final = frozenset({"true", "false", "null", "in"})
ITEM: Final = "*"


@dataclass(slots=True)
class Reads:
    """A tree of what is read: `whole` = everything below; otherwise only `parts`, and that it is there."""

    parts: dict[str, Reads] = field(default_factory=dict)
    whole: bool = False

    def at(self, path: Iterable[str]) -> Reads:
        """The node at a path, made when it is not there."""
        node = self
        for token in path:
            node = node.parts.setdefault(token, Reads())
        return node

    def merge(self, other: Reads) -> None:
        """Add everything that `other` reads."""
        self.whole = self.whole or other.whole
        for token, part in other.parts.items():
            self.at((token,)).merge(part)

    def touches(self, path: tuple[str, ...]) -> bool:
        """True when the place `path` (indexes as `*`), something in it or something around it is read."""
        node = self
        for token in path:
            if node.whole:
                return True
            if token not in node.parts:
                return False
            node = node.parts[token]
        return True


def prune(value: Any, reads: Reads) -> Any:
    """`value` without the parts that are not read; what is there stays there (for `has` and `in`)."""
    if reads.whole:
        return value
    if isinstance(value, dict):
        return {token: prune(value[token], part) for token, part in reads.parts.items() if token in value}
    if isinstance(value, list):
        part = reads.parts.get(ITEM)
        return [prune(item, part) for item in value] if part is not None else [None] * len(value)
    return value


@dataclass(frozen=True, slots=True)
class Scan:
    """What the tokens of an expression say: reads by name, names bound by macros, places of names."""

    reads: Mapping[str, Reads]
    bound: frozenset[str]
    places: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression: kind (text, name, number, sign), place for people, place in the text."""

    kind: str
    text: str
    line: int
    column: int
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The tokens of an expression without blanks and comments; every other character is a sign."""
    return list(_tokens(text))


@lru_cache(maxsize=1_024)
def _tokens(text: str) -> tuple[Token, ...]:
    out: list[Token] = []
    line, begin = 1, 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "sign"
        piece = found.group()
        if kind != "skip":
            out.append(Token(kind, piece, line, found.start() - begin + 1, *found.span()))
        breaks = piece.count("\n")
        if breaks:
            line += breaks
            begin = found.start() + piece.rindex("\n") + 1
    return tuple(out)


def scan(text: str) -> Scan:
    """Read an expression's tokens. Names bound by macros stand for the items they run over."""
    tokens = tokenize(text)
    reads: dict[str, Reads] = {}
    bound: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    places: dict[str, tuple[int, int]] = {}
    at = 0
    while at < len(tokens):
        token = tokens[at]
        follows_dot = at > 0 and tokens[at - 1].text == "."
        if token.kind != "name" or token.text in LITERALS or follows_dot or _is_declared_at(tokens, at):
            binder = _binder_after(tokens, at) if follows_dot and token.text in _BINDING else None
            if binder is not None:
                bound.setdefault(binder, [])
            at += 1
            continue
        places.setdefault(token.text, (token.line, token.column))
        if _sign(tokens, at + 1) == "(":
            at += 1
            continue
        path, after = chain_at(tokens, at)
        targets = _targets(token.text, path, bound)
        method = tokens[after + 1].text if _sign(tokens, after) == "." else ""
        binder = _binder_after(tokens, after + 1) if method in _BINDING else None
        for name, place in targets:
            node = reads.setdefault(name, Reads()).at(place)
            if binder is None:
                node.whole = node.whole or not _asks_presence(tokens, at, after)
            else:
                node.at((ITEM,)).whole = node.at((ITEM,)).whole or method in _GIVES_ITEMS
        if binder is not None:
            bound.setdefault(binder, []).extend((name, (*place, ITEM)) for name, place in targets)
        at = after
    return Scan(reads, frozenset(bound), places)


def _sign(tokens: list[Token], at: int) -> str:
    return tokens[at].text if at < len(tokens) and tokens[at].kind == "sign" else ""


def chain_at(tokens: list[Token], at: int) -> tuple[tuple[str, ...], int]:
    """The members after the name at `at` that are not called, and the index of the first token after them."""
    path: list[str] = []
    at += 1
    while _sign(tokens, at) == "." and at + 1 < len(tokens) and tokens[at + 1].kind == "name":
        if _sign(tokens, at + 2) == "(":
            break
        path.append(tokens[at + 1].text)
        at += 2
    return tuple(path), at


def _targets(
    name: str, path: tuple[str, ...], bound: Mapping[str, list[tuple[str, tuple[str, ...]]]]
) -> list[tuple[str, tuple[str, ...]]]:
    """The top-level places a chain may stand for: the name itself, and all items it is ever bound to."""
    return [(name, path), *((top, (*place, *path)) for top, place in bound.get(name, ()))]


def _binder_after(tokens: list[Token], at: int) -> str | None:
    """The name a macro call at `at` binds: `name ( binder ,`."""
    if (
        at + 3 < len(tokens)
        and _sign(tokens, at + 1) == "("
        and tokens[at + 2].kind == "name"
        and _sign(tokens, at + 3) == ","
    ):
        return tokens[at + 2].text
    return None


def _is_declared_at(tokens: list[Token], at: int) -> bool:
    """True for the name in `.macro(name, …`: it is made there, not read."""
    return (
        at >= 3
        and tokens[at - 3].text == "."
        and tokens[at - 2].text in _BINDING
        and _binder_after(tokens, at - 2) == tokens[at].text
    )


def _asks_presence(tokens: list[Token], at: int, after: int) -> bool:
    """True for the whole argument of `has( … )`: only that it is there matters."""
    return (
        at >= 2
        and tokens[at - 1].text == "("
        and tokens[at - 2].text == "has"
        and _sign(tokens, after) == ")"
    )
