"""`python -m tests`: lint, types, import contracts, then every test; one summary at the end.

Decides the order and what runs beside what; never skips a part because an earlier one failed. Browser
tests have a run of their own: their event loop may not share a process with asynchronous tests.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sys.executable).parent
COUNTS = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|deselected)")


@dataclass(frozen=True, slots=True)
class Part:
    """One program to run, and whether it counts tests."""

    name: str
    command: tuple[str, ...]
    is_pytest: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part ended: its exit code, seconds, and pytest's own counts by word."""

    part: Part
    code: int
    seconds: float
    counts: Counter[str]

    @property
    def is_good(self) -> bool:
        """Whether the part ended well; a pytest run that found nothing to run has proved nothing."""
        return self.code == 0


def parts(options: Sequence[str]) -> tuple[Part, ...]:
    """What is run, in order. `options` go to pytest as they are."""
    pytest = (sys.executable, "-m", "pytest", *options)
    return (
        Part("lint", (str(SCRIPTS / "ruff"), "check", "--output-format", "concise", ".")),
        Part("types", (sys.executable, "-m", "mypy")),
        Part("import contracts", (str(SCRIPTS / "lint-imports"), "--no-logo")),
        Part("unit and contract", (*pytest, "-n", "2", "--dist", "loadfile", "--ignore=tests/browser"), True),
        Part("browser", (*pytest, "tests/browser"), True),
    )


def run(part: Part) -> Outcome:
    """Run one part, show its output as it comes, and read pytest's counts from its closing line."""
    print(f"\n── {part.name} " + "─" * max(1, 70 - len(part.name)), flush=True)
    began = time.monotonic()
    last = ""
    with subprocess.Popen(
        part.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            last = line.decode(errors="replace").strip() or last
    counts = Counter({word.rstrip("s"): int(n) for n, word in COUNTS.findall(last)} if part.is_pytest else {})
    return Outcome(part, process.returncode, time.monotonic() - began, counts)


def summarize(outcomes: Sequence[Outcome]) -> str:
    """The closing table, and one line with the sum of all tests in pytest's own words."""
    rows = [f"  {'ok' if o.is_good else 'FAILED':8}{o.part.name:20}{o.seconds:8.1f} s" for o in outcomes]
    total = sum((o.counts for o in outcomes), Counter[str]())
    words = ("failed", "passed", "skipped", "error")
    told = ", ".join(f"{total[word]} {word}" for word in words if total[word])
    seconds = sum(o.seconds for o in outcomes)
    closing = f" {told or 'no tests ran'} in {seconds:.2f}s ".center(80, "=")
    return "\n".join(["", "── summary " + "─" * 62, *rows, closing])


def main(options: Sequence[str]) -> int:
    """Run every part; 0 when all ended well."""
    os.environ.setdefault("PYTHONUTF8", "1")
    outcomes = [run(part) for part in parts(options) if part.name != "browser" or _has_browser_tests()]
    print(summarize(outcomes), flush=True)
    return 0 if all(outcome.is_good for outcome in outcomes) else 1


def _has_browser_tests() -> bool:
    return any((ROOT / "tests/browser").glob("test_*.py"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
