"""Waiting for the journal on the event loop: one wake-up of the loop for a whole batch of promises.

Decides nothing about a result. The journal resolves a batch of promises from its own thread; waking the loop
for each of them (`asyncio.wrap_future`) costs a system call a promise, and the batch is one moment anyway.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


class Landing:
    """Where promises come down; one for each event loop."""

    def __init__(self) -> None:
        self._down: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._is_called = False

    async def kept(self, promise: Future[T]) -> T:
        """The result of a promise of the journal, or what it was refused with.

        Who stops waiting takes nothing back: the event is on its way to the disk.
        """
        if promise.done():
            return promise.result()
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = loop.create_future()
        promise.add_done_callback(partial(self._come_down, loop, waiting))
        return await waiting

    def _come_down(
        self, loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[T], promise: Future[T]
    ) -> None:
        """Called by the journal's thread."""
        self._down.append((waiting, promise))
        if not self._is_called:
            self._is_called = True
            loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        # Cleared before the queue is emptied: what comes down from here on calls again.
        self._is_called = False
        while self._down:
            waiting, promise = self._down.popleft()
            if waiting.done():
                continue
            fault = promise.exception()
            if fault is not None:
                waiting.set_exception(fault)
            else:
                waiting.set_result(promise.result())
