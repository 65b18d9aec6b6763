"""The grants that a review is about, as rows of a table: who, what, where, since when, last used, what became
of it; and on a draft the controls of what is asked of each.

Decides words only. What stands in a line was frozen when the review was opened; that a name is the one of
today is the directory's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.desk import grant_reviews, ruling
from engine.identity import local_day, parse_utc
from engine.lifecycle.granting import JUDGED
from engine.lifecycle.workflow import Workflow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look
from forms.paper import day_on_paper, moment_on_paper
from forms.shown import ControlView, FormView, RowView, SectionView
from web import labels
from web.labels import Say
from web.models import model_of
from web.named_values import STAFF, names_of
from web.services import Services

UNUSED_DAYS = "unused_days"
NARROWED = ("narrow_until", "narrow_region")


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One grant in words. `marks` are (word, tone) of what to notice, `story` what was done with it."""

    number: int
    staff_no: str
    name: str
    role: str
    place: str
    valid: str
    used: str
    marks: tuple[tuple[str, str], ...]
    verdict: str
    reason: str
    judged_by: str
    story: tuple[str, ...]
    controls: Mapping[str, ControlView]
    is_own: bool = False
    kept: tuple[tuple[str, str], ...] = ()  # hidden name and text of what somebody else judged
    line: RowView | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether something of what a narrowed grant asks for is filled in, or wrong."""
        asked = (self.controls.get(name) for name in NARROWED)
        return any(one is not None and (one.text or one.errors) for one in asked)


@dataclass(frozen=True, slots=True)
class Grants:
    """All grants of a review; `pointer` is where they stand in the answers."""

    pointer: str
    rows: tuple[GrantRow, ...]
    letter: str
    title: str
    after: str  # the section that they follow on the page

    @property
    def left(self) -> int:
        """How many have no verdict yet."""
        return sum(not one.verdict for one in self.rows)


def list_of(workflow: Workflow) -> str:
    """Where the grants of a review stand in the answers; "" for a form that reviews none."""
    return workflow.reviews_grants.lines if workflow.reviews_grants is not None else ""


def grants_of(
    services: Services,
    form: CompiledForm,
    answers: Mapping[str, Any],
    lang: str,
    say: Say,
    *,
    view: FormView | None = None,
    reader: str = "",
) -> Grants | None:
    """The grants of a review in a reader's language; None for a form that reviews none, or before it is open.

    With the `view` of a draft each has its controls, but for the grants of the `reader` (a staff number).
    """
    rules = form.workflow.reviews_grants
    if rules is None:
        return None
    lines = grant_reviews.lines_of(rules, answers)
    words = _Words(services, form, answers, lang, say)
    drawn = _drawn(view, rules.lines)
    rows = tuple(
        words.row(place, line, drawn[place] if place < len(drawn) else None, reader)
        for place, line in enumerate(lines)
    )
    if not rows:
        return None
    sections = model_of(form).sections
    place = next(number for number, one in enumerate(sections) if one.pointer == rules.lines)
    here, after = sections[place], sections[place - 1].pointer if place else ""
    title = here.title_en if lang == "en" and here.title_en else here.title
    return Grants(rules.lines, rows, here.letter, title, after)


def _drawn(view: FormView | None, pointer: str) -> tuple[RowView, ...]:
    control = view.control(pointer) if view is not None else None
    return control.rows if control is not None else ()


def without_filled(view: FormView, pointers: tuple[str, ...]) -> FormView:
    """A draft's page without what the system fills in when the draft is filed, or computes."""
    hidden = frozenset(pointers)

    def rest(section: SectionView) -> SectionView:
        rows = (
            tuple(one for one in row if not (one.pointer in hidden or one.computed)) for row in section.rows
        )
        return replace(section, rows=tuple(row for row in rows if row))

    sections = tuple(rest(one) for one in view.sections if one.pointer not in hidden)
    lines = tuple(one for one in view.errors if one.pointer not in hidden)
    return FormView(view.title, view.lang, sections, lines, view.warnings)


class _Words:
    """The words of one review."""

    def __init__(
        self, services: Services, form: CompiledForm, answers: Mapping[str, Any], lang: str, say: Say
    ) -> None:
        rules = form.workflow.reviews_grants
        assert rules is not None  # grants_of asked
        self._form, self._lang, self._say = form, lang, say
        self._at = rules.lines
        names = names_of(services.desk, form, lang)
        self._people, self._regions = names[STAFF], names.get(grant_reviews.REGIONS, {})
        self._unused = ruling.tables_of(services.desk, form)[rules.table][UNUSED_DAYS]
        taken = look(answers, rules.taken_at)
        self._taken = local_day(parse_utc(taken)) if isinstance(taken, str) else ""

    def row(self, place: int, line: Mapping[str, Any], drawn: RowView | None, reader: str) -> GrantRow:
        is_own = bool(reader) and line["staff_no"] == reader
        cells = {one.pointer.rpartition("/")[2]: one for one in drawn.cells} if drawn is not None else {}
        asked = {name: cells[name] for name in JUDGED if name in cells}
        said = {name: line[name] for name in JUDGED if name in line}
        region = str(line.get("region", ""))
        unit = self._choice("unit", line.get("unit"))
        return GrantRow(
            number=place + 1,
            staff_no=line["staff_no"],
            name=self._person(line["staff_no"]),
            role=self._choice("role", line.get("role")),
            place=self._joined([one for one in (unit, self._regions.get(region, region)) if one]),
            valid=self._valid(line),
            used=self._used(line),
            marks=tuple(self._marks(line)),
            verdict=self._verdict(line),
            reason=str(line.get("reason", "")),
            judged_by=self._person(line.get("judged_by", "")),
            story=tuple(self._story(line)),
            controls={} if is_own else asked,
            is_own=is_own,
            kept=tuple((f"{self._at}/{place}/{name}", text) for name, text in said.items()) if is_own else (),
            line=drawn,
        )

    def _person(self, staff_no: str) -> str:
        return self._people.get(staff_no, "") if staff_no else ""

    def _choice(self, member: str, value: Any) -> str:
        return labels.facet_label(self._form, f"{self._at}/*/{member}", value, self._lang) if value else ""

    def _day(self, day: str) -> str:
        return day_on_paper(day, self._lang)

    def _valid(self, line: Mapping[str, Any]) -> str:
        first, last = line.get("valid_from") or line.get("granted_on", ""), line.get("valid_to", "")
        key = "reviews.valid_to" if last else "reviews.valid"
        return self._say(key, first=self._day(first), last=self._day(last)) if first or last else ""

    def _used(self, line: Mapping[str, Any]) -> str:
        last = line.get("last_used_on", "")
        return self._say("reviews.used", day=self._day(last)) if last else self._say("reviews.never_used")

    def _is_unused(self, line: Mapping[str, Any]) -> bool:
        since = line.get("last_used_on") or line.get("granted_on") or self._taken
        if not since or not self._taken:
            return False
        return (date.fromisoformat(self._taken) - date.fromisoformat(since)).days >= int(self._unused)

    def _marks(self, line: Mapping[str, Any]) -> list[tuple[str, str]]:
        found = []
        if line.get("conflict"):
            found.append((self._say("reviews.conflict"), "negative"))
        if self._is_unused(line):
            found.append((self._say("reviews.unused", days=self._unused), "attention"))
        if "suspended_at" in line and "restored_at" not in line:
            found.append((self._say("reviews.suspended"), "negative"))
        if "escalated_at" in line and "verdict" not in line:
            found.append((self._say("reviews.escalated"), "attention"))
        return found

    def _verdict(self, line: Mapping[str, Any]) -> str:
        word = self._choice("verdict", line.get("verdict"))
        until, region = line.get("narrow_until", ""), str(line.get("narrow_region", ""))
        more = [self._say("reviews.until", day=self._day(until))] if until else []
        more += [self._regions.get(region, region)] if region else []
        return self._say("reviews.verdict", word=word, more=self._joined(more)) if more else word

    def _joined(self, words: list[str]) -> str:
        return (", " if self._lang == "en" else "，").join(words)

    def _story(self, line: Mapping[str, Any]) -> list[str]:
        told = []
        for name in ("suspended_at", "escalated_at", "restored_at", "done_at"):
            if name in line:
                at = moment_on_paper(line[name], self._lang)
                who = self._person(line.get("done_by", "")) if name == "done_at" else ""
                told.append(self._say(f"reviews.{name}", at=at, who=who))
        return told

