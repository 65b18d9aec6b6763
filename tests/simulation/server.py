"""The application in a process of its own with a clock that is told the time; outside every shipped command.

`python -m tests.simulation.server DATA PORT MOMENT`. On standard input: a moment in ISO 8601 sets the clock,
`round` lets the application's own clockwork run once. Each line is answered with one. Decides nothing: the
clockwork is the real one, only what it sleeps on is the driver's word instead of a minute.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

import uvicorn

from web import clockwork
from web.app import create_app
from web.assemble import assemble
from web.demo.clock import SettableClock
from web.settings import Settings

LONGEST_DAY = 12 * 60


class Pendulum:
    """What the clockwork's rounds wait for."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def sleep(self, seconds: float) -> None:
        """In the place of asyncio.sleep: until the next word of the driver, however long that takes."""
        self._loop = asyncio.get_running_loop()
        word = self._loop.create_future()
        self._waiting.append(word)
        await word

    def swing(self) -> None:
        """Let every round run once and wait until all have come back to sleep. Called from another thread."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._swing(), self._loop).result()

    async def _swing(self) -> None:
        going, self._waiting = self._waiting, []
        for one in going:
            one.set_result(None)
        while len(self._waiting) < len(going):
            await asyncio.sleep(0.002)


def listen(clock: SettableClock, pendulum: Pendulum, server: uvicorn.Server, answers: TextIO) -> None:
    """Read words until the driver closes the line."""
    for line in sys.stdin:
        word = line.strip()
        if word == "round":
            pendulum.swing()
        else:
            clock.set(datetime.fromisoformat(word))
        print("done", file=answers, flush=True)
    server.should_exit = True


def main(data: Path, port: int, begin: str) -> None:
    """Serve until the driver goes."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the application prints is its log
    clock, pendulum = SettableClock(datetime.fromisoformat(begin)), Pendulum()
    shim: Any = SimpleNamespace(**{**vars(asyncio), "sleep": pendulum.sleep})
    vars(clockwork)["asyncio"] = shim
    settings = Settings(mode="serve", idle_minutes=LONGEST_DAY, absolute_hours=24)
    services, opened = assemble(data, settings, clock=clock)
    try:
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(services), host="127.0.0.1", port=port, log_level="warning", access_log=False,
                server_header=False, timeout_keep_alive=600, timeout_graceful_shutdown=5,
            )
        )  # fmt: skip
        threading.Thread(target=listen, args=(clock, pendulum, server, answers), daemon=True).start()
        server.run()
    finally:
        opened.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
