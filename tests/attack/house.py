"""A real server process on a folder of its own, and a client that can send what no library would send.

Decides nothing that is tested. Servers listen on 127.0.0.1 only, end with the test, and are ended by their
own process and nothing else's. Keys and the signer's memory lie in a configuration folder beside the data.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

STARTING = 60.0
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the server; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> tuple[int, str]:
        """Status and problem code of a refusal."""
        assert self.headers.get("content-type") == "application/problem+json", (self.status, self.body[:400])
        value = self.json()
        assert value["status"] == self.status and value["title"], value
        return self.status, value["code"]


@dataclass(frozen=True, slots=True)
class Place:
    """A data folder and the configuration folder that belongs to it."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def temporary(self) -> Path:
        """The temporary folder of the processes of this place."""
        folder = self.folder / "temporary"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find the keys of this place and of no other."""
        return {**os.environ, "XDG_CONFIG_HOME": str(self.folder / "configuration"), "PYTHONUTF8": "1",
                "TMPDIR": str(self.temporary)}  # fmt: skip

    def copy(self, target: Path) -> Place:
        """The same folders, bytes and all, somewhere else."""
        shutil.copytree(self.folder, target, ignore=shutil.ignore_patterns("*.log", "*.sock"))
        return Place(target)

    @contextmanager
    def at_home(self) -> Iterator[Path]:
        """The data folder, with this process looking for keys where they are."""
        before = os.environ.get("XDG_CONFIG_HOME")
        os.environ["XDG_CONFIG_HOME"] = str(self.folder / "configuration")
        try:
            yield self.data
        finally:
            if before is None:
                del os.environ["XDG_CONFIG_HOME"]
            else:
                os.environ["XDG_CONFIG_HOME"] = before

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A `fengjian` command with this data folder, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "web.cli", *words, "--data", str(self.data)],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip


class Server:
    """`fengjian serve` (or `demo`) on a place."""

    def __init__(self, place: Place, mode: str = "serve", program: str = "web.cli") -> None:
        self.place, self.mode, self.program, self.port = place, mode, program, 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server has written to standard error, over all its starts."""
        return self.place.folder / "stderr.log"

    @property
    def words(self) -> Path:
        """What the server has written to standard output."""
        return self.place.folder / "stdout.log"

    def begin(self, *, largest_file: int | None = None) -> None:
        """Start the process and come back at once. `largest_file`: RLIMIT_FSIZE in bytes."""
        self.port = free_port()

        def limit() -> None:
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))

        command = [sys.executable, "-m", self.program, self.mode, "--data", str(self.place.data)]
        with self.log.open("ab") as errors, self.words.open("ab") as words:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)], cwd=ROOT, env=self.place.environment,
                stdin=subprocess.DEVNULL, stdout=words, stderr=errors, preexec_fn=limit,
            )  # fmt: skip

    def start(self, *, largest_file: int | None = None) -> Server:
        """Start and wait until it answers."""
        self.begin(largest_file=largest_file)
        until = time.monotonic() + STARTING
        while time.monotonic() < until:
            assert self._process is not None and self._process.poll() is None, self.log.read_text()[-2000:]
            try:
                if self.send("GET", "/api/v1/openapi.json").status == 200:
                    return self
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the server did not answer in time")

    def set_largest_file(self, size: int) -> None:
        """Give the running server's files another limit; it sees no more room beyond it."""
        assert self._process is not None
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def kill(self) -> None:
        """kill -9, and wait until the process is gone, and with it those it had begun."""
        assert self._process is not None
        left = self.children()
        self._process.kill()
        self._process.wait()
        self._process = None
        until = time.monotonic() + 20
        while any(_is_running(pid) for pid in left) and time.monotonic() < until:
            time.sleep(0.02)
        assert [pid for pid in left if _is_running(pid)] == [], "processes outlive their server"

    def children(self) -> list[int]:
        """The processes that the server has begun and that still run (Linux)."""
        assert self._process is not None
        found: list[int] = []
        for task in Path(f"/proc/{self._process.pid}/task").iterdir():
            found += [int(one) for one in (task / "children").read_text().split()]
        return found

    def stop(self) -> None:
        """Ctrl-C and a quiet end; a second call does nothing."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    # -- asking --

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        connection: http.client.HTTPConnection | None = None,
    ) -> Answer:
        """One request; over a connection of its own unless one is given."""
        used = connection or self.connect()
        try:
            used.request(method, path, body, {"Host": "localhost", **(headers or {})})
            reply = used.getresponse()
            shown: dict[str, str] = {}
            for name, value in reply.getheaders():  # a repeated one (Set-Cookie): one line each
                shown[name.lower()] = "\n".join(filter(None, (shown.get(name.lower()), value)))
            return Answer(reply.status, shown, reply.read())
        finally:
            if connection is None:
                used.close()

    def call(
        self,
        method: str,
        path: str,
        token: str,
        body: Any = None,
        key: str = "",
        connection: http.client.HTTPConnection | None = None,
        **more: str,
    ) -> Answer:
        """One call of the API with a token; `body` as JSON."""
        headers = {"Authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in more.items()}}
        if key:
            headers["Idempotency-Key"] = key
        data = None
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.send(method, f"/api/v1{path}", data, headers, connection)

    def raw(self, data: bytes, seconds: float = 10.0) -> bytes:
        """Send bytes as they are and read until the server closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as line:
            line.sendall(data)
            found = b""
            try:
                while piece := line.recv(65536):
                    found += piece
                    head, blank, rest = found.partition(b"\r\n\r\n")
                    length = _declared(head)
                    if blank and length is not None and len(rest) >= length:
                        break
            except (TimeoutError, ConnectionResetError):
                pass
            return found

    def log_size(self) -> int:
        """How many records the log holds, as its public checkpoint says."""
        return int(self.send("GET", "/log/checkpoint").body.split(b"\n")[1])


def _declared(head: bytes) -> int | None:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return None


@contextmanager
def served(place: Place, mode: str = "serve", program: str = "web.cli") -> Iterator[Server]:
    """A server that answers, and ends with the block."""
    server = Server(place, mode, program)
    try:
        yield server.start()
    finally:
        server.stop()


def _is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
