"""Expressions of forms in CEL: compiled once, names checked then, evaluated on borrowed contexts.

Decides which names and functions an expression may use. Never lets a failed evaluation pass for true:
a failure is a value of its own kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.registry.evaluator import cel
from engine.registry.functions import NAMES as OUR_FUNCTIONS
from engine.registry.functions import SIZE
from engine.registry.patterns import compile_pattern
from engine.registry.reads import Reads, prune, scan, tokenize

LONGEST: Final = 4_000
DEEPEST: Final = 100
MOST_FREE: Final = 64
MOST_MERGED: Final = 1_024

RULE_NAMES: Final = frozenset({"data", "now", "today", "tables", "document", "actor", "facts", "target"})
GUARD_NAMES: Final = RULE_NAMES | {"transition", "said"}
FILL_NAMES: Final = frozenset({"value", "today"})

# fmt: off
_STANDARD: Final = frozenset((
    "size", "contains", "startsWith", "endsWith", "matches", "int", "uint", "double", "string", "bytes",
    "type", "dyn", "timestamp", "duration", "getFullYear", "getMonth", "getDate", "getDayOfMonth",
    "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds",
    "has", "all", "exists", "exists_one", "map", "filter",
))
_TYPES: Final = frozenset((
    "int", "uint", "double", "string", "bytes", "bool", "list", "map", "type", "null_type",
))
# fmt: on
_OPERATOR = compile_pattern(r"^(@[a-z_]+|-_|![a-z]*_?|[-_!&|=<>?:+*/%\[\]]+|_in_)$")
_PLACE = compile_pattern(r"<input>:([0-9]+):([0-9]+): ([^\n]*)")


@dataclass(frozen=True, slots=True)
class Failure:
    """The evaluation did not give a value. `reason` is the kind of failure, without any value in it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression and what it reads of each bound name."""

    text: str
    program: Any
    reads: Mapping[str, Reads]

    def evaluate(self, context: Any) -> Any | Failure:
        """The value under a context of a Bench, or a Failure."""
        try:
            return self.program.execute(context)
        except (
            KeyError,
            IndexError,
            TypeError,
            ValueError,
            RuntimeError,
            ArithmeticError,
        ) as failed:
            return Failure(type(failed).__name__)


def compile_expression(
    text: str,
    *,
    names: frozenset[str] = RULE_NAMES,
    pointer: str = "",
    functions: frozenset[str] = OUR_FUNCTIONS,
) -> Expression:
    """Compile one expression that may use `names` and, beside standard CEL, `functions`.

    Raises Invalid with problems at `pointer`: `expression.syntax` (facts line, column from 1, detail),
    `expression.unknown_name`, `expression.unknown_function` (facts name, line, column),
    `expression.too_complex`, `type`.
    """
    if not isinstance(text, str):
        raise Invalid("expression", problems=[Problem(pointer, "type", {"expected": ["string"]})])
    if len(text) > LONGEST or _depth(text) > DEEPEST:
        raise Invalid(
            "expression", problems=[Problem(pointer, "expression.too_complex", {"longest": LONGEST})]
        )
    try:
        program = cel.compile(_with_our_size(text))
    except ValueError as wrong:
        raise Invalid("expression", problems=[_syntax(pointer, str(wrong))]) from None
    found = scan(text)
    strange = set(program.variables()) - names - found.bound - _TYPES
    called = {name for name in program.functions() if not _OPERATOR.search(name)}
    problems = [
        *_unknown(pointer, "expression.unknown_name", strange, found.places),
        *_unknown(pointer, "expression.unknown_function", called - _STANDARD - functions, found.places),
    ]
    if problems:
        raise Invalid("expression", problems=problems)
    return Expression(text, program, {name: reads for name, reads in found.reads.items() if name in names})


def _with_our_size(text: str) -> str:
    """The text with `size(` calling our own: CEL counts code points, the engine counts bytes of UTF-8.

    The name is as long as the one it stands for, so places in the text stay true.
    """
    tokens = tokenize(text)
    out, end = [], 0
    for token, after in pairwise(tokens):
        if token.kind == "name" and token.text == "size" and after.text == "(":
            out += [text[end : token.start], SIZE]
            end = token.end
    return "".join([*out, text[end:]])


def _depth(text: str) -> int:
    depth = deepest = 0
    for char in text:
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}":
            depth -= 1
    return deepest


def _syntax(pointer: str, message: str) -> Problem:
    place = _PLACE.search(message)
    if place is None:
        return Problem(pointer, "expression.syntax", {"line": 1, "column": 1, "detail": message[:200]})
    line, column, detail = place.groups()
    return Problem(
        pointer, "expression.syntax", {"line": int(line), "column": int(column), "detail": detail[:200]}
    )


def _unknown(
    pointer: str, code: str, names: Iterable[str], places: Mapping[str, tuple[int, int]]
) -> list[Problem]:
    out = []
    for name in sorted(names):
        line, column = places.get(name, (1, 1))
        out.append(Problem(pointer, code, {"name": name, "line": line, "column": column}))
    return out


def merge_reads(expressions: Iterable[Expression]) -> Mapping[str, Reads]:
    """What several expressions read together, by name; remembered, for the same are asked again and again."""
    expressions = tuple(expressions)
    key = tuple([(expression.text, *expression.reads) for expression in expressions])
    out = _merged.get(key)
    if out is None:
        out = {}
        for expression in expressions:
            for name, reads in expression.reads.items():
                out.setdefault(name, Reads()).merge(reads)
        if len(_merged) < MOST_MERGED:
            _merged[key] = out
    return out


_merged: dict[tuple[tuple[str, ...], ...], Mapping[str, Reads]] = {}


def prepare(
    reads: Mapping[str, Reads], bindings: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> Any:
    """A CEL context for one evaluation outside of a form's bench; holds of each binding only what is read."""
    return cel.Context(
        variables={name: prune(bindings[name], part) for name, part in reads.items() if name in bindings},
        functions=dict(functions),
    )


class Bench:
    """CEL contexts that already hold a form's functions and tables; borrowed by one evaluation at a time.

    Converting the tables costs more than evaluating every rule, and they never change. A context is taken
    off the list while it is used (list.pop is atomic), so threads never share one; what it was told about a
    document is taken back before it is laid down.
    """

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], tables: Mapping[str, Any], reads: Reads
    ) -> None:
        self._functions = dict(functions)
        self._tables = prune(tables, reads)
        self._free: list[Any] = []

    @contextmanager
    def prepared(self, reads: Mapping[str, Reads], bindings: Mapping[str, Any]) -> Iterator[Any]:
        """A context that holds of each binding only what is read."""
        try:
            context = self._free.pop()
        except IndexError:
            context = cel.Context(variables={"tables": self._tables}, functions=self._functions)
        names = {name: prune(bindings[name], part) for name, part in reads.items() if name in bindings}
        try:
            context.update(names)
            yield context
        finally:
            context.update(dict.fromkeys(names) | ({"tables": self._tables} if "tables" in names else {}))
            if len(self._free) < MOST_FREE:
                self._free.append(context)
