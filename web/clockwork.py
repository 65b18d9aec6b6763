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

from engine.desk import ending, rewrapping, scheduling
from engine.errors import Broken, Refused
from web.mail import post_round

FIRST_AFTER_SECONDS = 20
EVERY_SECONDS = 60
KEYS_EVERY_SECONDS = 5
log = structlog.get_logger("clockwork")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Rounds from the start until the application stops."""
    services = app.state.services

    # Which of several processes this one is: they share the work through the desk's chores.
    holder = services.desk.randomness.bytes(8).hex()

    def keep_time() -> None:
        for one in scheduling.run(services.desk, holder):
            if one.refused:
                log.error("piece_refused", piece=one.piece, code=one.refused)
            elif one.count:
                log.info("piece", piece=one.piece, count=one.count)
        if services.post is not None and services.desk.journal.read_only is None:
            sent = post_round.run(services)
            if sent.sent or sent.refused or sent.waiting:
                log.info("mail", sent=sent.sent, refused=sent.refused, waiting=sent.waiting)

    def move_keys() -> None:
        ending.settle(services.desk)
        services.orders.read(services.desk)  # so that no page has to read the whole log after a start
        services.figures.read(services.desk)  # nor every row
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
