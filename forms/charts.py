"""Shares of a form as bars, each with the least it has to reach: what a picture under a table shows.

Decides lengths only. The numbers themselves stand in the table above; nothing is said by the picture alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from forms.model import FormModel, lookup
from forms.shares import percent

WIDTH: Final = 1000
"""How many units a whole is drawn with."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One share: its label and text, its length and where the least lies, of WIDTH; `least` is its text,
    `counts` part and whole as they were counted."""

    label: str
    text: str
    length: int
    least: str
    line: int
    counts: str = ""

    @property
    def is_reached(self) -> bool:
        """Whether the share is no less than it has to be."""
        return self.length >= self.line


def bars_of(model: FormModel, answers: Mapping[str, Any], lang: str = "zh-CN") -> tuple[Bar, ...]:
    """A bar for each share that the layout lists under `print.charts` and the answers hold."""
    found = []
    for wish in model.print.get("charts", ()):
        value = lookup(answers, str(wish["p"]))
        length = _length(value)
        if isinstance(value, str) and length is not None:
            least = str(wish.get("least", "0"))
            label = model.label(str(wish["p"]), lang)
            line, counts = _length(least) or 0, _counts(answers, wish)
            found.append(Bar(label, percent(value), length, percent(least), line, counts))
    return tuple(found)


def _counts(answers: Mapping[str, Any], wish: Mapping[str, Any]) -> str:
    """`382 / 384`, where the layout says which counts a share is made of; what is missed is taken away."""
    part, whole = (lookup(answers, str(wish.get(name, "/ /"))) for name in ("part", "whole"))
    missed = lookup(answers, str(wish.get("missed", "/ /")))
    if isinstance(missed, int) and isinstance(whole, int):
        part = whole - missed
    return f"{part} / {whole}" if isinstance(part, int) and isinstance(whole, int) else ""


def _length(value: Any) -> int | None:
    try:
        share = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return int(share * WIDTH) if share is not None and 0 <= share <= 1 else None
