"""The facts of a section in the order of the page: single values side by side, lines of a list as a table.

Decides only where a table stands and what its columns are. Every value keeps its own place in it, a masked
one with the button that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from engine.registry.compiled import CompiledForm
from forms.model import FINGERPRINT
from forms.summary import SummaryRow, SummarySection

_LINE = re.compile(r"(?P<list>.*?)/(?P<number>[0-9]+)(?P<member>/.*)?\Z")
_NUMBER = re.compile(r"/[0-9]+(?=/|\Z)")

Cell = tuple[SummaryRow, ...]
"""Most cells hold one value; those of a list inside the line hold several."""


@dataclass(frozen=True, slots=True)
class FactsTable:
    """A list: its name, the heads of its columns, for each line its cells in that order."""

    title: str
    head: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """What stands together in a section: single values, or the lines of one list."""

    rows: tuple[SummaryRow, ...] = ()
    table: FactsTable | None = None


def blocks_of(section: SummarySection) -> tuple[Block, ...]:
    """The section's values, those of each list gathered in a table."""
    return tuple(
        Block(table=_table(tuple(rows))) if name else Block(tuple(rows))
        for name, rows in groupby(section.rows, key=_list_of)
    )


def parted(
    form: CompiledForm, sections: Iterable[SummarySection], aside: str = ""
) -> tuple[tuple[SummarySection, ...], tuple[SummaryRow, ...]]:
    """Sections without what only proves something, and that; `aside` is a list that is shown elsewhere."""
    facts: list[SummarySection] = []
    proofs: list[SummaryRow] = []
    for section in sections:
        shown: list[SummaryRow] = []
        for row in section.rows:
            if is_digest(form, row.pointer):
                proofs.append(row)
            elif not aside or not row.pointer.startswith(aside + "/"):
                shown.append(row)
        if shown:
            facts.append(SummarySection(section.pointer, section.letter, section.title, tuple(shown)))
    return tuple(facts), tuple(proofs)


def is_digest(form: CompiledForm, pointer: str) -> bool:
    """Whether a fingerprint stands there."""
    info = form.field(pointer)
    return info is not None and info.format == FINGERPRINT


def _list_of(row: SummaryRow) -> str:
    """The list a value stands in a line of; "" for a single value."""
    found = _LINE.match(row.pointer) if row.group.rpartition(" ")[2].isdigit() else None
    return found["list"] if found else ""


def _table(rows: tuple[SummaryRow, ...]) -> FactsTable:
    lines: dict[str, dict[str, list[SummaryRow]]] = {}
    heads: dict[str, str] = {}
    title = ""
    for row in rows:
        found = _LINE.match(row.pointer)
        assert found is not None  # that is how the rows were gathered
        member = _NUMBER.sub("", found["member"] or "")
        lines.setdefault(found["number"], {}).setdefault(member, []).append(row)
        words = row.group.rpartition(" ")[0]
        title = title or words
        heads.setdefault(member, row.label or words)
    columns = tuple(_in_order([list(line) for line in lines.values()]))
    return FactsTable(
        title,
        tuple(heads[name] for name in columns),
        tuple(tuple(tuple(line.get(name, ())) for name in columns) for line in lines.values()),
    )


def _in_order(lines: list[list[str]]) -> Iterator[str]:
    """Every column once: a column that only some lines have stands behind the one it follows there."""
    order: list[str] = []
    for line in lines:
        place = 0
        for name in line:
            if name in order:
                place = order.index(name) + 1
            else:
                order.insert(place, name)
                place += 1
    yield from order
