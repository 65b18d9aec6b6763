"""Everybody of the scene in which rights are asked: one or more of every column of C.2, two partners.

Decides who is there and what is noted of a document, never what anybody may do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.desk import people
from engine.desk.people import NewPerson
from engine.lifecycle.people import Partner
from tests.engine.desk.office import (
    CHEN,
    FANG,
    HE,
    LI,
    LIN,
    SESSION,
    SHEN,
    TANG,
    WANG,
    WU,
    ZHAO,
    ZHOU,
    Office,
)  # fmt: skip
from tests.regulation import inspecting, reviewing
from tests.regulation.reviewing import GUO, HU, QIAN, SUN

LIANG, LUO, PENG = reviewing.LUO, inspecting.LUO, inspecting.PENG
GAO, BAI, MA = "WB000052", "WB000077", "IT000009"

# Each person's column of C.2 and department.
PEOPLE: Final[Mapping[str, tuple[str, str]]] = {
    LIN: ("clerk", "business_acceptance"), ZHAO: ("clerk", "business_acceptance"),
    ZHOU: ("auditor", "audit"), WU: ("auditor", "audit"), CHEN: ("claims", "claims"),
    SUN: ("it_op", "it"), QIAN: ("it_op", "it"),
    HE: ("info_mgr", "info_mgmt"), SHEN: ("info_mgr", "info_mgmt"),
    GAO: ("partner", "external"), BAI: ("partner", "external"), WANG: ("head", "business_acceptance"),
    FANG: ("head", "audit"), LI: ("head", "claims"), TANG: ("head", "info_mgmt"), LIANG: ("head", "it"),
    LUO: ("reviewer", "info_mgmt"), PENG: ("reviewer", "audit"), MA: ("sys_adm", "it"),
    GUO: ("sec_adm", "info_mgmt"), HU: ("aud_adm", "info_mgmt"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """A document in a state. `unit` is its department, `maker` who made it; the rest where it has one."""

    form: str
    doc: str
    state: str
    unit: str
    maker: str = ""
    holder: str = ""
    leader: str = ""
    owner: str = ""
    first: str = ""  # who took the first of a step for two
    asked: tuple[str, ...] = ()  # departments inspected, or asked to agree
    blocked: frozenset[str] = field(default_factory=frozenset)  # steps whose guards do not hold of this one


def hire(office: Office) -> None:
    """Everybody whom the office of the desk's tests has not."""
    live = ("2025-01-01", "2027-12-31")
    units = {
        SUN: ("it", "it_operator"), QIAN: ("it", "it_operator"), LIANG: ("it", "department_head"),
        GUO: ("info_mgmt", "security_admin"), HU: ("info_mgmt", "audit_admin"), MA: ("it", "system_admin"),
        LUO: ("info_mgmt", "reviewer"), PENG: ("audit", "reviewer"),
        GAO: ("external", "partner_user"), BAI: ("external", "partner_user"),
    }  # fmt: skip
    partners = {GAO: Partner("52310199MJ0T00129R", *live), BAI: Partner("52310199MJ0T00145G", *live)}
    newcomers = [
        NewPerson(
            no, no, unit, "310104", no, ((role, None, None),), "password", f"phrase {no}", partners.get(no)
        )
        for no, (unit, role) in units.items()
    ]
    for one in people.enrol(office.desk, newcomers):
        office.actors[one.staff_no] = people.actor_of(one, SESSION, "password")
        phrase = f"phrase {one.staff_no}"
        office.unlocks[one.staff_no] = office.desk.vault.unlock(one.person, phrase, SESSION)
