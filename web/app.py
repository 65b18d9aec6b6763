"""The web application: routes by screen family behind the fence.

Decides which routers there are and that every page router is guarded. Never does a route's work.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from web.clockwork import lifespan
from web.failures import watch_failures
from web.routes import (
    access_log,
    api,
    archive,
    attachments,
    auth,
    documents,
    drafts,
    emergency,
    enrol,
    entry,
    fields,
    figures,
    home,
    kit,
    language,
    lists,
    log,
    notices,
    people,
    prints,
    queries,
    requests,
    review,
    samples,
    settings,
    status,
    tokens,
    updates,
    verify,
    version_editor,
    version_preview,
    versions,
)
from web.security.fence import Fence
from web.security.guard import guard
from web.services import Services
from web.templating import STATIC

PAGES = (
    auth, enrol, language, home, lists, entry, drafts, fields, documents, review, attachments, prints, verify,
    status, log, people, tokens, emergency, versions, version_editor,
    version_preview, kit, updates, queries, access_log, samples, archive, requests, settings, notices,
    figures,
)  # fmt: skip


def create_app(services: Services) -> FastAPI:
    """The application around services. No `/docs`, no `/openapi.json` for pages (OWASP ASVS 13.4)."""
    app = FastAPI(title="fengjian", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.services = services
    app.mount("/api/v1", api.create_api(services))
    for router in page_routers():
        app.include_router(router, dependencies=[Depends(guard)])
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    watch_failures(app)
    app.add_middleware(Fence, settings=services.settings)
    return app


def page_routers() -> tuple[APIRouter, ...]:
    """The routers of all pages, in the order in which they are asked."""
    return tuple(module.router for module in PAGES)


class KeptFiles(StaticFiles):
    """Static files: those asked for with a digest in the address may be kept for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = b"v=" in scope["query_string"] and response.status_code in (200, 304)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response
