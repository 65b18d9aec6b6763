"""Signing in and opening the signing key: who the person is, proved by password and by passphrase.

Decides: an unknown account, a wrong password and a person who has left get the same words after the same work
(OWASP ASVS 6.3.8); failures slow the next try down per account and per address (6.3.1). The login password
never opens the signing key (trust.md §2.2). Never stores a secret and never logs one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NeedsUnlock, NotAllowed, NotSignedIn
from web.security.session import Session
from web.security.sessions import SessionRecord

if TYPE_CHECKING:
    from web.services import Services

PASSWORD = "password"


def sign_in(
    services: Services, staff_no: str, password: str, *, address: str, lang: str, old: str | None
) -> tuple[str, SessionRecord]:
    """Begin a session; ends the one under the old token. Returns (cookie token, record).

    Raises TooMany while the account or the address has to wait, NotSignedIn("sign_in") for anything wrong.
    """
    services.sign_in_limits.ask(staff_no, address)
    account = services.desk.directory.by_staff_no(staff_no)
    known = account is not None and account.active
    matches = services.desk.directory.password_is(account if known else None, password)
    if account is None or not (known and matches):
        services.sign_in_limits.failed(staff_no, address)
        raise NotSignedIn("sign_in")
    services.sign_in_limits.succeeded(staff_no)
    if old is not None:
        previous = services.sessions.look(old)
        if previous is not None:
            services.sessions.end(previous.id_hash)
            services.desk.vault.lock_session(previous.id_hash)
    return services.sessions.begin(
        account.person,
        account.staff_no,
        account.name,
        lang=lang,
        method=PASSWORD,
    )


def unlock_key(services: Services, session: Session, passphrase: str) -> None:
    """Open the person's signing key for this session.

    Raises NeedsUnlock("passphrase") when the passphrase is wrong, TooMany after several wrong ones.
    """
    services.unlock_limits.ask(session.actor.person, "")
    try:
        token = services.desk.vault.unlock(session.actor.person, passphrase, session.id_hash)
    except NotAllowed as refusal:
        services.unlock_limits.failed(session.actor.person, "")
        raise NeedsUnlock("passphrase") from refusal
    services.unlock_limits.succeeded(session.actor.person)
    services.sessions.change(session.id_hash, unlock=token)
