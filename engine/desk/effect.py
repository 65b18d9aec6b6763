"""The shape of what a capability does at a step. A capability that inherits it says only what it needs.

Decides nothing: see engine.desk.effects for when each part is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from engine.desk.desk import Desk
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor


class Effect(Protocol):
    """What one capability has made ready for one step."""

    def confirm(self, desk: Desk) -> None:
        """Inside the critical section: refuse when the world has moved since it was made ready."""
        return None

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Append what other documents get, and say what the event of the step states in its body."""

    def admit(self, desk: Desk, index: int) -> None:
        """The journal has committed the step at `index`."""
        return None

    def settle(self, desk: Desk) -> None:
        """The step is durable, and whoever took it waits for this: what must not happen a moment sooner."""
        return None
