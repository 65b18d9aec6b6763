"""`python -m tests.benchmarks [--quick | --large N] [--json FILE] [--no-report]`: every figure, in one run.

Decides the order: small sizes first, in one data folder that grows. Nothing leaves 127.0.0.1, every load has
a fixed number of requests, and filling the folder has a time limit; when it is reached the largest size is
what was reached, and the table says so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.benchmarks.run import FULL, QUICK, run
from tests.benchmarks.table import Row, as_json, machine, markdown

REPORT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- measured -->", "<!-- /measured -->"


def main(options: list[str]) -> int:
    """Measure, print, write the report; 0 also when a goal is missed: the table says it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does the benchmark itself work?")
    parser.add_argument("--large", type=int, default=FULL.large, help="the largest number of documents")
    parser.add_argument("--json", type=Path, help="write the table as JSON, too")
    parser.add_argument("--no-report", action="store_true", help="leave docs/benchmarks.md as it is")
    chosen = parser.parse_args(options)
    about, began = machine(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fengjian-bench-") as folder:
        sizes = QUICK if chosen.quick else replace(FULL, large=chosen.large)
        rows = run(Path(folder), sizes, lambda line: print(line, file=sys.stderr))
    about["seconds"] = f"{time.monotonic() - began:.0f}"
    print(markdown(rows))
    if chosen.json:
        chosen.json.write_text(as_json(rows, about), encoding="utf-8")
    else:
        print("\n" + as_json(rows, about))
    if not chosen.quick and not chosen.no_report:
        write_report(rows, about)
    return 0


def write_report(rows: list[Row], about: dict[str, str]) -> None:
    """Put the table in place of the last one; the words around it stay."""
    text = REPORT.read_text(encoding="utf-8")
    before, rest = text.split(_BEGIN, 1)
    after = rest.split(_END, 1)[1]
    facts = ", ".join(f"{name} {value}" for name, value in about.items())
    table = f"{_BEGIN}\nMeasured on {date.today().isoformat()} ({facts}).\n\n{markdown(rows)}\n{_END}"
    REPORT.write_text(before + table + after, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
