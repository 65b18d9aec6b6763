"""Bars as SVG that a screen reader can read: a title, a description, and every value as text in the picture.

Decides lengths, places and how a long name is cut; the whole name and all numbers stand in the table below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from unicodedata import east_asian_width

NAMES: Final = 360
"""How many units the names take at the left; bars and values share the rest."""
LENGTH: Final = 320
VALUES: Final = 140
LINE: Final = 26
MOST_WIDTH: Final = 50
"""How wide a name may be; a Chinese character is two wide."""
MOST_BARS: Final = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """One value: its name, how it is written, its size out of `most`, and a second size that is a mark."""

    name: str
    text: str
    size: int
    most: int
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar with its places in the picture."""

    name: str
    text: str
    y: int
    length: int
    mark: int | None


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: `title` and `description` are read out, `bars` are drawn."""

    id: str
    title: str
    description: str
    bars: tuple[Drawn, ...]
    width: int
    height: int


def chart_of(name: str, title: str, description: str, bars: list[Bar]) -> Chart:
    """The picture of the first bars; a table below holds them all."""
    drawn = tuple(
        Drawn(
            cut(one.name),
            one.text,
            place * LINE + 4,
            one.size * LENGTH // one.most,
            None if one.mark is None else one.mark * LENGTH // one.most,
        )
        for place, one in enumerate(bars[:MOST_BARS])
    )
    return Chart(name, title, description, drawn, NAMES + LENGTH + VALUES, len(drawn) * LINE + 8)


def cut(name: str) -> str:
    """A name that fits beside the bars; what is too much goes from the middle, since names differ at the end
    as often as at the beginning."""
    if _width(name) <= MOST_WIDTH:
        return name
    half = MOST_WIDTH // 2
    return f"{_beginning(name, half - 1)}…{_beginning(name[::-1], half)[::-1]}"


def _beginning(name: str, most: int) -> str:
    end = next((place for place in range(len(name)) if _width(name[: place + 1]) > most), len(name))
    return name[:end]


def _width(name: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in name)
