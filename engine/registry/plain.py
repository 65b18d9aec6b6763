"""The plain parts of expressions, answered in Python so that the engine is asked only about the rest.

A rule that is plainly true needs no engine, and nearly every rule of a good document is. An expression
becomes one Python function, made once, of the pieces in `engine.registry.plain_terms`. Whatever is absent, of
another kind or not spoken here ends it, and CEL says: only True is ever taken. The tests hold both equal on
every example.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.registry.plain_terms import (
    NOT_PLAIN,
    STANDARD,
    TEXT_TESTS,
    Env,
    Pieces,
    bound,
    local,
    member,
)
from engine.registry.reads import Token, tokenize

_ORDER: Final = ("<", "<=", ">", ">=")
_OPEN: Final = "([{"
_CLOSE: Final = ")]}"


class _Unspoken(Exception):
    """The expression uses something this module does not speak."""


def compile_plain(text: str, functions: Mapping[str, Callable[..., Any]]) -> Callable[[Env], bool]:
    """A test that is true only when the expression is plainly true under the bindings (tables among them).

    Give one `env` (a dict with its own MEMO dict) to all tests of one document: calls are made once.
    The function is made when it is first asked, since a server has more rules than its day needs.
    """
    truth: Callable[[Env], Any] | None = None

    def holds(env: Env) -> bool:
        nonlocal truth
        if truth is None:
            truth = _made(text, functions)
        try:
            return truth(env) is True
        except NOT_PLAIN:
            return False

    return holds


def _made(text: str, functions: Mapping[str, Callable[..., Any]]) -> Callable[[Env], Any]:
    compiler = _Compiler(functions)
    try:
        return compiler.pieces.made(compiler.truth(tokenize(text), {}))
    except (RecursionError, MemoryError):  # too deep to be made into a function
        return _nobody_knows


class _Compiler:
    """Turns tokens into syntax. `names` are those that macros bind around a piece, with their variables."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.pieces = Pieces()
        self._functions = functions

    def truth(self, tokens: list[Token], names: Mapping[str, str]) -> ast.expr:
        """A piece that is true or false; where it is not spoken here, it ends the evaluation."""
        try:
            return self._spoken(tokens, names)
        except (_Unspoken, IndexError):
            return self.pieces.nothing()

    def _spoken(self, tokens: list[Token], names: Mapping[str, str]) -> ast.expr:
        if _has_top(tokens, "?"):
            raise _Unspoken
        for sign, joined in (("|", ast.Or()), ("&", ast.And())):
            parts = _split(tokens, sign, 2)
            if len(parts) > 1:
                return ast.BoolOp(joined, [self.truth(part, names) for part in parts])
        if _is_wrapped(tokens):
            return self.truth(tokens[1:-1], names)
        if tokens and tokens[0].text == "!" and not _relation(tokens[1:]):
            return ast.UnaryOp(ast.Not(), self.truth(tokens[1:], names))
        return self._statement(tokens, names)

    def _statement(self, tokens: list[Token], names: Mapping[str, str]) -> ast.expr:
        found = _relation(tokens)
        if found is None:
            return self.pieces.truth(self.term(tokens, names))
        at, width, sign = found
        left, right = self.term(tokens[:at], names), self.term(tokens[at + width :], names)
        if sign == "in":
            return self.pieces.is_member(left, right)
        if sign in _ORDER:
            return self.pieces.ordered(left, right, sign)
        equal = self.pieces.equal(left, right)
        return equal if sign == "==" else ast.UnaryOp(ast.Not(), equal)

    def term(self, tokens: list[Token], names: Mapping[str, str]) -> ast.expr:
        """A piece that is a value."""
        if _is_wrapped(tokens):
            return self.term(tokens[1:-1], names)
        if _has_top(tokens, "?"):
            return self._choice(tokens, names)
        for sign, other in (("+", "-"), ("-", "+")):
            parts = _split(tokens, sign, 1)
            if len(parts) > 1 and all(parts) and not _has_top(tokens, other):
                return self.pieces.folded([self.term(part, names) for part in parts], sign)
        if len(tokens) == 1:
            return self._single(tokens[0], names)
        if tokens[-1].text == ")":
            return self._call(tokens, names)
        if tokens[0].text == "[" and tokens[-1].text == "]":
            listed = [self.term(part, names) for part in _split(tokens[1:-1], ",", 1)]
            return ast.List(listed, ast.Load())
        if tokens[-1].text == "]":
            return self._indexed(tokens, names)
        return self._path(tokens, names)

    def _indexed(self, tokens: list[Token], names: Mapping[str, str]) -> ast.expr:
        """`object[text]`: the member, when the object has it."""
        opens = _opening(tokens)
        if opens < 1:
            raise _Unspoken
        return self.pieces.indexed(self.term(tokens[:opens], names), self.term(tokens[opens + 1 : -1], names))

    def _choice(self, tokens: list[Token], names: Mapping[str, str]) -> ast.expr:
        parts = _split(tokens, "?", 1)
        branches = _split(parts[1], ":", 1)
        if len(parts) != 2 or len(branches) != 2:
            raise _Unspoken
        test = self.truth(parts[0], names)
        return ast.IfExp(test, self.term(branches[0], names), self.term(branches[1], names))

    def _single(self, token: Token, names: Mapping[str, str]) -> ast.expr:
        if token.kind == "name" and token.text not in ("true", "false", "null"):
            return local(names[token.text]) if token.text in names else bound(token.text)
        return ast.Constant(_literal(token))

    def _path(self, tokens: list[Token], names: Mapping[str, str]) -> ast.expr:
        steps = tokens[::2]
        if (
            any(t.kind != "name" for t in steps)
            or any(t.text != "." for t in tokens[1::2])
            or len(tokens) % 2 == 0
        ):
            raise _Unspoken
        found = self._single(steps[0], names)
        for step in steps[1:]:
            found = member(found, step.text)
        return found

    def _call(self, tokens: list[Token], names: Mapping[str, str]) -> ast.expr:
        opens = _opening(tokens)
        name, arguments = tokens[opens - 1], tokens[opens + 1 : -1]
        if opens < 1 or name.kind != "name":
            raise _Unspoken
        if opens >= 3 and tokens[opens - 2].text == ".":
            return self._method(tokens[: opens - 2], name.text, arguments, names)
        if opens != 1:
            raise _Unspoken
        if name.text == "has":
            return self.pieces.presence(self._path(arguments[:-2], names), arguments[-1].text)
        parts = [self.term(part, names) for part in _split(arguments, ",", 1)]
        if name.text == "size" and len(parts) == 1:
            return self.pieces.sized(parts[0])
        function = self._functions.get(name.text) or STANDARD.get(name.text)
        if function is None:
            raise _Unspoken
        call = self.pieces.call(function, *parts)
        return call if names else self.pieces.remembered("".join(token.text for token in tokens), call)

    def _method(
        self, receiver: list[Token], name: str, arguments: list[Token], names: Mapping[str, str]
    ) -> ast.expr:
        value = self.term(receiver, names)
        if name in TEXT_TESTS:
            return self.pieces.call(TEXT_TESTS[name], value, self.term(arguments, names))
        if name == "size" and not arguments:
            return self.pieces.sized(value)
        binder, inside = arguments[0].text, arguments[2:]
        if arguments[1].text != "," or name not in ("exists", "all", "map") or _has_top(inside, ","):
            raise _Unspoken
        variable = f"item{len(names)}"
        within = {**names, binder: variable}
        if name == "map":
            return self.pieces.mapped(value, variable, self.term(inside, within))
        return self.pieces.quantified(value, variable, self.truth(inside, within), name == "exists")


def _nobody_knows(_env: Env) -> bool:
    return False


def _depths(tokens: list[Token]) -> list[int]:
    """The bracket depth at each token; a bracket itself counts as inside."""
    out, depth = [], 0
    for token in tokens:
        is_sign = token.kind == "sign"
        depth += is_sign and token.text in _OPEN
        out.append(depth)
        depth -= is_sign and token.text in _CLOSE
    return out


def _has_top(tokens: list[Token], text: str) -> bool:
    return any(
        d == 0 and t.text == text and t.kind == "sign" for t, d in zip(tokens, _depths(tokens), strict=True)
    )


def _split(tokens: list[Token], sign: str, width: int) -> list[list[Token]]:
    """The pieces between top-level signs; a doubled sign (||, &&) has width 2."""
    parts: list[list[Token]] = [[]]
    depths, at = _depths(tokens), 0
    while at < len(tokens):
        if depths[at] == 0 and tokens[at].kind == "sign" and tokens[at].text == sign:
            parts.append([])
            at += width
        else:
            parts[-1].append(tokens[at])
            at += 1
    return parts


def _is_wrapped(tokens: list[Token]) -> bool:
    return len(tokens) > 2 and tokens[0].text == "(" and tokens[0].kind == "sign" and 0 not in _depths(tokens)


def _opening(tokens: list[Token]) -> int:
    """The index of the bracket that the last token closes."""
    depths = _depths(tokens)
    at = len(tokens) - 1
    while at > 0 and depths[at - 1] >= depths[-1]:
        at -= 1
    return at


def _relation(tokens: list[Token]) -> tuple[int, int, str] | None:
    """(index, number of tokens, sign) of the top-level comparison; _Unspoken when there are several."""
    found: list[tuple[int, int, str]] = []
    depths, at = _depths(tokens), 0
    while at < len(tokens):
        text, width = tokens[at].text, 1
        if depths[at] == 0 and tokens[at].kind == "name" and text == "in":
            found.append((at, 1, "in"))
        elif depths[at] == 0 and tokens[at].kind == "sign" and text in "=!<>":
            if at + 1 < len(tokens) and tokens[at + 1].text == "=" and tokens[at + 1].start == tokens[at].end:
                width = 2
                text += "="
            if text in ("==", "!=", "<", "<=", ">", ">="):
                found.append((at, width, text))
        at += width
    if len(found) > 1:
        raise _Unspoken
    return found[0] if found else None


def _literal(token: Token) -> Any:
    text = token.text
    if token.kind == "text" and text[0] in "'\"" and "\\" not in text and text[:3] not in ("'''", '"""'):
        return text[1:-1]
    if token.kind == "number" and text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"):
        return int(text)
    if token.kind == "name":
        return {"true": True, "false": False, "null": None}[text]
    raise _Unspoken
