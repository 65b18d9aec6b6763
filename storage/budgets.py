"""How much may be asked of the vault in an hour, for one person and for all together (trust.md D11).

Decides when enough has been asked. Never knows what was opened. A budget fills evenly, so that a refused
person waits seconds, not until the hour is over. What is counted: documents opened, signatures of people,
and apart from both the documents opened for trial runs, which a person needs a permit for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import TooMany

HOUR = 3600.0
NOBODY = "system"
"""Asked for by no person: rounds of the clock, lists of the machine."""

_MOST_PEOPLE = 4096


@dataclass(frozen=True, slots=True)
class Budget:
    """Per hour: documents opened for one person, signatures of one person, documents opened for all;
    comparisons of a value with a document's sealed tags, by which values could be guessed, for all;
    documents opened for trial runs, for all."""

    unwraps: int = 3_000
    signatures: int = 1_200
    unwraps_of_all: int = 60_000
    comparisons: int = 600_000
    trials: int = 1_000_000


class Budgets:
    """What is left, by kind and person. `spend` raises `TooMany("vault.budget")` with `retry_after`."""

    def __init__(self, budget: Budget, monotonic: Callable[[], float]) -> None:
        self._budget, self._monotonic = budget, monotonic
        self._left: dict[tuple[str, str], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def open_document(self, person: str) -> None:
        """Count one document opened for a person."""
        with self._lock:
            if person != NOBODY:
                self._spend("unwrap", person, self._budget.unwraps)
            self._spend("unwrap", "", self._budget.unwraps_of_all)

    def sign(self, person: str) -> None:
        """Count one signature of a person."""
        with self._lock:
            self._spend("sign", person, self._budget.signatures)

    def compare(self) -> None:
        """Count one comparison of a value with the tags of a document."""
        with self._lock:
            self._spend("compare", "", self._budget.comparisons)

    def try_documents(self, documents: int) -> None:
        """Count documents opened together for a trial run; all of them or none."""
        with self._lock:
            self._spend("trial", "", self._budget.trials, documents)

    def _spend(self, kind: str, person: str, most: int, many: int = 1) -> None:
        many = min(many, most)  # more at once than in an hour would wait for ever
        now = self._monotonic()
        left, since = self._left.get((kind, person), (float(most), now))
        left = min(float(most), left + (now - since) * most / HOUR)
        if left < many:
            self._left[kind, person] = (left, now)
            raise TooMany("vault.budget", retry_after=int((many - left) * HOUR / most) + 1)
        if len(self._left) > _MOST_PEOPLE:
            self._forget_full(now)
        self._left[kind, person] = (left - many, now)

    def _forget_full(self, now: float) -> None:
        self._left = {name: one for name, one in self._left.items() if now - one[1] < HOUR}
