"""The process of a real data folder is killed in the middle of a dismissal; the next start finishes it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine.desk import ending, people
from engine.trust.envelope import TRUST_SNAPSHOT
from tests.conftest import ROOT
from tests.threats.conftest import CLERK, House

KILL = """
import os, sys
from pathlib import Path
from engine.desk import keys
from tests.threats.conftest import CLERK, SECURITY, House
house = House(Path(sys.argv[1]), Path(sys.argv[2]))
with house.open():
    desk = house.at_work
    actor, unlock = house.actor(SECURITY)
    whom = desk.directory.by_staff_no(CLERK).person
    port, verb = getattr(desk, sys.argv[3]), sys.argv[4]
    setattr(type(port), verb, lambda *_args, **_named: os._exit(9))
    keys.dismiss(desk, actor, whom, unlock)
"""


@pytest.mark.parametrize(
    ("port", "verb", "has_happened"),
    [("directory", "save", False), ("vault", "sign_registrar", True), ("trust", "save_snapshot", True)],
)
def test_a_dismissal_that_was_killed_is_finished_by_the_next_start(
    house: House, port: str, verb: str, has_happened: bool
) -> None:
    with house.open():
        before = house.at_work.vault.epochs()
    words = [str(house.data), str(house.configuration), port, verb]
    done = subprocess.run(
        [sys.executable, "-c", KILL, *words], cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, check=False
    )
    assert done.returncode == 9
    with house.open():
        desk = house.at_work
        ending.settle(desk)
        account = desk.directory.by_staff_no(CLERK)
        assert account is not None and account.active is not has_happened
        (key,) = next(one for one in people.entries(desk) if one["person"] == account.person)["keys"]
        said = (key["reason"], key["valid_to_index"] is not None)
        assert said == (("dismissed", True) if has_happened else ("enrolled", False))
        turned = [name for name, held in desk.vault.epochs().items() if max(held) > max(before[name])]
        assert bool(turned)  # a turn too many does no harm, one too few would
        kept = [index for index, _, _ in desk.trust.snapshots()]
        records = desk.journal.scan()
        logged = [one.index for one in records if one.envelope.payload_type == TRUST_SNAPSHOT]
        assert kept == logged
    audited = subprocess.run(
        [sys.executable, "-m", "web.cli", "audit", "--data", str(house.data), "--json"],
        cwd=ROOT, capture_output=True, check=False,
        env={**os.environ, "XDG_CONFIG_HOME": str(house.configuration), "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert audited.returncode == 0, audited.stdout
