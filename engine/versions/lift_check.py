"""Whether a lift does what it promises between two versions (forms.md §7).

Decides by the schemas whether its places exist, and by documents whether what it gives is valid under the
newer version, or invalid only where it says that it does not know. Never repairs anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.registry.patterns import matches
from engine.registry.pointers import is_at_or_below
from engine.registry.schema_walk import DEEPEST, resolve
from engine.registry.shape import Shape, compile_shape
from engine.versions.lift import apply
from engine.versions.lift_places import pointer_of
from engine.versions.lift_terms import STAR, Lift, Path, Step

MOST_PROBLEMS: Final = 100
# A place that is missing can also fail a choice or a count around it.
_FAILS_AROUND: Final = frozenset(
    {"any_of", "one_of", "not", "contains", "min_properties", "min_items", "dependent_required"}
)
_BRANCHES: Final = ("allOf", "anyOf", "oneOf")
_OTHERS: Final = ("if", "then", "else")


def check_places(lift: Lift, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Problem, ...]:
    """`lift.pointer_unknown` for each place that neither version's schema has; pointers into lift.json.

    A place that a step makes and a later one takes from is known too.
    """
    problems: list[Problem] = []
    made: list[Path] = []
    for at, step in enumerate(lift.steps):
        later = lift.steps[at + 1 :]
        names = [("from", step.source), ("to", step.target), ("on", step.on), ("names_at", step.names_at)]
        names += [("into", target) for target, _ in step.into]
        for name, path in names:
            if path is None or any(path[: len(one)] == one for one in made):
                continue
            is_way = name in ("to", "into") and any(_takes(one, path) for one in later)
            if not (is_way or has_place(old, path) or has_place(new, path)):
                facts = {"place": pointer_of(path), "member": name}
                problems.append(Problem(step.pointer, "lift.pointer_unknown", facts))
        made += [path for path in (step.target, *(target for target, _ in step.into)) if path is not None]
    return tuple(problems)


def _takes(step: Step, path: Path) -> bool:
    return step.source is not None and step.source[: len(path)] == path


def has_place(schema: Any, path: Path) -> bool:
    """Whether a schema speaks about a place, in whatever branch; an open object has whatever it allows."""
    return _has(schema, path, schema if isinstance(schema, dict) else {}, 0)


def _has(schema: Any, path: Path, root: Mapping[str, Any], depth: int) -> bool:
    if not isinstance(schema, dict):
        return schema is True
    if not path:
        return True
    if depth > DEEPEST:
        return False
    schema = resolve(schema, root)
    inner = list(_below(schema, path[0]))
    if any(_has(one, path[1:], root, depth + 1) for one in inner):
        return True
    branches = [one for key in _BRANCHES for one in schema.get(key, ()) if isinstance(schema.get(key), list)]
    branches += [schema[key] for key in _OTHERS if key in schema]
    return any(_has(one, path, root, depth + 1) for one in branches if isinstance(one, dict))


def _below(schema: Mapping[str, Any], token: str | int) -> Iterator[Any]:
    if token == STAR or isinstance(token, int):
        prefix = schema.get("prefixItems", schema.get("items"))
        if isinstance(prefix, list):
            yield from prefix[token : token + 1] if isinstance(token, int) else prefix
        if isinstance(schema.get("items"), (dict, bool)):
            yield schema["items"]
        return
    properties = schema.get("properties", {})
    if token in properties:
        yield properties[token]
        return
    for pattern, part in schema.get("patternProperties", {}).items():
        if matches(pattern, token):
            yield part
    others = schema.get("additionalProperties")
    if isinstance(others, dict) or others is True:
        yield others
    elif others is None and schema.get("type") == "object" and not properties:
        yield True


def check_lift(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    lift: Lift,
    documents: Iterable[tuple[str, Any]],
) -> tuple[Problem, ...]:
    """Every promise of a lift, on documents of the older version given as (name, answers).

    `old` and `new` are the schemas. () when it holds. Codes: `lift.pointer_unknown` (see check_places),
    `lift.not_old` (the document is not valid under the older version, so it shows nothing),
    `lift.not_new` (facts document, place, problem: what is not valid under the newer one though it is not
    marked unknown), those of compile_shape.
    """
    try:
        before, after = compile_shape(old), compile_shape(new)
    except Invalid as refused:
        return refused.problems
    problems = list(check_places(lift, old, new))
    for name, answers in documents:
        if not before.is_valid(answers):
            problems.append(Problem("", "lift.not_old", {"document": name}))
            continue
        found = problems_of_lifted(lift, answers, after)
        problems += [
            Problem("", "lift.not_new", {"document": name, "place": one.pointer, "problem": one.code})
            for one in found
        ]
        if len(problems) > MOST_PROBLEMS:
            return (*problems[:MOST_PROBLEMS], Problem("", "too_many_problems", {"shown": MOST_PROBLEMS}))
    return tuple(problems)


def problems_of_lifted(lift: Lift, answers: Any, after: Shape) -> tuple[Problem, ...]:
    """What is wrong with lifted answers outside the places that are marked unknown."""
    lifted = apply(lift, answers)
    places = lifted.unknown_places
    return tuple(problem for problem in after.problems(lifted.answers) if not is_excused(problem, places))


def is_excused(problem: Problem, unknown: Iterable[str]) -> bool:
    """Whether a problem is only that a place marked unknown has no value."""
    return any(
        is_at_or_below(problem.pointer, place)
        or (problem.code in _FAILS_AROUND and is_at_or_below(place, problem.pointer))
        for place in unknown
    )
