"""Which form version is in force on a day, and which versions there are.

Decides by dates of entry into force only. Never forgets a version: a document is read by the version it was
signed under, whatever is in force today. What is held is a value; the registry changes it for the next one
when a version is published, so that a running server needs no restart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.errors import Conflict, Invalid, NotFound, Problem
from engine.identity import parse_version
from engine.registry.compiled import CompiledForm
from engine.versions.published import ANEW, FINISH, LIFT, DraftsRule, Published, rule_over


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """A version and the first day it is in force; `published` is None for versions that were shipped."""

    first: date
    form: CompiledForm
    published: Published | None = None

    @property
    def drafts(self) -> DraftsRule:
        """What happens to drafts of the version before; a shipped version lifts them (domain.md D.0)."""
        return self.published.drafts if self.published is not None else DraftsRule(LIFT)


@dataclass(frozen=True, slots=True, eq=False)
class Versions:
    """All published versions: per form its spans in order of days, and every version by digest."""

    timeline: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    digests: Mapping[str, CompiledForm] = field(default_factory=dict)


class Registry:
    """Every form version this agency works with."""

    def __init__(self, held: Versions | None = None) -> None:
        self._held = held or Versions()

    def in_force(self, form: str, day: date) -> CompiledForm:
        """The version in force on `day`; NotFound before the first one or for an unknown form."""
        return self.span_on(form, day).form

    def span_on(self, form: str, day: date) -> Span:
        """The version in force on `day` with its first day; NotFound as `in_force`."""
        spans = self._held.timeline.get(form, ())
        place = bisect_right([span.first for span in spans], day)
        if place == 0:
            raise NotFound("form", form=form, day=day.isoformat())
        return spans[place - 1]

    def all_in_force(self, day: date) -> tuple[CompiledForm, ...]:
        """One version of each form that has one on `day`, by form id."""
        held = self._held.timeline
        begun = (form for form in sorted(held) if held[form][0].first <= day)
        return tuple(self.in_force(form, day) for form in begun)

    def get(self, form: str, version: str) -> CompiledForm:
        """That version, also one that is only kept; NotFound when this registry does not hold it."""
        named = (one for one in self.known() if (one.form, one.version) == (form, version))
        published = (span.form for span in self.spans(form) if span.form.version == version)
        found = next(published, None) or next(named, None)
        if found is None:
            raise NotFound("form", form=form, version=version)
        return found

    def span(self, form: str, version: str) -> Span:
        """That version with its first day; NotFound when it was never published."""
        for span in self._held.timeline.get(form, ()):
            if span.form.version == version:
                return span
        raise NotFound("form", form=form, version=version)

    def by_digest(self, digest: str) -> CompiledForm:
        """The version a document's events name; NotFound when this registry does not hold it."""
        found = self._held.digests.get(digest)
        if found is None:
            raise NotFound("form", digest=digest)
        return found

    def known(self) -> tuple[CompiledForm, ...]:
        """Every version that can be read by digest, published or only kept."""
        return tuple(self._held.digests.values())

    def forms(self) -> tuple[str, ...]:
        """The form ids, sorted; also of forms whose first version is not yet in force."""
        return tuple(sorted(self._held.timeline))

    def versions(self, form: str) -> tuple[CompiledForm, ...]:
        """All versions of a form, oldest first."""
        return tuple(span.form for span in self.spans(form))

    def spans(self, form: str) -> tuple[Span, ...]:
        """All versions of a form with their first days, oldest first; () for an unknown form."""
        return self._held.timeline.get(form, ())

    def newest(self, form: str) -> Span | None:
        """The last version published, in force or not yet; None for a new form."""
        return next(reversed(self.spans(form)), None)

    def drafts_rule(self, form: str, version: str, day: date) -> str:
        """What a draft begun under `version` may do on `day`: finish, lift or anew; "" when it is in force.

        A version that is only kept has no place among the others: begin anew.
        """
        begun = next((span for span in self.spans(form) if span.form.version == version), None)
        if begun is None:
            return ANEW
        later = [span.drafts for span in self.spans(form) if begun.first < span.first <= day]
        return rule_over(later, day.isoformat()) if later else ""

    def finish_until(self, form: str, version: str, day: date) -> str:
        """The last day (YYYY-MM-DD) on which a draft of `version` may finish under it, "" without one."""
        begun = self.span(form, version)
        later = [span.drafts for span in self.spans(form) if begun.first < span.first <= day]
        return min((one.until for one in later if one.rule == FINISH), default="")

    def check_admissible(self, entry: Published, today: date) -> None:
        """Refuse a publication that time or numbers forbid.

        Raises Conflict: `version.digest_conflict` (the number exists with other content),
        `version.published` (it exists as it is), `version.past_date`, `version.overlap` (a version begins
        later or on that day already), `version.not_greater`, `version.not_newest` (it was drawn up from
        another version than the last one).
        """
        first, last = date.fromisoformat(entry.effective_on), self.newest(entry.form)
        facts: dict[str, Any] = {"form": entry.form, "version": entry.version}
        facts["effective_on"] = entry.effective_on
        for span in self.spans(entry.form):
            if span.form.version == entry.version:
                same = span.form.digest == entry.digest
                raise Conflict("version.published" if same else "version.digest_conflict", **facts)
        if first < today:
            raise Conflict("version.past_date", **facts, today=today.isoformat())
        if entry.follows != (last.form.version if last is not None else ""):
            raise Conflict(
                "version.not_newest", **facts, follows=entry.follows,
                newest=last.form.version if last is not None else "",
            )  # fmt: skip
        if last is None:
            return
        if first <= last.first:
            raise Conflict("version.overlap", **facts, newest=last.form.version, first=last.first.isoformat())
        if not is_greater(entry.version, last.form.version):
            raise Conflict("version.not_greater", **facts, newest=last.form.version)

    def admit(self, admitted: Iterable[tuple[CompiledForm, Published]]) -> None:
        """Take in versions whose publication stands in the log; those already held are left as they are.

        Called by one at a time: when a folder is opened, then by the journal's writer as it commits.
        """
        timeline, digests = dict(self._held.timeline), dict(self._held.digests)
        for form, entry in admitted:
            digests[form.digest] = form
            spans = timeline.get(form.form, ())
            if not any(span.form.digest == form.digest for span in spans):
                span = Span(date.fromisoformat(entry.effective_on), form, entry)
                timeline[form.form] = tuple(sorted((*spans, span), key=_first_day))
        self._held = Versions(timeline, digests)


def is_greater(version: str, other: str) -> bool:
    """Whether a version number is greater than another; False when either is no number."""
    one, two = parse_version(version), parse_version(other)
    return one is not None and two is not None and one > two


def build_registry(
    entries: Iterable[tuple[CompiledForm, date]], kept: Iterable[CompiledForm] = ()
) -> Registry:
    """A registry of shipped versions, each with the day it comes into force.

    `kept` are versions that documents were signed with and that are no longer among the entries: they can be
    read by digest and are never in force.
    Raises Invalid: `registry.same_day` (two versions of a form begin on one day), `registry.same_version`.
    """
    timeline: dict[str, list[Span]] = {}
    digests: dict[str, CompiledForm] = {one.digest: one for one in kept}
    problems: list[Problem] = []
    for found, day in entries:
        spans = timeline.setdefault(found.form, [])
        facts = {"form": found.form, "version": found.version, "day": day.isoformat()}
        if any(span.first == day for span in spans):
            problems.append(Problem("", "registry.same_day", facts))
        if any(span.form.version == found.version for span in spans):
            problems.append(Problem("", "registry.same_version", facts))
        spans.append(Span(day, found))
        digests[found.digest] = found
    if problems:
        raise Invalid("registry", problems=problems)
    ordered = {form: tuple(sorted(spans, key=_first_day)) for form, spans in timeline.items()}
    return Registry(Versions(ordered, digests))


def _first_day(span: Span) -> date:
    return span.first
