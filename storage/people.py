"""The directory of accounts: one sealed file each; found by staff number, pseudonym or token.

Decides where accounts lie. Never decides what an account may do: grants are read by the engine. Names, staff
numbers and password hashes are only inside the sealed notes.
"""

from __future__ import annotations

import re
import threading
from dataclasses import asdict
from pathlib import Path

import orjson

from engine.errors import Conflict, NotFound, Unavailable
from engine.ports import Account, Vault
from storage.disk import Disk
from storage.passphrases import Passphrases

_PURPOSE = "account"
_PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class FileDirectory:
    """Behind the Directory port. All accounts are in memory; a save is on the disk before it counts."""

    def __init__(
        self, folder: Path, vault: Vault, passphrases: Passphrases, disk: Disk | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._vault, self._disk = folder, vault, disk or Disk()
        self._passphrases = passphrases
        self._lock = threading.Lock()
        self._people: dict[str, Account] = {}
        self._staff_nos: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        for path in sorted(folder.glob("*.account")):
            sealed = self._vault.open_note(_PURPOSE, path.read_bytes(), path.stem.encode("ascii"))
            self._remember(_account(sealed))

    def by_staff_no(self, staff_no: str) -> Account | None:
        """The account that signs in with this number, or None."""
        person = self._staff_nos.get(staff_no)
        return None if person is None else self._people.get(person)

    def by_person(self, person: str) -> Account | None:
        """The account of a pseudonym, or None."""
        return self._people.get(person)

    def by_token(self, token_hash: str) -> Account | None:
        """The account that holds an API token with this hash, or None."""
        person = self._tokens.get(token_hash)
        return None if person is None else self._people.get(person)

    def all(self) -> tuple[Account, ...]:
        """Every account, by staff number."""
        with self._lock:
            return tuple(sorted(self._people.values(), key=lambda account: account.staff_no))

    def save(self, account: Account) -> None:
        """Store it. `Conflict("account.staff_no")`: the number is another's; `Unavailable("disk")`."""
        if _PERSON.match(account.person) is None:
            raise NotFound("person")
        data = orjson.dumps(asdict(account))
        sealed = self._vault.seal_note(_PURPOSE, data, account.person.encode("ascii"))
        with self._lock:
            if self._staff_nos.get(account.staff_no, account.person) != account.person:
                raise Conflict("account.staff_no")
            try:
                self._disk.replace_file(self._folder / f"{account.person}.account", sealed)
            except OSError:
                raise Unavailable("disk") from None
            self._remember(account)

    def hash_password(self, password: str) -> str:
        """The argon2id string to keep for a password."""
        return self._passphrases.hash(password)

    def password_is(self, account: Account | None, password: str) -> bool:
        """Whether the password is the account's; takes as long for an unknown or inactive account."""
        is_known = account is not None and account.active and account.password_hash != ""
        hashed = account.password_hash if account is not None and is_known else None
        return self._passphrases.matches(hashed, password)

    def _remember(self, account: Account) -> None:
        before = self._people.get(account.person)
        if before is not None:
            self._staff_nos.pop(before.staff_no, None)
            for token in before.tokens:
                self._tokens.pop(token["hash"], None)
        self._people[account.person] = account
        self._staff_nos[account.staff_no] = account.person
        for token in account.tokens:
            self._tokens[token["hash"]] = account.person


def _account(data: bytes) -> Account:
    value = orjson.loads(data)
    return Account(**{**value, "grants": tuple(value["grants"]), "tokens": tuple(value["tokens"]),
                      "proposals": tuple(value.get("proposals", ()))})  # fmt: skip
