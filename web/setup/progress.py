"""Walks the steps of set-up and shows each as one line with its time. Never decides what a step does."""

from __future__ import annotations

import fcntl
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from web.setup.sentences import say
from web.setup.shell import LOG, SetupFailed
from web.setup.steps import Step, is_done, read_stamp, write_stamp


def set_up(steps: list[Step]) -> int:
    """Do what is not done yet. 0 when the checkout is ready, 1 after one sentence on what stopped it."""
    stamp = read_stamp()
    if all(is_done(step, stamp) for step in steps):
        return 0
    began = time.monotonic()
    try:
        with _alone():
            _walk(steps)
    except SetupFailed as failure:
        print(say("stopped", sentence=say(failure.key, **failure.facts)), file=sys.stderr)
        print(say("log", log=LOG), file=sys.stderr)
        return 1
    print(say("done", seconds=f"{time.monotonic() - began:.1f}"), flush=True)
    return 0


def _walk(steps: list[Step]) -> None:
    stamp = read_stamp()
    for number, step in enumerate(steps, start=1):
        if is_done(step, stamp):
            continue
        print(f"[{number}/{len(steps)}] {step.title} …", flush=True)
        began = time.monotonic()
        sentence = step.work(_note)
        if sentence is None:
            stamp = write_stamp(step)
            print(f"      ✓ {time.monotonic() - began:.1f} s", flush=True)
        else:
            _note(sentence)


def _note(sentence: str) -> None:
    print(f"      {sentence}", flush=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of this checkout: two set-ups at once would write over each other."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.with_suffix(".lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(say("waiting"), flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
