"""The pool of print processes: hands out jobs, recycles a process after 200 pages of work, ends one that takes too long.

Decides limits (number of processes, seconds, jobs per process). Never lays out a page in this process: a fault in
the layout library ends a child, not the application. Safe to call from many threads.
"""

from __future__ import annotations

import base64
import hashlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from engine.errors import Invalid, Problem, Unavailable
from web.pdf.job import PrintJob, read_frame, write_frame

JOBS_PER_PROCESS = 200


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished PDF: its bytes, the number of its pages, the SHA-256 of the bytes in hex."""

    data: bytes
    pages: int
    sha256: str


class _Process:
    """One print process; started on first use."""

    def __init__(self, limit_seconds: float, command: tuple[str, ...]) -> None:
        self._limit = limit_seconds
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0

    def start(self) -> None:
        """Start the child if there is none and wait until it says it is ready. Unavailable when it does not."""
        if self._child is not None and self._child.poll() is None:
            return
        self._child = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        )
        self._done = 0
        if self._within_limit(lambda: read_frame(self._output)) is None:
            self.stop()
            raise Unavailable("print.not_ready")

    def run(self, job: PrintJob) -> dict[str, Any]:
        """The child's answer. Unavailable when it died or took longer than the limit."""
        self.start()
        answer = self._within_limit(lambda: self._exchange(job))
        if answer is None:
            self.stop()
            raise Unavailable("print.interrupted")
        self._done += 1
        if self._done >= JOBS_PER_PROCESS:
            self.stop()
        return answer

    def stop(self) -> None:
        """End the child, if any."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue

    @property
    def _output(self) -> BinaryIO:
        return cast(BinaryIO, cast("subprocess.Popen[bytes]", self._child).stdout)

    def _exchange(self, job: PrintJob) -> dict[str, Any] | None:
        child = cast("subprocess.Popen[bytes]", self._child)
        try:
            write_frame(cast(BinaryIO, child.stdin), job.as_json())
        except OSError:
            return None
        return read_frame(self._output)

    def _within_limit(self, work: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
        child = cast("subprocess.Popen[bytes]", self._child)
        watch = threading.Timer(self._limit, child.kill)
        watch.daemon = True
        watch.start()
        try:
            return work()
        finally:
            watch.cancel()


class Renderer:
    """Print processes shared by all threads of the application; `close` ends them."""

    def __init__(
        self, processes: int = 2, limit_seconds: float = 30.0, command: tuple[str, ...] | None = None
    ) -> None:
        line = command or (sys.executable, "-m", "web.pdf.worker")
        self._all = [_Process(limit_seconds, line) for _ in range(processes)]
        self._free: queue.LifoQueue[_Process] = queue.LifoQueue()
        for process in self._all:
            self._free.put(process)
        self._wait = limit_seconds

    def warm_up(self) -> None:
        """Start one process in the background, so that the first print is not the slow one."""
        threading.Thread(target=self._start_one, name="print-warm-up", daemon=True).start()

    def render(self, job: PrintJob) -> Printed:
        """Lay out one job. Invalid with `print.glyph_missing` per character that no print face can draw;
        Unavailable when the press is busy beyond the limit, died, or refused the page."""
        answer = self._with_process(lambda process: process.run(job))
        if "missing" in answer:
            raise Invalid(
                "print.glyph_missing",
                problems=[
                    Problem("", "print.glyph_missing", {"character": c, "code_point": f"U+{ord(c):04X}"})
                    for c in answer["missing"]
                ],
            )
        if "pdf" not in answer:
            raise Unavailable(str(answer.get("refused", "print.failed")))
        data = base64.b64decode(answer["pdf"])
        return Printed(data, int(answer["pages"]), hashlib.sha256(data).hexdigest())

    def close(self) -> None:
        """End every print process."""
        for process in self._all:
            process.stop()

    def _start_one(self) -> None:
        def start(process: _Process) -> dict[str, Any]:
            try:
                process.start()
            except Unavailable:
                # The next print tries again and tells the person who asked for it.
                return {}
            return {}

        self._with_process(start)

    def _with_process(self, work: Callable[[_Process], dict[str, Any]]) -> dict[str, Any]:
        try:
            process = self._free.get(timeout=self._wait)
        except queue.Empty:
            raise Unavailable("print.busy") from None
        try:
            return work(process)
        finally:
            self._free.put(process)
