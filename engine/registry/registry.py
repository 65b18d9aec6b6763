"""Which form version is in force on a day, and which versions there are.

Decides by dates of entry into force only. Never forgets a version: a document is read by the version it was
signed under, whatever is in force today.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.errors import Invalid, NotFound, Problem
from engine.registry.compiled import CompiledForm


@dataclass(frozen=True, slots=True, eq=False)
class Registry:
    """All published versions. `timeline` holds per form the (first day, version) pairs in order of days."""

    timeline: Mapping[str, tuple[tuple[date, CompiledForm], ...]]
    digests: Mapping[str, CompiledForm]

    def in_force(self, form: str, day: date) -> CompiledForm:
        """The version in force on `day`; NotFound before the first one or for an unknown form."""
        spans = self.timeline.get(form, ())
        place = bisect_right([first for first, _ in spans], day)
        if place == 0:
            raise NotFound("form", form=form, day=day.isoformat())
        return spans[place - 1][1]

    def get(self, form: str, version: str) -> CompiledForm:
        """That version; NotFound when it was never published."""
        for _, found in self.timeline.get(form, ()):
            if found.version == version:
                return found
        raise NotFound("form", form=form, version=version)

    def by_digest(self, digest: str) -> CompiledForm:
        """The version a document's events name; NotFound when this registry does not hold it."""
        found = self.digests.get(digest)
        if found is None:
            raise NotFound("form", digest=digest)
        return found

    def forms(self) -> tuple[str, ...]:
        """The form ids, sorted."""
        return tuple(sorted(self.timeline))

    def versions(self, form: str) -> tuple[CompiledForm, ...]:
        """All versions of a form, oldest first."""
        return tuple(found for _, found in self.timeline.get(form, ()))


def build_registry(
    entries: Iterable[tuple[CompiledForm, date]], kept: Iterable[CompiledForm] = ()
) -> Registry:
    """A registry of versions, each with the day it comes into force.

    `kept` are versions that documents were signed with and that are no longer among the entries: they can be
    read by digest and are never in force.
    Raises Invalid: `registry.same_day` (two versions of a form begin on one day), `registry.same_version`.
    """
    timeline: dict[str, list[tuple[date, CompiledForm]]] = {}
    digests: dict[str, CompiledForm] = {one.digest: one for one in kept}
    problems: list[Problem] = []
    for found, day in entries:
        spans = timeline.setdefault(found.form, [])
        facts = {"form": found.form, "version": found.version, "day": day.isoformat()}
        if any(first == day for first, _ in spans):
            problems.append(Problem("", "registry.same_day", facts))
        if any(other.version == found.version for _, other in spans):
            problems.append(Problem("", "registry.same_version", facts))
        spans.append((day, found))
        digests[found.digest] = found
    if problems:
        raise Invalid("registry", problems=problems)
    return Registry({form: tuple(sorted(spans, key=_first_day)) for form, spans in timeline.items()}, digests)


def _first_day(span: tuple[date, CompiledForm]) -> date:
    return span[0]
