"""Every shipped form version passes what `fengjian check` asks of a folder that somebody hands in."""

from __future__ import annotations

from importlib.resources.abc import Traversable

import pytest

from engine.registry.check import check_folder
from tests.schemas.reading import VERSIONS, folder, read, tables


@pytest.mark.parametrize(("form", "version"), VERSIONS)
def test_a_shipped_version_may_be_published_as_it_stands(form: str, version: str) -> None:
    meta = {name: read("_meta", f"{name}.schema.json") for name in ("annotations", "states", "layout")}

    assert check_folder(_files(folder(form, version)), tables(), meta, form=form, version=version) == []


def _files(place: Traversable, prefix: str = "") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for one in place.iterdir():
        if one.is_dir():
            found |= _files(one, f"{prefix}{one.name}/")
        else:
            found[prefix + one.name] = one.read_bytes()
    return found
