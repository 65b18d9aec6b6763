"""The vault process's inside: shut until custodians open it, then a vault that answers within bounds.

Decides whether a question is answered at all: the vault is open, the operation is one of the list, its size
is that of one event, one document or one permitted step of a trial run, the budget is not used up. Never
talks to a socket.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import Invalid, NotAllowed, Problem, Refused, TooMany, Unavailable
from engine.ports import MOST_INDEXED, MOST_WRAPS, KeyModule
from storage.budgets import Budgets
from storage.keyring import seal_facts
from storage.passphrases import Passphrases
from storage.unsealing import FILE, MODULE, PASSPHRASE, SHARES, combine, gather, key_by_passphrase
from storage.vault import ProcessVault, open_vault

OPERATIONS = frozenset({
    "enrol", "unlock", "is_unlocked", "lock_session", "sign_as", "sign_platform", "sign_event",
    "sign_registrar", "sign_root", "sign_log", "public_keys", "wrap", "unwrap", "unwrap_all", "prepare",
    "blind", "subject_key", "seal_note", "open_note", "carries", "make_next_key", "adopt_key", "forget_key",
    "epochs", "turn_epoch", "rewrap", "retire_epochs", "allow_trial", "open_contents",
})  # fmt: skip
OF_THE_HOUSE = frozenset({"state", "unseal", "offer_share"})

_FREE_MISSES = 3
_LONGEST_WAIT = 600.0


@dataclass(frozen=True, slots=True)
class State:
    """What anybody may know of the vault: how it is shut, whether it is open, how many shares came.

    `left` names what the process could not give up (hardening.py).
    """

    mode: str
    is_open: bool
    have: int = 0
    need: int = 0
    left: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The state as a mapping for a message."""
        return {
            "mode": self.mode, "is_open": self.is_open, "have": self.have, "need": self.need,
            "left": self.left,
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> State:
        """The state a message carries."""
        return cls(value["mode"], value["is_open"], value["have"], value["need"], tuple(value["left"]))


@dataclass(slots=True)
class House:
    """One vault behind its door."""

    folder: Path
    passphrases: Passphrases
    budgets: Budgets
    unseal_folder: Path | None = None
    module: KeyModule | None = None
    monotonic: Callable[[], float] = time.monotonic
    left: tuple[str, ...] = ()
    _vault: ProcessVault | None = None
    _shares: tuple[str, ...] = ()
    _misses: int = 0
    _last_miss: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open_if_unattended(self) -> None:
        """Open a vault whose key lies on this machine; others wait for their custodians."""
        if seal_facts(self.folder / "ring")["mode"] == FILE:
            self._vault = open_vault(self.folder, self.passphrases, unseal_folder=self.unseal_folder)

    def answer(self, operation: str, args: Sequence[Any], person: str) -> Any:
        """The answer to one question. Raises what the vault refuses with, and `Refused("vault.question")`."""
        if operation in OF_THE_HOUSE:
            return getattr(self, operation)(*args).to_json()
        if operation not in OPERATIONS:
            raise Refused("vault.question")
        vault = self._vault
        if vault is None:
            raise Unavailable("vault.sealed")
        self._bound(vault, operation, args, person)
        return getattr(vault, operation)(*args)

    def _bound(self, vault: ProcessVault, operation: str, args: Sequence[Any], person: str) -> None:
        """One event, one document, or what a permit for a trial run names; within the budget."""
        if operation in ("unwrap", "unwrap_all"):
            wraps = args[0] if operation == "unwrap_all" else (args[0],)
            if len(wraps) > MOST_WRAPS or len({one.doc for one in wraps}) > 1:
                raise Refused("vault.question")
            self.budgets.open_document(person)
        elif operation in ("sign_as", "sign_event", "allow_trial"):
            self.budgets.sign(args[1])
        elif operation == "open_contents":
            vault.permits.check(args[0], args[1])
            self.budgets.try_documents(len(args[1]))
        elif operation in ("carries", "subject_key"):
            self.budgets.compare()
        elif operation == "prepare" and (len(args[1]) > MOST_WRAPS or len(args[2]) > MOST_INDEXED):
            raise Refused("vault.question")

    # -- opening --

    def state(self) -> State:
        """How things stand; needs no right."""
        facts = seal_facts(self.folder / "ring")
        need = facts["threshold"] if facts["mode"] == SHARES else 0
        return State(facts["mode"], self._vault is not None, len(self._shares), need, self.left)

    def unseal(self, secret: str) -> State:
        """Open with the passphrase, or with the module's PIN.

        `NotAllowed("unseal.wrong")`, `TooMany` after repeated misses, `Refused("unseal.method")` when this
        vault is opened in another way.
        """
        facts = seal_facts(self.folder / "ring")
        with self._lock:
            if self._vault is not None:
                return self.state()
            self._refuse_guessing()
            try:
                if facts["mode"] == PASSPHRASE:
                    self._open(key_by_passphrase(self.passphrases, secret, facts))
                elif facts["mode"] == MODULE and self.module is not None:
                    self.module.open(secret)
                    self._open(None)
                else:
                    raise Refused("unseal.method", mode=facts["mode"])
            except NotAllowed:
                self._misses, self._last_miss = self._misses + 1, self.monotonic()
                raise NotAllowed("unseal.wrong") from None
            self._misses = 0
        return self.state()

    def offer_share(self, share: str) -> State:
        """Take one custodian's share; the last one needed opens.

        Raises Invalid (`share.wrong`) for a share that is damaged or of another split.
        """
        facts = seal_facts(self.folder / "ring")
        if facts["mode"] != SHARES:
            raise Refused("unseal.method", mode=facts["mode"])
        with self._lock:
            if self._vault is not None:
                return self.state()
            self._shares, gathered = gather(self._shares, share)
            if gathered.is_enough:
                held, self._shares = self._shares, ()
                try:
                    self._open(combine(held))
                except (NotAllowed, Invalid):
                    raise Invalid(problems=[Problem("/share", "share.wrong")]) from None
        return self.state()

    def _open(self, key: bytes | None) -> None:
        module = self.module if key is None else None
        self._vault = open_vault(
            self.folder, self.passphrases, unseal_folder=self.unseal_folder, key=key, module=module
        )

    def _refuse_guessing(self) -> None:
        if self._misses < _FREE_MISSES:
            return
        wait = min(2.0 ** (self._misses - _FREE_MISSES), _LONGEST_WAIT)
        left = wait - (self.monotonic() - self._last_miss)
        if left > 0:
            raise TooMany("unseal.misses", retry_after=int(left) + 1)
