"""A session as a route sees it: the remembered record joined with the person's rights of this moment.

Decides nothing and remembers nothing; made anew for every request, so that a revoked person is out at the
next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.lifecycle.people import Actor


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks. `unlock` is the vault's token of the signing key or None; `left` the time until the session
    ends.
    """

    id_hash: str
    actor: Actor
    unlock: str | None
    csrf: str
    lang: str
    name: str
    staff_no: str
    title: str
    left: timedelta
    pins: tuple[tuple[str, Any], ...] = ()
