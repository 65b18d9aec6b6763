"""Reads the revisions beside it: small but real form versions, what each changes, and how old answers read.

A folder is `<form>/<version>/`: schema.json, states.json where states change, lift.json where one is needed,
examples, and expected.json with the verdicts and the lift's cases (all but the first of a form).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.identity import parse_version
from engine.registry.bundle import FormBundle, digest_of
from engine.versions.lift import Lift, parse_lift, unchanged

ROOT = Path(__file__).parent
# What the states of a form are where its revisions leave them alone.
STILL: dict[str, Any] = {
    "initial": "draft",
    "states": {"draft": {"title": "草稿"}, "effective": {"title": "生效", "final": True}},
    "transitions": [
        {
            "name": "submit",
            "title": "提交",
            "from": ["draft"],
            "to": "effective",
            "by": {"roles": ["info_manager"]},
        }
    ],
    "system": [],
}


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of one form; `expected` is {} for the first."""

    form: str
    version: str
    bundle: FormBundle
    expected: dict[str, Any]
    examples: tuple[Any, ...]
    lift_file: dict[str, Any] | None

    @property
    def name(self) -> str:
        """The folder, as the tests call it."""
        return f"{self.form}/{self.version}"

    @property
    def lift(self) -> Lift:
        """How answers of the version before are read as this one."""
        if self.lift_file is not None:
            return parse_lift(self.lift_file)
        return unchanged(self.form, self.expected["follows"], self.version)


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@lru_cache
def all_versions() -> dict[str, Revision]:
    """Every folder by its name, each form's in order of numbers."""
    folders = [path.parent for path in ROOT.glob("*/*/schema.json")]
    folders.sort(key=lambda one: (one.parent.name, parse_version(one.name) or one.name))
    return {found.name: found for found in map(_revision, folders)}


def _revision(folder: Path) -> Revision:
    states = folder / "states.json"
    parts = {
        "schema": _read(folder / "schema.json"),
        "states": _read(states) if states.exists() else STILL,
        "layout": {},
        "locale": {},
    }
    lift, expected = folder / "lift.json", folder / "expected.json"
    return Revision(
        form=folder.parent.name,
        version=folder.name,
        bundle=FormBundle(folder.parent.name, folder.name, digest=digest_of(parts), **parts),
        expected=_read(expected) if expected.exists() else {},
        examples=tuple(_read(path)["data"] for path in sorted(folder.glob("examples/ok-*.json"))),
        lift_file=_read(lift) if lift.exists() else None,
    )


def revisions() -> dict[str, Revision]:
    """Those that follow another version."""
    return {name: one for name, one in all_versions().items() if one.expected}


def before(one: Revision) -> Revision:
    """The version that a revision follows."""
    return all_versions()[f"{one.form}/{one.expected['follows']}"]
