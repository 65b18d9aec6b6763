"""The judgement of answers against a form version: computed values, shape, rules, in that order.

Decides whether answers hold; a client cannot skip any of it. Never stores, opens or looks anything up:
the surroundings bring the time, the people and what other documents say.

Steps:
 1 computed fields, from the form's own data; a typed value that differs is a problem, not a correction
 2 shape: JSON Schema with our formats
 3 rules whose part of the form is there; a rule that cannot be evaluated never passes
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import Problem
from engine.lifecycle.settings import NO_SETTINGS, Settings
from engine.registry.compiled import CompiledForm
from engine.registry.conditions import is_same
from engine.registry.expressions import Failure, merge_reads
from engine.registry.plain_terms import MEMO
from engine.registry.pointers import ABSENT, pattern_of, split
from engine.registry.rules import Rule
from engine.registry.shape import MOST_PROBLEMS


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What expressions may know beside the answers (SCHEMA conventions; `data` is bound by the judge).

    `now` aware UTC; `today` YYYY-MM-DD in Asia/Shanghai; `facts` the results of the form's lookups by name;
    `transition` the answers of the transition under way; `data` the document's answers, for guards only;
    `said` what was answered with the transitions since the last submission, by their names, for guards only;
    `tables` the form's tables where the agency's settings say other numbers than the form (None: as written);
    `settings` what limits are counted by.
    """

    now: datetime
    today: str
    document: Mapping[str, Any]
    actor: Mapping[str, Any]
    facts: Mapping[str, Any]
    target: Mapping[str, Any] | None = None
    transition: Mapping[str, Any] | None = None
    data: Mapping[str, Any] | None = None
    said: Mapping[str, Mapping[str, Any]] | None = None
    tables: Mapping[str, Any] | None = None
    settings: Settings = NO_SETTINGS


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answers with computed values, and everything that is wrong, in paper order."""

    answers: dict[str, Any]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What stops a submission."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a person confirms once."""
        return tuple(problem for problem in self.problems if problem.level != "error")


def validate(form: CompiledForm, answers: dict[str, Any], around: Surroundings) -> Judgement:
    """Judge the answers. The given answers are not changed.

    Problem codes: those of JSON Schema (see shape_problems), `computed`, each rule's id with its own
    message, `rule.error` (facts rule) for a rule that could not be evaluated on answers of the right shape,
    `too_many_problems`.
    """
    # 1
    full = compute(form, answers, around)
    problems: list[Problem] = list(_typed_differently(form, answers, full))
    # 2
    shape = form.shape.problems(full)
    problems.extend(shape)
    # 3
    problems.extend(_judge_rules(form, full, around, shape))
    if len(problems) > 1:
        problems = _in_paper_order(form, problems)
    if len(problems) > MOST_PROBLEMS:
        problems = [*problems[:MOST_PROBLEMS], Problem("", "too_many_problems", {"shown": MOST_PROBLEMS})]
    return Judgement(full, tuple(problems))


def validate_shape(form: CompiledForm, answers: Any) -> tuple[Problem, ...]:
    """Step 2 alone: what JSON Schema says of the answers as they are."""
    return form.shape.problems(answers)


def bindings(data: Any, around: Surroundings) -> dict[str, Any]:
    """The names bound for expressions of this form, beside `tables`, which its bench holds unless settings
    say otherwise."""
    return {
        **({} if around.tables is None else {"tables": around.tables}),
        "data": data,
        "now": around.now,
        "today": around.today,
        "document": around.document,
        "actor": around.actor,
        "facts": around.facts,
        "target": around.target,
        "transition": around.transition,
        "said": around.said,
    }


def compute(form: CompiledForm, answers: dict[str, Any], around: Surroundings) -> dict[str, Any]:
    """The answers with every computed field set, or taken away where it has no value.

    A field whose surrounding object is absent is left alone; so is one whose expression cannot be evaluated
    (its inputs are missing or wrong, which the shape says), except that a typed value is taken away.
    """
    if type(answers) is not dict:
        return answers
    full = answers
    for layer in form.computed:
        present = [one for one in layer if type(at_path(full, one.path[:-1])) is dict]
        varying = [one.expression for one in present if one.expression.reads]
        if varying:
            with form.bench.prepared(merge_reads(varying), bindings(full, around)) as context:
                values = [one.expression.evaluate(context) for one in present]
        else:
            values = [one.expression.evaluate(None) for one in present]
        for one, value in zip(present, values, strict=True):
            full = _with(full, one.path, None if isinstance(value, Failure) else value)
    return full


def _with(answers: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy with `value` at `path` (None: without it); only the objects on the way are copied."""
    copy = dict(answers)
    if len(path) > 1:
        copy[path[0]] = _with(answers[path[0]], path[1:], value)
    elif value is None:
        copy.pop(path[0], None)
    else:
        copy[path[0]] = value
    return copy


def _typed_differently(
    form: CompiledForm, answers: dict[str, Any], full: dict[str, Any]
) -> Iterator[Problem]:
    for layer in form.computed:
        for one in layer:
            typed = at_path(answers, one.path)
            if typed is not ABSENT and not is_same(typed, at_path(full, one.path)):
                yield Problem(one.pointer, "computed")


def _judge_rules(
    form: CompiledForm, full: dict[str, Any], around: Surroundings, shape: tuple[Problem, ...]
) -> Iterator[Problem]:
    """Problems of the rules. Rules that read a place whose shape is wrong wait until it is right."""
    if type(full) is not dict:
        return
    bound = bindings(full, around)
    env = {"tables": form.tables, **bound, MEMO: {}}
    asked = tuple([rule for rule in form.rules_for(_present(form, full)) if not rule.is_plainly_true(env)])
    wrong = [split(pattern_of(problem.pointer)) for problem in shape if problem.code != "required"]
    if wrong:
        asked = tuple([rule for rule in asked if not any(_touches(rule, path) for path in wrong)])
    if not asked:
        return
    with form.bench.prepared(form.reads_of(asked), bound) as context:
        for rule in asked:
            value = rule.expression.evaluate(context)
            if value is True:
                continue
            if value is False:
                yield Problem(rule.at, rule.id, {}, rule.level, rule.message)
            elif not shape:
                reason = value.reason if isinstance(value, Failure) else type(value).__name__
                yield Problem(rule.at, "rule.error", {"rule": rule.id, "reason": reason})


def _present(form: CompiledForm, full: Mapping[str, Any]) -> tuple[str, ...]:
    """The hosts of rules that are there as objects, in the form's order."""
    return tuple([host for host, path in form.hosts if type(at_path(full, path)) is dict])


def at_path(value: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path of object keys, or ABSENT."""
    for token in path:
        if type(value) is not dict:
            return ABSENT
        value = value.get(token, ABSENT)
    return value


def _touches(rule: Rule, path: tuple[str, ...]) -> bool:
    data = rule.expression.reads.get("data")
    return data is not None and data.touches(path)


def _in_paper_order(form: CompiledForm, problems: list[Problem]) -> list[Problem]:
    """By place on the paper; what has no place comes last, and equal places keep their order."""

    def place(problem: Problem) -> int:
        info = form.field(problem.pointer)
        return info.place if info is not None else len(form.fields) + len(form.groups)

    return sorted(problems, key=place)
