"""The application while the vault is shut: status, unsealing and public verification; all else says so.

Decides what answers without a key. Verification needs only trust.json and the file in hand, so it works; it
cannot say where a document stands today. Nobody is signed in here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import JSONResponse, Response

from engine.desk.desk import Agency, Desk
from engine.errors import Invalid, NotAllowed, Refused, TooMany, Unavailable
from engine.ports import Clock, Randomness
from storage.clock import SystemClock
from storage.randomness import SystemRandomness
from storage.trust_files import TrustFiles
from storage.vault_client import VaultClient
from storage.vault_house import State
from web.app import KeptFiles
from web.failures import watch_failures
from web.pages import go_to, page
from web.routes import language, verify
from web.security.fence import Fence
from web.security.guard import form_of, guard
from web.services import build_services, services_of
from web.settings import Settings
from web.templating import STATIC

router = APIRouter()
closed = APIRouter()
ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class EmptyStore:
    """What a shut application knows of where documents stand: nothing."""

    def get(self, doc: str) -> None:
        """No row, whatever the document."""
        return None


@dataclass(frozen=True, slots=True)
class SealedDesk:
    """The part of a desk that needs no key."""

    agency: Agency
    vault: VaultClient
    trust: TrustFiles
    clock: Clock
    randomness: Randomness
    store: EmptyStore


def create_sealed_app(
    data: Path, agency: Agency, vault: VaultClient, settings: Settings, pdf_readers: Any
) -> FastAPI:
    """The application for the time before custodians come."""
    desk = SealedDesk(
        agency, vault, TrustFiles(data / "trust"), SystemClock(), SystemRandomness(), EmptyStore()
    )
    app = FastAPI(title="fengjian", docs_url=None, redoc_url=None, openapi_url=None)
    # A desk without its stores: every route below asks only for what SealedDesk has.
    app.state.services = build_services(cast(Desk, desk), settings, pdf_readers=pdf_readers, data=data)
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    for one in (router, language.router, verify.router, closed):
        app.include_router(one, dependencies=[Depends(guard)] if one is not closed else [])
    watch_failures(app)
    app.add_middleware(Fence, settings=settings)
    return app


@router.get("/status")
def show_status(request: Request) -> Response:
    """That the vault is shut, how it is opened, and what that protects."""
    return _page(request, "sealed/status.html", 200)


@router.get("/status.json")
def status_for_machines(request: Request) -> Response:
    """The same for a monitor: 503, since no documents are taken."""
    state = _state(request)
    body = {"takes_documents": False, "sealed": True, "mode": state.mode, "shares": state.have}
    return JSONResponse(body, 503)


@router.get("/unseal")
def ask_unseal(request: Request) -> Response:
    """The page for custodians."""
    return _page(request, "sealed/unseal.html", 200)


@router.post("/unseal")
def do_unseal(request: Request) -> Response:
    """Hand the secret on to the vault process; it is kept nowhere here."""
    secret, vault = form_of(request).get("secret"), _vault(request)
    try:
        state = vault.offer_share(secret) if _state(request).mode == "shares" else vault.unseal(secret)
    except (Invalid, NotAllowed):
        return _page(request, "sealed/unseal.html", 403, failure="wrong")
    except TooMany as refusal:
        return _page(
            request, "sealed/unseal.html", 429, failure="wait", wait=refusal.facts.get("retry_after", 1)
        )
    if not state.is_open:
        return go_to("/unseal")
    request.app.state.enter()
    return go_to("/sign-in")


@closed.api_route("/api/{rest:path}", methods=ALL)
def refuse_api(rest: str) -> Response:
    """The API's way of saying it (RFC 9457)."""
    body = {"type": "about:blank", "status": 503, "title": "Service Unavailable", "code": "vault.sealed"}
    return Response(json.dumps(body), 503, media_type="application/problem+json")


@closed.api_route("/{rest:path}", methods=ALL)
def refuse(rest: str) -> Response:
    """Everything else."""
    raise Unavailable("vault.sealed")


def _vault(request: Request) -> VaultClient:
    return cast(VaultClient, services_of(request).desk.vault)


def _state(request: Request) -> State:
    try:
        return _vault(request).state()
    except Refused:
        raise Unavailable("vault.away") from None


def _page(request: Request, template: str, status: int, *, failure: str = "", wait: int = 0) -> Response:
    return page(request, template, status, state=_state(request), failure=failure, wait=wait)
