"""Is every document that is valid under one schema valid under another? Proved, disproved by one, or unknown.

Decides soundly: `compatible` only by proof, `incompatible` only with a witness that jsonschema and
jsonschema-rs call valid under the one and not valid under the other, formats asserted as the product does.
Everything else is `unknown` with its reason. Never fetches, never takes longer than its budget of steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jsonschema import validators
from referencing import Registry

from engine.errors import Invalid
from engine.registry import formats
from engine.registry.shape import Shape, compile_shape
from engine.registry.shape_problems import KEYWORDS
from engine.versions.candidates import candidates
from engine.versions.inclusion import find_difference
from engine.versions.inclusion_atoms import DEEPEST, frozen
from engine.versions.inclusion_dialect import dialect_of
from engine.versions.inclusion_work import STEPS, Found, GivingUp, Nothing, Work

COMPATIBLE: Final = "compatible"
INCOMPATIBLE: Final = "incompatible"
UNKNOWN: Final = "unknown"
MOST_PARTS: Final = 60_000
_UNREADABLE: Final = {
    "schema.remote_reference": "remote_ref", "schema.pattern": "pattern", "schema.too_complex": "too_complex",
}  # fmt: skip


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
    """One schema as the two validation libraries read it."""

    def __init__(self, schema: Any) -> None:
        """Raises Invalid for what is no schema, GivingUp for what is not judged."""
        self.schema: Mapping[str, Any] = schema
        if isinstance(schema, bool):
            self.schema = {} if schema else {"not": {}}
        if dialect_of(self.schema) is None:
            raise GivingUp("dialect")
        try:
            self.shape: Shape = compile_shape(self.schema)
        except Invalid as refused:
            reasons = [_UNREADABLE.get(problem.code) for problem in refused.problems]
            known = [reason for reason in reasons if reason is not None]
            if len(known) < len(reasons):
                raise
            raise GivingUp(known[0]) from None
        base = validators.validator_for(dict(self.schema), default=validators.Draft202012Validator)
        words = {word: check for word, check in KEYWORDS.items() if word in base.VALIDATORS}
        checker = validators.Draft202012Validator.FORMAT_CHECKER.__class__(formats=())
        for name, check in formats.FORMATS.items():
            checker.checks(name)(check)
        extended: Any = validators.extend(base, words)  # type: ignore[no-untyped-call]
        empty: Registry[Any] = Registry()
        self.other = extended(self.schema, format_checker=checker, registry=empty)

    def accepts(self, value: Any) -> bool:
        """Whether both libraries call the value valid."""
        return self.shape.is_valid(value) and bool(self.other.is_valid(value))

    def refuses(self, value: Any) -> bool:
        """Whether both libraries call the value not valid."""
        return not self.shape.is_valid(value) and not self.other.is_valid(value)


def is_witness(value: Any, accepting: Judge, refusing: Judge) -> bool:
    """Whether the value really is valid under the one schema and not under the other."""
    return accepting.accepts(value) and refusing.refuses(value)


def documents_verdict(
    old_schema: Any, new_schema: Any, *, budget: int = STEPS, seeds: Iterable[Any] = ()
) -> Verdict:
    """Whether every document valid under `old_schema` is valid under `new_schema`.

    `seeds` are documents to try first (examples of the form), so that a witness looks like a real one.
    Raises Invalid when one of them is not a JSON Schema. The other direction: swap the arguments.
    """
    if is_too_large(old_schema) or is_too_large(new_schema):
        return Verdict(UNKNOWN, reason="too_complex")
    try:
        return _judged(old_schema, new_schema, Work(budget), tuple(seeds))
    except GivingUp as left:
        return Verdict(UNKNOWN, reason=left.reason)
    except RecursionError:
        return Verdict(UNKNOWN, reason="too_complex")
    except (OverflowError, UnicodeEncodeError):
        return Verdict(UNKNOWN, reason="unusual_values")


def _judged(old_schema: Any, new_schema: Any, work: Work, seeds: tuple[Any, ...]) -> Verdict:
    if frozen(old_schema) == frozen(new_schema):
        Judge(old_schema)
        return Verdict(COMPATIBLE)
    old, new = Judge(old_schema), Judge(new_schema)
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


def is_too_large(schema: Any) -> bool:
    """True for a schema of more parts, or deeper, than is compared."""
    level, parts = [schema], 0
    for _ in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict | list):
                below.extend(value.values() if isinstance(value, dict) else value)
        parts += len(below)
        if parts > MOST_PARTS:
            return True
        if not below:
            return False
        level = below
    return True
