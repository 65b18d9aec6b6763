"""何信 draws up what is due, 王局 agrees for the department, 沈青 approves; 周敏 asks for holds."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from engine.desk import reading
from engine.desk.desk import Receipt
from tests.engine.desk.office import HE, SHEN, WANG, ZHOU, Office

APPRAISAL, HOLD = "appraisal", "legal_hold"
LATER = datetime(2077, 1, 4, 2, 0, tzinfo=UTC)
"""Fifty years after 2026 have passed."""
WHY = {"comment": "逐件核对，无异议，同意。"}


def effective(office: Office) -> str:
    """An entry of 小林 in effect."""
    receipt = office.approved()
    return office.decide(ZHOU, receipt.doc, "upload").doc


def doc_id(office: Office, doc: str) -> str:
    return reading.row_of(office.desk, doc)["doc_id"]


def listed(office: Office, department: str = "business_acceptance") -> Receipt:
    """The list of a department, drawn up by 何信."""
    return office.submit(HE, {"list": {"dept_code": department}}, form=APPRAISAL)


def answers_of(office: Office, doc: str) -> dict[str, Any]:
    return deepcopy(reading.answers_of(office.desk, reading.row_of(office.desk, doc)))


def judged(office: Office, doc: str, keep: tuple[str, ...] = ()) -> Receipt:
    """何信 proposes to destroy all but `keep`."""
    answers = answers_of(office, doc)
    for line in answers["lines"]:
        kept = {"verdict": "keep", "reason": "续存备查"}
        line |= kept if line["doc_id"] in keep else {"verdict": "destroy"}
    return office.submit(HE, answers, form=APPRAISAL, doc=doc, expected_head=office.head(doc))


def destroyed(office: Office, doc: str) -> Receipt:
    """The department's head agrees, information management approves."""
    office.decide(WANG, doc, "agree", WHY)
    return office.decide(SHEN, doc, "approve", WHY)


def hold(office: Office, *doc_ids: str) -> Receipt:
    """A hold that 周敏 proposes and 何信 places."""
    order = {"kind": "complaint", "review_on": "2099-12-31", "reason": "投诉复核了结之前，保留全部有关材料。"}
    receipt = office.submit(ZHOU, {"order": order, "scope": {"doc_ids": list(doc_ids)}}, form=HOLD)
    return office.decide(HE, receipt.doc, "place")
