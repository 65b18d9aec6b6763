"""What one snapshot may say that the one before did not: nothing about the past.

Decides whether a register of people continues the one before it (docs/format.md "Trust snapshot"): entries,
keys and grants are never taken out or rewritten, what is new begins at the snapshot's own log index or later,
and what ends does so there or later. Whoever holds the registrar's key cannot make a key valid for, or take
one back from, a time that is over. Judges no signature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.trust.root import Interval
from engine.trust.snapshot import GrantEntry, Person, PersonKey

BACK_DATED, REWRITTEN = "audit.back_dated", "audit.rewritten"


def judge_continuation(
    before: Mapping[str, Person], after: Mapping[str, Person], index: int
) -> Iterator[tuple[str, str]]:
    """(code, person) of everything in the register logged at `index` that does not continue the one before.

    A suspect window may begin in the past, that is its meaning; once named it is never withdrawn.
    """
    for person in sorted(before.keys() - after.keys()):
        yield REWRITTEN, person
    for person, now in sorted(after.items()):
        then = before.get(person)
        yield from ((code, person) for code in _of_person(then, now, index))


def _of_person(then: Person | None, now: Person, index: int) -> Iterator[str]:
    keys = {one.key: one for one in then.keys} if then else {}
    grants = {one.id: one for one in then.grants} if then else {}
    if len({one.key for one in now.keys}) != len(now.keys) or keys.keys() - {one.key for one in now.keys}:
        yield REWRITTEN
    if len({one.id for one in now.grants}) != len(now.grants) or grants.keys() - {o.id for o in now.grants}:
        yield REWRITTEN
    for key in now.keys:
        yield from _of_key(keys.get(key.key), key, index)
    for grant in now.grants:
        yield from _of_grant(grants.get(grant.id), grant, index)


def _of_key(then: PersonKey | None, now: PersonKey, index: int) -> Iterator[str]:
    yield from _of_interval(then.valid if then else None, now.valid, index)
    if then is None:
        return
    if (then.suite, then.tier) != (now.suite, now.tier):
        yield REWRITTEN
    if then.suspect_since_index is not None and (
        now.suspect_since_index is None or now.suspect_since_index > then.suspect_since_index
    ):
        yield REWRITTEN


def _of_grant(then: GrantEntry | None, now: GrantEntry, index: int) -> Iterator[str]:
    yield from _of_interval(then.valid if then else None, now.valid, index)
    if then is not None and (then.role, then.unit, then.region) != (now.role, now.unit, now.region):
        yield REWRITTEN


def _of_interval(then: Interval | None, now: Interval, index: int) -> Iterator[str]:
    if then is None:
        if now.from_index < index:
            yield BACK_DATED
        return
    if now.from_index != then.from_index:
        yield BACK_DATED
    if now.to_index != then.to_index and (
        then.to_index is not None or now.to_index is None or now.to_index < index
    ):
        yield BACK_DATED
