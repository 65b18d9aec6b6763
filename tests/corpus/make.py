"""Writes the corpus: `python -m tests.corpus.make` from the repository, the same bytes every time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.corpus import event_cases, life_cases, log_cases, reading_cases, trust_cases
from tests.corpus.case import Case
from tests.engine.trust.agency import TRUST

FOLDER = Path(__file__).parent


def all_cases() -> tuple[Case, ...]:
    """Every case, by name."""
    found = [
        one
        for module in (reading_cases, log_cases, trust_cases, event_cases, life_cases)
        for one in module.cases()
    ]
    names = [one.name for one in found]
    if len(set(names)) != len(names):
        raise ValueError(f"a name twice: {sorted(one for one in names if names.count(one) > 1)}")
    return tuple(sorted(found, key=lambda one: one.name))


def files_of(one: Case) -> Mapping[str, bytes]:
    """The files of a case's folder."""
    said = {
        "now": one.now,
        "outcome": one.outcome(),
        "policy": dict(one.policy),
        "trust": None if one.trust is None else "trust.json" if one.trust != TRUST else "../trust.json",
        "verdicts": one.verdicts(),
    }
    told = ", ".join(f"{name} {code}" for name, code in one.codes.items()) or "all five verdicts are good"
    out = {
        "bundle.json": one.bundle,
        "expected.json": (json.dumps(said, indent=1, sort_keys=True) + "\n").encode(),
        "README.md": f"{one.about}\nExpected: {told}.\n".encode(),
    }
    if one.trust is not None and one.trust != TRUST:
        out["trust.json"] = one.trust
    return out


def write(folder: Path = FOLDER) -> int:
    """Write every folder anew and remove those no case makes; how many there are."""
    (folder / "trust.json").write_bytes(TRUST)
    made = all_cases()
    kept = {one.folder() for one in made}
    for old in folder.iterdir():
        if old.is_dir() and (old / "expected.json").exists() and old.name not in kept:
            shutil.rmtree(old)
    for one in made:
        place = folder / one.folder()
        place.mkdir(exist_ok=True)
        for name, data in files_of(one).items():
            (place / name).write_bytes(data)
    return len(made)


if __name__ == "__main__":
    print(write())
