"""The Vault port over the socket of the vault process, and the starting of that process.

Decides how questions are carried: one round trip each, over connections that are kept, tried once more when
the process was started anew in between. Never holds a key and never remembers an answer but public keys.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from engine.errors import Broken, Unavailable
from engine.ports import MOST_CONTENTS, KeyToWrap, Prepared, SealedContent
from engine.trust.envelope import Signature
from engine.trust.wrap import Wrap
from storage import content_bytes, vault_messages
from storage.budgets import NOBODY
from storage.keyring import configuration_folder, ring_id
from storage.last_signed import LastSigned
from storage.vault_house import State
from storage.vault_process import Post, reachable

acting: ContextVar[str] = ContextVar("acting", default=NOBODY)
"""For whom this thread or task asks: whose budget is charged for what is opened."""

_PATIENCE = 60.0
_START_SECONDS = 20.0
_MOST_AT_ONCE = 512 * 1024
"""Bytes of contents in one question."""
_REWRAPS = 2048
"""Wraps re-made in one question: about a megabyte, a tenth of a second."""


class VaultClient:
    """The vault of another process. Safe from many threads; each question has a connection to itself."""

    def __init__(self, path: Path, last_signed: LastSigned) -> None:
        """`last_signed` is the log signer's memory, for the journal."""
        self._path = path
        self._free: deque[socket.socket] = deque()
        self._public: Mapping[str, Any] | None = None
        self.last_signed = last_signed

    # -- the house --

    def state(self) -> State:
        """How the vault stands; needs no right. `Unavailable("vault.away")` without a process."""
        return State.from_json(self._ask("state"))

    def unseal(self, secret: str) -> State:
        """Open with the passphrase or PIN; `NotAllowed("unseal.wrong")`, `TooMany`."""
        return State.from_json(self._ask("unseal", secret))

    def offer_share(self, share: str) -> State:
        """Give one custodian's share. Raises Invalid (`share.wrong`)."""
        return State.from_json(self._ask("offer_share", share))

    def close(self) -> None:
        """Let the kept connections go."""
        while self._free:
            self._free.pop().close()

    # -- the port --

    def enrol(self, person: str, passphrase: str) -> bytes:
        """Make a person's key; returns the raw public key."""
        public: bytes = self._ask("enrol", person, passphrase)
        return public

    def unlock(self, person: str, passphrase: str, session: str) -> str:
        """A token for the person's key in one session."""
        token: str = self._ask("unlock", person, passphrase, session)
        return token

    def is_unlocked(self, token: str | None) -> bool:
        """Whether the token still stands for an unlocked key."""
        return token is not None and self._ask("is_unlocked", token) is True

    def lock_session(self, session: str) -> None:
        """Forget every key unlocked in a session."""
        self._ask("lock_session", session)

    def sign_as(self, token: str | None, person: str, message: bytes) -> Signature:
        """The person's signature."""
        made: Signature = self._ask("sign_as", token, person, message)
        return made

    def sign_platform(self, message: bytes) -> Signature:
        """The platform's signature."""
        made: Signature = self._ask("sign_platform", message)
        return made

    def sign_event(self, token: str | None, person: str, message: bytes) -> tuple[Signature, Signature]:
        """The person's signature, then the platform's."""
        by_person, by_platform = self._ask("sign_event", token, person, message)
        return by_person, by_platform

    def sign_registrar(self, message: bytes) -> tuple[Signature, ...]:
        """The signatures of every registrar key."""
        made: tuple[Signature, ...] = self._ask("sign_registrar", message)
        return made

    def sign_root(self, message: bytes) -> tuple[Signature, ...]:
        """The signatures of the root keys, where they are held here."""
        made: tuple[Signature, ...] = self._ask("sign_root", message)
        return made

    def sign_log(self, message: bytes) -> bytes:
        """The raw signature of the log key over a checkpoint."""
        made: bytes = self._ask("sign_log", message)
        return made

    def public_keys(self) -> Mapping[str, Any]:
        """The public halves; asked for once, since they do not change while a vault is open."""
        if self._public is None:
            self._public = self._ask("public_keys")
        return self._public

    def wrap(self, doc: str, klass: str, compartment: str, dk: bytes) -> Wrap:
        """The document key under the compartment's newest epoch."""
        made: Wrap = self._ask("wrap", doc, klass, compartment, dk)
        return made

    def unwrap(self, wrap: Wrap) -> bytes:
        """The document key."""
        key: bytes = self._ask("unwrap", wrap)
        return key

    def unwrap_all(self, wraps: Sequence[Wrap]) -> tuple[bytes, ...]:
        """The keys of one document."""
        keys: tuple[bytes, ...] = self._ask("unwrap_all", tuple(wraps))
        return keys

    def allow_trial(self, token: str | None, person: str, scope: str, documents: int) -> str:
        """A permit to open so many documents of a form for a trial run."""
        permit: str = self._ask("allow_trial", token, person, scope, documents)
        return permit

    def open_contents(
        self, permit: str, contents: Sequence[SealedContent]
    ) -> tuple[tuple[bytes, ...], ...]:
        """The plain bytes of the pieces of many documents; in questions of a size the vault takes."""
        opened: list[tuple[bytes, ...]] = []
        for some in _portions(contents):
            answer = self._exchange("open_contents", (permit,), content_bytes.encode(some))
            vault_messages.result(answer)
            opened.extend(content_bytes.decode_plain(answer.get("raw", b""), some))
        return tuple(opened)

    def prepare(
        self, doc: str, wanted: Sequence[KeyToWrap], indexed: Mapping[str, str], purpose: str, note: bytes
    ) -> Prepared:
        """All that one new event needs before it is signed."""
        made: Prepared = self._ask("prepare", doc, tuple(wanted), indexed, purpose, note)
        return made

    def blind(self, index: str, normalized: str) -> str:
        """Truncated keyed index bits, hexadecimal."""
        bits: str = self._ask("blind", index, normalized)
        return bits

    def subject_key(self, index: str, normalized: str) -> str:
        """The whole keyed hash, hexadecimal."""
        key: str = self._ask("subject_key", index, normalized)
        return key

    def seal_note(self, purpose: str, data: bytes, context: bytes = b"") -> bytes:
        """A sealed note."""
        sealed: bytes = self._ask("seal_note", purpose, data, context)
        return sealed

    def open_note(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes:
        """The note."""
        data: bytes = self._ask("open_note", purpose, sealed, context)
        return data

    def carries(
        self, purpose: str, sealed: bytes, context: bytes, index: str, normalized: str
    ) -> bool | None:
        """Whether the document of a note has this value in that index; None = not told."""
        found: bool | None = self._ask("carries", purpose, sealed, context, index, normalized)
        return found

    def make_next_key(self, person: str, passphrase: str) -> bytes:
        """A second key for a person, which signs nothing yet; returns the raw public key."""
        public: bytes = self._ask("make_next_key", person, passphrase)
        return public

    def adopt_key(self, person: str, public_key: bytes) -> bool:
        """The waiting key becomes the person's; False when that key is not waiting."""
        return self._ask("adopt_key", person, public_key) is True

    def forget_key(self, person: str) -> None:
        """Destroy a person's keys."""
        self._ask("forget_key", person)

    def epochs(self) -> Mapping[str, tuple[int, ...]]:
        """{compartment: its epochs that still open wraps, oldest first}."""
        known: Mapping[str, tuple[int, ...]] = self._ask("epochs")
        return known

    def turn_epoch(self, compartment: str) -> int:
        """Begin a new epoch of a compartment."""
        epoch: int = self._ask("turn_epoch", compartment)
        return epoch

    def rewrap(self, wraps: Sequence[Wrap]) -> tuple[Wrap, ...]:
        """The same document keys under the newest epochs; in questions of a size the vault takes."""
        made: list[Wrap] = []
        for start in range(0, len(wraps), _REWRAPS):
            made.extend(self._ask("rewrap", tuple(wraps[start : start + _REWRAPS])))
        return tuple(made)

    def retire_epochs(self, compartment: str, below: int) -> None:
        """Destroy the keys of the epochs before `below`."""
        self._ask("retire_epochs", compartment, below)

    # -- carrying --

    def _ask(self, operation: str, *args: Any) -> Any:
        return vault_messages.result(self._exchange(operation, args))

    def _exchange(self, operation: str, args: Sequence[Any], raw: bytes = b"") -> dict[str, Any]:
        packed = [vault_messages.pack(one) for one in args]
        question = {"op": operation, "args": packed, "for": acting.get(), **({"raw": raw} if raw else {})}
        while True:
            try:
                connection, is_fresh = self._free.pop(), False
            except IndexError:
                connection, is_fresh = self._connect(), True
            try:
                vault_messages.send(connection, question)
                answer = vault_messages.receive(connection)
            except (OSError, ValueError):
                answer = None
            if answer is not None:
                self._free.append(connection)
                return answer
            connection.close()
            if is_fresh:
                raise Unavailable("vault.away")

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_PATIENCE)
        try:
            with reachable(self._path) as address:
                connection.connect(address)
        except OSError:
            connection.close()
            raise Unavailable("vault.away") from None
        return connection


def _portions(contents: Sequence[SealedContent]) -> Iterator[Sequence[SealedContent]]:
    """At most MOST_CONTENTS documents and about _MOST_AT_ONCE bytes together."""
    begin = size = 0
    for at, one in enumerate(contents):
        if at - begin == MOST_CONTENTS or size > _MOST_AT_ONCE:
            yield contents[begin:at]
            begin, size = at, 0
        size += sum(len(piece.ct) for piece in one.pieces)
    if begin < len(contents):
        yield contents[begin:]


class VaultProcess:
    """A vault process that was started here, and a client to it."""

    def __init__(self, post: Post) -> None:
        """Start it and wait until it listens. Raises Unavailable (`vault.taken`, `vault.away`), Broken."""
        place = str(Path(__file__).resolve().parents[1])
        others = os.environ.get("PYTHONPATH")
        # A session of its own: Ctrl-C reaches the application, which still needs the vault to close.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "storage.vault_process", post.to_text()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, close_fds=True,
            env=os.environ | {"PYTHONPATH": f"{place}{os.pathsep}{others}" if others else place},
        )  # fmt: skip
        assert self._process.stdout is not None
        try:
            said = json.loads(self._process.stdout.readline() or b"{}")
        except ValueError:
            said = {}
        if not said.get("ready"):
            self._end()
            if "broken" in said:
                raise Broken(said["broken"])
            raise Unavailable(said.get("refused", "vault.away"))
        self.client = client_of(post)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def close(self) -> None:
        """End the process: its standard input ends."""
        self.client.close()
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(_START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def client_of(post: Post) -> VaultClient:
    """A client to the vault process at a post, whether it runs or not."""
    place = post.unseal_folder or configuration_folder(ring_id(post.folder / "ring"))
    return VaultClient(post.socket, LastSigned(place / "last-signed"))


def usual_post(folder: Path, **values: Any) -> Post:
    """The post of a vault in `folder`: its socket stands in the ring's configuration folder."""
    return Post(folder, configuration_folder(ring_id(folder / "ring")) / "vault.sock", **values)
