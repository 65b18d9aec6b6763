"""What is told of a package: how far its writing has come, and what it holds once it is finished.

Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.archive.properties import Check


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the writing has come."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Package:
    """A finished package: where, how many documents, and the checks of each that did not pass."""

    folder: Path
    documents: tuple[str, ...]
    failed: tuple[tuple[str, Check], ...] = field(default=())
    not_judged: tuple[tuple[str, Check], ...] = field(default=())
