"""Texts kept in order, in blocks, so that adding one costs the same among a hundred and a hundred thousand.

Decides nothing about what the texts mean. Never holds one twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator

_BLOCK = 512


class SortedKeys:
    """A sorted set of texts. Readers and writers share one lock above."""

    __slots__ = ("_blocks", "_firsts", "_size")

    def __init__(self) -> None:
        self._blocks: list[list[str]] = []
        self._firsts: list[str] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def load(self, keys: Iterable[str]) -> None:
        """Begin anew with these keys, each of them once."""
        ordered = sorted(keys)
        self._blocks = [ordered[at : at + _BLOCK] for at in range(0, len(ordered), _BLOCK)]
        self._firsts = [block[0] for block in self._blocks]
        self._size = len(ordered)

    def add(self, key: str) -> None:
        """Put a key that is not there yet in its place."""
        self._size += 1
        if not self._blocks:
            self._blocks.append([key])
            self._firsts.append(key)
            return
        place = max(bisect_right(self._firsts, key) - 1, 0)
        block = self._blocks[place]
        insort(block, key)
        self._firsts[place] = block[0]
        if len(block) > 2 * _BLOCK:
            self._blocks[place : place + 1] = [block[:_BLOCK], block[_BLOCK:]]
            self._firsts[place : place + 1] = [block[0], block[_BLOCK]]

    def remove(self, key: str) -> None:
        """Take a key out; one that is not there changes nothing."""
        place = bisect_right(self._firsts, key) - 1
        if place < 0:
            return
        block = self._blocks[place]
        at = bisect_left(block, key)
        if at == len(block) or block[at] != key:
            return
        self._size -= 1
        del block[at]
        if block:
            self._firsts[place] = block[0]
        else:
            del self._blocks[place], self._firsts[place]

    def after(self, key: str | None) -> Iterator[str]:
        """Keys greater than `key`, ascending; all of them for None."""
        place = 0 if key is None else max(bisect_right(self._firsts, key) - 1, 0)
        start = 0
        if key is not None and self._blocks:
            start = bisect_right(self._blocks[place], key)
        for block in self._blocks[place:]:
            yield from block[start:] if start else block
            start = 0

    def before(self, key: str | None) -> Iterator[str]:
        """Keys smaller than `key`, descending; all of them for None."""
        place = len(self._blocks) - 1
        if key is not None:
            place = bisect_left(self._firsts, key) - 1
        for number in range(place, -1, -1):
            block = self._blocks[number]
            end = len(block) if key is None or number != place else bisect_left(block, key)
            yield from reversed(block[:end])
