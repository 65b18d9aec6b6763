"""A section that is nothing but lines of the same kind, as a table for its page.

Decides only when a table reads better: two lines or more, few columns, nothing masked in it (a masked value
keeps its own place, with the button that shows it).
"""

from __future__ import annotations

from dataclasses import dataclass

from forms.summary import SummaryRow, SummarySection

_MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class FactsTable:
    """Heads, and for each line its cells in that order; None where a line has no such value."""

    head: tuple[str, ...]
    lines: tuple[tuple[SummaryRow | None, ...], ...]


def table_of(section: SummarySection) -> FactsTable | None:
    """The section as a table, None where its fields read better one by one."""
    groups: dict[str, dict[str, SummaryRow]] = {}
    for row in section.rows:
        if not row.group or row.is_masked or row.label in groups.get(row.group, {}):
            return None
        groups.setdefault(row.group, {})[row.label] = row
    fullest = max(groups.values(), key=len, default={})
    head = tuple(dict.fromkeys([*fullest, *(row.label for row in section.rows)]))
    kinds = {group.rpartition(" ")[0] for group in groups}
    if len(groups) < 2 or len(kinds) > 1 or len(head) > _MOST_COLUMNS:
        return None
    return FactsTable(head, tuple(tuple(one.get(label) for label in head) for one in groups.values()))
