"""kill -9 of the real server amid a load over HTTP: what was acknowledged is there, once, and whole.

A part of the rounds in every test run; `make crash` sets FENGJIAN_CRASH_ROUNDS=100.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.attack.house import Place, Server
from tests.benchmarks import agency
from tests.crash.history import CLIENTS, History, moment, told_by_a_copy
from web.assemble import load_registry

ROUNDS = int(os.environ.get("FENGJIAN_CRASH_ROUNDS", "6"))
SEED = int(os.environ.get("FENGJIAN_CRASH_SEED", "22"))


@pytest.mark.timeout(3600)
def test_no_acknowledged_step_is_lost_or_doubled_however_often_the_server_is_killed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place, chance = Place(tmp_path / "agency"), Random(SEED)
    with place.at_home() as data:
        history = History(agency.prepare(data))
    registry = load_registry()
    server, counts, began = Server(place), Counter[str](), time.monotonic()
    faults: list[str] = []
    try:
        server.start()
        for number in range(ROUNDS):
            known = set(history.begun)
            history.load(server, CLIENTS, moment(chance), is_patient=chance.random() < 0.8)
            if chance.random() < 0.2:
                server.begin()  # once more, before it has begun to serve
                time.sleep(chance.random() * 2)
                server.kill()
                counts["killed while starting"] += 1
            told = told_by_a_copy(place, tmp_path / f"copy-{number}", registry)
            begun = sorted(set(history.begun) - known)
            acknowledged = [key for key in begun if key in history.receipts]
            receipts = [history.receipts[key] for key in acknowledged]
            counts["acknowledged"] += len(acknowledged)
            counts["in flight"] += len(begun) - len(acknowledged)

            server.start()
            faults += [f"lost {one}" for one in receipts if told.events.get(one["index"]) != one["event"]]
            history.read_log(server)
            faults += [f"unproved {key}" for key in history.unproved(acknowledged)]
            rows = history.documents(server)
            if rows != told.rows:
                faults.append("the list is not what the journal says")
            chosen = sorted({one["doc"] for one in receipts} | told.newest(rows))
            faults += [f"half {one}" for one in history.half(server, rows, chosen)]
            faults += [f"not once {one}" for one in history.repeat(server, begun)]
            with capfd.disabled():
                told_so_far = f"{counts['acknowledged']} acknowledged, {len(faults)} faults"
                print(f"\nround {number + 1} of {ROUNDS}: {told_so_far}", end="", file=sys.stderr, flush=True)
        history.read_log(server)
        rows = history.documents(server)
        keys = sorted(history.receipts)
        submitted = {history.receipts[key]["doc"] for key in keys if key.startswith("s-")}
        lost = sum(history.receipts[key]["doc"] not in rows for key in keys)
        lost += len(history.unproved(keys)) + sum(one.startswith("lost") for one in faults)
        doubled = len(rows) - len(submitted)
        server.kill()
        audit = place.command("audit", "--json")
    finally:
        server.stop()
    with capfd.disabled():
        print(
            f"\nkilled {ROUNDS} times amid a load, {counts['killed while starting']} times while starting: "
            f"{counts['acknowledged']} acknowledged, {counts['in flight']} in flight, {lost} lost, "
            f"{doubled} duplicated, {len(rows)} documents, {len(history.tree)} records, "
            f"{time.monotonic() - began:.0f} s",
            file=sys.stderr,
        )
    assert faults == []
    assert history.unexpected == []
    assert (lost, doubled, counts["acknowledged"] > ROUNDS) == (0, 0, True)
    assert (audit.returncode, json.loads(audit.stdout)["problems"]) == (0, [])
    numbers = sorted(int("".join(c for c in row[1].split("〕")[1] if c.isdigit())) for row in rows.values())
    assert numbers == list(range(1, len(rows) + 1)), "official numbers have gaps"
