"""Who looks after people, keys and tokens.

Decides only for whom those pages are there; what somebody may do on them the desk decides.
"""

from __future__ import annotations

from fastapi import Request

from engine.desk import keys
from engine.errors import NotFound
from engine.identity import local_day
from web.security import Session, session_of
from web.services import services_of


def administrator(request: Request) -> Session:
    """The session of somebody who looks after people; for anybody else there is no such page."""
    session, services = session_of(request), services_of(request)
    roles = session.actor.roles(local_day(services.desk.clock.now()))
    if not (keys.ADMINISTRATORS | keys.CONFIRMERS) & set(roles):
        raise NotFound("people.page")
    return session
