"""A real server process, as `fengjian serve` runs it, on a free port of 127.0.0.1; and its memory.

Ends only the process it began.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STARTING = 120.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers. `started` is the time from the process's start to its first answer, seconds."""

    port: int
    pid: int
    started: float

    def memory(self) -> float:
        """Resident memory of the server process, MiB (Linux: VmRSS). The press has a process of its own."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


_COUNTED = ("UNWRAPS", "SIGNATURES", "UNWRAPS_OF_ALL", "COMPARISONS", "TRIALS")
UNLIMITED = {f"FENGJIAN_VAULT_{kind}": "1000000000" for kind in _COUNTED}


@contextmanager
def serve(data: Path, command_name: str = "demo") -> Iterator[Served]:
    """`fengjian demo --data DATA` on a folder that is there: the keys in the server's own process.

    With `serve` they are in a process beside it, with a budget a person and hour that a load would use up.
    """
    port = free_port()
    command = [sys.executable, "-m", "web.cli", command_name, "--data", str(data), "--port", str(port)]
    with running(command, port, "/api/v1/openapi.json") as served:
        yield served


@contextmanager
def running(command: Sequence[str], port: int, path: str) -> Iterator[Served]:
    """A server process, once it answers at `path`."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**os.environ, **UNLIMITED, "PYTHONUTF8": "1"}
    )
    try:
        _wait_until_it_answers(process, port, path)
        yield Served(port, process.pid, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.monotonic() + STARTING
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            if connection.getresponse().status < 500:
                return
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()
    raise RuntimeError("the server did not answer in time")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
