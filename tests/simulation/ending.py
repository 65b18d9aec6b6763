"""What has to hold when the quarter is over: a clean audit, no silent limit, every document good outside.

Decides nothing of the agency; reads the data folder after the server has ended, as an operator would.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.desk import proving
from engine.desk.noticing import ESCALATION, OVERDUE
from engine.identity import utc_text
from engine.projection import OVERDUE as MISSED
from tests.conftest import ROOT
from tests.simulation.quarter import LAST, Quarter
from web.assemble import open_desk
from web.demo.clock import SettableClock

ALONE = ("nacl", "cffi", "_cffi_backend", "pycparser")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the quarter ended. `silent` are documents that missed a limit of which nobody was told."""

    audit: dict[str, Any]
    documents: Counter[str]
    states: Counter[str]
    overdue: int
    told: int
    silent: tuple[str, ...]
    verified: dict[str, Any]


def judge(quarter: Quarter) -> Outcome:
    """The folder as the server left it. The server has ended."""
    audited = quarter.place.command("audit", "--json")
    audit = json.loads(audited.stdout) if audited.stdout else {"problems": [audited.stderr]}
    folder = quarter.place.folder / "bundles"
    folder.mkdir()
    with quarter.place.at_home() as data:
        opened = open_desk(data, clock=SettableClock(quarter.now))
        try:
            desk, now = opened.desk, utc_text(quarter.now)
            rows = list(desk.store.rows())
            told = {
                one.doc
                for account in desk.directory.all()
                for one in desk.notices.of_person(account.person)
                if one.kind in (OVERDUE, ESCALATION)
            }
            late = {row["doc"] for row in rows if MISSED in row["flags"] or "" < row["due_at"] < now}
            names = {row["doc"]: f"{row['doc_no']} {row['state']}" for row in rows}
            (folder / "trust.json").write_bytes(desk.trust.root_chain())
            for row in rows:
                data_of = proving.bundle_of(desk, row, proving.nothing)
                (folder / f"{row['doc']}.bundle.json").write_bytes(data_of)
        finally:
            opened.close()
    return Outcome(
        audit=audit,
        documents=Counter(row["form"] for row in rows),
        states=Counter(f"{row['form']} {row['state']}" for row in rows),
        overdue=len(late),
        told=len(told),
        silent=tuple(sorted(names[doc] for doc in late - told)),
        verified=_verify(folder),
    )


def _verify(folder: Path) -> dict[str, Any]:
    """A stranger's process over all bundles: Python, PyNaCl, the trust file."""
    libraries = folder / "libraries"
    libraries.mkdir()
    for name in ALONE:
        found = find_spec(name)
        if found is None or found.origin is None:
            continue
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (libraries / source.name).symlink_to(source)
    day = (LAST + timedelta(days=1)).isoformat()
    asked = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "tests/simulation/outside.py"), str(ROOT), str(libraries),
         str(folder), day],
        capture_output=True, text=True, timeout=1_800, check=False,
    )  # fmt: skip
    if not asked.stdout:
        return {"good": 0, "bad": [asked.stderr[-2_000:]]}
    found_all: dict[str, Any] = json.loads(asked.stdout)
    return found_all
