"""API tokens: which there are, giving one to a partner's machine, taking one away.

Decides who sees the page (administrators; the desk decides every act again) and that each act takes the
passphrase anew. A token is shown once, as the answer to its confirmation, and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import keys, machines, reading
from engine.errors import NeedsUnlock, NotFound
from engine.identity import base32, local_day
from engine.ports import Account
from web.administrators import administrator
from web.pages import go_to, page, translator
from web.security import Session, form_of
from web.security.guard import Form, is_stepped_up
from web.services import Services, services_of
from web.tokens import make_token

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """One token in the list. `standing` is `counts`, `ended` or `contract` (outside its days)."""

    one: machines.Token
    is_machine: bool
    contract: tuple[str, str]
    standing: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A machine that waits for a second person."""

    person: str
    partner: str
    proposal: str
    name: str
    last_day: str
    by: str
    is_mine: bool


@router.get("/tokens")
def show_tokens(request: Request) -> Response:
    """Every token, what waits for a second person, and the form to propose a machine."""
    administrator(request)
    return _tokens_page(request)


@router.post("/tokens")
def propose(request: Request) -> Response:
    """Propose a machine for a partner."""
    session, services = administrator(request), services_of(request)
    _step_up(request)
    form = form_of(request)
    machines.propose(
        services.desk, session.actor, form.get("partner"), form.get("name"), form.get("last_day").strip(),
        session.unlock,
    )  # fmt: skip
    return go_to("/tokens")


def _confirm(services: Services, session: Session, person: str, form: Form) -> str:
    desk = services.desk
    passphrase = base32(desk.randomness.bytes(32))
    account, facts = machines.confirm(
        desk, session.actor, person, form.get("proposal"), passphrase, session.unlock
    )
    return make_token(desk, account, passphrase, facts["name"], facts["last_day"])


def _revoke(services: Services, session: Session, person: str, form: Form) -> str:
    machines.revoke(services.desk, session.actor, person, form.get("token"), session.unlock)
    return ""


ACTS: dict[str, Callable[[Services, Session, str, Form], str]] = {"confirm": _confirm, "revoke": _revoke}


@router.post("/tokens/{person}/{act}")
def order(request: Request, person: str, act: str) -> Response:
    """Carry out one act; a confirmation shows the token, anything else goes back to the list."""
    session, services = administrator(request), services_of(request)
    if act not in ACTS:
        raise NotFound("tokens.act")
    _step_up(request)
    token = ACTS[act](services, session, person, form_of(request))
    return _tokens_page(request, token) if token else go_to("/tokens")


def _step_up(request: Request) -> None:
    if not is_stepped_up(request):
        raise NeedsUnlock("step_up")


def _tokens_page(request: Request, token: str = "") -> Response:
    session, services = administrator(request), services_of(request)
    say, desk = translator(request, session.lang), services.desk
    today = local_day(desk.clock.now())
    may_order = bool(keys.ADMINISTRATORS & set(session.actor.roles(today)))
    partners = machines.partners(desk)
    return page(
        request, "tokens/tokens.html", title=say("tokens.title"), token=token, may_order=may_order,
        lines=[_line(one, today) for one in machines.tokens(desk)], waiting=_waiting(services, session),
        partners=partners, today=today,
        last_day=max((one.partner["contract_to"] for one in partners if one.partner), default=""),
        crumbs=((say("shell.home"), "/"), (say("people.title"), "/people"), (say("tokens.title"), None)),
    )  # fmt: skip


def _line(one: machines.Token, today: str) -> Line:
    partner = one.account.partner
    contract = (partner["contract_from"], partner["contract_to"]) if partner is not None else ("", "")
    standing = "ended" if one.expires < today else "counts"
    if partner is not None and not contract[0] <= today <= contract[1]:
        standing = "contract"
    return Line(one, machines.is_machine(one.account), contract, standing)


def _waiting(services: Services, session: Session) -> list[Waiting]:
    return [
        Waiting(
            account.person, _named(account), one["id"], one["facts"]["name"], one["facts"]["last_day"],
            reading.name_of(services.desk, one["by"]), one["by"] == session.actor.person,
        )
        for account in services.desk.directory.all()
        for one in account.proposals
        if one["kind"] == machines.ISSUE
    ]  # fmt: skip


def _named(account: Account) -> str:
    return f"{account.name} {account.staff_no}"
