"""Tokens of machines: how one is made, and how it opens its account's signing key.

Decides: the server keeps the SHA-256 of a token and the signing passphrase sealed under a key derived from
the token; neither opens anything without the token itself. A token belongs to one account, has a last day,
and is as good as the account's grants and contract at each request. Never logs or stores a token.
"""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode, urlsafe_b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from engine.desk import people
from engine.desk.desk import Desk
from engine.errors import NotAllowed, NotSignedIn
from engine.identity import local_day
from engine.lifecycle.people import Actor
from engine.ports import Account

PREFIX = "fj_"
METHOD = "token"


@dataclass(frozen=True, slots=True)
class TokenSession:
    """A machine at work: the actor it stands for and the vault's token of the opened signing key."""

    actor: Actor
    unlock: str
    session: str


def make_token(desk: Desk, account: Account, passphrase: str, name: str, expires: str) -> str:
    """A new token of an account, valid through the day `expires` (YYYY-MM-DD). An older one of the same name
    ends. The result is shown once and kept nowhere."""
    token = PREFIX + urlsafe_b64encode(desk.randomness.bytes(32)).decode("ascii").rstrip("=")
    sealed = SecretBox(_key(token)).encrypt(passphrase.encode(), desk.randomness.bytes(SecretBox.NONCE_SIZE))
    entry = {
        "id": desk.randomness.bytes(6).hex(),
        "hash": token_hash(token),
        "name": name,
        "expires": expires,
        "wrapped_passphrase": b64encode(bytes(sealed)).decode("ascii"),
    }
    others = tuple(one for one in account.tokens if one["name"] != name)
    desk.directory.save(replace(account, tokens=(*others, entry)))
    return token


def token_hash(token: str) -> str:
    """What the server knows a token by."""
    return sha256(b"fengjian/token/v1\x00" + token.encode("utf-8", "replace")).hexdigest()


def _key(token: str) -> bytes:
    return sha256(b"fengjian/token-key/v1\x00" + token.encode()).digest()


class TokenSessions:
    """Opened signing keys of machines, by token; safe to call from many threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._unlocked: dict[str, str] = {}
        self._lock = threading.Lock()

    def known(self, token: str) -> TokenSession | None:
        """The session of a token whose key is already open; None when `open` has to do the slow part.

        Raises NotSignedIn for a token that is none or has ended, NotAllowed("contract.ended") outside the
        partner's contract, NotAllowed("token.no_grants") when its account holds no grant today.
        """
        account, entry = self._look_up(token)
        unlock = self._unlocked.get(entry["hash"])
        if unlock is None or not self._desk.vault.is_unlocked(unlock):
            return None
        return self._session(account, entry, unlock)

    def open(self, token: str) -> TokenSession:
        """As `known`, opening the account's signing key where needed (argon2id: not on the event loop)."""
        account, entry = self._look_up(token)
        with self._lock:
            unlock = self._unlocked.get(entry["hash"])
            if unlock is None or not self._desk.vault.is_unlocked(unlock):
                try:
                    sealed = SecretBox(_key(token)).decrypt(b64decode(entry["wrapped_passphrase"]))
                    unlock = self._desk.vault.unlock(account.person, sealed.decode(), entry["hash"])
                except (CryptoError, NotAllowed):
                    # The account has a new key since; its tokens have to be made anew.
                    raise NotSignedIn("token.outdated") from None
                self._unlocked[entry["hash"]] = unlock
        return self._session(account, entry, unlock)

    def _look_up(self, token: str) -> tuple[Account, Any]:
        digest = token_hash(token)
        account = self._desk.directory.by_token(digest) if token.startswith(PREFIX) else None
        if account is None or not account.active:
            raise NotSignedIn("token.unknown")
        entry = next((one for one in account.tokens if one["hash"] == digest), None)
        today = local_day(self._desk.clock.now())
        if entry is None or entry["expires"] < today:
            raise NotSignedIn("token.ended")
        partner = account.partner
        if partner is not None and not partner["contract_from"] <= today <= partner["contract_to"]:
            raise NotAllowed("contract.ended")
        if not people.actor_of(account, digest, METHOD).grants_on(today):
            raise NotAllowed("token.no_grants")
        return account, entry

    def _session(self, account: Account, entry: Any, unlock: str) -> TokenSession:
        return TokenSession(people.actor_of(account, entry["hash"], METHOD), unlock, entry["hash"])
