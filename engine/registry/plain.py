"""The plain parts of expressions, answered in Python so that the engine is asked only about the rest.

A rule that is plainly true needs no engine, and nearly every rule of a good document is. Three values: True,
False, and None where only the engine can say (something absent, of another type, or not spoken here). Only
True is ever taken; False and None go to CEL, whose answer counts. The tests hold both equal on every example.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from engine.registry.plain_terms import (
    UNKNOWN,
    Env,
    Term,
    as_truth,
    called,
    combine,
    equal,
    folded,
    listed,
    mapped,
    member,
    negate,
    ordered,
    presence,
    quantified,
    sized,
    text_test,
)
from engine.registry.reads import Token, tokenize

_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}
# What may be added to and taken from each other, by exact type.
_STEPS: Final[Mapping[str, Mapping[type, Callable[[Any, Any], Any]]]] = {
    "+": {int: operator.add, str: operator.add},
    "-": {int: operator.sub, datetime: operator.sub},
}
_OPEN: Final = "([{"
_CLOSE: Final = ")]}"


def _string(value: Any) -> str:
    if type(value) not in (int, str):
        raise ValueError("not an integer or a text")
    return str(value)


def _duration(text: str) -> timedelta:
    if not (text.endswith("h") and text[:-1].isascii() and text[:-1].isdigit()):
        raise ValueError("not whole hours")
    return timedelta(hours=int(text[:-1]))


_STANDARD: Final[Mapping[str, Callable[[Any], Any]]] = {"string": _string, "duration": _duration}


class _Unspoken(Exception):
    """The expression uses something this module does not speak."""


def compile_plain(text: str, functions: Mapping[str, Callable[..., Any]]) -> Callable[[Env], bool]:
    """A test that is true only when the expression is plainly true under the bindings (tables among them).

    Give one `env` (a dict with its own MEMO dict) to all tests of one document: calls are made once.
    """
    truth = _Compiler(functions).truth(tokenize(text), frozenset())

    def holds(env: Any) -> bool:
        return truth(env) is True

    return holds


class _Compiler:
    """Turns tokens into closures. `local` are the names that macros bind around a piece."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions

    def truth(self, tokens: list[Token], local: frozenset[str]) -> Term:
        """The three-valued truth of a piece; None for ever when it is not spoken here."""
        try:
            if _has_top(tokens, "?"):
                return _nobody_knows
            for sign, decisive in (("|", True), ("&", False)):
                parts = _split(tokens, sign, 2)
                if len(parts) > 1:
                    return combine([self.truth(part, local) for part in parts], decisive)
            if _is_wrapped(tokens):
                return self.truth(tokens[1:-1], local)
            if tokens and tokens[0].text == "!" and not _relation(tokens[1:]):
                return negate(self.truth(tokens[1:], local))
            return self._statement(tokens, local)
        except (_Unspoken, IndexError):
            return _nobody_knows

    def _statement(self, tokens: list[Token], local: frozenset[str]) -> Term:
        found = _relation(tokens)
        if found is None:
            return as_truth(self.term(tokens, local))
        at, width, sign = found
        left, right = self.term(tokens[:at], local), self.term(tokens[at + width :], local)
        if sign == "in":
            return member(left, right)
        if sign in ("==", "!="):
            return equal(left, right, sign == "==")
        return ordered(left, right, _ORDER[sign])

    def term(self, tokens: list[Token], local: frozenset[str]) -> Term:
        """The value of a piece, or UNKNOWN."""
        if _is_wrapped(tokens):
            return self.term(tokens[1:-1], local)
        if _has_top(tokens, "?"):
            return self._choice(tokens, local)
        for sign, other in (("+", "-"), ("-", "+")):
            parts = _split(tokens, sign, 1)
            if len(parts) > 1 and all(parts) and not _has_top(tokens, other):
                return folded([self.term(part, local) for part in parts], _STEPS[sign])
        if len(tokens) == 1:
            return self._single(tokens[0])
        if tokens[-1].text == ")":
            return self._call(tokens, local)
        if tokens[0].text == "[" and tokens[-1].text == "]":
            return listed([self.term(part, local) for part in _split(tokens[1:-1], ",", 1)])
        if tokens[-1].text == "]":
            return self._indexed(tokens, local)
        return self._path(tokens)

    def _indexed(self, tokens: list[Token], local: frozenset[str]) -> Term:
        """`object[text]`: the member, when the object has it."""
        opens = _opening(tokens)
        if opens < 1:
            raise _Unspoken
        around, name = self.term(tokens[:opens], local), self.term(tokens[opens + 1 : -1], local)

        def value(env: dict[str, Any]) -> Any:
            found, key = around(env), name(env)
            return found.get(key, UNKNOWN) if type(found) is dict and type(key) is str else UNKNOWN

        return value

    def _choice(self, tokens: list[Token], local: frozenset[str]) -> Term:
        parts = _split(tokens, "?", 1)
        branches = _split(parts[1], ":", 1)
        if len(parts) != 2 or len(branches) != 2:
            raise _Unspoken
        test = self.truth(parts[0], local)
        chosen = {True: self.term(branches[0], local), False: self.term(branches[1], local)}

        def value(env: dict[str, Any]) -> Any:
            holds = test(env)
            return UNKNOWN if holds is None else chosen[holds](env)

        return value

    def _single(self, token: Token) -> Term:
        if token.kind == "name" and token.text not in ("true", "false", "null"):
            name = token.text
            return lambda env: env.get(name, UNKNOWN)
        value = _literal(token)
        return lambda _env: value

    def _path(self, tokens: list[Token]) -> Term:
        names = tokens[::2]
        if (
            any(t.kind != "name" for t in names)
            or any(t.text != "." for t in tokens[1::2])
            or len(tokens) % 2 == 0
        ):
            raise _Unspoken
        first, rest = names[0].text, tuple(token.text for token in names[1:])

        def value(env: dict[str, Any]) -> Any:
            found = env.get(first, UNKNOWN)
            for name in rest:
                if type(found) is not dict:
                    return UNKNOWN
                found = found.get(name, UNKNOWN)
            return found

        return value

    def _call(self, tokens: list[Token], local: frozenset[str]) -> Term:
        opens = _opening(tokens)
        name, arguments = tokens[opens - 1], tokens[opens + 1 : -1]
        if opens < 1 or name.kind != "name":
            raise _Unspoken
        if opens >= 3 and tokens[opens - 2].text == ".":
            return self._method(tokens[: opens - 2], name.text, arguments, local)
        if opens != 1:
            raise _Unspoken
        if name.text == "has":
            return presence(self._path(arguments[:-2]), arguments[-1].text)
        parts = [self.term(part, local) for part in _split(arguments, ",", 1)]
        if name.text == "size" and len(parts) == 1:
            return sized(parts[0])
        function = self._functions.get(name.text) or _STANDARD.get(name.text)
        if function is None:
            raise _Unspoken
        key = None if local else "".join(token.text for token in tokens)
        return called(function, parts, key)

    def _method(
        self, receiver: list[Token], name: str, arguments: list[Token], local: frozenset[str]
    ) -> Term:
        value = self.term(receiver, local)
        if name in _TEXTS:
            return text_test(value, self.term(arguments, local), _TEXTS[name])
        if name == "size" and not arguments:
            return sized(value)
        binder, inside = arguments[0].text, arguments[2:]
        if arguments[1].text != "," or name not in ("exists", "all", "map") or _has_top(inside, ","):
            raise _Unspoken
        within = local | {binder}
        if name == "map":
            return mapped(value, binder, self.term(inside, within))
        return quantified(value, binder, self.truth(inside, within), name == "exists")


def _nobody_knows(_env: Any) -> None:
    return None


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
