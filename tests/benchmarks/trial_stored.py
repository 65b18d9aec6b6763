"""Documents a second of a whole trial run: from what is stored to what is counted.

Processor time of everything that takes part, so that it is what one core does: reading the journal, opening
in the vault, putting leaves back into answers, judging by shape and rules, the access log. Once with the keys
in the application, and once with the vault's process beside it as `fengjian serve` has it, where the time on
the clock counts too: both work at once.

    python -m tests.benchmarks.trial_stored DATA
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from engine.desk import opening_many, people, reading, trials
from engine.desk.desk import Desk
from engine.registry.compiled import CompiledForm
from engine.registry.shape import compile_shape
from engine.versions.trial import judge_by_form, judge_by_shape
from storage.budgets import Budget
from storage.vault_client import VaultProcess, usual_post
from tests.benchmarks.agency import at_work
from tests.benchmarks.material import FORM
from web.assemble import open_desk
from web.cli.running import settle_memory
from web.demo.people import PEOPLE

GOAL = 20_000
MANAGER = "XX000002"
_ANYTHING = compile_shape({})
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Took:
    """One run: documents, and the seconds of both processes' processors and of the clock."""

    documents: int
    application: float
    vault: float
    wall: float

    @property
    def per_core_second(self) -> float:
        """Documents a second of one core."""
        return self.documents / (self.application + self.vault)


def within(data: Path, most: int | None = None) -> Took:
    """A run with the keys in this process."""
    opened = open_desk(data)
    try:
        return _run(opened.desk, most, lambda: 0.0, None)
    finally:
        opened.close()


def apart(data: Path, most: int | None = None) -> Took:
    """A run with the vault's process; its hourly budget is no limit here."""
    process = VaultProcess(usual_post(data / "vault", budget=Budget(trials=1_000_000_000)))
    try:
        opened = open_desk(data, vault=process.client)
        try:
            with ThreadPoolExecutor(1) as hands:
                return _run(opened.desk, most, lambda: _processor_of(process.pid), hands)
        finally:
            opened.close()
    finally:
        process.close()


def _run(desk: Desk, most: int | None, of_vault: Callable[[], float], ahead: Executor | None) -> Took:
    if desk.directory.by_staff_no(MANAGER) is None:
        people.enrol(desk, [one.as_newcomer() for one in PEOPLE if one.staff_no == MANAGER])
    actor, unlock = at_work(desk, MANAGER)
    form: CompiledForm = desk.registry.get(FORM, "1.0.0")
    trials.run(desk, actor, form, unlock, most=trials.BATCH)  # what is compiled once is compiled
    settle_memory()  # as a server does
    wall, application, vault = time.perf_counter(), time.process_time(), of_vault()
    found = trials.run(desk, actor, form, unlock, most=most, ahead=ahead)
    return Took(
        found.as_signed.seen,
        time.process_time() - application,
        of_vault() - vault,
        time.perf_counter() - wall,
    )


def stages(data: Path) -> dict[str, float]:
    """Microseconds of processor a document by stage, the keys in this process; one batch at a time."""
    opened = open_desk(data)
    try:
        desk = opened.desk
        actor, unlock = at_work(desk, MANAGER)
        form: CompiledForm = desk.registry.get(FORM, "1.0.0")
        spent: dict[str, float] = {}
        settle_memory()

        def timed(name: str, work: Callable[[A], B], over: Iterable[A]) -> list[B]:
            began = time.process_time()
            made = [work(one) for one in over]
            spent[name] = spent.get(name, 0.0) + time.process_time() - began
            return made

        rows = timed("list", lambda row: row if row["form"] == FORM else None, desk.store.rows())
        docs = [row["doc"] for row in rows if row is not None]
        permit = desk.vault.allow_trial(unlock, actor.person, opening_many.scope_of(desk, FORM), len(docs))
        shape, rules = judge_by_shape(form.shape), replace(judge_by_form(form), shape=_ANYTHING)
        ask = partial(desk.vault.open_contents, permit)
        for at in range(0, len(docs), trials.BATCH):
            held = timed("list", partial(reading.row_of, desk), docs[at : at + trials.BATCH])
            found = timed("read journal and wraps", partial(opening_many.content_of, desk), held)
            contents = [one for one in found if one is not None]
            (plains,) = timed("open in the vault", ask, [contents])
            answers = timed("leaves to answers", opening_many.answers_in, plains)
            timed("judge the shape", shape.causes, answers)
            timed("judge the rules", rules.causes, answers)
        return {name: seconds / len(docs) * 1e6 for name, seconds in spent.items()}
    finally:
        opened.close()


def _processor_of(pid: int) -> float:
    """Seconds of processor a process has used, user and system (proc(5), stat)."""
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print both runs over a filled folder."""
    for name, measure in (("keys in the application", within), ("keys in a process of their own", apart)):
        took = measure(Path(sys.argv[1]))
        print(
            f"{name}: {took.documents:,} documents, {took.per_core_second:,.0f} /s of one core, "
            f"{took.documents / took.wall:,.0f} /s by the clock"
        )
    for name, each in stages(Path(sys.argv[1])).items():
        print(f"{name:25} {each:6.1f} µs a document")


if __name__ == "__main__":
    main()
