"""The application before and after its vault is open: one address, two insides.

Decides which of the two answers a request. While the vault is shut that is the sealed application; as soon
as custodians have opened it, here or from the command line, the whole application takes over, once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from engine.errors import Broken, Refused, Unavailable
from storage.vault_client import VaultClient

LOOK_SECONDS = 1.0
log = structlog.get_logger("gate")


@dataclass(frozen=True, slots=True)
class Inside:
    """The whole application over an open desk, and what closes the desk."""

    app: FastAPI
    close: Callable[[], None]


class Gate:
    """ASGI application around the sealed one and the whole one."""

    def __init__(
        self,
        vault: VaultClient,
        sealed: FastAPI,
        assemble: Callable[[], Inside],
        inside: Inside | None = None,
    ) -> None:
        """`assemble` opens the data folder; it is called when the vault is open, and succeeds at most once.
        `inside` where that has been done already.
        """
        self._vault, self._sealed, self._assemble = vault, sealed, assemble
        self._inside = inside
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lives = AsyncExitStack()
        self._lock = threading.Lock()
        sealed.state.enter = self.enter

    def enter(self) -> None:
        """Open the data folder now that the vault is open; from a worker thread. Raises what it meets."""
        assert self._loop is not None
        with self._lock:
            if self._inside is not None:
                return
            inside = self._assemble()
            asyncio.run_coroutine_threadsafe(self._start(inside), self._loop).result()
            self._inside = inside
        log.warning("unsealed")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        app = self._sealed if self._inside is None else self._inside.app
        await app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        await receive()
        if self._inside is not None:
            await self._start(self._inside)
        looking = asyncio.create_task(self._look())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        looking.cancel()
        await self._lives.aclose()
        if self._inside is not None:
            await run_in_threadpool(self._inside.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self, inside: Inside) -> None:
        await self._lives.enter_async_context(inside.app.router.lifespan_context(inside.app))

    async def _look(self) -> None:
        """Look every second whether custodians have opened the vault from the command line."""
        while self._inside is None:
            try:
                if await run_in_threadpool(self._is_open):
                    await run_in_threadpool(self.enter)
            except Broken as fault:
                log.critical("alarm", code=fault.code)
                return
            except Refused as refusal:
                log.error("not_opened", code=refusal.code)
            await asyncio.sleep(LOOK_SECONDS)

    def _is_open(self) -> bool:
        try:
            return self._vault.state().is_open
        except Unavailable:
            return False
