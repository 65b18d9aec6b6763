"""Enrolment by a one-time link: a person chooses password and signing passphrase, and the key is made.

Decides nothing about secrets or invitations: `engine.desk.inviting` does. Signs nobody in, shows no secret
again, and says of a link that is not good only that it is not.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import inviting
from engine.errors import Invalid
from engine.ports import Account
from web.pages import go_to, page
from web.security.guard import form_of
from web.services import services_of

router = APIRouter()


@router.get("/enrol/{token}")
def ask(request: Request, token: str) -> Response:
    """The page of an invitation; 404 for one that has ended or was used."""
    account = inviting.invited_by(services_of(request).desk, token)
    return _page(request, 200, account, {})


@router.post("/enrol/{token}")
def accept(request: Request, token: str) -> Response:
    """Make the key; the person signs in afterwards."""
    desk, form = services_of(request).desk, form_of(request)
    account = inviting.invited_by(desk, token)
    password, passphrase = form.get("password"), form.get("passphrase")
    wrong = {
        pointer: "secret.differs"
        for pointer, secret, again in (
            ("/password", password, form.get("password_again")),
            ("/passphrase", passphrase, form.get("passphrase_again")),
        )
        if secret != again
    }
    if not form.has("agreed"):
        wrong["/agreed"] = "enrol.agreed"
    if wrong:
        return _page(request, 422, account, wrong)
    try:
        inviting.accept(desk, token, password, passphrase)
    except Invalid as refused:
        return _page(request, 422, account, {one.pointer: one.code for one in refused.problems})
    return go_to("/sign-in")


def _page(request: Request, status: int, account: Account, wrong: dict[str, str]) -> Response:
    return page(
        request, "enrol/page.html", status, name=account.name, staff_no=account.staff_no, wrong=wrong,
        least_password=inviting.SHORTEST_PASSWORD, least_passphrase=inviting.SHORTEST_PASSPHRASE,
        most=inviting.LONGEST,
    )  # fmt: skip
