"""The benchmark itself works: a run with tiny sizes gives every figure of the table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.table import Row, markdown

ROOT = Path(__file__).resolve().parents[2]
WANTED = (
    "core event: validate, commit, seal, sign, leaf",
    "plain limit, 32 connections",
    "API submit, 1 connection, 20 documents",
    "API submit, 8 connections, 20 documents",
    "API submit, 32 connections, 20 documents",
    "API submit, 32 connections, 20 documents, p50",
    "API submit, 32 connections, 20 documents, p95",
    "API submit, 32 connections, 20 documents, p99",
    "API submit ÷ plain limit, 32 connections, 20 documents",
    "transitions (claim and release), 32 connections",
    "form page, full, p50",
    "field check, p95",
    "PDF, one page (受理回执), warm, p50",
    "start-up, 0 documents",
    "memory, 0 documents",
    "insert (API submit, 1 connection), 0 documents",
    "get by id (API, opened and masked), 0 documents",
)


@pytest.mark.slow
def test_a_tiny_run_gives_every_figure_of_the_table(tmp_path: Path) -> None:
    out = tmp_path / "table.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--json", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, env={**os.environ})
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(out.read_bytes())
    rows = {row["name"]: row for row in told["rows"]}
    assert [name for name in WANTED if name not in rows] == []
    large = [
        name for name in rows if name.startswith(("start-up", "memory", "first inbox page", "API submit p95"))
    ]
    assert len(large) == 3 + 3 + 2 + 1
    assert all(row["value"] > 0 for row in told["rows"])
    goals = {row["name"]: row["goal"] for row in told["rows"] if row["goal"] is not None}
    pages = [name for name in goals if name.startswith("page, ")]
    assert {goals[name] for name in pages} == {60.0}
    assert len(goals) - len(pages) == 20, goals
    families = ("home", "inbox", "documents", "documents/review", "figures", "versions")
    assert [one for one in families if not any(f"page, {one}, " in name for name in pages)] == []


def test_the_table_says_what_was_missed() -> None:
    rows = [
        Row("core event", 460.0, "µs", 450),
        Row("submits", 900.0, "/s", 830, is_floor=True),
        Row("memory", 98.44, "MiB"),
    ]
    assert markdown(rows).splitlines() == [
        "| figure | measured | goal | |",
        "|---|---:|---:|---|",
        "| core event | 460 µs | ≤ 450 µs | **missed** |",
        "| submits | 900 /s | ≥ 830 /s | met |",
        "| memory | 98.4 MiB |  |  |",
    ]
