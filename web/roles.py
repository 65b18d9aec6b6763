"""The roles of an agency that runs long-term-care insurance, in both languages (domain C.1).

Decides their names for the trust root and for lists of people. What a role may do stands in each form's
states.json.
"""

from __future__ import annotations

from typing import Final

ROLE_TITLES: Final = {
    "acceptance_clerk": {"title_zh": "受理经办", "title_en": "acceptance clerk"},
    "auditor": {"title_zh": "审核人员", "title_en": "auditor"},
    "claims_officer": {"title_zh": "理赔人员", "title_en": "claims officer"},
    "it_operator": {"title_zh": "信息技术人员", "title_en": "IT operator"},
    "info_manager": {"title_zh": "信息管理人员", "title_en": "information manager"},
    "partner_user": {"title_zh": "外部合作单位人员", "title_en": "partner user"},
    "department_head": {"title_zh": "部门主管", "title_en": "department head"},
    "reviewer": {"title_zh": "复核人", "title_en": "reviewer"},
    "system_admin": {"title_zh": "系统管理员", "title_en": "system administrator"},
    "security_admin": {"title_zh": "安全管理员", "title_en": "security administrator"},
    "audit_admin": {"title_zh": "审计管理员", "title_en": "audit administrator"},
    "system": {"title_zh": "系统", "title_en": "system"},
}
