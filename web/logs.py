"""What the log says, and what it never says: facts and ids, no names, numbers of citizens, answers or keys.

Decides the form of every line: one JSON object. Of an exception only its kind and the places in the code are
kept: its message and the values of variables may hold what somebody typed.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

MOST_FRAMES = 12


def configure(least: int = logging.INFO) -> None:
    """Send every log line from a level on to standard error as one JSON object. May be called twice."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _places_only,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(ensure_ascii=False),
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def _places_only(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its kind and where it passed through."""
    fault = event.pop("exc_info", None)
    if fault is True:
        fault = sys.exc_info()[1]
    elif isinstance(fault, tuple):
        fault = fault[1]
    if isinstance(fault, BaseException):
        frames = traceback.extract_tb(fault.__traceback__)[-MOST_FRAMES:]
        event["kind"] = type(fault).__name__
        event["places"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event
