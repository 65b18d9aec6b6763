"""The verdict on ordinary changes: right both ways, and unknown for less than one in twenty."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from referencing import Registry

from engine.registry import formats
from engine.versions.verdict import COMPATIBLE, INCOMPATIBLE, UNKNOWN, Verdict, documents_verdict
from tests.engine.versions.ordinary_changes import Row
from tests.engine.versions.ordinary_structures import EVERY

FEWEST = 150


def is_valid(schema: Any, value: Any) -> bool:
    """As jsonschema itself answers, with the formats the product asserts."""
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    checker = jsonschema.FormatChecker(formats=())
    for name, check in formats.FORMATS.items():
        checker.checks(name)(check)
    registry: Registry[Any] = Registry()
    return bool(kind(schema, registry=registry, format_checker=checker).is_valid(value))


def assert_told(verdict: Verdict, accepted: Any, refused: Any, is_compatible: bool) -> None:
    if verdict.verdict == INCOMPATIBLE:
        assert verdict.has_witness
        assert (is_valid(accepted, verdict.witness), is_valid(refused, verdict.witness)) == (True, False)
    assert verdict.verdict in (COMPATIBLE if is_compatible else INCOMPATIBLE, UNKNOWN)


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row[0])
def test_an_ordinary_change_is_never_told_wrongly(row: Row) -> None:
    _, old, new, old_stay_valid, new_fit_old = row
    assert_told(documents_verdict(old, new), old, new, old_stay_valid)
    assert_told(documents_verdict(new, old), new, old, new_fit_old)


def test_less_than_one_ordinary_change_in_twenty_is_unknown() -> None:
    unknown = [
        (name, verdict.reason)
        for name, old, new, _, _ in EVERY
        for verdict in (documents_verdict(old, new), documents_verdict(new, old))
        if verdict.verdict == UNKNOWN
    ]
    assert len(EVERY) >= FEWEST
    assert len(unknown) < 2 * len(EVERY) / 20, unknown


def test_rows_have_names_of_their_own() -> None:
    names = [row[0] for row in EVERY]
    assert sorted(names) == sorted(set(names))
