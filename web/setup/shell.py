"""Runs the programs of others for set-up. Decides nothing; keeps their output in one log file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

LOG = Path("build/setup.log")


class SetupFailed(Exception):
    """Set-up cannot go on. Carries the key of the sentence for the person, and its facts."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


def run_logged(command: Sequence[str], environment: Mapping[str, str] | None = None) -> bool:
    """Run a program without input, append its output to the log; true when it ended with 0."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("ab") as log:
        log.write(("\n$ " + " ".join(command) + "\n").encode())
        log.flush()
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                check=False,
            )
        except OSError as fault:
            log.write(f"{fault}\n".encode())
            return False
    return done.returncode == 0
