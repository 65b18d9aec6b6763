"""What a step writes into its document, as the states file says it: terms over who, when and what was said.

Decides how the declaration reads and what the answers are afterwards. Never judges them, never stores.

A term is a dotted name – `transition.text`, `actor.staff_no`, `actor.unit`, `document.doc_id`, `line.clause`,
`now`, `today` – or an object with one member `const`. A name that has no value writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.registry.pointers import ABSENT, ITEM, split

SET: Final = "set"
ADD: Final = "add"
Term = Any


@dataclass(frozen=True, slots=True)
class Write:
    """One place a step writes: `how` is set (replaces the value at `at`) or add (one more line of the list).

    `terms` is a term, or an object of terms by member name.
    """

    at: str
    how: str
    terms: Term


@dataclass(frozen=True, slots=True)
class Opens:
    """That a step makes documents of another form, one for each line of a list.

    `lines` is the list, of which those count whose member `member` is one of `values`. `answers` are terms
    by pointer into the new document; `department` is the member that names its department, whose head is
    bound as `head`. The new documents' ids are written at `into`.
    """

    form: str
    lines: str
    member: str
    values: tuple[str, ...]
    department: str
    answers: Mapping[str, Term]
    into: str


@dataclass(frozen=True, slots=True)
class Samples:
    """That a document is about a sample of other documents.

    Those of `forms` that were filed in the period at `period` by a department of `departments` are the
    population. Population, size and seed are written under `into`; what is drawn stands with the step. No
    more than `most` are drawn. A document of `corrections_form` that was applied with one of `reasons` at
    `reason` says that what it corrected was wrong; `effective` are the states in which a document counts.
    """

    forms: tuple[str, ...]
    period: str
    departments: str
    into: str
    most: int
    effective: tuple[str, ...]
    corrections_form: str
    reason: str
    reasons: tuple[str, ...]


def parse_writes(declared: Any) -> tuple[Write, ...]:
    """The `writes` of a transition. Its shape is the meta-schema's."""
    found = [one for one in declared or () if isinstance(one, dict)]
    return tuple(
        Write(str(one.get("at", "")), how, one[how]) for one in found for how in (SET, ADD) if how in one
    )


def parse_opens(declared: Any) -> Opens | None:
    """The part `opens` of a parsed states.json; None where there is none."""
    if not isinstance(declared, dict):
        return None
    where = declared.get("where", {})
    return Opens(
        form=str(declared.get("form", "")),
        lines=str(declared.get("lines", "")),
        member=str(where.get("member", "")),
        values=tuple(map(str, where.get("in", ()))),
        department=str(declared.get("department", "")),
        answers=dict(declared.get("answers", {})),
        into=str(declared.get("into", "")),
    )


def parse_samples(declared: Any) -> Samples | None:
    """The part `samples` of a parsed states.json; None where there is none."""
    if not isinstance(declared, dict):
        return None
    corrections = declared.get("corrections", {})
    return Samples(
        forms=tuple(map(str, declared.get("forms", ()))),
        period=str(declared.get("period", "")),
        departments=str(declared.get("departments", "")),
        into=str(declared.get("into", "")),
        most=int(declared.get("most", 0)),
        effective=tuple(map(str, declared.get("effective", ()))),
        corrections_form=str(corrections.get("form", "")),
        reason=str(corrections.get("reason", "")),
        reasons=tuple(map(str, corrections.get("in", ()))),
    )


def value_of(term: Term, names: Mapping[str, Any]) -> Any:
    """What a term stands for, ABSENT when its name has no value."""
    if isinstance(term, dict):
        return term.get("const", ABSENT)
    value: Any = names
    for part in str(term).split("."):
        value = value.get(part, ABSENT) if isinstance(value, Mapping) else ABSENT
    return ABSENT if value is None else value


def written(
    writes: tuple[Write, ...], answers: Mapping[str, Any], names: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers with everything the step writes. The given ones are not changed."""
    full = dict(answers)
    for one in writes:
        value = _made(one.terms, names)
        if value is ABSENT:
            continue
        if one.how == ADD:
            before = _at(full, split(one.at))
            value = [*(before if isinstance(before, list) else ()), value]
        full = with_value(full, one.at, value)
    return full


def with_value(answers: Mapping[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """A copy with `value` at a pointer of object keys; what lies on the way is made where it is missing."""
    return _put(answers, split(pointer), value)


def changed_outside(
    before: Mapping[str, Any], after: Mapping[str, Any], allowed: tuple[str, ...]
) -> Iterator[str]:
    """The top pointers at which two answers differ though no pointer of `allowed` lies there or above."""
    inside = tuple(split(one) for one in allowed)
    yield from ("/" + "/".join(path) for path in _differing(before, after, (), inside))


def merged(stood: Mapping[str, Any], typed: Mapping[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    """What stood, with the parts that `allowed` opens as they were typed; empty `allowed` opens all."""
    if not allowed:
        return dict(typed)
    found = _merged(stood, typed, (), tuple(split(one) for one in allowed))
    return found if isinstance(found, dict) else {}


def _merged(stood: Any, typed: Any, path: tuple[str, ...], allowed: tuple[tuple[str, ...], ...]) -> Any:
    here = [one for one in allowed if _leads(one, path)]
    if any(len(one) == len(path) for one in here):
        return typed
    if here and isinstance(typed, Mapping) and (stood is ABSENT or isinstance(stood, Mapping)):
        old: Mapping[str, Any] = stood if isinstance(stood, Mapping) else {}
        found = {
            name: _merged(old.get(name, ABSENT), typed.get(name, ABSENT), (*path, name), allowed)
            for name in dict.fromkeys((*old, *typed))
        }
        kept = {name: value for name, value in found.items() if value is not ABSENT}
        return kept or stood
    if here and isinstance(typed, list) and isinstance(stood, list) and len(stood) == len(typed):
        return [
            _merged(one, other, (*path, str(place)), allowed)
            for place, (one, other) in enumerate(zip(stood, typed, strict=True))
        ]
    return stood


def is_open(pattern: str, allowed: tuple[str, ...]) -> bool:
    """Whether a field is at or below a part that `allowed` opens."""
    path = split(pattern)
    return any(_leads(path[: len(one)], one) and len(path) >= len(one) for one in map(split, allowed))


def is_on_the_way(pattern: str, allowed: tuple[str, ...]) -> bool:
    """Whether something that `allowed` opens lies at, above or below a place."""
    path = split(pattern)
    return is_open(pattern, allowed) or any(_leads(one, path) for one in map(split, allowed))


def _differing(
    before: Any, after: Any, path: tuple[str, ...], allowed: tuple[tuple[str, ...], ...]
) -> Iterator[tuple[str, ...]]:
    here = [one for one in allowed if _leads(one, path)]
    if before == after or any(len(one) == len(path) for one in here):
        return
    leads_on = bool(here)
    if leads_on and isinstance(before, Mapping | type(None)) and isinstance(after, Mapping | type(None)):
        old, new = before or {}, after or {}
        for name in dict.fromkeys((*old, *new)):
            yield from _differing(old.get(name), new.get(name), (*path, name), allowed)
    elif leads_on and isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differing(one, other, (*path, str(place)), allowed)
    else:
        yield path


def _leads(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether a place lies on the way to a pattern, or at it; `*` stands for any place of a list."""
    return len(pattern) >= len(path) and all(
        name in (token, ITEM) for token, name in zip(path, pattern, strict=False)
    )


def _made(terms: Term, names: Mapping[str, Any]) -> Any:
    if isinstance(terms, dict) and "const" not in terms:
        found = {name: value_of(term, names) for name, term in terms.items()}
        made = {name: value for name, value in found.items() if value is not ABSENT}
        return made or ABSENT
    return value_of(terms, names)


def _put(answers: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    copy = dict(answers)
    if len(path) > 1:
        inner = copy.get(path[0])
        copy[path[0]] = _put(inner if isinstance(inner, dict) else {}, path[1:], value)
    else:
        copy[path[0]] = value
    return copy


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for token in path:
        value = value.get(token, ABSENT) if isinstance(value, Mapping) else ABSENT
    return value
