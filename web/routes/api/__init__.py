"""The JSON API under /api/v1, for the systems of partners. Same use cases as the pages.

Decides addresses, statuses and the shape of bodies. A plain ASGI router: the submit route is the hot path of
the whole system, so nothing stands between the socket and the desk but a strict parse.
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from engine.errors import Broken, Refused
from web.landing import Landing
from web.routes.api import documents, files, log, reference
from web.routes.api.problems import on_broken, on_http, on_refused, on_unknown
from web.services import Services
from web.tokens import TokenSessions


def create_api(services: Services) -> Starlette:
    """The API around services, to be mounted at /api/v1."""
    handlers: dict[Any, Any] = {
        Refused: on_refused,
        Broken: on_broken,
        404: on_http,
        405: on_http,
        500: on_unknown,
    }
    api = Starlette(
        routes=[
            Route("/documents", documents.Documents),
            Route("/documents/{doc}", documents.read_document),
            Route("/documents/{doc}/transitions/{name}", documents.take_transition, methods=["POST"]),
            Route("/documents/{doc}/receipts/{seq}", documents.read_receipt),
            Route("/documents/{doc}/bundle", documents.read_bundle),
            Route("/files", files.upload, methods=["POST"]),
            Route("/forms/{form}", reference.read_form),
            Route("/log/checkpoint", reference.read_checkpoint),
            Route("/log/consistency", log.read_consistency),
            Route("/log/inclusion", log.read_inclusion),
            Route("/openapi.json", reference.read_openapi),
        ],
        exception_handlers=handlers,
    )
    api.state.services = services
    api.state.tokens = TokenSessions(services.desk)
    api.state.landing = Landing()
    return api
