"""Promises of the journal come down on the event loop: each result to who waits for it, one call a batch."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

import pytest

from engine.errors import Unavailable
from web.landing import Landing


async def test_each_waiter_gets_the_result_of_its_own_promise() -> None:
    landing = Landing()
    promises: list[Future[int]] = [Future() for _ in range(40)]
    waiting = [asyncio.ensure_future(landing.kept(promise)) for promise in promises]
    await asyncio.sleep(0)

    def keep() -> None:
        for number, promise in enumerate(promises):
            promise.set_result(number)

    await asyncio.to_thread(keep)
    assert await asyncio.wait_for(asyncio.gather(*waiting), 5) == list(range(40))


async def test_a_batch_wakes_the_loop_once() -> None:
    landing, loop = Landing(), asyncio.get_running_loop()
    promises: list[Future[int]] = [Future() for _ in range(8)]
    waiting = [asyncio.ensure_future(landing.kept(promise)) for promise in promises]
    await asyncio.sleep(0)
    calls: list[object] = []
    real = loop.call_soon_threadsafe
    loop.call_soon_threadsafe = lambda *given: calls.append(given)  # type: ignore[method-assign, assignment]
    for promise in promises:
        promise.set_result(1)
    loop.call_soon_threadsafe = real  # type: ignore[method-assign]
    assert len(calls) == 1
    landing._deliver()
    assert await asyncio.gather(*waiting) == [1] * 8


async def test_a_promise_kept_before_is_given_at_once() -> None:
    promise: Future[str] = Future()
    promise.set_result("kept")
    assert await Landing().kept(promise) == "kept"


async def test_what_the_journal_refused_reaches_who_waits() -> None:
    landing = Landing()
    promise: Future[str] = Future()
    waiting = asyncio.ensure_future(landing.kept(promise))
    await asyncio.sleep(0)
    await asyncio.to_thread(promise.set_exception, Unavailable("journal.read_only"))
    with pytest.raises(Unavailable):
        await asyncio.wait_for(waiting, 5)


async def test_who_stopped_waiting_holds_up_nobody() -> None:
    landing = Landing()
    left, kept = Future[int](), Future[int]()
    gone = asyncio.ensure_future(landing.kept(left))
    stays = asyncio.ensure_future(landing.kept(kept))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)

    def keep() -> None:
        left.set_result(1)
        kept.set_result(2)

    await asyncio.to_thread(keep)
    assert await asyncio.wait_for(stays, 5) == 2
