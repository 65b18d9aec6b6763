"""One form version as it is published: four JSON files and the digest that every event of a document names.

Decides what the digest covers (forms.md §1). Never compiles, judges or reads files: it receives bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.trust import canonical

SCHEMA: Final = "schema.json"
STATES: Final = "states.json"
LAYOUT: Final = "layout.json"
LOCALE: Final = "locale/en.json"
BUNDLE_FILES: Final = (SCHEMA, STATES, LAYOUT, LOCALE)


@dataclass(frozen=True, slots=True)
class FormBundle:
    """The parsed files of one form version. `digest` is hex SHA-256 of the canonical JSON of the four."""

    form: str
    version: str
    schema: dict[str, Any]
    states: dict[str, Any]
    layout: dict[str, Any]
    locale: dict[str, Any]
    digest: str


def digest_of(value: Any) -> str:
    """Hex SHA-256 of the canonical JSON of a bundle or of a code table (trust.md §1.1, keys of bundles)."""
    return hashlib.sha256(canonical.encode_bundle(value)).hexdigest()


def parse_bundle(form: str, version: str, files: Mapping[str, bytes]) -> FormBundle:
    """The bundle in `files` (keys schema.json, states.json, layout.json, locale/en.json).

    Raises Invalid with one problem per file that is absent (`file.missing`), is not JSON of the bundle
    profile (`json.*`, with line and column where there is one) or is not an object (`type`); the file's
    name stands in the facts.
    """
    problems: list[Problem] = []
    parts: dict[str, dict[str, Any]] = {}
    for name in BUNDLE_FILES:
        if name not in files:
            problems.append(Problem("", "file.missing", {"file": name}))
            continue
        try:
            value = canonical.parse_bundle(files[name])
        except Invalid as refused:
            problems.extend(
                Problem(found.pointer, found.code, {**found.facts, "file": name})
                for found in refused.problems
            )
            continue
        if isinstance(value, dict):
            parts[name] = value
        else:
            problems.append(Problem("", "type", {"file": name, "expected": ["object"]}))
    if problems:
        raise Invalid("bundle", problems=problems)
    whole = {
        "schema": parts[SCHEMA],
        "states": parts[STATES],
        "layout": parts[LAYOUT],
        "locale": parts[LOCALE],
    }
    return FormBundle(
        form=form,
        version=version,
        schema=parts[SCHEMA],
        states=parts[STATES],
        layout=parts[LAYOUT],
        locale=parts[LOCALE],
        digest=digest_of(whole),
    )
