"""Grants hold on their days, and partners only inside their contract."""

from __future__ import annotations

import pytest

from engine.lifecycle.people import Actor, Grant, covers
from tests.engine.lifecycle.people_of import PARTNER, SYSTEM, XIAOLIN


def test_a_grant_holds_from_its_first_to_its_last_day() -> None:
    grant = Grant("g", "auditor", "audit", "310104", "2026-03-01", "2026-03-31")
    held = [grant.holds(day) for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")]
    assert held == [False, True, True, False]


def test_roles_are_those_of_the_grants_in_force() -> None:
    grants = (
        Grant("1", "auditor", "audit", "310104", None, "2026-06-30"),
        Grant("2", "department_head", "audit", "310104", "2026-07-01", None),
        Grant("3", "auditor", "audit", "310115", None, None),
    )
    actor = Actor("p", "SH000001", "audit", "310104", grants, None, "", "passphrase")
    assert actor.roles("2026-06-30") == ("auditor",)
    assert actor.roles("2026-07-01") == ("department_head", "auditor")


def test_a_partner_has_no_role_outside_the_contract() -> None:
    roles = [PARTNER.roles(day) for day in ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01")]
    assert roles == [(), ("partner_user",), ("partner_user",), ()]


def test_the_system_has_one_role_of_its_own() -> None:
    assert SYSTEM.roles("2026-01-01") == ("system",)


def test_facts_for_rules_hold_the_contract_and_no_session() -> None:
    assert PARTNER.as_facts("partner_user") == {
        "person": "p_hezuo",
        "staff_no": "WB000007",
        "role": "partner_user",
        "unit": "external",
        "region": "310104",
        "partner": {"uscc": "91110000600037341L", "valid_from": "2026-01-01", "valid_to": "2026-12-31"},
    }
    assert XIAOLIN.as_facts("acceptance_clerk")["partner"] is None


@pytest.mark.parametrize(
    ("region", "inner", "holds"),
    [
        ("310104", "310104", True),
        ("310100", "310104", True),
        ("310000", "310104", True),
        ("310115", "310104", False),
        ("310104", "310000", False),
        ("320000", "310104", False),
        ("000000", "310104", True),
        ("", "310104", True),
    ],
)
def test_a_region_covers_what_lies_in_it(region: str, inner: str, holds: bool) -> None:
    assert covers(region, inner) is holds
