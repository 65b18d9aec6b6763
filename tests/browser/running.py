"""The application as people meet it: a real server process over a fresh copy of the invented agency.

Two ways: `served` runs `fengjian demo` in a process of its own; `opened_here` runs the same application in a
thread, for tests that move its clock or dismiss somebody behind the browser's back. Each folder has a
configuration folder of its own, so that nothing is left in the user's.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from web.app import create_app
from web.assemble import assemble
from web.demo.seed import seed
from web.services import Services
from web.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CLI = (sys.executable, "-m", "web.cli")


@dataclass(frozen=True, slots=True)
class Place:
    """An agency's folders on the disk."""

    root: Path

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.root / "data"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that works there."""
        return {**os.environ, "XDG_CONFIG_HOME": str(self.root / "configuration"), "PYTHONUTF8": "1"}

    def copy(self, to: Path) -> Place:
        """The same agency in another folder."""
        shutil.copytree(self.root, to)
        return Place(to)


@dataclass(slots=True)
class ShiftedClock:
    """The real clock, some time later."""

    shift: timedelta = timedelta()

    def now(self) -> datetime:
        """The shifted moment, UTC."""
        return datetime.now(UTC) + self.shift


@dataclass(slots=True)
class Running:
    """An application that answers at `address`; `services` only where it runs in this process."""

    address: str
    place: Place
    services: Services | None = None
    clock: ShiftedClock | None = None


@contextmanager
def configuration(place: Place) -> Iterator[None]:
    """This process works in `place` for a while."""
    before = os.environ.get("XDG_CONFIG_HOME")
    os.environ["XDG_CONFIG_HOME"] = place.environment["XDG_CONFIG_HOME"]
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_CONFIG_HOME"]
        else:
            os.environ["XDG_CONFIG_HOME"] = before


def found(root: Path) -> Place:
    """The invented agency in an empty folder, its story ending now."""
    place = Place(root)
    with configuration(place):
        seed(place.data, datetime.now(UTC))
    return place


@contextmanager
def served(place: Place) -> Iterator[Running]:
    """`fengjian demo` over a folder, in a process of its own."""
    port = free_port()
    command = [*CLI, "demo", "--data", str(place.data), "--port", str(port)]
    with (place.root / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, env=place.environment
        )
        try:
            _wait_until_it_listens(port, process)
            yield Running(f"http://localhost:{port}", place)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def opened_here(place: Place, **settings: Any) -> Iterator[Running]:
    """The same application in a thread of this process, with a clock that can be moved."""
    port, clock = free_port(), ShiftedClock()
    with configuration(place):
        services, opened = assemble(place.data, Settings(mode="demo", **settings), clock=clock)
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(services), host="127.0.0.1", port=port, log_level="error", access_log=False,
                server_header=False, timeout_graceful_shutdown=3,
            )
        )  # fmt: skip
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            _wait_until_it_listens(port)
            yield Running(f"http://localhost:{port}", place, services, clock)
        finally:
            server.should_exit = True
            thread.join(20)
            opened.close()


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not answer in time")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
