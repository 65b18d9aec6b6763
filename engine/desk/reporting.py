"""Reporting the figures of a period in a document: what is counted when it is drawn up.

Decides what stands in the report: all documents of the agency, since those who read it may not list them
all; so of forms about persons a small group is withheld, and never so few that the rest tells it. Opens
nothing: the figures are folded from the projection (engine.desk.figures).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.desk import figures, ruling
from engine.desk.desk import Desk
from engine.desk.figures import Span, Tally
from engine.desk.figures_facts import Book
from engine.desk.query_result import suppressed
from engine.desk.sampling import rate
from engine.errors import Problem
from engine.identity import local_day
from engine.lifecycle.counts import COUNT_PERIOD, Counts
from engine.lifecycle.writing import with_value
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look

OTHER: Final = "other"
NOTHING_FILED: Final = "report.nothing_filed"
"""Why no report is drawn up of a period in which there was nothing to count: nothing is missing then."""
AGES: Final = ("up_to_1", "up_to_3", "up_to_10", "over_10")


def fill(
    desk: Desk, form: CompiledForm, answers: dict[str, Any], before: DocumentRow | None
) -> dict[str, Any]:
    """The answers of a report that is drawn up now with its figures; any others as they are."""
    rules = form.workflow.counts
    if rules is None or before is not None or COUNT_PERIOD not in form.workflow.first().does:
        return answers
    period = look(answers, rules.period)
    info = form.field(rules.period)
    if not isinstance(period, str) or info is None:
        return answers
    try:
        span = Span(period=period)
        counting = figures.count(desk, Book(), None)
        totals = counting.whole(span)
    except ValueError:
        return answers  # no period that there is; the schema says so
    place = f"part:{form.form}.counts.smallest_cell"
    smallest = ruling.written_as(desk, place, rules.smallest_cell)
    persons = {one.form for one in desk.registry.known() if about_persons(one)}
    found = {
        rules.as_of: local_day(desk.clock.now()),
        rules.totals: {**_rates(totals), "waiting": counting.whole(Span()).counts[figures.WAITS]},
        rules.lines: _lines(counting, span, form, rules, persons, smallest),
        rules.waiting: _waiting(desk, counting, form, rules, persons, smallest),
    }
    for pointer, value in found.items():
        answers = with_value(answers, pointer, value)
    return answers


def judge(
    form: CompiledForm, answers: Mapping[str, Any], before: DocumentRow | None
) -> tuple[Problem, ...]:
    """What stops a report from being drawn up: in the whole period nothing was filed."""
    rules = form.workflow.counts
    if rules is None or before is not None or look(answers, rules.lines):
        return ()
    return (Problem(rules.period, NOTHING_FILED),)


def written_by_system(form: CompiledForm) -> tuple[str, ...]:
    """The parts of a new report that the system fills in."""
    return () if form.workflow.counts is None else form.workflow.counts.filled


def about_persons(form: CompiledForm) -> bool:
    """Whether documents of a form say sensitive things, are found by a person, or change such documents."""
    tells = any(info.index == "blind" or info.sensitivity == "sensitive" for info in form.fields.values())
    return tells or form.workflow.updates is not None


def _lines(
    counting: figures.Counting,
    span: Span,
    form: CompiledForm,
    rules: Counts,
    persons: set[str],
    smallest: int,
) -> list[dict[str, Any]]:
    groups = counting.by(span, lambda key: (key[0], key[1]))
    unsaid = _withheld(groups, persons, smallest, figures.ALL)
    lines = []
    for key, tally in groups.items():
        line: dict[str, Any] = {
            "form": _known(form, f"{rules.lines}/*/form", key[0]),
            "dept_code": _known(form, f"{rules.lines}/*/dept_code", key[1]),
        }
        lines.append({**line, "withheld": True} if key in unsaid else {**line, **_rates(tally)})
    return lines


def _waiting(
    desk: Desk,
    counting: figures.Counting,
    form: CompiledForm,
    rules: Counts,
    persons: set[str],
    smallest: int,
) -> list[dict[str, Any]]:
    groups = counting.by(Span(), lambda key: (key[0], key[3]))
    groups = {key: one for key, one in groups.items() if one.counts[figures.WAITS]}
    unsaid = _withheld(groups, persons, smallest, figures.WAITS)
    lines = []
    for key, tally in groups.items():
        line: dict[str, Any] = {
            "form": _known(form, f"{rules.waiting}/*/form", key[0]),
            "state": _state(desk, *key),
        }
        ages = zip(AGES, figures.AGE_PARTS, strict=True)
        said = {"count": tally.counts[figures.WAITS], **{age: tally.counts[part] for age, part in ages}}
        lines.append({**line, "withheld": True} if key in unsaid else {**line, **said})
    return lines


def _withheld(
    groups: Mapping[tuple[str, ...], Tally], persons: set[str], smallest: int, part: str
) -> set[tuple[str, ...]]:
    """The groups that are not said: small ones, and one more where a single one could be told by the rest."""
    found: set[tuple[str, ...]] = set()
    for form in persons:
        counts = {(key[0], key[1]): one.counts[part] for key, one in groups.items() if key[0] == form}
        found |= suppressed(counts, smallest)
    return found


def _rates(tally: Tally) -> dict[str, Any]:
    """The figures of some documents; of nothing nothing is said."""
    counts = tally.counts
    said: dict[str, Any] = {"filed": counts[figures.ALL], "missed": counts[figures.MISSED]}
    shares = {
        "accuracy_rate": (counts[figures.EFFECTIVE] - counts[figures.CORRECTED], counts[figures.EFFECTIVE]),
        "completeness_rate": (tally.filled, tally.asked),
        "timeliness_rate": (counts[figures.ALL] - counts[figures.MISSED], counts[figures.ALL]),
        "return_rate": (counts[figures.RETURNED], counts[figures.ALL]),
    }
    said |= {name: rate(part, whole) for name, (part, whole) in shares.items() if whole}
    days = {"median_days": tally.days(figures.MEDIAN), "p90_days": tally.days(figures.P90)}
    return said | {name: value for name, value in days.items() if value is not None}


def _known(form: CompiledForm, pointer: str, value: str) -> str:
    """A code as the report's own list has it; what was added since is another."""
    info = form.fields.get(pointer)
    return value if info is not None and value in info.enum else OTHER


def _state(desk: Desk, form: str, state: str) -> str:
    """A state's title in the newest version that knows it."""
    spans = reversed(desk.registry.spans(form))
    return next(
        (one.form.workflow.states[state].title for one in spans if state in one.form.workflow.states), state
    )
