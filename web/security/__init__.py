"""What stands between a browser and the desk: sessions, anti-forgery, limits, headers, file types.

Re-exports the three things a route needs. Decides nothing about documents: rights live in the engine.
"""

from web.security.guard import Form, form_of, session_of, visitor_of
from web.security.session import Session

__all__ = ["Form", "Session", "form_of", "session_of", "visitor_of"]
