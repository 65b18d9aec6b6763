"""An opened document with a value put into it that was just shown.

Decides nothing; changes a copy only.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from engine.desk.reading import Opened
from forms.model import unescape


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
