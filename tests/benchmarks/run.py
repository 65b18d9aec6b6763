"""One run: which figure is taken when, from one data folder that grows from nothing to its full size.

Decides the order and the numbers of requests. Every latency is the client's; every rate is of acknowledged
requests, each of which was durable before it was answered.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import orjson

from tests.benchmarks import (
    auditing,
    compiler,
    core_event,
    every_page,
    finding_one,
    mixed,
    rewrap,
    served,
    trial,
    trial_stored,
    verifying,
)
from tests.benchmarks.agency import AUDITOR, CLERK, Filled, Prepared, prepare
from tests.benchmarks.load import Load, json_of, request
from tests.benchmarks.load import run as send
from tests.benchmarks.material import FORM, Answers
from tests.benchmarks.pages import Browser
from tests.benchmarks.table import Row
from web.demo.people import PEOPLE

Say = Callable[[str], None]
CONNECTIONS = (32, 8, 1)  # the most first: nearest to the size that the figure names


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything. `small` and `large` are the sizes whose submit latencies are compared."""

    small: int
    middle: int
    large: int
    requests: int
    repeats: int
    core: int
    pages: int
    papers: int
    seconds: float
    moved: int
    tried: int


FULL = Sizes(
    1_000, 10_000, 100_000, requests=1_000, repeats=3, core=1_500, pages=40, papers=12, seconds=240.0,
    moved=1_000_000, tried=10_000,
)
QUICK = Sizes(
    20, 40, 60, requests=24, repeats=1, core=20, pages=2, papers=1, seconds=20.0, moved=400, tried=40
)


@dataclass
class Run:
    """What is known while the run goes on."""

    data: Path
    sizes: Sizes
    say: Say
    made: Prepared
    numbers: Iterator[int] = field(default_factory=lambda: count(300_000))
    rows: list[Row] = field(default_factory=list)

    def add(
        self, name: str, value: float, unit: str, goal: float | None = None, *, is_floor: bool = False
    ) -> None:
        """Put one figure on the table."""
        self.rows.append(Row(name, value, unit, goal, is_floor))
        self.say(f"  {name}: {value:.2f} {unit}")

    def fill(self, wanted: int) -> Filled:
        """Let the filling program bring the folder to a size."""
        self.say(f"filling to {wanted}")
        seconds = str(self.sizes.seconds)
        command = [sys.executable, "-m", "tests.benchmarks.agency", str(self.data), str(wanted), seconds]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        return Filled(**json.loads(told))

    def submissions(self, many: int) -> list[bytes]:
        """Requests that submit example 1 for people nobody has submitted yet."""
        answers = Answers(self.made.digests)
        out = []
        for _ in range(many):
            number = next(self.numbers)
            body = orjson.dumps({"form": FORM, "answers": answers.about(number)})
            out.append(self.post("/api/v1/documents", body, CLERK, f"load-{number}"))
        return out

    def post(self, path: str, body: bytes, staff_no: str, key: str, **headers: str) -> bytes:
        """One API request with a token."""
        told = {"Authorization": f"Bearer {self.made.tokens[staff_no]}", "Content-Type": "application/json"}
        return request("POST", path, body, {**told, "Idempotency-Key": key, **headers})

    def get(self, path: str, staff_no: str) -> bytes:
        """One API request that reads."""
        return request("GET", path, b"", {"Authorization": f"Bearer {self.made.tokens[staff_no]}"})


def run(folder: Path, sizes: Sizes, say: Say) -> list[Row]:
    """Take every figure; the table's rows in order."""
    # The vault's unseal file and the signer's memory stand in the configuration folder: not in this user's.
    os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
    data = folder / "data"
    one = Run(data, sizes, say, prepare(data))
    _core(one)
    limit = _limit(one, folder)
    _empty(one)
    small = _small(one, limit)
    _apart(one)
    _size(one, sizes.middle)
    _large(one, small)
    _forms(one)
    _trust(one, folder)
    _every_page(one, folder)
    return one.rows


def _every_page(one: Run, folder: Path) -> None:
    """Every kind of page of somebody of each post; in a quick run of a clerk."""
    is_whole = one.sizes.middle >= 1_000
    made = mixed.make(folder / "mixed", one.sizes.middle, one.sizes.middle * 4 // 10)
    real = made.real[: every_page.OPENED if is_whole else 25]
    posts = {one.role: one.staff_no for one in reversed(PEOPLE)}  # the first of each
    people = tuple(posts.values()) if is_whole else (CLERK,)
    times = 5 if is_whole else 1
    measured = every_page.measure(folder / "mixed", real, times, people, one.say)
    one.rows.extend(every_page.rows_of(measured))


def _core(one: Run) -> None:
    measured = core_event.measure(one.data, one.sizes.core)
    one.add("core event: validate, commit, seal, sign, leaf", measured.whole, "µs", 450)
    for name, spent in measured.stages.items():
        one.add(f"core event, {name}", spent, "µs")


def _limit(one: Run, folder: Path) -> float:
    """The plain limit at 32 connections, the median of the repeats."""
    port = served.free_port()
    command = [sys.executable, "-m", "tests.benchmarks.plain_limit", str(port), str(folder)]
    with served.running(command, port, "/ready"):
        loads = []
        for _ in range(one.sizes.repeats):
            answers = Answers(one.made.digests)
            bodies = [
                orjson.dumps({"form": FORM, "answers": answers.about(n)}) for n in range(one.sizes.requests)
            ]
            told = {"Content-Type": "application/json"}
            loads.append(send(port, 32, [request("POST", "/documents", body, told) for body in bodies], 201))
    load = _middle(loads)
    one.add("plain limit, 32 connections", load.rate, "/s")
    return load.rate


def _middle(loads: list[Load]) -> Load:
    """The load with the median rate."""
    return sorted(loads, key=lambda load: load.rate)[len(loads) // 2]


def _empty(one: Run) -> None:
    with served.serve(one.data) as server:
        one.add("start-up, 0 documents", server.started, "s")
        one.add("memory, 0 documents", server.memory(), "MiB")
        insert = send(server.port, 1, one.submissions(one.sizes.pages), 201)
        _insert_and_get(one, server.port, insert, "0")


def _insert_and_get(one: Run, port: int, insert: Load, size: str) -> None:
    docs = [json_of(answer)["doc"] for answer in insert.answers][: one.sizes.pages]
    found = send(port, 1, [one.get(f"/api/v1/documents/{doc}", CLERK) for doc in docs], 200)
    one.add(f"insert (API submit, 1 connection), {size} documents", insert.quantile(0.5), "ms")
    one.add(f"get by id (API, opened and masked), {size} documents", found.quantile(0.5), "ms")


def _small(one: Run, limit: float) -> float:
    """Everything that does not depend on the size, at the small one; gives back submit p95 at 32 (ms)."""
    one.fill(one.sizes.small)
    with served.serve(one.data) as server:
        p95 = _submits(one, server.port, f"{one.sizes.small:,} documents", limit)
        _transitions(one, server.port)
        clerk = Browser(server.port)
        clerk.sign_in(CLERK)
        page = clerk.get(f"/drafts/{one.made.draft}", one.sizes.pages)
        one.add("form page, full, p50", page.quantile(0.5), "ms", 40)
        check = clerk.check_field(one.made.draft, "/insured/id_no", one.sizes.pages)
        one.add("field check, p50", check.quantile(0.5), "ms")
        one.add("field check, p95", check.quantile(0.95), "ms", 30)
        filed = json_of(send(server.port, 1, one.submissions(1), 201).answers[0])
        paper = clerk.get(f"/documents/{filed['doc']}/papers/1/acceptance_receipt", one.sizes.papers)
        one.add("PDF, one page (受理回执), warm, p50", paper.quantile(0.5) / 1e3, "s", 0.6)
        paper = clerk.get(f"/documents/{filed['doc']}/print", one.sizes.papers)
        one.add("PDF, the whole form, warm, p50", paper.quantile(0.5) / 1e3, "s")
    return p95


def _apart(one: Run) -> None:
    """The same load where `fengjian serve` keeps the keys in a process beside the server."""
    with served.serve(one.data, "serve") as server:
        send(server.port, 8, one.submissions(max(8, one.sizes.requests // 10)), 201)
        loads = [
            send(server.port, 32, one.submissions(one.sizes.requests), 201) for _ in range(one.sizes.repeats)
        ]
        load = _middle(loads)
        one.add("API submit, 32 connections, keys in a process of their own", load.rate, "/s")


def _submits(one: Run, port: int, size: str, limit: float) -> float:
    """Submit load at every number of connections; gives back the p95 at the most (ms)."""
    send(port, 8, one.submissions(max(8, one.sizes.requests // 10)), 201)
    p95 = 0.0
    for connections in CONNECTIONS:
        many = (
            one.sizes.requests if connections == 32 else one.sizes.requests * connections // 16 + connections
        )
        load = _middle(
            [send(port, connections, one.submissions(many), 201) for _ in range(one.sizes.repeats)]
        )
        name = f"API submit, {connections} connection{'s' * (connections > 1)}, {size}"
        is_goal = connections == 32
        one.add(name, load.rate, "/s", 830 if is_goal else None, is_floor=True)
        for part in (50, 95, 99):
            one.add(f"{name}, p{part}", load.quantile(part / 100), "ms")
        if is_goal:
            one.add(
                f"API submit ÷ plain limit, 32 connections, {size}",
                load.rate / limit,
                "×",
                1 / 3,
                is_floor=True,
            )
            p95 = load.quantile(0.95)
    return p95


def _transitions(one: Run, port: int) -> None:
    """Claim and release by one auditor, each on documents of their own."""
    filed = send(port, 32, one.submissions(one.sizes.requests // 2), 201)
    heads = [(answer["doc"], answer["event"]) for answer in map(json_of, filed.answers)]
    loads = []
    for step in range(max(2, one.sizes.repeats + 1)):
        name = "claim" if step % 2 == 0 else "release"
        asked = [
            one.post(
                f"/api/v1/documents/{doc}/transitions/{name}", b"{}", AUDITOR, f"{name}-{step}", If_Match=head
            ).replace(b"If_Match:", b"If-Match:")
            for doc, head in heads
        ]
        load = send(port, 32, asked, 200)
        heads = [(answer["doc"], answer["event"]) for answer in map(json_of, load.answers)]
        loads.append(load)
    claims, releases = _middle(loads[0::2]), _middle(loads[1::2])
    both = 2 / (1 / claims.rate + 1 / releases.rate)
    one.add("transitions (claim and release), 32 connections", both, "/s", 900, is_floor=True)
    one.add("transitions, claim alone", claims.rate, "/s")
    one.add("transitions, release alone", releases.rate, "/s")
    one.add("transitions, p95", statistics.mean((claims.quantile(0.95), releases.quantile(0.95))), "ms")


def _size(one: Run, wanted: int) -> tuple[Filled, str]:
    """Start-up, memory, insert and get at a size."""
    filled = one.fill(wanted)
    size = f"{filled.documents:,}"
    if filled.written:
        one.add(f"filling through the desk to {size}", filled.written / filled.seconds, "/s")
    with served.serve(one.data) as server:
        one.add(f"start-up, {size} documents", server.started, "s")
        one.add(f"memory, {size} documents", server.memory(), "MiB")
        insert = send(server.port, 1, one.submissions(one.sizes.pages), 201)
        _insert_and_get(one, server.port, insert, size)
        one.add(f"row by id in the projection, {size} documents", filled.row_us, "µs")
    return filled, size


def _large(one: Run, small: float) -> None:
    filled, size = _size(one, one.sizes.large)
    found = finding_one.measure(one.data, one.sizes.pages)
    name = f"one person by id number among {found.documents:,} documents, opened and logged"
    one.add(f"{name}, p50", found.median, "ms")
    one.add(f"{name}, p95", found.p95, "ms", finding_one.GOAL_MS)
    one.add(f"first inbox page (20 rows) from the desk, {size} documents", filled.page_ms, "ms", 10)
    with served.serve(one.data) as server:
        auditor = Browser(server.port)
        auditor.sign_in(AUDITOR)
        page = auditor.get(auditor.first_inbox(), one.sizes.pages)
        one.add(f"first inbox page as HTML, {size} documents, p50", page.quantile(0.5), "ms", 10)
        send(server.port, 8, one.submissions(max(8, one.sizes.requests // 10)), 201)
        loads = [
            send(server.port, 32, one.submissions(one.sizes.requests), 201) for _ in range(one.sizes.repeats)
        ]
        load = _middle(loads)
        one.add(f"API submit, 32 connections, {size} documents", load.rate, "/s")
        one.add(f"API submit, 32 connections, {size} documents, p95", load.quantile(0.95), "ms")
        one.add(
            f"API submit p95, {size} documents ÷ {one.sizes.small:,} documents",
            load.quantile(0.95) / small,
            "×",
            1.3,
        )


def _forms(one: Run) -> None:
    """Any schema drawn, and a new version tried on documents."""
    one.rows.extend(compiler.measure())
    for rate in trial.measure(one.sizes.requests * 20):
        goal = trial.GOAL if "rules" not in rate.name and "lifted" not in rate.name else None
        one.add(f"trial run, judging, {rate.name}", rate.per_second, "/s", goal, is_floor=True)
    name, most = "trial run, stored documents opened and judged", one.sizes.tried
    took = trial_stored.within(one.data, most)
    one.add(f"{name}, one core", took.per_core_second, "/s", trial_stored.GOAL, is_floor=True)
    took = trial_stored.apart(one.data, most)
    one.add(f"{name}, keys in a process of their own, one core", took.per_core_second, "/s")
    one.add(f"{name}, keys in a process of their own, by the clock", took.documents / took.wall, "/s")


def _trust(one: Run, folder: Path) -> None:
    """What a stranger and an auditor wait for, and an agency that turns an epoch."""
    made, trust = verifying.bundles(folder / "shown")
    for name, bundle in made.items():
        spent = verifying.measure(bundle, trust, one.sizes.pages)
        one.add(f"judge a bundle, {name}, processor time", spent, "ms", verifying.GOAL_MS)
    took = auditing.audit(one.data)
    whole = took.wall * auditing.GOAL_EVENTS / took.records
    one.add(f"audit of {took.records:,} events", took.wall, "s")
    one.add("audit, per 100,000 events", whole, "s", auditing.GOAL_SECONDS)
    moved = rewrap.measure(one.sizes.moved)
    one.add(f"rewrap of {one.sizes.moved:,} keys", moved.wall, "s")
    each = moved.wall * rewrap.GOAL_KEYS / one.sizes.moved
    one.add("rewrap, per 1,000,000 keys", each, "s", rewrap.GOAL_SECONDS)
