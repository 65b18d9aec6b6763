"""How many documents stand where.

Decides nothing and opens nothing: counts over rows.
"""

from __future__ import annotations

from engine.desk.desk import Desk


def standing_in(desk: Desk, form: str) -> dict[str, dict[str, int]]:
    """How many documents of a form stand in each state, by the digest of their version."""
    counts: dict[str, dict[str, int]] = {}
    for row in desk.store.rows():
        if row["form"] == form:
            states = counts.setdefault(row["digest"], {})
            states[row["state"]] = states.get(row["state"], 0) + 1
    return counts
