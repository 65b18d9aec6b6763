"""An opened document with values put into it: one that was just shown, or a list that is hidden as a whole.

Decides nothing; changes copies only.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from engine.desk.reading import Opened
from engine.registry.masks import HIDDEN
from forms.model import unescape


def with_lists_hidden(opened: Opened) -> Opened:
    """Lists of masked values as one masked value, so that they are shown and revealed as one."""
    lists = {
        parent
        for parent in (pointer.rpartition("/")[0] for pointer in opened.masked)
        if (info := opened.form.field(parent)) is not None and info.is_array and info.pattern == parent
    }
    folded = opened
    for pointer in sorted(lists):
        folded = with_value(folded, pointer, HIDDEN)
    return replace(folded, masked=folded.masked | lists)


def with_value(opened: Opened, pointer: str, value: Any) -> Opened:
    """The opened document with `value` in clear at a pointer (RFC 6901) that exists in it."""
    answers = copy.deepcopy(dict(opened.answers))
    here: Any = answers
    *steps, last = [unescape(step) for step in pointer.split("/")[1:]]
    for step in steps:
        here = here[int(step)] if isinstance(here, list) else here[step]
    here[int(last) if isinstance(here, list) else last] = value
    masked = {one for one in opened.masked if one != pointer and not one.startswith(pointer + "/")}
    return replace(opened, answers=answers, masked=frozenset(masked))
