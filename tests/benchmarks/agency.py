"""The agency under measurement: a data folder, its people, their tokens, and as many documents as wanted.

Run as a program it fills the folder through the desk and says what it measured on the way:

    python -m tests.benchmarks.agency DATA WANTED_DOCUMENTS SECONDS
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.desk import attaching, drafting, listing, people, reading, submitting
from engine.desk.desk import Desk
from engine.lifecycle.people import Actor
from engine.ports import ListView
from tests.benchmarks.material import FILES, FORM, Answers, scan
from web.assemble import create_agency, is_agency, open_desk
from web.demo.people import AGENCY, PASSPHRASE, PEOPLE, ROLES
from web.tokens import make_token

CLERK, AUDITOR = "YW000231", "SH000101"
_SESSION = sha256(b"benchmark").hexdigest()
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Filled:
    """What the folder holds now, and what the desk took for it (without HTTP)."""

    documents: int
    next_person: int
    written: int
    seconds: float
    row_us: float
    page_ms: float
    some: list[str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a client needs: tokens by staff number, digests of the uploaded files, a draft to open."""

    tokens: dict[str, str]
    digests: list[str]
    draft: str


def prepare(data: Path) -> Prepared:
    """Found the agency: clerk, auditors, tokens, five files, one draft. Documents: none yet."""
    if not is_agency(data):
        create_agency(data, AGENCY)
    opened = open_desk(data)
    try:
        desk = opened.desk
        people.found(desk, ROLES)
        chosen = (CLERK, AUDITOR)
        people.enrol(desk, [one.as_newcomer() for one in PEOPLE if one.staff_no in chosen])
        tokens = {}
        for staff_no in chosen:
            account = desk.directory.by_staff_no(staff_no)
            assert account is not None
            tokens[staff_no] = make_token(desk, account, PASSPHRASE, "benchmark", "2099-12-31")
        clerk, _ = at_work(desk, CLERK)
        digests = [
            attaching.attach(desk, clerk, scan(place), "application/pdf").sha256 for place in range(FILES)
        ]
        draft = drafting.begin(desk, clerk, FORM, Answers(digests).about(6_999_999))
        prepared = Prepared(tokens, digests, draft.id)
        (data / "benchmark.json").write_text(json.dumps(asdict(prepared)))
        return prepared
    finally:
        opened.close()


def read_prepared(data: Path) -> Prepared:
    """What `prepare` left in the folder."""
    return Prepared(**json.loads((data / "benchmark.json").read_bytes()))


def at_work(desk: Desk, staff_no: str) -> tuple[Actor, str]:
    """A person with the signing key open."""
    account = desk.directory.by_staff_no(staff_no)
    assert account is not None
    actor = people.actor_of(account, _SESSION, "password")
    return actor, desk.vault.unlock(account.person, PASSPHRASE, _SESSION)


def fill(data: Path, wanted: int, seconds: float) -> Filled:
    """Submit for new people until the folder holds `wanted` documents or the time is over."""
    answers = Answers(read_prepared(data).digests)
    opened = open_desk(data)
    try:
        desk = opened.desk
        held = desk.store.count(ListView())
        first = held + 1_000_000 * (held > 0)  # people of the load runs are numbered below
        began = time.perf_counter()
        written = _submit_all(desk, answers, held, wanted, first, began + seconds)
        spent = time.perf_counter() - began
        held = desk.store.count(ListView())
        some = [row["doc"] for row in desk.store.page(ListView(order="recent"), None, 200).rows]
        auditor, _ = at_work(desk, AUDITOR)
        view = next(one.name for one in listing.views(desk, auditor) if one.verb == "claim")
        return Filled(
            documents=held,
            next_person=first + written,
            written=written,
            seconds=spent,
            row_us=median_of(lambda n: reading.row_of(desk, some[n % len(some)]), 2_000) * 1e6
            if some
            else 0.0,
            page_ms=median_of(lambda n: listing.page(desk, auditor, view, None, 20), 30) * 1e3,
            some=some,
        )
    finally:
        opened.close()


def _submit_all(desk: Desk, answers: Answers, held: int, wanted: int, first: int, until: float) -> int:
    clerk, unlock = at_work(desk, CLERK)
    promised: list[Future[Any]] = []
    written = 0
    while held + written < wanted and time.perf_counter() < until:
        submission = submitting.Submission(FORM, answers.about(first + written), f"fill-{first + written}")
        promised.append(submitting.submit(desk, clerk, submission, unlock).future)
        written += 1
        if len(promised) == _AT_ONCE:
            for one in promised:
                one.result(60)
            promised.clear()
    for one in promised:
        one.result(60)
    return written


def median_of(work: Callable[[int], object], times: int) -> float:
    """The median time of one call, in seconds."""
    spent = []
    for number in range(times):
        began = time.perf_counter()
        work(number)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent) if spent else 0.0


if __name__ == "__main__":
    print(json.dumps(asdict(fill(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))))
