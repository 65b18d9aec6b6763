"""Who acts: a person with grants, or an external partner's person with a contract, or the system itself.

Decides which roles a person holds on a day. Never decides what a role may do: that is data of the form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

# domain.md C.1; an agency that adds a role passes its own list to the checks.
ROLES: Final = (
    "acceptance_clerk",
    "auditor",
    "claims_officer",
    "it_operator",
    "info_manager",
    "partner_user",
    "department_head",
    "reviewer",
    "system_admin",
    "security_admin",
    "audit_admin",
)
SYSTEM_ROLE: Final = "system"


@dataclass(frozen=True, slots=True)
class Grant:
    """A right: role × department × region, from a day to a day (both included, YYYY-MM-DD; None = open)."""

    id: str
    role: str
    unit: str
    region: str
    valid_from: str | None
    valid_to: str | None

    def holds(self, day: str) -> bool:
        """True when the grant is in force on `day` (YYYY-MM-DD, so strings compare as dates)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Partner:
    """The organization an external person works for, and the days of its contract (both included)."""

    uscc: str
    contract_from: str
    contract_to: str

    def is_live(self, day: str) -> bool:
        """True when the contract runs on `day` (YYYY-MM-DD)."""
        return self.contract_from <= day <= self.contract_to


@dataclass(frozen=True, slots=True)
class Actor:
    """One person in one signed-in session. `person` is a pseudonym, `session` a digest, never the cookie."""

    person: str
    staff_no: str
    unit: str
    region: str
    grants: tuple[Grant, ...]
    partner: Partner | None
    session: str
    method: str
    is_system: bool = False

    def grants_on(self, day: str) -> tuple[Grant, ...]:
        """The grants in force on `day`. An external person has none outside the contract (domain.md C.1)."""
        if self.partner is not None and not self.partner.is_live(day):
            return ()
        return tuple(grant for grant in self.grants if grant.holds(day))

    def roles(self, day: str) -> tuple[str, ...]:
        """The distinct roles held on `day`, in the order of the grants."""
        if self.is_system:
            return (SYSTEM_ROLE,)
        return tuple(dict.fromkeys(grant.role for grant in self.grants_on(day)))

    def as_facts(self, role: str) -> dict[str, Any]:
        """What CEL sees as `actor`."""
        partner = self.partner
        return {
            "person": self.person,
            "staff_no": self.staff_no,
            "role": role,
            "unit": self.unit,
            "region": self.region,
            "partner": None
            if partner is None
            else {
                "uscc": partner.uscc,
                "valid_from": partner.contract_from,
                "valid_to": partner.contract_to,
            },
        }


def covers(region: str, inner: str) -> bool:
    """True when the GB/T 2260 code `inner` lies in `region`: trailing 00 pairs stand for the whole.

    310000 covers 310104; 000000 and the empty region cover everything.
    """
    prefix = region
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return inner.startswith(prefix)
