"""Trust roots: replaced only by their own rules, named by one fingerprint, never made in a broken shape."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.errors import Invalid
from engine.trust import root
from engine.trust.verify import verify
from tests.engine.trust.agency import (
    DOC,
    ROOTS,
    TRUST,
    key_of,
    root_envelope,
    root_value,
    with_a_document,
)
from tests.engine.trust.judging import (
    GOOD,
    NOW,
)


def test_a_root_is_replaced_only_by_the_thresholds_of_both() -> None:
    fresh = [key_of(f"new root {number}") for number in (1, 2)]
    listed = {"threshold": 2, "keys": [{"key": one.public_key.hex(), "suite": "L1"} for one in fresh]}
    second = root_value(version=2, root=listed)
    first = root_envelope()
    chain = {
        "both": [*ROOTS[:2], *fresh],
        "old only": ROOTS[:2],
        "new only": fresh,
        "one old": [ROOTS[0], *fresh],
        "one old twice": [ROOTS[0], ROOTS[0], *fresh],
    }
    held = {}
    for name, signers in chain.items():
        agency = with_a_document()
        agency.trust = root.trust_file([first, root_envelope(second, signers)])
        held[name] = verify(agency.bundle(DOC), TRUST, now=NOW).outcome == "good"
        if name == "both":
            # An old bundle is judged by the newer root this verifier already holds.
            assert verify(GOOD, agency.trust, now=NOW).trust["root_version"] == 2
    assert held == {name: name == "both" for name in chain}


def test_the_fingerprint_is_that_of_the_first_root() -> None:
    chain = root.trust_file([root_envelope(), root_envelope(root_value(version=2))])
    assert root.fingerprint(chain) == root.fingerprint(TRUST)
    assert re.fullmatch(r"([A-Z2-7]{4}-){4}[A-Z2-7]{4}", root.fingerprint(TRUST))
    assert verify(GOOD, None).trust["fingerprint"] == root.fingerprint(TRUST)


@pytest.mark.parametrize(
    "changes",
    [
        {"root": {"threshold": 1, "keys": [{"key": bytes(32).hex(), "suite": "L1"}]}},
        {"root": {"threshold": 2, "keys": [{"key": ROOTS[0].public_key.hex(), "suite": "L1"}] * 2}},
        {"registrar": {"threshold": 3, "keys": [{"key": ROOTS[0].public_key.hex(), "suite": "L1"}]}},
        {"suites": ["L0"]},
        {"expires": "2025-01-01T00:00:00Z"},
        {"origin": "a b"},
        {"witness_policy": ""},
        {"platform": []},
        {"extra": 1},
        {"v": True},
    ],
)
def test_a_root_that_could_not_hold_is_never_made(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        root.payload(root_value(**changes))
