"""Figures as a page shows them: questions with a picture and a table, rates by form and department, waiting.

Decides which columns a measure has, how numbers are written and which list each opens. Counting is the
desk's (engine.desk.figures); every number here is linked to the list it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from engine.desk import figures
from engine.desk.figures import Counting, Key, Span, Tally
from engine.desk.sampling import WHOLE, rate
from engine.lifecycle import measures
from engine.lifecycle.measures import Question
from forms.shares import percent
from web import labels
from web.figures_charts import Bar, Chart, chart_of
from web.labels import Say
from web.services import Services

LISTS: Final = "/figures/documents"
COUNTED: Final = "count"
SHARED: Final = "share"
LASTED: Final = "days"
NOTHING: Final = "—"
AT: Final = {"form": 0, "unit": 1, "month": 2}

PARTS_OF: Final = {
    measures.ACCURACY: (figures.EFFECTIVE, figures.CORRECTED),
    measures.COMPLETENESS: (figures.MEASURED, figures.GAPS),
    measures.TIMELINESS: (figures.ALL, figures.MISSED),
    measures.RETURNS: (figures.ALL, figures.RETURNED),
    measures.DECISION: (figures.DECIDED,),
    measures.FILED: (figures.ALL,),
    measures.OVERDUE: (figures.ALL, figures.MISSED, figures.LATE_NOW),
    measures.WAITING: (figures.WAITS, *figures.AGE_PARTS),
}
"""Which counts a measure's table shows; a share is one less the second of them by the first."""
SHARES: Final = (measures.ACCURACY, measures.COMPLETENESS, measures.TIMELINESS, measures.RETURNS)


@dataclass(frozen=True, slots=True)
class Number:
    """One number and the list it opens; `kind` is count, share or days. Without a list it says nothing."""

    text: str
    href: str
    kind: str = COUNTED


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers by what is named at the left; `heads` name the columns."""

    caption: str
    first: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Number, ...]], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One question, its answer in a sentence, as a picture, and as a table."""

    id: str
    title: str
    answer: str
    chart: Chart | None
    table: Table


@dataclass(frozen=True, slots=True)
class Reader:
    """What every part of the page is made with."""

    services: Services
    counting: Counting
    span: Span
    lang: str
    say: Say
    forms: Mapping[str, str]

    def form_name(self, form: str) -> str:
        """The form's name as the version in force has it."""
        return self.forms.get(form, form)

    def name(self, by: str, key: tuple[str, ...]) -> str:
        """What a group is called."""
        if by == "form":
            return self.form_name(key[0])
        if by == "unit":
            return labels.unit_title(key[0], self.say)
        if by == "month":
            return key[0]
        return self.state_name(*key)

    def state_name(self, form: str, state: str) -> str:
        """A state's name behind the name of its form."""
        spans = reversed(self.services.desk.registry.spans(form))
        knows = next((one.form for one in spans if state in one.form.workflow.states), None)
        word = labels.state_tag(knows, state, self.lang).word if knows else state
        return self.say("figures.of", form=self.form_name(form), word=word)


def form_names(services: Services, today: date, lang: str) -> dict[str, str]:
    """Every form's name in the version in force on a day."""
    in_force = services.desk.registry.all_in_force(today)
    return {one.form: labels.form_title(one, lang) for one in in_force}


def span_of(by: str, key: tuple[str, ...], span: Span) -> Span:
    """The span of one group."""
    if by == "form":
        return replace(span, forms=(key[0],))
    if by == "unit":
        return replace(span, unit=key[0])
    if by == "month":
        return replace(span, period=key[0])
    return replace(span, forms=(key[0],), state=key[1])


def key_of(by: str) -> Callable[[Key], tuple[str, ...]]:
    """How documents are put into groups."""
    if by == "state":
        return lambda key: (key[0], key[3])
    place = AT[by]
    return lambda key: (key[place],)


def address(span: Span, part: str) -> str:
    """The list behind a number."""
    pairs = [("part", part), *(("form", one) for one in span.forms)]
    pairs += [("unit", span.unit), ("period", span.period), ("state", span.state)]
    return f"{LISTS}?{urlencode([(name, value) for name, value in pairs if value])}"


def card(reader: Reader, question: Question) -> Card:
    """One question, answered for the reader's span."""
    span = _span_for(reader.span, question)
    by, measure = question.by, question.measure
    groups = reader.counting.by(span, key_of(by))
    if measure == measures.WAITING:
        groups = {key: one for key, one in groups.items() if one.counts[figures.WAITS]}
    rows = tuple(
        (reader.name(by, key), _numbers(measure, one, span_of(by, key, span))) for key, one in groups.items()
    )
    title = question.title if reader.lang == "zh-CN" else question.title_en
    say = reader.say
    names = tuple(name for name, _ in rows)
    bars = _bars(reader, measure, names, groups.values())
    picture = chart_of(question.id, title, say(f"figures.picture.{measure}"), bars) if bars else None
    heads = tuple(say(f"figures.part.{part}") for part in PARTS_OF[measure])
    table = Table(title, say(f"figures.by.{by}"), (*heads, *_more_heads(measure, say)), rows)
    return Card(question.id, title, _answer(measure, reader.counting.whole(span), say), picture, table)


def _span_for(span: Span, question: Question) -> Span:
    """What a question looks at: its own forms as far as the reader asks for them; what waits, waits now
    whenever it was filed."""
    forms = question.forms if not span.forms else span.forms
    if question.forms and span.forms:
        forms = tuple(one for one in span.forms if one in question.forms) or question.forms
    return replace(span, forms=forms, period="" if question.measure == measures.WAITING else span.period)


def share_of(measure: str, tally: Tally) -> tuple[int, int]:
    """The share a measure says, as part and whole."""
    if measure == measures.COMPLETENESS:
        return tally.filled, tally.asked
    whole, other = (tally.counts[part] for part in PARTS_OF[measure])
    return (other if measure == measures.RETURNS else whole - other), whole


def share_text(measure: str, tally: Tally) -> str:
    """`98.5%`; nothing of nothing is not a hundred percent."""
    part, whole = share_of(measure, tally)
    return percent(rate(part, whole)) if whole else NOTHING


def _numbers(measure: str, tally: Tally, span: Span) -> tuple[Number, ...]:
    counts = [Number(str(tally.counts[part]), address(span, part)) for part in PARTS_OF[measure]]
    whole = address(span, PARTS_OF[measure][0])
    if measure in SHARES:
        counts.append(Number(share_text(measure, tally), whole, SHARED))
    if measure == measures.DECISION:
        counts += [Number(_days(tally, one), whole, LASTED) for one in (figures.MEDIAN, figures.P90)]
    return tuple(counts)


def _more_heads(measure: str, say: Say) -> tuple[str, ...]:
    if measure in SHARES:
        return (say(f"figures.measure.{measure}"),)
    return (say("figures.median"), say("figures.p90")) if measure == measures.DECISION else ()


def _days(tally: Tally, percent_: int) -> str:
    days = tally.days(percent_)
    return NOTHING if days is None else str(days)


def _answer(measure: str, tally: Tally, say: Say) -> str:
    counts = tally.counts
    if not counts[PARTS_OF[measure][0]]:
        return say(f"figures.none.{measure}" if measure == measures.WAITING else "figures.none")
    facts = {name: counts[part] for name, part in zip("abcdef", PARTS_OF[measure], strict=False)}
    if measure in SHARES:
        return say(f"figures.answer.{measure}", share=share_text(measure, tally), **facts)
    days = {"median": _days(tally, figures.MEDIAN), "p90": _days(tally, figures.P90)}
    return say(f"figures.answer.{measure}", **facts, **days)


def _bars(reader: Reader, measure: str, names: tuple[str, ...], tallies: Iterable[Tally]) -> list[Bar]:
    found = list(zip(names, tallies, strict=True))
    if measure in SHARES:
        parts = [(name, share_of(measure, one), share_text(measure, one)) for name, one in found]
        return [
            Bar(name, text, part * WHOLE // whole if whole else 0, WHOLE)
            for name, (part, whole), text in parts
        ]
    if measure == measures.DECISION:
        days = [(name, one.days(figures.MEDIAN), one.days(figures.P90)) for name, one in found]
        most = max([1, *(late for _, _, late in days if late is not None)])
        return [
            Bar(name, reader.say("figures.bar.days", median=half, p90=late), half, most, late)
            for name, half, late in days
            if half is not None and late is not None
        ]
    part = figures.MISSED if measure == measures.OVERDUE else PARTS_OF[measure][0]
    most = max([1, *(one.counts[part] for _, one in found)])
    return [Bar(name, str(one.counts[part]), one.counts[part], most) for name, one in found]


LIMITS: Final = (figures.MISSED, figures.LATE_NOW)


def rates(reader: Reader) -> Table:
    """Every rate by form and department, for the reader's period."""
    say, rows = reader.say, []
    for (form, unit), tally in reader.counting.by(reader.span, lambda key: (key[0], key[1])).items():
        span = replace(reader.span, forms=(form,), unit=unit)
        numbers = [Number(str(tally.counts[figures.ALL]), address(span, figures.ALL))]
        numbers += [_numbers(one, tally, span)[-1] for one in SHARES]
        numbers += _numbers(measures.DECISION, tally, span)[1:]
        numbers += [Number(str(tally.counts[one]), address(span, one)) for one in LIMITS]
        name = say("figures.of", form=reader.form_name(form), word=labels.unit_title(unit, say))
        rows.append((name, tuple(numbers)))
    heads = (
        say(f"figures.part.{figures.ALL}"), *(say(f"figures.measure.{one}") for one in SHARES),
        say("figures.median"), say("figures.p90"), say(f"figures.part.{figures.MISSED}"),
        say(f"figures.part.{figures.LATE_NOW}"),
    )  # fmt: skip
    return Table(say("figures.rates"), say("figures.by.form_unit"), heads, tuple(rows))


def waiting(reader: Reader) -> Card:
    """Where documents wait: state by age."""
    title = reader.say("figures.waiting")
    every = Question("all_waiting", measures.WAITING, "state", (), title, title)
    return card(replace(reader, span=replace(reader.span, period="")), every)
