"""The values and truths that plain expressions are put together from.

Decides what each operation gives on values of the expected kind, and UNKNOWN (a value) or None (a truth) on
anything else. Never guesses: what is unknown here is asked of CEL by `engine.registry.plain`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Final

Env = Mapping[str, Any]
Term = Callable[[dict[str, Any]], Any]

UNKNOWN: Final = object()
MEMO: Final = ""


def combine(parts: list[Term], decisive: bool) -> Term:
    """Or (decisive True), and (decisive False), in order; the unknown ends it, though CEL may go on."""

    def truth(env: dict[str, Any]) -> Any:
        for part in parts:
            value = part(env)
            if value is decisive or value is None:
                return value
        return not decisive

    return truth


def negate(part: Term) -> Term:
    def truth(env: dict[str, Any]) -> bool | None:
        value = part(env)
        return None if value is None else not value

    return truth


def as_truth(term: Term) -> Term:
    def truth(env: dict[str, Any]) -> bool | None:
        value = term(env)
        return value if type(value) is bool else None

    return truth


def equal(left: Term, right: Term, is_wanted: bool) -> Term:
    def truth(env: dict[str, Any]) -> bool | None:
        one, other = left(env), right(env)
        if one is UNKNOWN or other is UNKNOWN:
            return None
        if one is None or other is None:
            return (one is other) is is_wanted
        if type(one) is not type(other) or type(one) not in (str, int, bool):
            return None
        return bool(one == other) is is_wanted

    return truth


def ordered(left: Term, right: Term, compare: Callable[[Any, Any], bool]) -> Term:
    def truth(env: dict[str, Any]) -> bool | None:
        one, other = left(env), right(env)
        if type(one) is not type(other) or type(one) not in (str, int, datetime, timedelta):
            return None
        return compare(one, other)

    return truth


def member(left: Term, right: Term) -> Term:
    def truth(env: dict[str, Any]) -> bool | None:
        one, many = left(env), right(env)
        if type(one) is not str or type(many) not in (list, dict):
            return None
        return one in many

    return truth


def listed(parts: list[Term]) -> Term:
    def value(env: dict[str, Any]) -> Any:
        values = [part(env) for part in parts]
        return UNKNOWN if any(one is UNKNOWN for one in values) else values

    return value


def folded(parts: list[Term], steps: Mapping[type, Callable[[Any, Any], Any]]) -> Term:
    """a + b + c or a - b - c over values of one exact type."""

    def value(env: dict[str, Any]) -> Any:
        values = [part(env) for part in parts]
        step = steps.get(type(values[0]))
        if step is None or any(type(one) is not type(values[0]) for one in values):
            return UNKNOWN
        return reduce(step, values)

    return value


def presence(around: Term, name: str) -> Term:
    def value(env: dict[str, Any]) -> Any:
        found = around(env)
        return name in found if type(found) is dict else UNKNOWN

    return value


def sized(term: Term) -> Term:
    def value(env: dict[str, Any]) -> Any:
        found = term(env)
        return len(found) if type(found) in (str, list, dict) else UNKNOWN

    return value


def text_test(left: Term, right: Term, test: Callable[[str, str], bool]) -> Term:
    def value(env: dict[str, Any]) -> Any:
        one, other = left(env), right(env)
        return test(one, other) if type(one) is str and type(other) is str else UNKNOWN

    return value


def called(function: Callable[..., Any], parts: list[Term], key: str | None) -> Term:
    """The value of a call; whatever the function cannot do is left to the engine to fail at."""

    def value(env: dict[str, Any]) -> Any:
        memo = env[MEMO]
        if key is not None and key in memo:
            return memo[key]
        values = [part(env) for part in parts]
        found: Any = UNKNOWN
        if UNKNOWN not in values:
            try:
                found = function(*values)
            except (ValueError, TypeError, ArithmeticError):
                found = UNKNOWN
        if key is not None:
            memo[key] = found
        return found

    return value


def mapped(items: Term, binder: str, part: Term) -> Term:
    def value(env: dict[str, Any]) -> Any:
        found = items(env)
        if type(found) is not list:
            return UNKNOWN
        values = [part({**env, binder: item}) for item in found]
        return UNKNOWN if any(one is UNKNOWN for one in values) else values

    return value


def quantified(items: Term, binder: str, part: Term, decisive: bool) -> Term:
    """exists (decisive True) and all (decisive False) over a list."""

    def truth(env: dict[str, Any]) -> Any:
        found = items(env)
        if type(found) is not list:
            return UNKNOWN
        inner = dict(env)
        for item in found:
            inner[binder] = item
            value = part(inner)
            if value is decisive:
                return decisive
            if value is None:
                return UNKNOWN
        return not decisive

    return truth
