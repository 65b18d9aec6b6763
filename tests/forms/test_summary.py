"""Answers in words: what the document page says of a value."""

from __future__ import annotations

import pytest

from forms.compile import compile_schema
from forms.summary import words

TIME = compile_schema(
    {"type": "object", "properties": {"x": {"type": "string", "format": "date-time"}}}, None
).nodes["/x"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-11-22T13:50:24Z", "2026-11-22 21:50:24"),
        ("2026-11-22T13:50:00Z", "2026-11-22 21:50"),
        ("2026-03-05T09:42:10+08:00", "2026-03-05 09:42:10"),
        ("2026-03-05 some time", "2026-03-05 some time"),
    ],
)
def test_a_moment_is_said_on_the_clock_of_the_office(written: str, said: str) -> None:
    assert words(TIME, written, "zh-CN", {}) == said
