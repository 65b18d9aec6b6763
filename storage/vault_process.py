"""The vault as a process of its own: a Unix socket, one question at a time on each connection.

Decides who may ask (processes of the same account, by SO_PEERCRED) and that a question which is none ends
the connection. Keeps nothing but the vault; never opens a network socket, never writes a secret to a log.
What is answered: vault_house.py. The bytes: vault_messages.py.

`python -m storage.vault_process '{"folder": …, "socket": …}'` prints one line when it listens, and ends when
its standard input does, so that it never outlives the application that started it.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import Broken, Refused, TooMany, Unavailable
from storage import content_bytes, vault_messages
from storage.budgets import Budget, Budgets
from storage.hardening import harden
from storage.passphrases import Passphrases, Strength
from storage.software_module import SoftwareModule
from storage.vault_house import House

_MOST_CONNECTIONS = 128
_CREDENTIALS = struct.Struct("3i")
_LONGEST_ADDRESS = 100


@dataclass(frozen=True, slots=True)
class Post:
    """Where a vault process stands and what it is allowed. No secret: it is written on the command line.

    `module` is the folder of a software module, "" for none.
    """

    folder: Path
    socket: Path
    unseal_folder: Path | None = None
    module: Path | None = None
    strength: Strength = field(default_factory=Strength)
    budget: Budget = field(default_factory=Budget)

    def to_text(self) -> str:
        """The post as the argument of the process."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_text(cls, text: str) -> Post:
        """The post of an argument."""
        value = json.loads(text)
        paths = {name: Path(value[name]) for name in ("folder", "socket", "unseal_folder", "module")
                 if value[name] is not None}  # fmt: skip
        return cls(**paths, strength=Strength(**value["strength"]), budget=Budget(**value["budget"]))


class VaultServer:
    """A house behind a socket."""

    def __init__(self, house: House, path: Path) -> None:
        """Listen at `path`, mode 0600. Raises Unavailable("vault.taken") when another process does."""
        self._house = house
        guard = path.with_name(path.name + ".lock")
        self._guard = os.open(guard, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._guard)
            raise Unavailable("vault.taken") from None
        self._path = path
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            with reachable(path) as address:
                self._listener.bind(address)
        finally:
            os.umask(before)
        self._listener.listen(_MOST_CONNECTIONS)
        self._places = threading.BoundedSemaphore(_MOST_CONNECTIONS)

    def close(self) -> None:
        """Take the socket away; whoever asks then is told that there is no process."""
        self._path.unlink(missing_ok=True)
        self._listener.close()

    def serve(self) -> None:
        """Answer until the process ends."""
        while True:
            connection, _ = self._listener.accept()
            if not is_ours(connection) or not self._places.acquire(blocking=False):
                log("refused_connection")
                connection.close()
                continue
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        try:
            with connection:
                while (question := vault_messages.receive(connection)) is not None:
                    vault_messages.send(connection, self._answer(question))
        except (OSError, ValueError):
            log("ended_connection")
        finally:
            self._places.release()

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        operation, person = question.get("op"), question.get("for")
        try:
            if not isinstance(operation, str) or not isinstance(person, str):
                raise Refused("vault.question")
            args = vault_messages.unpack(question.get("args", []))
            if operation == "open_contents":
                asked = content_bytes.decode(question["raw"])
                opened = self._house.answer(operation, (*args, asked), person)
                return {"is": None, "raw": content_bytes.encode_plain(opened)}
            made = self._house.answer(operation, args, person)
            if operation == "allow_trial":
                log("trial_allowed", person=args[1], scope=args[2], documents=args[3])
            return {"is": vault_messages.pack(made)}
        except TooMany as refused:
            log(refused.code, op=operation, person=person)
            return vault_messages.refusal(refused)
        except (Refused, Broken) as fault:
            return vault_messages.refusal(fault)
        except OSError as fault:
            log("disk", op=operation, kind=type(fault).__name__)
            return vault_messages.refusal(Unavailable("disk"))
        except Exception as fault:
            # Only the kind: what a malformed question holds may be a secret.
            log("question", op=operation, kind=type(fault).__name__)
            return vault_messages.refusal(Refused("vault.question"))


def is_ours(connection: socket.socket) -> bool:
    """Whether the other end runs under this account (SO_PEERCRED: the kernel's word, not the peer's)."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(raw)
    return bool(user == os.geteuid())


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """An address for a socket's path, also when the path is longer than an address may be (108 bytes)."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def log(event: str, **facts: Any) -> None:
    """One line of JSON on standard error: ids and codes, never a value."""
    line = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "logger": "vault", "event": event}
    print(json.dumps(line | facts), file=sys.stderr, flush=True)


def run(post: Post) -> VaultServer:
    """A server at its post, hardened, open if its key lies on this machine."""
    passphrases = Passphrases(post.strength)
    house = House(
        folder=post.folder,
        passphrases=passphrases,
        budgets=Budgets(post.budget, time.monotonic),
        unseal_folder=post.unseal_folder,
        module=None if post.module is None else SoftwareModule(post.module, passphrases),
    )
    post.socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    server = VaultServer(house, post.socket)
    house.left = harden()
    house.open_if_unattended()
    return server


def main() -> None:
    """The process: listen, say so, end with standard input."""
    try:
        server = run(Post.from_text(sys.argv[1]))
    except (Refused, Broken) as fault:
        print(json.dumps({"broken" if isinstance(fault, Broken) else "refused": fault.code}), flush=True)
        raise SystemExit(2) from None
    print(json.dumps({"ready": True}), flush=True)
    threading.Thread(target=server.serve, daemon=True).start()
    sys.stdin.buffer.read()
    server.close()
    os._exit(0)  # the thread that waits for connections would not end



if __name__ == "__main__":
    main()
