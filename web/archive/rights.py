"""Who archives: managers of information.

Decides only for whom the page and the way to it are there.
"""

from __future__ import annotations

from typing import Final

from engine.identity import local_day
from web.security import Session
from web.services import Services

ARCHIVIST: Final = "info_manager"


def may_archive(services: Services, session: Session) -> bool:
    """Whether this person writes archive packages."""
    return ARCHIVIST in session.actor.roles(local_day(services.desk.clock.now()))
