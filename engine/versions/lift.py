"""Lifts: answers signed under an older version, read as a newer one (forms.md §7).

Decides which lifts lead from one version to another, and applies them. A lift is total and pure: it never
throws, never invents, and leaves an explicit unknown. Never rewrites a document: what it gives is a reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from engine.errors import Invalid, NotFound, Problem
from engine.identity import Version, parse_version
from engine.versions.lift_parse import parse_lift
from engine.versions.lift_steps import Work
from engine.versions.lift_terms import Dropped, Lift, Lifted, Reason, Unknown

__all__ = [
    "Dropped",
    "Lift",
    "Lifted",
    "Reason",
    "Unknown",
    "apply",
    "chain",
    "compose",
    "parse_lift",
    "unchanged",
]


def apply(lift: Lift, answers: Any) -> Lifted:
    """The answers read as the lift's newer version. The given answers are not changed.

    Answers that are no object come back as they are.
    """
    if not isinstance(answers, dict):
        return Lifted(answers)
    work = Work(answers)
    for step in lift.steps:
        work.take_step(step)
    return work.result()


def unchanged(form: str, old: str, new: str) -> Lift:
    """The lift between versions whose documents read alike: it changes nothing."""
    return Lift(form, old, new)


def compose(lifts: Sequence[Lift]) -> Lift:
    """One lift that does what these do one after the other.

    Raises Invalid: `lift.gap` when one does not begin where the one before ends, or is of another form.
    """
    if not lifts:
        raise Invalid("lift", problems=[Problem("", "lift.gap")])
    for one, after in pairwise(lifts):
        if (one.form, one.new) != (after.form, after.old):
            facts = {"form": after.form, "ends": one.new, "begins": after.old}
            raise Invalid("lift", problems=[Problem("", "lift.gap", facts)])
    return Lift(
        form=lifts[0].form,
        old=lifts[0].old,
        new=lifts[-1].new,
        steps=tuple(step for one in lifts for step in one.steps),
        digests=tuple(digest for one in lifts for digest in one.digests),
    )


def chain(form: str, versions: Sequence[str], lifts: Iterable[Lift], old: str, new: str) -> Lift:
    """The lift from `old` to `new` over the published versions between them.

    Between two versions stands the lift that is declared; where the later one declares none at all, the
    answers read alike. A declared lift may span several versions; of those that begin here the longest is
    taken. Raises NotFound `lift.none` when a version is none of these, when `new` is the older one, or when a
    version on the way declares lifts and none of them begins here.
    """
    first, last = _known(form, versions, old, new)
    declared: dict[Version, dict[Version, Lift]] = {}
    for one in lifts:
        begin, end = parse_version(one.old), parse_version(one.new)
        if one.form == form and begin is not None and end is not None:
            declared.setdefault(end, {})[begin] = one
    between = sorted(
        version for version in map(parse_version, versions) if version is not None and first < version <= last
    )
    made, at = [unchanged(form, old, old)], first
    while at != last:
        ends = [version for version in between if at in declared.get(version, ())]
        if ends:
            made.append(declared[ends[-1]][at])
            at = ends[-1]
            continue
        following = next(version for version in between if version > at)
        if following in declared:
            raise NotFound("lift.none", form=form, old=str(at), new=str(following))
        made.append(unchanged(form, str(at), str(following)))
        at = following
    return compose(made)


def _known(form: str, versions: Sequence[str], old: str, new: str) -> tuple[Version, Version]:
    first, last = parse_version(old), parse_version(new)
    if first is None or last is None or last < first or not {old, new} <= set(versions):
        raise NotFound("lift.none", form=form, old=old, new=new)
    return first, last
