"""The pieces of plain expressions: as Python syntax, and the few tests that the made functions call.

Decides what each operation gives on values of the expected kind. On anything else it raises `Unknown`, and
CEL is asked (`engine.registry.plain`). Never guesses. Syntax is put together as a tree, never as text: what a
form's author wrote enters it as constants only.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import CodeType, FunctionType
from typing import Any, Final, NoReturn

Env = Mapping[str, Any]

MEMO: Final = ""
NOT_PLAIN: Final = (LookupError, TypeError, ValueError, ArithmeticError, RecursionError)
"""What ends a plain evaluation: something absent, of another kind, or beyond what a function takes."""

_ORDERED: Final = frozenset((str, int, datetime, timedelta))
_SUMMED: Final = frozenset((int, str))
_LESSENED: Final = frozenset((int, datetime))
_ENV: Final = "env"


class Unknown(ValueError):
    """Only the engine can say."""


def _unknown() -> NoReturn:
    raise Unknown


def _truth(value: Any) -> bool:
    return value if type(value) is bool else _unknown()


def _is_text(value: Any, text: str) -> bool:
    return bool(value == text) if type(value) is str else _unknown()


def _is_equal(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    if type(one) is not type(other) or type(one) not in (str, int, bool):
        _unknown()
    return bool(one == other)


def _alike(one: Any, other: Any, kinds: frozenset[type]) -> None:
    if type(one) is not type(other) or type(one) not in kinds:
        _unknown()


def _less(one: Any, other: Any) -> bool:
    _alike(one, other, _ORDERED)
    return bool(one < other)


def _at_most(one: Any, other: Any) -> bool:
    _alike(one, other, _ORDERED)
    return bool(one <= other)


def _sum(one: Any, other: Any) -> Any:
    _alike(one, other, _SUMMED)
    return one + other


def _difference(one: Any, other: Any) -> Any:
    _alike(one, other, _LESSENED)
    return one - other


def _is_member(one: Any, many: Any) -> bool:
    return one in many if type(one) is str and type(many) in (list, dict) else _unknown()


def _has(around: Any, name: str) -> bool:
    return name in around if type(around) is dict else _unknown()


def _entry(around: Any, name: Any) -> Any:
    return around[name] if type(around) is dict and type(name) is str else _unknown()


def _size(value: Any) -> int:
    return len(value) if type(value) in (str, list, dict) else _unknown()


def _begins(text: Any, part: Any) -> bool:
    return text.startswith(part) if type(text) is str and type(part) is str else _unknown()


def _ends(text: Any, part: Any) -> bool:
    return text.endswith(part) if type(text) is str and type(part) is str else _unknown()


def _contains(text: Any, part: Any) -> bool:
    return part in text if type(text) is str and type(part) is str else _unknown()


def _items(value: Any) -> list[Any]:
    return value if type(value) is list else _unknown()


def _kept(memo: dict[str, Any], key: str, value: Any) -> Any:
    memo[key] = value
    return value


def _string(value: Any) -> str:
    return str(value) if type(value) in (int, str) else _unknown()


def _duration(text: str) -> timedelta:
    if not (text.endswith("h") and text[:-1].isascii() and text[:-1].isdigit()):
        _unknown()
    return timedelta(hours=int(text[:-1]))


STANDARD: Final[Mapping[str, Callable[..., Any]]] = {"string": _string, "duration": _duration}
TEXT_TESTS: Final[Mapping[str, Callable[..., Any]]] = {
    "startsWith": _begins,
    "endsWith": _ends,
    "contains": _contains,
}
_HELPERS: Final[Mapping[str, Callable[..., Any]]] = {
    one.__name__: one
    for one in (
        _truth, _is_text, _is_equal, _less, _at_most, _sum, _difference, _is_member, _has, _entry, _size,
        _begins, _ends, _contains, _items, _kept, _unknown, any, all,
    )
}  # fmt: skip


class Pieces:
    """Syntax for one expression, and the functions of the form that it calls."""

    def __init__(self) -> None:
        self._globals: dict[str, Any] = {"__builtins__": {}, **_HELPERS}

    def made(self, body: ast.expr) -> Callable[[Env], Any]:
        """The function of `env` with this body. Raises RecursionError for one too deep to compile."""
        argument = ast.arguments([], [ast.arg(_ENV)], None, [], [], None, [])
        tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(argument, body)))
        body_code = compile(tree, "<rule>", "eval").co_consts[0]  # of the only lambda there is
        assert isinstance(body_code, CodeType)
        return FunctionType(body_code, self._globals)

    def call(self, function: Callable[..., Any], *arguments: ast.expr) -> ast.expr:
        """A call of one of the tests above, of `any` or `all`, or of a function of the form."""
        name = function.__name__
        if self._globals.get(name) is not function:
            name = f"f{len(self._globals)}"
            self._globals[name] = function
        return ast.Call(_name(name), list(arguments), [])

    def remembered(self, key: str, call: ast.expr) -> ast.expr:
        """A call made once for all expressions of one document."""
        memo = member(_name(_ENV), MEMO)
        known = ast.Compare(ast.Constant(key), [ast.In()], [memo])
        return ast.IfExp(known, member(memo, key), self.call(_kept, memo, ast.Constant(key), call))

    def nothing(self) -> ast.expr:
        """What ends the evaluation."""
        return self.call(_unknown)

    def truth(self, term: ast.expr) -> ast.expr:
        return self.call(_truth, term)

    def equal(self, left: ast.expr, right: ast.expr) -> ast.expr:
        if isinstance(left, ast.Constant):
            left, right = right, left
        if isinstance(right, ast.Constant) and type(right.value) is str:
            return self.call(_is_text, left, right)
        return self.call(_is_equal, left, right)

    def ordered(self, left: ast.expr, right: ast.expr, sign: str) -> ast.expr:
        """`left sign right`; what is greater is the other way round less."""
        test = _less if len(sign) == 1 else _at_most
        return self.call(test, left, right) if sign[0] == "<" else self.call(test, right, left)

    def is_member(self, left: ast.expr, right: ast.expr) -> ast.expr:
        return self.call(_is_member, left, right)

    def folded(self, parts: list[ast.expr], sign: str) -> ast.expr:
        """a + b + c or a - b - c over values of one exact kind."""
        total = parts[0]
        for part in parts[1:]:
            total = self.call(_sum if sign == "+" else _difference, total, part)
        return total

    def presence(self, around: ast.expr, name: str) -> ast.expr:
        return self.call(_has, around, ast.Constant(name))

    def indexed(self, around: ast.expr, name: ast.expr) -> ast.expr:
        return self.call(_entry, around, name)

    def sized(self, term: ast.expr) -> ast.expr:
        return self.call(_size, term)

    def mapped(self, items: ast.expr, binder: str, part: ast.expr) -> ast.expr:
        return ast.ListComp(part, [self._each(items, binder)])

    def quantified(self, items: ast.expr, binder: str, part: ast.expr, is_any: bool) -> ast.expr:
        """Whether one item, or every one, holds; the first that decides ends it, as does the unknown."""
        return self.call(any if is_any else all, ast.GeneratorExp(part, [self._each(items, binder)]))

    def _each(self, items: ast.expr, binder: str) -> ast.comprehension:
        return ast.comprehension(ast.Name(binder, ast.Store()), self.call(_items, items), [], 0)


def member(around: ast.expr, name: str) -> ast.expr:
    """What an object holds under a name; anything but such an object ends the evaluation."""
    return ast.Subscript(around, ast.Constant(name), ast.Load())


def bound(name: str) -> ast.expr:
    """A name of the bindings."""
    return member(_name(_ENV), name)


def local(binder: str) -> ast.expr:
    """The item that a macro is at."""
    return _name(binder)


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())
