"""The audit of a folder by two processes finds what one alone finds, each fault once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import Broken, Problem
from web.assemble import open_desk
from web.cli import auditing


def found(data: Path, shared_from: int, monkeypatch: pytest.MonkeyPatch, older: str = "") -> list[Problem]:
    monkeypatch.setattr(auditing, "SHARED_FROM", shared_from)
    opened = open_desk(data)
    try:
        return auditing._audit_all(opened, older)
    finally:
        opened.close()


def test_two_processes_find_what_one_finds(
    copy_of_demo: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    data = copy_of_demo()
    assert found(data, 10**9, monkeypatch) == found(data, 0, monkeypatch) == []
    place = sorted((data / "trust").glob("*.people.json"))[-1]
    people = json.loads(place.read_bytes())
    for one in people:
        for key in one["keys"]:
            key["valid_to_index"] = key["valid_from_index"] + 1
    place.write_text(json.dumps(people))
    alone = found(data, 10**9, monkeypatch)
    codes = {one.code for one in alone}
    assert len(alone) > 20 and {"audit.people", "authority.key"} == codes, codes
    assert sorted(map(repr, found(data, 0, monkeypatch))) == sorted(map(repr, alone))


def test_a_fault_of_trust_in_the_other_process_is_raised_here() -> None:
    def broken() -> list[Problem]:
        raise Broken("journal.damaged")

    with pytest.raises(Broken, match=r"journal\.damaged"), auditing._other_process(broken) as other:
        other()


def test_another_process_that_dies_is_no_good_answer() -> None:
    def dies() -> list[Problem]:
        raise SystemExit(0)

    with pytest.raises(Broken, match=r"audit\.process"), auditing._other_process(dies) as other:
        other()
