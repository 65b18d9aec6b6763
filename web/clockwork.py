"""The hourly round of what time brings about, beside the requests.

Decides how often. What is done stands in `engine.desk.timekeeping`; a round that fails is logged and the
next one tries again, except when trust is lost: then rounds end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from engine.desk import timekeeping
from engine.errors import Broken, Refused

FIRST_AFTER_SECONDS = 60
EVERY_SECONDS = 3600
log = structlog.get_logger("clockwork")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Rounds from a minute after the start until the application stops."""
    rounds = asyncio.create_task(_rounds(app))
    try:
        yield
    finally:
        rounds.cancel()


async def _rounds(app: FastAPI) -> None:
    await asyncio.sleep(FIRST_AFTER_SECONDS)
    while True:
        try:
            done = await run_in_threadpool(timekeeping.run, app.state.services.desk)
            if done.transitions or done.uploads:
                log.warning("round", transitions=done.transitions, uploads=done.uploads)
        except Broken as fault:
            log.critical("alarm", code=fault.code)
            return
        except (Refused, OSError, TimeoutError) as fault:
            log.error("round_failed", kind=type(fault).__name__)
        await asyncio.sleep(EVERY_SECONDS)
