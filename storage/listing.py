"""Which documents stand in which list, in which order: the in-memory indexes of the projection.

Decides pages and counts. Never holds a value of a sealed part: states, units, pseudonyms, times and index
bits only. Every list is walked in key order from a cursor, so a page costs the same on any page number.

    list         of everybody, of one person, of one document that others name, of what came late
                 or missed a limit
    bucket       documents of one list in one state under one form, in both orders, with a tally
    due key      deadline (or "~" for none) | submission | document     ascending
    recent key   submission | document                                  descending
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import chain, takewhile
from typing import Any

from engine.identity import names_a_document
from engine.ports import ListView
from engine.projection import OVERDUE, missed_a_limit
from storage.sorted_keys import SortedKeys

Row = Mapping[str, Any]
_EVERYBODY = ("", "")
_MISSED = ("missed", "")
_LATE = ("late", "")
_PEOPLE = ("created_by", "claimed_by", "collector")


class _Bucket:
    __slots__ = ("due", "recent", "tally")

    def __init__(self) -> None:
        self.due = SortedKeys()
        self.recent = SortedKeys()
        self.tally: Counter[tuple[str, str, str]] = Counter()


def due_key(row: Row) -> str:
    """The place of a document in a list by deadline."""
    return f"{row['due_at'] or '~'} {row['submitted_at']} {row['doc']}"


def recent_key(row: Row) -> str:
    """The place of a document in a list by submission."""
    return f"{row['submitted_at']} {row['doc']}"


def cites_of(row: Row) -> list[list[str]]:
    """(pointer, value) of the facets of a whole row that name another document."""
    return [[at, value] for at, value in row["facets"].items() if names_a_document(value)]


class Listing:
    """The lists. Callers hold the store's lock."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], dict[tuple[str, str], _Bucket]] = {}

    def load(self, rows: Iterable[Row]) -> None:
        """Begin anew with these documents; much quicker than adding them one by one."""
        keys: dict[_Bucket, list[Row]] = {}
        self._lists = {}
        for row in rows:
            for name in _lists_of(row):
                bucket = self._lists.setdefault(name, {}).setdefault(_bucket_of(row), _Bucket())
                keys.setdefault(bucket, []).append(row)
        for bucket, held in keys.items():
            bucket.due.load(map(due_key, held))
            bucket.recent.load(map(recent_key, held))
            bucket.tally.update((row["unit"], row["region"], row["digest"]) for row in held)

    def add(self, row: Row) -> None:
        """Put a document into every list it belongs to."""
        due, recent = due_key(row), recent_key(row)
        for name in _lists_of(row):
            buckets = self._lists.setdefault(name, {})
            bucket = buckets.get(_bucket_of(row))
            if bucket is None:
                bucket = buckets[_bucket_of(row)] = _Bucket()
            bucket.due.add(due)
            bucket.recent.add(recent)
            bucket.tally[row["unit"], row["region"], row["digest"]] += 1

    def remove(self, row: Row) -> None:
        """Take a document, as it was, out of every list."""
        due, recent = due_key(row), recent_key(row)
        for name in _lists_of(row):
            bucket = self._lists[name][_bucket_of(row)]
            bucket.due.remove(due)
            bucket.recent.remove(recent)
            bucket.tally[row["unit"], row["region"], row["digest"]] -= 1
            if not len(bucket.due):
                self._forget(name, row)

    def replace(self, before: Row, row: Row) -> None:
        """Move a document; nothing is touched when it stays where it was."""
        if _place(before) != _place(row):
            self.remove(before)
            self.add(row)

    def _forget(self, name: tuple[str, str], row: Row) -> None:
        del self._lists[name][_bucket_of(row)]
        if not self._lists[name]:
            del self._lists[name]

    def walk(self, view: ListView, after: str | None) -> Iterator[str]:
        """Keys of the view's candidates in its order, from the cursor on; the last word is the document."""
        buckets = self._buckets(view)
        if view.overdue_by:
            yield from self._overdue(view, buckets, after)
        elif view.order == "recent":
            yield from merge(*(bucket.recent.before(after) for bucket in buckets), reverse=True)
        else:
            yield from merge(*(bucket.due.after(after) for bucket in buckets))

    def _overdue(self, view: ListView, buckets: list[_Bucket], after: str | None) -> Iterator[str]:
        """Those whose limit has passed stand first by deadline; those that once missed one are a list."""
        missed = self._held(_MISSED, view)
        if view.order == "recent":
            passed = (_due_before(bucket, view.overdue_by, None) for bucket in buckets)
            found = {key.partition(" ")[2] for key in chain.from_iterable(passed)}
            found.update(key for bucket in missed for key in bucket.recent.before(after))
            yield from sorted((key for key in found if after is None or key < after), reverse=True)
            return
        passed = (_due_before(bucket, view.overdue_by, after) for bucket in buckets)
        last = ""
        for key in merge(*passed, *(bucket.due.after(after) for bucket in missed)):
            if key != last:
                yield key
            last = key

    def tally(self, view: ListView) -> int:
        """How many documents match the view's states, forms, unit, region, version and its narrowest
        person."""
        return sum(
            count
            for bucket in self._buckets(view)
            for (unit, region, digest), count in bucket.tally.items()
            if (not view.unit or unit == view.unit)
            and (not view.region or region == view.region)
            and (not view.digest or digest == view.digest)
        )

    def _buckets(self, view: ListView) -> list[_Bucket]:
        candidates = [self._held(name, view) for name in _named(view)] or [self._held(_EVERYBODY, view)]
        return min(candidates, key=lambda buckets: sum(len(bucket.due) for bucket in buckets))

    def _held(self, name: tuple[str, str], view: ListView) -> list[_Bucket]:
        held = self._lists.get(name, {})
        return [
            bucket
            for (state, form), bucket in held.items()
            if (not view.states or state in view.states) and (not view.forms or form in view.forms)
        ]


def is_exact(view: ListView) -> bool:
    """Whether `Listing.tally` alone answers how many documents the view holds."""
    return len(_named(view)) <= 1 and not (view.facets or view.overdue_by)


def matches(view: ListView, row: Row, more: Mapping[str, Any]) -> bool:
    """Whether a document belongs to the view; `more` has its facets where the view asks for them."""
    return (
        (not view.states or row["state"] in view.states)
        and (not view.forms or row["form"] in view.forms)
        and (not view.unit or row["unit"] == view.unit)
        and (not view.region or row["region"] == view.region)
        and (not view.created_by or row["created_by"] == view.created_by)
        and (not view.claimed_by or row["claimed_by"] == view.claimed_by)
        and (not view.collected_by or row["collector"] == view.collected_by)
        and (not view.late or row["late"])
        and (not view.digest or row["digest"] == view.digest)
        and all(more["facets"].get(name) == value for name, value in view.facets)
        and (not view.overdue_by or missed_a_limit(row, _flags(row), view.overdue_by))
    )


def _named(view: ListView) -> list[tuple[str, str]]:
    people = zip(_PEOPLE, (view.created_by, view.claimed_by, view.collected_by), strict=True)
    named = [(at, value) for at, value in view.facets if names_a_document(value)]
    return [*((kind, person) for kind, person in people if person), *named, *((_LATE,) if view.late else ())]


def _lists_of(row: Row) -> Iterable[tuple[str, str]]:
    people = ((kind, row[kind]) for kind in _PEOPLE if row[kind])
    cited = ((at, value) for at, value in row["cites"])
    marks = (name for name in (_LATE, _MISSED) if row[name[0]])
    return chain((_EVERYBODY,), people, cited, marks)


def _bucket_of(row: Row) -> tuple[str, str]:
    return row["state"], row["form"]


def _due_before(bucket: _Bucket, moment: str, after: str | None) -> Iterator[str]:
    return takewhile(lambda key: key < moment, bucket.due.after(after))


def _flags(row: Row) -> tuple[str, ...]:
    return (OVERDUE,) if row["missed"] else ()


def _place(row: Row) -> tuple[Any, ...]:
    names = (
        "state", "due_at", "submitted_at", "form", "unit", "region", "digest", "late", "missed", "cites",
        *_PEOPLE,
    )  # fmt: skip
    return tuple(row[name] for name in names)
