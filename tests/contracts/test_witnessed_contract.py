"""What the newest cosigned checkpoint promises, the one in memory and the one in the data folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.ports import Witnessed
from storage.cosigned import CosignedFile
from tests.simulators.witnesses import KeptNote

Given = tuple[Witnessed, Callable[[str], None]]


@pytest.fixture(params=[KeptNote, CosignedFile])
def given(request: pytest.FixtureRequest, tmp_path: Path) -> Given:
    if request.param is KeptNote:
        fake = KeptNote()
        return fake, lambda note: setattr(fake, "note", note)
    real = CosignedFile(tmp_path / "witness.json")
    return real, lambda note: real.keep(replace(real.now, note=note))


def test_before_the_first_cosignature_there_is_no_note(given: Given) -> None:
    assert given[0].newest() == ""


def test_the_note_kept_last_is_the_newest(given: Given) -> None:
    witnessed, keep = given
    for note in ("log.example\n1\n", "log.example\n2\n"):
        keep(note)
        assert witnessed.newest() == note


def test_a_file_remembers_its_note(tmp_path: Path) -> None:
    first = CosignedFile(tmp_path / "witness.json")
    first.keep(replace(first.now, note="log.example\n7\n"))
    assert CosignedFile(tmp_path / "witness.json").newest() == "log.example\n7\n"


def test_the_note_a_proof_rested_on_first_stays_for_its_size(given: Given) -> None:
    witnessed, _ = given
    assert witnessed.settled(7) == ""
    assert witnessed.settled(7, "log.example\n7\nearly\n") == "log.example\n7\nearly\n"
    assert witnessed.settled(7, "log.example\n7\nlate\n") == "log.example\n7\nearly\n"
    assert (witnessed.settled(7), witnessed.settled(8)) == ("log.example\n7\nearly\n", "")
