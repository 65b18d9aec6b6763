"""Who lives through the quarter: the demo's eighteen and six more, two partners among them.

Decides names and the founding of the agency, which lies before the quarter; tokens are made with it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from engine.desk import people
from engine.identity import SHANGHAI
from engine.lifecycle.people import Partner
from web.assemble import create_agency, open_desk
from web.demo.clock import SettableClock
from web.demo.people import AGENCY, PASSPHRASE, PEOPLE, ROLES, Invented
from web.tokens import make_token

XIAOLIN, FANG, QINYU, DUPING = "YW000231", "YW000232", "YW000233", "YW000299"
ZHOUMIN, HEJING, FENGYUAN = "SH000101", "SH000102", "SH000103"
CHENXIAO, XULAN = "LP000117", "LP000118"
GAOYAN, BAILU = "WB000052", "WB000077"
ZHULIN, SHENQING, LUOSIPING = "XX000002", "XX000004", "XX000003"
SUNHAO, QIANJIN = "IT000004", "IT000005"
MACHAOQUN, GUOFANG, HUMING = "IT000009", "XX000008", "XX000009"
HEADS: Final = {
    "business_acceptance": "YW000001", "audit": "SH000001", "claims": "LP000001", "it": "IT000001",
    "info_mgmt": "XX000001",
}  # fmt: skip
FOUNDED: Final = datetime(2026, 1, 5, 8, 30, tzinfo=SHANGHAI)
_HOME: Final = Partner("52310199MJ0T00145G", "2026-01-01", "2027-12-31")
MORE: Final = (
    Invented(QINYU, "秦玉", "business_acceptance", "acceptance_clerk", "受理经办"),
    Invented(DUPING, "杜平", "business_acceptance", "acceptance_clerk", "受理经办"),
    Invented(FENGYUAN, "冯媛", "audit", "auditor", "审核"),
    Invented(XULAN, "许岚", "claims", "claims_officer", "理赔审核岗"),
    Invented(QIANJIN, "钱进", "it", "it_operator", "信息技术"),
    Invented(BAILU, "白露", "external", "partner_user", "护理院录入员", _HOME),
)
STAFF: Final = (*PEOPLE, *MORE)
UNIT: Final = {one.staff_no: one.unit for one in STAFF}


def found(data: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Make the agency in an empty folder; everybody's token, and everybody's name."""
    create_agency(data, AGENCY)
    opened = open_desk(data, clock=SettableClock(FOUNDED))
    try:
        people.found(opened.desk, ROLES)
        accounts = people.enrol(opened.desk, [one.as_newcomer() for one in STAFF])
        tokens = {
            one.staff_no: make_token(opened.desk, one, PASSPHRASE, "simulation", "2099-12-31")
            for one in accounts
        }
        return tokens, {one.staff_no: one.name for one in accounts}
    finally:
        opened.close()
