"""Child processes that do risky work on frames: a pool of them, with limits on time and on jobs per process.

Decides when a child is started, recycled and ended. Never runs the work itself: laying out a page or reading
a foreign PDF may loop, grow or crash, and then a child ends instead of the application. Safe from many
threads.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from engine.errors import Unavailable
from web.pdf.job import read_frame, write_frame

T = TypeVar("T")
JOBS_PER_PROCESS = 200


class Child:
    """One child process; started on first use."""

    def __init__(self, module: str, limit_seconds: float) -> None:
        self._module = module
        self._limit = limit_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs = 0

    def start(self) -> None:
        """Start the process if there is none and wait for its first frame. Unavailable when it does not come.
        """
        if self._process is not None and self._process.poll() is None:
            if self._jobs < JOBS_PER_PROCESS:
                return
            self.stop()
        root = str(Path(__file__).resolve().parents[2])
        self._process = subprocess.Popen(
            (sys.executable, "-m", self._module), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": root},
        )
        self._jobs = 0
        self.ask(None)

    def ask(self, value: Mapping[str, Any] | None) -> dict[str, Any]:
        """Send a frame (None: only listen) and return the answer. Unavailable when the child died, does not
        speak frames, or takes longer than the limit; it is then ended."""
        process = cast("subprocess.Popen[bytes]", self._process)
        watch = threading.Timer(self._limit, process.kill)
        watch.daemon = True
        watch.start()
        try:
            if value is not None:
                self._jobs += 1
                write_frame(cast(BinaryIO, process.stdin), value)
            answer = read_frame(cast(BinaryIO, process.stdout))
        except (OSError, ValueError):
            answer = None
        finally:
            watch.cancel()
        if answer is None:
            self.stop()
            raise Unavailable("child.interrupted")
        return answer

    def stop(self) -> None:
        """End the process, if any."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue


class Children:
    """A few children of one kind, lent to one job at a time."""

    def __init__(self, module: str, processes: int, limit_seconds: float) -> None:
        self._all = [Child(module, limit_seconds) for _ in range(processes)]
        self._free: queue.LifoQueue[Child] = queue.LifoQueue()
        for child in self._all:
            self._free.put(child)
        self._wait = limit_seconds

    def lend(self, work: Callable[[Child], T]) -> T:
        """What `work` returns, given a started child of its own. Unavailable when none is free in time."""
        try:
            child = self._free.get(timeout=self._wait)
        except queue.Empty:
            raise Unavailable("child.busy") from None
        try:
            child.start()
            return work(child)
        finally:
            self._free.put(child)

    def warm_up(self) -> None:
        """Start one child in the background, so that the first job is not the slow one."""

        def start() -> None:
            try:
                self.lend(lambda child: None)
            except Unavailable:
                # The next job tries again and tells the person who asked for it.
                return

        threading.Thread(target=start, name="child-warm-up", daemon=True).start()

    def close(self) -> None:
        """End every child."""
        for child in self._all:
            child.stop()
