"""Which documents stand in which list, in which order: the in-memory indexes of the projection.

Decides pages and counts. Never holds a value of a sealed part: states, units, pseudonyms, times and index
bits only. Every list is walked in key order from a cursor, so a page costs the same on any page number.

    bucket       documents of one person's or everybody's list in one state, in both orders, with a tally
    due key      deadline (or "~" for none) | submission | document     ascending
    recent key   submission | document                                  descending
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import chain
from typing import Any

from engine.ports import ListView
from engine.projection import missed_a_limit
from storage.sorted_keys import SortedKeys

Row = Mapping[str, Any]
_EVERYBODY = ("", "")
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


class Listing:
    """The lists. Callers hold the store's lock."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], dict[str, _Bucket]] = {}

    def load(self, rows: Iterable[Row]) -> None:
        """Begin anew with these documents; much quicker than adding them one by one."""
        keys: dict[_Bucket, list[Row]] = {}
        self._lists = {}
        for row in rows:
            for name in _lists_of(row):
                bucket = self._lists.setdefault(name, {}).setdefault(row["state"], _Bucket())
                keys.setdefault(bucket, []).append(row)
        for bucket, held in keys.items():
            bucket.due.load(map(due_key, held))
            bucket.recent.load(map(recent_key, held))
            bucket.tally.update((row["form"], row["unit"], row["region"]) for row in held)

    def add(self, row: Row) -> None:
        """Put a document into every list it belongs to."""
        due, recent = due_key(row), recent_key(row)
        for name in _lists_of(row):
            buckets = self._lists.setdefault(name, {})
            bucket = buckets.get(row["state"])
            if bucket is None:
                bucket = buckets[row["state"]] = _Bucket()
            bucket.due.add(due)
            bucket.recent.add(recent)
            bucket.tally[row["form"], row["unit"], row["region"]] += 1

    def remove(self, row: Row) -> None:
        """Take a document, as it was, out of every list."""
        due, recent = due_key(row), recent_key(row)
        for name in _lists_of(row):
            bucket = self._lists[name][row["state"]]
            bucket.due.remove(due)
            bucket.recent.remove(recent)
            bucket.tally[row["form"], row["unit"], row["region"]] -= 1

    def replace(self, before: Row, row: Row) -> None:
        """Move a document; nothing is touched when it stays where it was."""
        if _place(before) != _place(row):
            self.remove(before)
            self.add(row)

    def walk(self, view: ListView, after: str | None) -> Iterator[str]:
        """Keys of the view's candidates in its order, from the cursor on; the last word is the document."""
        buckets = self._buckets(view)
        if view.order == "recent":
            yield from merge(*(bucket.recent.before(after) for bucket in buckets), reverse=True)
        else:
            yield from merge(*(bucket.due.after(after) for bucket in buckets))

    def tally(self, view: ListView) -> int:
        """How many documents match the view's states, forms, unit, region and its narrowest person."""
        return sum(
            count
            for bucket in self._buckets(view)
            for (form, unit, region), count in bucket.tally.items()
            if (not view.forms or form in view.forms)
            and (not view.unit or unit == view.unit)
            and (not view.region or region == view.region)
        )

    def _buckets(self, view: ListView) -> list[_Bucket]:
        candidates = [self._states(name, view.states) for name in _named(view)] or [
            self._states(_EVERYBODY, view.states)
        ]
        return min(candidates, key=lambda buckets: sum(len(bucket.due) for bucket in buckets))

    def _states(self, name: tuple[str, str], states: tuple[str, ...]) -> list[_Bucket]:
        held = self._lists.get(name, {})
        return [bucket for state, bucket in held.items() if not states or state in states]


def is_exact(view: ListView) -> bool:
    """Whether `Listing.tally` alone answers how many documents the view holds."""
    return len(_named(view)) <= 1 and not (view.facets or view.late or view.overdue_by)


def matches(view: ListView, row: Row, more: Mapping[str, Any]) -> bool:
    """Whether a document belongs to the view; `more` has its facets and flags where the view asks for them.
    """
    return (
        (not view.states or row["state"] in view.states)
        and (not view.forms or row["form"] in view.forms)
        and (not view.unit or row["unit"] == view.unit)
        and (not view.region or row["region"] == view.region)
        and (not view.created_by or row["created_by"] == view.created_by)
        and (not view.claimed_by or row["claimed_by"] == view.claimed_by)
        and (not view.collected_by or row["collector"] == view.collected_by)
        and (not view.late or row["late"])
        and all(more["facets"].get(name) == value for name, value in view.facets)
        and (not view.overdue_by or missed_a_limit(row, more["flags"], view.overdue_by))
    )


def _named(view: ListView) -> list[tuple[str, str]]:
    people = zip(_PEOPLE, (view.created_by, view.claimed_by, view.collected_by), strict=True)
    return [(kind, person) for kind, person in people if person]


def _lists_of(row: Row) -> Iterable[tuple[str, str]]:
    return chain((_EVERYBODY,), ((kind, row[kind]) for kind in _PEOPLE if row[kind]))


def _place(row: Row) -> tuple[Any, ...]:
    names = ("state", "due_at", "submitted_at", "form", "unit", "region", *_PEOPLE)
    return tuple(row[name] for name in names)
