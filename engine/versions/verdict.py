"""Is every document that is valid under one schema valid under another? Proved, disproved by one, or unknown.

Decides soundly: `compatible` only by proof, `incompatible` only with a witness that jsonschema and
jsonschema-rs call valid under the one and not valid under the other, formats asserted as the product does.
Everything else is `unknown` with its reason. Never fetches, never takes longer than its budget of steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jsonschema_rs
from jsonschema import validators
from jsonschema.exceptions import SchemaError
from referencing import Registry

from engine.errors import Invalid, Problem
from engine.registry import formats
from engine.registry.patterns import check_pattern
from engine.registry.pointers import ABSENT, from_path
from engine.registry.schema_walk import subschemas
from engine.registry.shape import Shape, compile_shape
from engine.registry.shape_problems import KEYWORDS
from engine.versions.candidates import candidates
from engine.versions.inclusion import find_difference
from engine.versions.inclusion_atoms import Home, frozen
from engine.versions.inclusion_cost import Cost
from engine.versions.inclusion_dialect import dialect_of
from engine.versions.inclusion_work import STEPS, Found, GivingUp, Nothing, Work, is_too_large

COMPATIBLE: Final = "compatible"
INCOMPATIBLE: Final = "incompatible"
UNKNOWN: Final = "unknown"
_REFERENCES: Final = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer. `witness` counts only when `has_witness` (it may be null); `reason` is a code or ""."""

    verdict: str
    witness: Any = None
    has_witness: bool = False
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The verdict as the command line and the API print it."""
        return {"verdict": self.verdict, "witness": self.witness, "reason": self.reason or None}


class Judge:
    """One schema as the validation libraries read it: jsonschema, and jsonschema-rs where it may be asked."""

    def __init__(self, schema: Any) -> None:
        """Raises Invalid for what is no schema, GivingUp for what is not judged."""
        self.schema: Mapping[str, Any] = schema
        if isinstance(schema, bool):
            self.schema = {} if schema else {"not": {}}
        base = _checked(self.schema)
        words = {word: check for word, check in KEYWORDS.items() if word in base.VALIDATORS}
        checker = validators.Draft202012Validator.FORMAT_CHECKER.__class__(formats=())
        for name, check in formats.FORMATS.items():
            checker.checks(name)(check)
        extended: Any = validators.extend(base, words)  # type: ignore[no-untyped-call]
        empty: Registry[Any] = Registry()
        self.plain = extended(self.schema, format_checker=checker, registry=empty)
        self.cost = Cost(Home(self.schema, Work()))
        self.cost.check_ends()
        self._afforded: dict[int, Any] = {}
        try:
            self.fast: Shape | None = compile_shape(self.schema)
        except Invalid:
            # Not publishable as it stands (keyword.engines_differ and the like); jsonschema alone decides.
            self.fast = None

    def may_be(self, value: Any, *, is_valid: bool) -> bool:
        """False when the quick library, where it may be asked, says otherwise; a hundredth of the price of
        the other one. Raises GivingUp when asking costs too much."""
        if id(value) not in self._afforded:
            self.cost.check(value)
            self._afforded[id(value)] = value  # held, so that its id stays its own
        return self.fast is None or self.fast.is_valid(value) is is_valid

    def is_valid(self, value: Any) -> bool:
        """Whether the value is valid for jsonschema; its cost has been checked."""
        return bool(self.plain.is_valid(value))


Judges = dict[int, Judge]
"""Judges by the id of their schema, for questions about the same two schemas."""


def _judge(schema: Any, known: Judges) -> Judge:
    found = known.get(id(schema))
    if found is None:
        found = known[id(schema)] = Judge(schema)
    return found


def _checked(schema: Mapping[str, Any]) -> Any:
    """The validator class of a schema's dialect, once the schema is one and nothing in it leads outside."""
    if dialect_of(schema) is None:
        raise GivingUp("dialect")
    base: Any = validators.validator_for(dict(schema), default=validators.Draft202012Validator)
    try:
        if not _is_plainly_a_schema(schema):
            base.check_schema(dict(schema))
    except SchemaError as wrong:
        at = from_path(wrong.absolute_path)
        raise Invalid(
            "schema", problems=[Problem(at, "schema.invalid", {"detail": wrong.message[:200]})]
        ) from None
    home = Home(schema, Work())
    for place, part in subschemas(schema):
        if not _REFERENCES.isdisjoint(part) and home.target(part) is ABSENT:
            raise GivingUp("remote_ref")
        patterns = [part["pattern"]] if "pattern" in part else []
        if any(check_pattern(one, place) for one in (*patterns, *part.get("patternProperties", ()))):
            raise GivingUp("pattern")
    return base


def _is_plainly_a_schema(schema: Mapping[str, Any]) -> bool:
    """Whether the quick library finds nothing wrong; what is wrong is said by the other."""
    try:
        return bool(jsonschema_rs.meta.is_valid(dict(schema)))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
        return False


def is_witness(value: Any, accepting: Judge, refusing: Judge) -> bool:
    """Whether the value really is valid under the one schema and not under the other."""
    return (
        accepting.may_be(value, is_valid=True)
        and refusing.may_be(value, is_valid=False)
        and accepting.is_valid(value)
        and not refusing.is_valid(value)
    )


def documents_verdict(
    old_schema: Any, new_schema: Any, *, budget: int = STEPS, seeds: Iterable[Any] = (),
    judges: Judges | None = None,
) -> Verdict:  # fmt: skip
    """Whether every document valid under `old_schema` is valid under `new_schema`.

    `seeds` are documents to try first (examples of the form), so that a witness looks like a real one.
    `judges` is kept by whoever asks about the same two schema objects again, the other way round.
    Raises Invalid when one of them is not a JSON Schema. The other direction: swap the arguments.
    """
    if is_too_large(old_schema) or is_too_large(new_schema):
        return Verdict(UNKNOWN, reason="too_complex")
    try:
        return _judged(old_schema, new_schema, Work(budget), tuple(seeds), {} if judges is None else judges)
    except GivingUp as left:
        return Verdict(UNKNOWN, reason=left.reason)
    except RecursionError:
        return Verdict(UNKNOWN, reason="too_complex")
    except (OverflowError, UnicodeEncodeError):
        return Verdict(UNKNOWN, reason="unusual_values")


def _judged(
    old_schema: Any, new_schema: Any, work: Work, seeds: tuple[Any, ...], judges: Judges
) -> Verdict:
    if frozen(old_schema) == frozen(new_schema):
        _judge(old_schema, judges)
        return Verdict(COMPATIBLE)
    old, new = _judge(old_schema, judges), _judge(new_schema, judges)
    for seed in seeds:
        if is_witness(seed, old, new):
            return Verdict(INCOMPATIBLE, witness=seed, has_witness=True)
    reason = ""
    try:
        found = find_difference(old_schema, new_schema, work)
        if isinstance(found, Nothing):
            return Verdict(COMPATIBLE)
        if isinstance(found, Found):
            if is_witness(found.value, old, new):
                return Verdict(INCOMPATIBLE, witness=found.value, has_witness=True)
            reason = "unconfirmed"
        else:
            reason = found.reason
    except GivingUp as left:
        reason = left.reason
    for value in candidates(old_schema, new_schema, seeds):
        if is_witness(value, old, new):
            return Verdict(INCOMPATIBLE, witness=value, has_witness=True)
    return Verdict(UNKNOWN, reason=reason)
