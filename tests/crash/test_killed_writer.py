"""kill -9 in the middle of a load: what was acknowledged is there, whole; nothing half is visible."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from storage.journal import FileJournal
from storage.last_signed import LastSigned
from storage.projection import TinyStore
from tests.conftest import ROOT
from tests.simulators.samples import record, signer

ROUNDS = 6


def run_and_kill(base: Path, seconds: float) -> list[str]:
    """The lines a writer printed before it was killed; a line torn by the kill does not count."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.writer", str(base)], cwd=ROOT, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        rest = writer.stdout.read()
    return [line for line in (first + rest).decode().split("\n")[:-1] if line]


@pytest.mark.crash
def test_every_acknowledged_record_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    chance, acknowledged = Random(22), dict[int, str]()
    for _ in range(ROUNDS):
        for line in run_and_kill(tmp_path, chance.random() * 0.3):
            index, size, leaf_hash = line.split()
            assert int(index) < int(size) and int(index) not in acknowledged
            acknowledged[int(index)] = leaf_hash
        journal = FileJournal(
            tmp_path / "journal",
            signer(),
            LastSigned(tmp_path / "config" / "last-signed"),
            segment_bytes=40_000,
        )
        assert (journal.read_only, journal.check_older_segments()) == (None, True)
        assert all(journal.leaf_hash(index).hex() == leaf for index, leaf in acknowledged.items())
        assert list(journal.scan()) == [record(index) for index in range(journal.durable_size)]
        store = TinyStore(tmp_path / "projection", journal)
        assert store.size == journal.durable_size == sum(1 for _ in store.rows())
        journal.close()
    assert len(acknowledged) > ROUNDS
