"""The words of a lift: what a step may be, and what a lifted document is beside its answers.

Decides no step's effect. A value that was not known stays not known: its place is named beside the answers,
never filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from engine.registry.expressions import Expression

Path = tuple[str | int, ...]
"""A place: keys, indexes, and in patterns STAR for every item of a list."""

STAR: Final = "*"
ABSENT: Final = object()
NAMES: Final = frozenset({"data", "value", "item"})
"""What an expression of a lift may use: the answers as the steps before left them, the value at the place,
and the list item the place lies in."""

ALWAYS: Final = ("0001-01-01", "9999-12-31")

# What happens to a value that a table has no entry for.
KEEP: Final = "keep"
UNKNOWN: Final = "unknown"
DROP: Final = "drop"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a place is unknown or a value is left out. `code` is ours, the sentences are the lift's author's.

    Codes: `declared`, `not_in_table`, `not_computed`, `reads_unknown`, `not_a_list_of_values`, `replaced`.
    """

    code: str
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A place of the newer version whose value an older document does not say; `kept` is what it does say."""

    pointer: str
    reason: Reason
    kept: Any = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A value that the newer version has no place for. `pointer` is where it stood when it was left out."""

    pointer: str
    reason: Reason
    value: Any = None


@dataclass(frozen=True, slots=True)
class Lifted:
    """Answers read as another version; what is not in them stands beside them."""

    answers: Any
    unknown: tuple[Unknown, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def unknown_places(self) -> tuple[str, ...]:
        """The pointers that are marked unknown."""
        return tuple(one.pointer for one in self.unknown)

    def as_json(self) -> dict[str, Any]:
        """As a JSON object, for the API, the command line and the cases beside a lift."""
        return {
            "answers": self.answers,
            "unknown": [_told(one.pointer, one.reason, "kept", one.kept) for one in self.unknown],
            "dropped": [_told(one.pointer, one.reason, "value", one.value) for one in self.dropped],
        }


def _told(pointer: str, reason: Reason, name: str, value: Any) -> dict[str, Any]:
    out: dict[str, Any] = {"pointer": pointer, "code": reason.code}
    if reason.zh:
        out |= {"reason": reason.zh, "reason_en": reason.en}
    return out if value is None else out | {name: value}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a lift's table: what a code becomes, from a day to a day (both included)."""

    code: Any
    to: Any
    valid_from: str = ALWAYS[0]
    valid_to: str = ALWAYS[1]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation. Which members it uses depends on `op` (docs in schemas/_meta/lift.schema.json).

    `source` and `target` are patterns; `into` maps targets of a split to columns of the table.
    """

    op: str
    pointer: str  # of the step in lift.json
    source: Path | None = None
    target: Path | None = None
    into: tuple[tuple[Path, str], ...] = ()
    table: tuple[Entry, ...] = ()
    on: Path | None = None
    names: tuple[str, ...] = ()
    names_at: Path | None = None
    matches: str | None = None
    when: Expression | None = None
    value: Expression | None = None
    otherwise: str = UNKNOWN
    zh: str = ""
    en: str = ""

    def reason(self, code: str) -> Reason:
        """The step's own sentences under a code of ours."""
        return Reason(code, self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Lift:
    """old → new for reading. `digests` are those of the lift files it is made of, in order."""

    form: str
    old: str
    new: str
    steps: tuple[Step, ...] = ()
    digests: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The digest of a lift read from one file; "" for the lift that changes nothing."""
        return self.digests[0] if len(self.digests) == 1 else ""
