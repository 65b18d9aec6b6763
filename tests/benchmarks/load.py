"""The load client, in a process of its own: prepared requests over kept connections, one at a time on each.

    python -m tests.benchmarks.load JOB ANSWERS      (pickles: Job, then list[Answer] and the seconds)

Speaks just enough HTTP/1.1 to be cheap beside the server on a small machine. Only to 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import uvloop

PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Job:
    """Requests to send in order over so many connections."""

    port: int
    connections: int
    requests: list[bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `seconds` from the first byte sent to the last byte received."""

    status: int
    seconds: float
    body: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """What came back, in the order of the requests, and how long all of it took."""

    answers: list[Answer]
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.answers) / self.seconds

    def quantile(self, part: float) -> float:
        """The latency below which that part of the answers came, in milliseconds."""
        ordered = sorted(one.seconds for one in self.answers)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1e3


def request(
    method: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    host: str = "localhost",
) -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join((*lines, "", "")).encode() + body


def run(port: int, connections: int, requests: Sequence[bytes], status: int | None = None) -> Load:
    """Send the requests from a process of its own; with `status`, any other answer ends the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        job, out = Path(folder, "job"), Path(folder, "answers")
        job.write_bytes(pickle.dumps(Job(port, connections, list(requests))))
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.load", str(job), str(out)],
            check=True,
            timeout=PATIENCE * 2,
        )
        load = cast(Load, pickle.loads(out.read_bytes()))
    if status is not None:
        for one in load.answers:
            if one.status != status:
                raise RuntimeError(f"{one.status} instead of {status}: {one.body[:600]!r}")
    return load


class _Connection(asyncio.Protocol):
    """One kept connection: takes the next request when the answer to the last one is whole."""

    def __init__(self, waiting: deque[int], job: Job, answers: list[Answer | None]) -> None:
        self._waiting, self._job, self._answers = waiting, job, answers
        self._buffer = b""
        self._needed = -1
        self.is_done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        if not self._waiting:
            self._transport.close()
            if not self.is_done.done():
                self.is_done.set_result(None)
            return
        self._at = self._waiting.popleft()
        self._began = time.perf_counter()
        self._transport.write(self._job.requests[self._at])

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._needed < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end].lower()
            place = head.find(b"content-length:")
            length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            self._status, self._body, self._needed = int(head[9:12]), end + 4, end + 4 + length
        if len(self._buffer) >= self._needed:
            spent = time.perf_counter() - self._began
            body = self._buffer[self._body : self._needed]
            # What the page says in its head (cookies, places) is kept in front of the body.
            self._answers[self._at] = Answer(self._status, spent, self._buffer[: self._body] + body)
            self._buffer, self._needed = b"", -1
            self._send()

    def connection_lost(self, reason: Exception | None) -> None:
        if not self.is_done.done():
            self.is_done.set_exception(reason or ConnectionError("closed by the server"))


def body_of(answer: Answer) -> bytes:
    """The body of an answer, without its head."""
    return answer.body.split(b"\r\n\r\n", 1)[1]


def json_of(answer: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(body_of(answer))


async def _run(job: Job) -> Load:
    loop = asyncio.get_running_loop()
    waiting = deque(range(len(job.requests)))
    answers: list[Answer | None] = [None] * len(job.requests)
    began = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Connection(waiting, job, answers), "127.0.0.1", job.port)
        for _ in range(min(job.connections, len(job.requests)))
    ]
    await asyncio.wait_for(asyncio.gather(*(one.is_done for _, one in made)), PATIENCE)
    return Load([one for one in answers if one is not None], time.perf_counter() - began)


if __name__ == "__main__":
    # The pickles name this module by its import name, not `__main__`.
    from tests.benchmarks import load as itself

    wanted = pickle.loads(Path(sys.argv[1]).read_bytes())
    Path(sys.argv[2]).write_bytes(pickle.dumps(uvloop.run(itself._run(wanted))))
