"""People, keys and grants: what security administrators see and order, and everybody's own signing key.

Decides who sees the pages (their roles; the desk decides every act again) and that each act takes the
passphrase anew. After a person was ended, their sessions are too. Never shows a secret but an invitation,
once, to whoever ordered it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import (
    inviting,
    keys,
    machines,
    people,
    reading,
    reaffirming,
    rewrapping,
    same_person,
    shredding,
)
from engine.errors import Invalid, NeedsUnlock, NotFound
from engine.ports import Account
from engine.trust.chain import CONSENT
from web.administrators import administrator
from web.labels import role_title, roles_title, unit_title
from web.pages import go_to, page, translator
from web.security import Session, form_of, session_of
from web.security.guard import Form, is_stepped_up
from web.services import Services, services_of

router = APIRouter()
BASES = ("PIPL-47-1", "PIPL-47-2", "PIPL-47-3", "PIPL-47-4", "PIPL-47-5")

TONES = {
    "active": "positive", "machine": "positive", "invited": "waiting", "no_key": "attention",
    "ended": "neutral",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One person in the list."""

    person: str
    name: str
    staff_no: str
    unit: str
    roles: str
    state: str
    tone: str
    waiting: int


@router.get("/people")
def show_people(request: Request) -> Response:
    """Everybody, and how far moving keys has come."""
    session, services = administrator(request), services_of(request)
    say = translator(request, session.lang)
    lines = [
        Line(
            one.person, one.name, one.staff_no, unit_title(one.unit, say),
            say("shell.list_separator").join(role_title(grant["role"], say) for grant in one.grants),
            _state_of(one), TONES[_state_of(one)], len(_proposals(one)),
        )
        for one in services.desk.directory.all()
    ]  # fmt: skip
    return page(
        request, "people/people.html", title=say("people.title"), lines=lines,
        progress=services.rewrapping.progress, turning=len(rewrapping.waiting(services.desk)),
        crumbs=((say("shell.home"), "/"), (say("people.title"), None)),
    )  # fmt: skip


@router.get("/people/{person}")
def show_person(request: Request, person: str) -> Response:
    """One person: grants, keys with their intervals, what waits for a second person."""
    administrator(request)
    return _person_page(request, person)


def _end(work: Callable[..., Any]) -> Callable[[Services, Session, str, Form], str]:
    def act(services: Services, session: Session, person: str, form: Form) -> str:
        work(services, session, person, form)
        for record in services.sessions.end_all_of(person):
            services.desk.vault.lock_session(record.id_hash)
        return ""

    return act


def _dismiss(services: Services, session: Session, person: str, form: Form) -> None:
    keys.dismiss(services.desk, session.actor, person, session.unlock)


def _compromise(services: Services, session: Session, person: str, form: Form) -> None:
    since = form.get("since").strip()
    number = int(since) if since.isdecimal() and len(since) < 16 else -1
    keys.compromise(services.desk, session.actor, person, number, session.unlock)


def _end_grant(services: Services, session: Session, person: str, form: Form) -> str:
    keys.end_grant(services.desk, session.actor, person, form.get("grant"), session.unlock)
    return ""


def _propose_grant(services: Services, session: Session, person: str, form: Form) -> str:
    facts = {name: form.get(name) for name in ("role", "unit") if form.get(name)}
    keys.propose(services.desk, session.actor, person, keys.GRANT, facts, session.unlock)
    return ""


def _propose_reset(services: Services, session: Session, person: str, form: Form) -> str:
    keys.propose(services.desk, session.actor, person, keys.RESET, {}, session.unlock)
    return ""


def _confirm(services: Services, session: Session, person: str, form: Form) -> str:
    done = keys.confirm(services.desk, session.actor, person, form.get("proposal"), session.unlock)
    if done.token:
        services.sessions.end_all_of(person)
    return done.token


ACTS = {
    "dismiss": _end(_dismiss), "compromise": _end(_compromise), "end-grant": _end_grant,
    "propose-grant": _propose_grant, "propose-reset": _propose_reset, "confirm": _confirm,
}  # fmt: skip


@router.post("/people/{person}/{act}")
def order(request: Request, person: str, act: str) -> Response:
    """Carry out one act; a reset shows its invitation, anything else goes back to the person."""
    session, services = administrator(request), services_of(request)
    if act not in ACTS:
        raise NotFound("people.act")
    _step_up(request)
    token = ACTS[act](services, session, person, form_of(request))
    return _person_page(request, person, token) if token else go_to(f"/people/{quote(person)}")


@router.get("/my-key")
def show_my_key(request: Request) -> Response:
    """The person's own keys."""
    return _my_key(request, 200, {})


@router.post("/my-key")
def rotate_my_key(request: Request) -> Response:
    """A new signing key under a new passphrase; the old one ends with the log index it announces."""
    session, services, form = session_of(request), services_of(request), form_of(request)
    _step_up(request)
    account = services.desk.directory.by_person(session.actor.person)
    passphrase = form.get("new_passphrase")
    wrong = {} if passphrase == form.get("new_again") else {"/passphrase": "secret.differs"}
    if account is not None and not wrong:
        problems = inviting.judge_secrets(account, "", passphrase)
        wrong = {one.pointer: one.code for one in problems if one.pointer == "/passphrase"}
    if wrong:
        return _my_key(request, 422, wrong)
    keys.rotate(services.desk, session.actor, passphrase, session.unlock)
    services.sessions.change(session.id_hash, unlock=None)
    return go_to("/my-key")


@router.post("/documents/{doc}/reaffirm")
def reaffirm(request: Request, doc: str) -> Response:
    """Stand by the suspect steps of a document that this person may stand by."""
    session, services, form = session_of(request), services_of(request), form_of(request)
    _step_up(request)
    reaffirming.reaffirm(services.desk, session.actor, doc, form.get("_head"), session.unlock).wait()
    return go_to(f"/documents/{doc}")


@router.get("/documents/{doc}/keys")
def show_document_keys(request: Request, doc: str) -> Response:
    """What can be done about a document's keys: confirm suspect steps, approve the destruction."""
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    desk = services.desk
    row, form = reading.readable_row(desk, session.actor, doc)
    approved = [one for one in row["steps"] if one["transition"] == CONSENT]
    may_approve, is_destroyed = shredding.may_approve(desk, session.actor), "destroyed" in row["flags"]
    about = same_person.drafts_about(desk, row) if may_approve and not is_destroyed else same_person.About()
    return page(
        request, "people/document.html", title=say("people.document"), row=row, bases=BASES,
        suspects=reaffirming.suspects(desk, row, form), is_destroyed=is_destroyed, may_approve=may_approve,
        approved=[reading.name_of(desk, one["person"]) for one in approved],
        has_approved=session.actor.person in {one["person"] for one in approved},
        approvers=roles_title(desk.agency.shred_roles, say), same_drafts=len(about.same),
        alike=sorted({reading.name_of(desk, one.created_by) for one in about.alike}),
        crumbs=((row["doc_no"], f"/documents/{doc}"), (say("people.document"), None)),
    )  # fmt: skip


@router.post("/documents/{doc}/shred")
def approve_shred(request: Request, doc: str) -> Response:
    """Approve the lawful destruction of a document's content."""
    session, services, form = session_of(request), services_of(request), form_of(request)
    if form.get("basis") not in BASES:
        raise Invalid("shred.basis")
    _step_up(request)
    desk, actor = services.desk, session.actor
    shredding.approve(desk, actor, doc, form.get("basis"), form.get("_head"), session.unlock)
    return go_to(f"/documents/{doc}/keys")


def _step_up(request: Request) -> None:
    if not is_stepped_up(request):
        raise NeedsUnlock("step_up")


def _proposals(account: Account) -> list[Mapping[str, Any]]:
    """What waits for a second person here; machines wait on the page of tokens."""
    return [one for one in account.proposals if one["kind"] != machines.ISSUE]


def _state_of(account: Account) -> str:
    if machines.is_machine(account):
        return "machine"
    if not account.active:
        return "invited" if account.tokens else "ended"
    return "active" if account.public_key else "no_key"


def _person_page(request: Request, person: str, token: str = "") -> Response:
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    account = services.desk.directory.by_person(person)
    if account is None:
        raise NotFound("person.not_found")
    proposals = [{**one, "by_name": reading.name_of(services.desk, one["by"])} for one in account.proposals]
    trust_roles = sorted(keys_of_roles(services))
    return page(
        request, "people/person.html", title=account.name, account=account, state=_state_of(account),
        tone=TONES[_state_of(account)],
        keys=_keys_of(services, person), unit_title=unit_title,
        proposals=proposals, token=token, roles=trust_roles,
        me=session.actor.person,
        crumbs=((say("shell.home"), "/"), (say("people.title"), "/people"), (account.name, None)),
    )  # fmt: skip


def keys_of_roles(services: Services) -> set[str]:
    """Every role somebody holds here now: what can be given is what there is."""
    return {grant["role"] for one in services.desk.directory.all() for grant in one.grants}


def _keys_of(services: Services, person: str) -> list[dict[str, Any]]:
    entries = [one for one in people.entries(services.desk) if one["person"] == person]
    found = [key for entry in entries for key in entry["keys"]]
    return sorted(found, key=_begins)


def _begins(key: dict[str, Any]) -> int:
    return int(key["valid_from_index"])


def _my_key(request: Request, status: int, wrong: dict[str, str]) -> Response:
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    return page(
        request, "people/my_key.html", status, title=say("people.my_key"), wrong=wrong,
        keys=_keys_of(services, session.actor.person), least=inviting.SHORTEST_PASSPHRASE,
        most=inviting.LONGEST, crumbs=((say("shell.home"), "/"), (say("people.my_key"), None)),
    )  # fmt: skip
