"""A JSON Schema compiled twice: jsonschema-rs answers whether, jsonschema answers what is wrong and where.

Decides how a schema's keywords become problems of ours (see shape_problems). Both validators have the same
formats and linear-time patterns; a reference out of the document is refused, nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import jsonschema_rs
from jsonschema import validators
from jsonschema.exceptions import SchemaError
from referencing import Registry

from engine.errors import Invalid, Problem
from engine.registry import formats
from engine.registry.agreement import check_agreement
from engine.registry.patterns import check_pattern
from engine.registry.pointers import from_path, join
from engine.registry.schema_walk import DEEPEST, is_local, subschemas
from engine.registry.shape_problems import KEYWORDS, problems_of
from engine.registry.unfolding import asks_too_much

MOST_PROBLEMS: Final = 200
MOST_PARTS: Final = 20_000
_REGEX = jsonschema_rs.RegexOptions(size_limit=8 << 20, dfa_size_limit=8 << 20)


@dataclass(frozen=True, slots=True)
class Shape:
    """A compiled schema. `is_valid` costs microseconds; `problems` explains, at a hundred times that."""

    schema: Mapping[str, Any]
    fast: Any
    explaining: Any

    def is_valid(self, value: Any) -> bool:
        """True when the value is valid under the schema, formats asserted."""
        return bool(self.fast.is_valid(value))

    def problems(self, value: Any, pointer: str = "") -> tuple[Problem, ...]:
        """Everything wrong with the value, below `pointer`; () when it is valid.

        At most MOST_PROBLEMS, then one `too_many_problems`. A value that only the fast validator refuses
        is never called valid: its places come with the code `invalid`.
        """
        if self.fast.is_valid(value):
            return ()
        found: dict[tuple[str, str], Problem] = {}
        try:
            for error in islice(self.explaining.iter_errors(value), MOST_PROBLEMS * 4):
                for problem in problems_of(error, pointer):
                    found.setdefault((problem.pointer, problem.code), problem)
        except RecursionError:
            return (Problem(pointer, "schema.too_complex"),)
        if not found:
            for refused in islice(self.fast.iter_errors(value), MOST_PROBLEMS):
                place = pointer + from_path(refused.instance_path)
                found.setdefault((place, "invalid"), Problem(place, "invalid"))
        out = without_echoes(tuple(found.values()))
        if len(out) > MOST_PROBLEMS:
            return (*out[:MOST_PROBLEMS], Problem(pointer, "too_many_problems", {"shown": MOST_PROBLEMS}))
        return out


def without_echoes(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Without a `pattern` problem where a named format already says it better, in the same place."""
    named = {problem.pointer for problem in problems if problem.code.startswith("format.")}
    return tuple(p for p in problems if not (p.code == "pattern" and p.pointer in named))


def compile_shape(schema: Mapping[str, Any], pointer: str = "") -> Shape:
    """Compile a schema (2020-12 unless `$schema` says another draft).

    Raises Invalid: `schema.invalid` (not a schema), `schema.remote_reference`, `schema.pattern`,
    `schema.dialect` (neither 2020-12 nor draft-07), `schema.too_complex`, and `keyword.engines_differ` where
    the two validators would not agree; each with its pointer in the schema file.
    """
    problems = _check_schema(schema, pointer)
    if problems:
        raise Invalid("schema", problems=problems)
    try:
        fast = jsonschema_rs.validator_for(
            _native(schema),
            formats=_called_formats(schema),
            validate_formats=True,
            pattern_options=_REGEX,
            offline=True,
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as wrong:
        place = getattr(wrong, "instance_path", None) or ()
        raise Invalid(
            "schema",
            problems=[Problem(pointer + from_path(place), "schema.invalid", {"detail": _short(wrong)})],
        ) from None
    base = validators.validator_for(dict(schema), default=validators.Draft202012Validator)
    known = {name: check for name, check in KEYWORDS.items() if name in base.VALIDATORS}
    explaining: Any = validators.extend(base, known)  # type: ignore[no-untyped-call]
    checker = validators.Draft202012Validator.FORMAT_CHECKER.__class__(formats=())
    for name, check in formats.FORMATS.items():
        checker.checks(name)(check)
    empty: Registry[Any] = Registry()
    return Shape(
        schema=schema, fast=fast, explaining=explaining(schema, format_checker=checker, registry=empty)
    )


def compile_part(root: Mapping[str, Any], pointer: str) -> Any:
    """A fast validator of one subschema in its document, so that its references still resolve."""
    whole = {key: value for key, value in root.items() if key != "$id"}
    return jsonschema_rs.validator_for(
        {"$ref": f"urn:fengjian:form#{pointer}", "$schema": root.get("$schema", _DIALECT)},
        formats=_called_formats(whole),
        validate_formats=True,
        pattern_options=_REGEX,
        registry=jsonschema_rs.Registry([("urn:fengjian:form", _native(whole))]),
        offline=True,
    )


def _called_formats(schema: Mapping[str, Any]) -> dict[str, Callable[[Any], bool]]:
    """The formats of a schema that the fast validator must call us for; unknown names assert nothing."""
    names = {part["format"] for _, part in subschemas(schema) if isinstance(part.get("format"), str)}
    return {name: formats.FORMATS.get(name, _anything) for name in names - set(formats.NATIVE)}


def _native(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which named formats are written as what the fast validator checks by itself."""
    copy: dict[str, Any] = deepcopy(dict(schema))
    for _, part in list(subschemas(copy)):
        means = formats.NATIVE.get(part.get("format", "")) if isinstance(part.get("format"), str) else None
        if means is not None:
            del part["format"]
            part["allOf"] = [*part.get("allOf", ()), dict(means)]
    return copy


_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def _is_plainly_valid(schema: Mapping[str, Any]) -> bool:
    """Whether the fast validator knows the dialect and finds nothing; what is wrong is said by the other."""
    try:
        return bool(jsonschema_rs.meta.is_valid(dict(schema)))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, RecursionError):
        return False


def _anything(_value: Any) -> bool:
    return True


def _short(wrong: Exception) -> str:
    message = getattr(wrong, "message", None) or str(wrong)
    return str(message).split("\n", 1)[0][:200]


def _check_schema(schema: Mapping[str, Any], pointer: str) -> list[Problem]:
    parts = list(islice(subschemas(schema), MOST_PARTS + 1))
    if len(parts) > MOST_PARTS or not _is_shallow(schema) or asks_too_much(parts):
        return [Problem(pointer, "schema.too_complex", {"levels": DEEPEST, "parts": MOST_PARTS})]
    differing = list(check_agreement(parts, pointer))
    if any(problem.code == "schema.dialect" for problem in differing):
        return [problem for problem in differing if problem.code == "schema.dialect"]
    base = validators.validator_for(dict(schema), default=validators.Draft202012Validator)
    try:
        if not _is_plainly_valid(schema):
            base.check_schema(dict(schema))
    except SchemaError as wrong:
        place = pointer + from_path(wrong.absolute_path)
        return [Problem(place, "schema.invalid", {"detail": wrong.message[:200]})]
    except RecursionError:
        return [Problem(pointer, "schema.too_complex")]
    problems: list[Problem] = []
    for place, part in parts:
        for key in ("$ref", "$dynamicRef"):
            named = part.get(key)
            if isinstance(named, str) and not (is_local(named) or named.startswith("#")):
                problems.append(Problem(pointer + join(place, key), "schema.remote_reference"))
        if "pattern" in part:
            found = check_pattern(part["pattern"], pointer + join(place, "pattern"))
            problems.extend([found] if found else [])
        for name in part.get("patternProperties", {}):
            found = check_pattern(name, pointer + join(place, "patternProperties", name))
            problems.extend([found] if found else [])
    return [*problems, *differing]


def _is_shallow(value: Any) -> bool:
    """Whether a schema is nested so little that every walk over it sees all of it."""
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [
            part
            for one in level
            for part in (one.values() if isinstance(one, Mapping) else one)
            if isinstance(part, Mapping | list)
        ]
        if not level:
            return True
    return False
