"""The people of 示范区医疗保障服务中心: one or more of every role of domain.md C.1, all invented.

Decides names, numbers, roles and the two demo secrets. Never used outside demo mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.desk.desk import Agency
from engine.desk.people import NewPerson
from engine.lifecycle.people import Partner
from web.roles import ROLE_TITLES

PASSWORD: Final = "shifan-denglu-2026"
PASSPHRASE: Final = "shifan-qianming-2026"
REGION: Final = "310104"
SINCE: Final = "2026-01-01"
PARTNER_STAFF_NO: Final = "WB000052"

AGENCY: Final = Agency(
    origin="fengjian.example/demo",
    code=REGION,
    name="示范区医疗保障服务中心",
    name_en="Demonstration District Healthcare Security Service Centre",
    uscc="12310199MB2A000113",
)

ROLES: Final = ROLE_TITLES

ASSESSMENT_OFFICE: Final = Partner("52310199MJ0T00129R", "2026-01-01", "2027-12-31")


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented person and the role shown in the list of sign-ins."""

    staff_no: str
    name: str
    unit: str
    role: str
    title: str
    partner: Partner | None = None

    def as_newcomer(self) -> NewPerson:
        """What the desk enrols."""
        return NewPerson(
            staff_no=self.staff_no, name=self.name, unit=self.unit, region=REGION, title=self.title,
            roles=((self.role, SINCE, None),), password=PASSWORD, passphrase=PASSPHRASE, partner=self.partner,
        )


PEOPLE: Final = (
    Invented("YW000231", "林小燕", "business_acceptance", "acceptance_clerk", "受理经办"),
    Invented("YW000232", "方志强", "business_acceptance", "acceptance_clerk", "受理经办"),
    Invented("YW000001", "王建平", "business_acceptance", "department_head", "业务受理部门主管"),
    Invented("SH000101", "周敏", "audit", "auditor", "审核"),
    Invented("SH000102", "何静", "audit", "auditor", "审核"),
    Invented("SH000001", "赵立群", "audit", "department_head", "审核部门主管"),
    Invented("LP000117", "陈晓", "claims", "claims_officer", "理赔审核岗"),
    Invented("LP000001", "吴国强", "claims", "department_head", "理赔部门主管"),
    Invented("WB000052", "高岩", "external", "partner_user", "评估所录入员", ASSESSMENT_OFFICE),
    Invented("XX000002", "朱琳", "info_mgmt", "info_manager", "信息管理"),
    Invented("XX000004", "沈青", "info_mgmt", "info_manager", "信息管理"),
    Invented("XX000001", "徐向东", "info_mgmt", "department_head", "信息管理部门主管"),
    Invented("XX000003", "罗思平", "info_mgmt", "reviewer", "复核"),
    Invented("IT000001", "梁志远", "it", "department_head", "信息技术部门主管"),
    Invented("IT000004", "孙浩", "it", "it_operator", "信息技术"),
    Invented("IT000009", "马超群", "it", "system_admin", "系统管理员"),
    Invented("XX000008", "郭芳", "info_mgmt", "security_admin", "安全管理员"),
    Invented("XX000009", "胡明", "info_mgmt", "audit_admin", "审计管理员"),
)
