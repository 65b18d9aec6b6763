"""The plain literals of one alternative, sorted by what they speak about.

Decides which keyword narrows what for a string and a number; objects and arrays have modules of their own.
Never branches: an alternative holds all its literals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from engine.versions.inclusion_atoms import Literal
from engine.versions.inclusion_numbers import Numbers, find_number
from engine.versions.inclusion_strings import Texts, find_text
from engine.versions.inclusion_work import Answer, Work


def text_answer(literals: Iterable[Literal], accepts: Callable[[Any], bool], work: Work) -> Answer:
    """A text that satisfies the literals."""
    asked = Texts()
    for holds, (kind, args) in literals:
        if kind == "PATTERN":
            (asked.wanted if holds else asked.denied).append(args[0])
        elif kind == "FORMAT":
            (asked.formats if holds else asked.other_formats).append(args[0])
        elif (kind, holds) in (("MINLEN", True), ("MAXLEN", False)):
            asked.fewest = max(asked.fewest, args[0] + (not holds))
        elif (kind, holds) in (("MAXLEN", True), ("MINLEN", False)):
            limit = args[0] - (not holds)
            asked.most = limit if asked.most is None else min(asked.most, limit)
    return find_text(asked, accepts, work)


def number_answer(literals: Iterable[Literal], accepts: Callable[[Any], bool], work: Work) -> Answer:
    """A number that satisfies the literals."""
    asked = Numbers()
    for holds, (kind, args) in literals:
        if kind == "MULT":
            (asked.on if holds else asked.off).append(args[0])
        elif kind == "MIN" and holds:
            asked.above(*args)
        elif kind == "MAX" and holds:
            asked.below(*args)
        elif kind == "MIN":
            asked.below(args[0], not args[1])
        elif kind == "MAX":
            asked.above(args[0], not args[1])
    return find_number(asked, accepts, work)
