"""A tenth of the quarter in every test run; the whole by `make simulate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.__main__ import run


@pytest.mark.timeout(900)
def test_the_people_of_the_agency_live_through_a_tenth_of_a_quarter(tmp_path: Path) -> None:
    life, outcome = run(tmp_path, 0.1)

    assert outcome.audit["problems"] == []
    assert outcome.silent == ()
    # Limits were missed, and somebody was told.
    assert (outcome.overdue > 0, outcome.told > 0) == (True, True)
    everything = sum(outcome.documents.values())
    assert (outcome.verified["bad"], outcome.verified["good"]) == ([], everything)
    assert set(outcome.verified["libraries"]) <= {"nacl", "_sodium", "cffi", "_cffi_backend", "pycparser"}
    assert (outcome.documents["info_entry"], outcome.documents["info_query"]) == (200, 20)
    assert outcome.documents["info_update"] >= 30
    once = ("leaver", "mover", "moved", "rounds reported", "versions published")
    assert {name: life.done[name] for name in once} == dict.fromkeys(once, 1)
    assert life.done["inspections closed"] == 2
