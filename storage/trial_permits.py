"""Permits for trial runs: who may have the contents of how many documents of one form opened at once.

Decides whether a question for contents is within its permit. A permit stands on a person's unlocked key and
ends with it; it is kept in memory alone. Never opens anything, and never knows who should be given one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.errors import NeedsUnlock, NotAllowed, Refused
from engine.ports import MOST_CONTENTS, MOST_WRAPS, SealedContent

_MOST_PERMITS = 256


@dataclass(slots=True)
class _Permit:
    token: str
    scope: str
    left: int


class TrialPermits:
    """The permits of one vault. `is_unlocked` says whether a person's token still stands for a key."""

    def __init__(self, is_unlocked: Callable[[str | None], bool]) -> None:
        self._is_unlocked = is_unlocked
        self._permits: dict[str, _Permit] = {}
        self._lock = threading.Lock()

    def allow(self, token: str, scope: str, documents: int) -> str:
        """A permit; the caller has seen that the token opens the person's key."""
        if documents < 0 or not scope:
            raise Refused("vault.question")
        name = os.urandom(16).hex()
        with self._lock:
            self._permits = {key: one for key, one in self._permits.items() if self._is_unlocked(one.token)}
            if len(self._permits) >= _MOST_PERMITS:
                del self._permits[next(iter(self._permits))]  # the oldest
            self._permits[name] = _Permit(token, scope, documents)
        return name

    def check(self, permit: str, contents: Sequence[SealedContent]) -> None:
        """Raises `NotAllowed("vault.permit")`, `NeedsUnlock`, `Refused("vault.question")`."""
        held = self._permits.get(permit)
        if held is None:
            raise NotAllowed("vault.permit")
        if not self._is_unlocked(held.token):
            raise NeedsUnlock
        if len(contents) > MOST_CONTENTS or len({one.doc for one in contents}) != len(contents):
            raise Refused("vault.question")
        beginning = held.scope + "."
        for one in contents:
            if len(one.pieces) > MOST_WRAPS or any(piece.wrap.doc != one.doc for piece in one.pieces):
                raise Refused("vault.question")
            if not all(piece.wrap.compartment.startswith(beginning) for piece in one.pieces):
                raise NotAllowed("vault.permit")
        if len(contents) > held.left:
            raise NotAllowed("vault.permit")

    def use(self, permit: str, contents: Sequence[SealedContent]) -> None:
        """Count documents against a permit; raises what `check` does."""
        with self._lock:
            self.check(permit, contents)
            self._permits[permit].left -= len(contents)
