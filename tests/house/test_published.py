"""A published form version never changes: a document signed under it must find it as it was."""

from __future__ import annotations

import re

import pytest

from engine.registry.bundle import parse_bundle
from tests.house import sources

LOCK = sources.ROOT / "schemas/published.lock"
LINE = re.compile(r"^([0-9a-f]{64})  (\w+)/(\d+\.\d+\.\d+)$")
PARTS = ("schema.json", "states.json", "layout.json", "locale/en.json")


def _published(text: str) -> dict[tuple[str, str], str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = [LINE.match(line) for line in lines]
    assert all(found), "published.lock: <sha256>  <form>/<version> on each line"
    return {(m[2], m[3]): m[1] for m in found if m is not None}


PUBLISHED = _published(LOCK.read_text("utf-8"))


@pytest.mark.parametrize("form, version", PUBLISHED, ids="/".join)
def test_a_published_folder_has_the_digest_of_the_lock(form: str, version: str) -> None:
    folder = sources.ROOT / "schemas" / form / version
    bundle = parse_bundle(form, version, {part: (folder / part).read_bytes() for part in PARTS})
    assert bundle.digest == PUBLISHED[form, version]


def test_every_form_version_is_published() -> None:
    folders = {
        (f.parent.parent.name, f.parent.name) for f in (sources.ROOT / "schemas").glob("*/*/states.json")
    }
    assert folders == set(PUBLISHED)
