"""What runs beside the requests: what time brings about, moving keys, and the way to the witnesses.

Decides how often. What is done stands in `engine.desk` and `web.witness.courier`; a round that
fails is logged and the next one tries again, except when trust is lost: then rounds end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from engine.desk import ending, periodic, rewrapping, shredding, timekeeping
from engine.errors import Broken, Refused

FIRST_AFTER_SECONDS = 60
EVERY_SECONDS = 3600
KEYS_EVERY_SECONDS = 5
log = structlog.get_logger("clockwork")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Rounds from the start until the application stops."""
    services = app.state.services

    def keep_time() -> None:
        done = timekeeping.run(services.desk)
        if done.transitions or done.uploads:
            log.warning("round", transitions=done.transitions, uploads=done.uploads)
        if opened := periodic.run(services.desk):
            log.warning("opened_by_itself", documents=opened)
        if shredded := shredding.settle(services.desk):
            log.warning("shredding_finished", documents=shredded)

    def move_keys() -> None:
        ending.settle(services.desk)
        services.orders.read(services.desk)  # so that no page has to read the whole log after a start
        done = rewrapping.run(services.desk, services.rewrapping.tell)
        if done.compartments:
            services.rewrapping.tell(None)
            log.warning("rewrapped", compartments=len(done.compartments), wraps=done.moved)

    rounds = [
        asyncio.create_task(_rounds(keep_time, FIRST_AFTER_SECONDS, EVERY_SECONDS)),
        asyncio.create_task(_rounds(move_keys, KEYS_EVERY_SECONDS, KEYS_EVERY_SECONDS)),
    ]
    if services.courier is not None and services.courier.peers:
        every = services.settings.witness_seconds
        rounds.append(asyncio.create_task(_rounds(services.courier.round, every, every)))
    try:
        yield
    finally:
        for one in rounds:
            one.cancel()


async def _rounds(work: Callable[[], None], first_after: float, every: float) -> None:
    await asyncio.sleep(first_after)
    while True:
        try:
            await run_in_threadpool(work)
        except Broken as fault:
            log.critical("alarm", code=fault.code)
            return
        except (Refused, OSError, TimeoutError) as fault:
            log.error("round_failed", kind=type(fault).__name__)
        await asyncio.sleep(every)
