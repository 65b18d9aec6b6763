"""The trial run: what a new version would say of documents that were signed under older ones.

Decides counts by cause (place and code) and which documents to name. Never stores, opens or changes one,
and keeps no answers: a cause is a pattern and a code, a document is an id.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Problem
from engine.registry.compiled import CompiledForm
from engine.registry.expressions import merge_reads
from engine.registry.plain_terms import MEMO
from engine.registry.pointers import from_path, pattern_of
from engine.registry.rules import Rule
from engine.registry.shape import Shape
from engine.registry.validate import at_path
from engine.versions.lift_check import is_excused
from engine.versions.lift_terms import Lifted

FIRST: Final = 20
EVERY: Final = 1_000
MOST_KNOWN: Final = 10_000
_ALONE: Final = frozenset({"data", "tables"})
# The problem behind these depends on the branch that was meant, which the fast validator does not tell.
_DEPENDS: Final = frozenset({"anyOf", "oneOf", "not", "contains", "propertyNames", "custom"})

Cause = tuple[str, str]
"""The pattern of a place (`*` for an index) and the code of its problem."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many documents fail for one cause, and the first of them."""

    pattern: str
    code: str
    count: int
    first: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "pointer": self.pattern,
            "code": self.code,
            "count": self.count,
            "documents": list(self.first),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Counted:
        """What `as_json` wrote."""
        return cls(value["pointer"], value["code"], value["count"], tuple(value["documents"]))


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a trial has come. `with_unknown` are valid documents that a lift left a place unknown in.

    `not_judged` names the rules that were not asked: they read more than a document.
    """

    seen: int = 0
    valid: int = 0
    with_unknown: int = 0
    causes: tuple[Counted, ...] = ()
    not_judged: tuple[str, ...] = ()

    @property
    def failing(self) -> int:
        """Documents that are not valid under the new version."""
        return self.seen - self.valid

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "seen": self.seen,
            "valid": self.valid,
            "failing": self.failing,
            "with_unknown": self.with_unknown,
            "causes": [one.as_json() for one in self.causes],
            "not_judged": list(self.not_judged),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Trial:
        """What `as_json` wrote."""
        causes = tuple(Counted.from_json(one) for one in value["causes"])
        return cls(value["seen"], value["valid"], value["with_unknown"], causes, tuple(value["not_judged"]))


@dataclass(frozen=True, slots=True)
class Judge:
    """A new version as the trial asks it: its shape, and those of its rules that read only the document."""

    shape: Shape
    form: CompiledForm | None = None
    rules: tuple[Rule, ...] = ()
    not_judged: tuple[str, ...] = ()
    _hosts: tuple[tuple[tuple[str, ...], tuple[Rule, ...]], ...] = ()
    _known: dict[frozenset[Any], tuple[Cause, ...]] = field(default_factory=dict, repr=False)

    def causes(self, answers: Any) -> tuple[Cause, ...]:
        """Why the answers fail, each cause once; () when they do not."""
        if self.shape.is_valid(answers):
            return self._rules_broken(answers) if self.rules else ()
        return self._shape_causes(answers)

    def problems(self, answers: Any) -> tuple[Problem, ...]:
        """The problems behind the causes, with their places; for answers whose places matter one by one."""
        if self.shape.is_valid(answers):
            return tuple(Problem(place, code) for place, code in self._rules_broken(answers))
        return self.shape.problems(answers)

    def _shape_causes(self, answers: Any) -> tuple[Cause, ...]:
        """What the careful validator says; a failure seen before in the same places is remembered.

        The fast validator tells the keyword and the place in twenty microseconds, the careful one what is
        wrong in a thousand: documents that fail alike are explained once.
        """
        marks = set()
        for error in self.shape.fast.iter_errors(answers):
            name = error.kind.name
            if name in _DEPENDS:
                return _causes_of(self.shape.problems(answers))
            named: Any = getattr(error.kind, "property", None)
            if name in ("additionalProperties", "unevaluatedProperties"):
                named = tuple(sorted(error.kind.unexpected))
            place = pattern_of(from_path(error.instance_path))
            marks.add((place, tuple(error.schema_path), named))
        key = frozenset(marks)
        found = self._known.get(key)
        if found is None:
            found = _causes_of(self.shape.problems(answers))
            if len(self._known) < MOST_KNOWN:
                self._known[key] = found
        return found

    def _rules_broken(self, answers: Any) -> tuple[Cause, ...]:
        form = self.form
        if form is None or type(answers) is not dict:
            return ()
        env = {"data": answers, "tables": form.tables, MEMO: {}}
        asked = [
            rule
            for path, rules in self._hosts
            if not path or type(at_path(answers, path)) is dict
            for rule in rules
            if not rule.is_plainly_true(env)
        ]
        if not asked:
            return ()
        reads = merge_reads(rule.expression for rule in asked)
        with form.bench.prepared(reads, {"data": answers}) as context:
            return tuple(
                (pattern_of(rule.at), rule.id)
                for rule in asked
                if rule.expression.evaluate(context) is not True
            )


def judge_by_shape(shape: Shape) -> Judge:
    """A judge that knows a schema alone."""
    return Judge(shape)


def judge_by_form(form: CompiledForm) -> Judge:
    """A judge that knows a form version. Rules that need more than the document are named, not asked.

    Warnings are not causes: they do not stop a document.
    """
    errors = [rule for rule in form.rules if rule.level == "error"]
    asked = tuple(rule for rule in errors if rule.expression.reads.keys() <= _ALONE)
    others = tuple(rule.id for rule in errors if not rule.expression.reads.keys() <= _ALONE)
    hosts: dict[tuple[str, ...], list[Rule]] = {}
    for rule in asked:
        hosts.setdefault(rule.path if rule.host else (), []).append(rule)
    by_host = tuple((path, tuple(rules)) for path, rules in hosts.items())
    return Judge(form.shape, form, asked, others, by_host)


def _causes_of(problems: Iterable[Problem]) -> tuple[Cause, ...]:
    return tuple(dict.fromkeys((pattern_of(problem.pointer), problem.code) for problem in problems))


@dataclass(slots=True)
class Running:
    """A trial under way: documents are added one by one, and it can be asked how far it has come.

    At most `first` documents are named for each cause.
    """

    judge: Judge
    first: int = FIRST
    seen: int = 0
    valid: int = 0
    with_unknown: int = 0
    counts: dict[Cause, int] = field(default_factory=dict)
    named: dict[Cause, list[str]] = field(default_factory=dict)

    def add(self, doc: str, answers: Any) -> None:
        """Judge one document. Answers may be given as `Lifted`: a place marked unknown is then no cause."""
        self.seen += 1
        if type(answers) is Lifted:
            causes = _causes_of_lifted(self.judge, answers)
            self.with_unknown += bool(not causes and answers.unknown)
        else:
            causes = self.judge.causes(answers)
        if not causes:
            self.valid += 1
        for cause in causes:
            self.counts[cause] = self.counts.get(cause, 0) + 1
            named = self.named.setdefault(cause, [])
            if len(named) < self.first:
                named.append(doc)

    def so_far(self) -> Trial:
        """How far it has come, the most frequent cause first."""
        ordered = sorted(self.counts.items(), key=_most_first)
        causes = tuple(Counted(*cause, count, tuple(self.named[cause])) for cause, count in ordered)
        return Trial(self.seen, self.valid, self.with_unknown, causes, self.judge.not_judged)


def _most_first(counted: tuple[Cause, int]) -> tuple[int, Cause]:
    return -counted[1], counted[0]


def run(
    documents: Iterable[tuple[str, Any]], judge: Judge, *, first: int = FIRST, every: int = EVERY
) -> Iterator[Trial]:
    """Judge (document id, answers) one by one; yields how far it has come every `every`, and at the end.

    Stopping to take from the iterator stops the trial.
    """
    running = Running(judge, first)
    for doc, answers in documents:
        running.add(doc, answers)
        if running.seen % every == 0:
            yield running.so_far()
    yield running.so_far()


def _causes_of_lifted(judge: Judge, lifted: Lifted) -> tuple[Cause, ...]:
    if not lifted.unknown:
        return judge.causes(lifted.answers)
    places = lifted.unknown_places
    if any(pattern_of(place) != place for place in places):
        return _causes_of(one for one in judge.problems(lifted.answers) if not is_excused(one, places))
    # Outside of lists a pattern is the place itself, so what is remembered can be used.
    return tuple(one for one in judge.causes(lifted.answers) if not is_excused(Problem(*one), places))


def last(trial: Iterable[Trial]) -> Trial:
    """The end of a trial."""
    end = deque(trial, maxlen=1)
    return end[0] if end else Trial()
