"""A form version outlives the release that shipped it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.errors import Broken, NotFound
from engine.registry.compiled import compile_bundle
from engine.registry.registry import build_registry
from storage.kept_forms import KeptForms
from tests.schemas.reading import bundle, compiled, tables


def test_a_kept_version_can_be_read_by_digest_when_no_release_ships_it(tmp_path: Path) -> None:
    KeptForms(tmp_path / "forms").keep(bundle(), tables())

    [(again, own)] = list(KeptForms(tmp_path / "forms").all())
    registry = build_registry([], [compile_bundle(again, own)])

    assert again == bundle()
    assert registry.by_digest(bundle().digest).bundle == bundle()
    with pytest.raises(NotFound):
        registry.in_force("info_entry", date(2026, 11, 22))


def test_keeping_twice_changes_nothing(tmp_path: Path) -> None:
    kept = KeptForms(tmp_path / "forms")
    kept.keep(bundle(), tables())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}

    kept.keep(compiled().bundle, tables())

    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == before


def test_a_kept_version_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    kept = KeptForms(tmp_path / "forms")
    kept.keep(bundle(), tables())
    path = tmp_path / "forms" / f"{bundle().digest}.json"
    path.write_bytes(path.read_bytes().replace("草稿".encode(), "初稿".encode()))

    with pytest.raises(Broken):
        list(kept.all())
