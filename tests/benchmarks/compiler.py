"""How long a form takes to draw that nobody laid out: 2,000 fields in 50 groups, from schema to HTML.

Decides nothing; the best of five, so that the first use of templates and style sheets is not counted.
"""

from __future__ import annotations

import time
from typing import Any

from forms.compile import compile_schema
from tests.benchmarks.table import Row
from web.render import render_schema

_KINDS: tuple[dict[str, Any], ...] = (
    {"type": "string", "title": "姓名"},
    {"type": "integer", "title": "人数"},
    {"enum": ["甲", "乙", "丙"], "title": "类别"},
    {"type": "string", "format": "date", "title": "日期"},
)
_GROUPS, _FIELDS = 50, 40


def wide_schema() -> dict[str, Any]:
    """A schema of 2,000 fields of four kinds."""
    group = {f"f{n}": _KINDS[n % len(_KINDS)] for n in range(_FIELDS)}
    parts = {
        f"g{n}": {"type": "object", "title": f"第 {n + 1} 部分", "properties": group} for n in range(_GROUPS)
    }
    return {"type": "object", "title": "两千项", "properties": parts}


def measure() -> tuple[Row, ...]:
    """The rows of the table: compiling alone, and the whole page."""
    schema = wide_schema()
    compiled = min(_seconds(lambda: compile_schema(schema)) for _ in range(5))
    drawn = min(_seconds(lambda: render_schema(schema)) for _ in range(5))
    return (
        Row("compile a schema of 2,000 fields", compiled * 1000, "ms"),
        Row("draw a schema of 2,000 fields as a page", drawn * 1000, "ms", 1000),
    )


def _seconds(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
