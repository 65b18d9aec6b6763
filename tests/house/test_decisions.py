"""A choice that binds others is written down once: problem, options, outcome."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.house import sources

FOLDER = sources.ROOT / "docs/adr"
DECISIONS = sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]-*.md"))
SECTIONS = ("Problem", "Options", "Outcome")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_a_decision_states_problem_options_and_outcome(path: Path) -> None:
    headings = re.findall(r"^##\s+(.+?)\s*$", path.read_text("utf-8"), re.MULTILINE)
    assert [section for section in SECTIONS if not any(h.startswith(section) for h in headings)] == []


def test_no_two_decisions_share_a_number() -> None:
    numbers = Counter(path.name[:4] for path in DECISIONS)
    assert [number for number, times in numbers.items() if times > 1] == []


def test_every_decision_is_in_the_list() -> None:
    listed = (FOLDER / "README.md").read_text("utf-8")
    assert [path.name for path in DECISIONS if path.name not in listed] == []
