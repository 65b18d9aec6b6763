"""小林 updates what she entered, 周敏 reviews it, 王局 agrees where the regulation asks for a head."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from engine.desk import attaching, finding, reading, updating
from engine.desk.desk import Receipt
from tests.engine.desk.office import LIN, ZHOU, Office

UPDATE = "info_update"
TICKS = {"each_change": True, "evidence": True, "no_interest": True}
MOBILE = "/insured/mobile"
CHANGE = {
    "reason": "contact_change",
    "occurred_on": "2026-03-04",
    "known_on": "2026-03-05",
    "requested_by": "department",
}
EFFECT = {
    "affects_benefit": False,
    "needs_reassessment": False,
    "notify_subject": True,
    "effective_on": "2026-03-06",
}


def effective(office: Office, **changes: Any) -> str:
    """An entry of 小林's that is in force."""
    doc = office.submit(LIN, office.answers(LIN, **changes)).doc
    office.decide(ZHOU, doc, "claim")
    office.decide(ZHOU, doc, "approve", {"accuracy": True, "completeness": True, "no_interest": True})
    office.decide(ZHOU, doc, "upload")
    return doc


def wanted(
    office: Office, doc: str, *changes: dict[str, Any], who: str = LIN, **sections: Any
) -> dict[str, Any]:
    """The answers of an update of this document, begun from its page and completed by the clerk."""
    begun = updating.begin(office.desk, office.actors[who], doc, UPDATE)
    answers: dict[str, Any] = deepcopy(dict(begun.answers))
    answers["changes"] = list(changes)
    answers["change"] = CHANGE | sections.pop("change", {})
    answers["effect"] = EFFECT | sections.pop("effect", {})
    answers["statement"] = {"truthful": True}
    return answers | sections


def mobile(number: str = "19900000777") -> dict[str, Any]:
    """A new telephone number."""
    return {"path": MOBILE, "new_value": number}


def evidence(office: Office, kind: str, file_id: str = "F-0901", who: str = LIN) -> list[dict[str, Any]]:
    """An uploaded paper, as the form lists it."""
    staged = attaching.attach(office.desk, office.actors[who], kind.encode(), "application/pdf")
    return [{"kind": kind, "file_id": file_id, "sha256": staged.sha256}]


def file(office: Office, answers: dict[str, Any], who: str = LIN, **more: Any) -> Receipt:
    """Submit an update."""
    return office.submit(who, answers, form=UPDATE, **more)


def approved(office: Office, answers: dict[str, Any]) -> str:
    """An update that 周敏 approved."""
    doc = file(office, answers).doc
    office.decide(ZHOU, doc, "claim")
    office.decide(ZHOU, doc, "approve", TICKS)
    return doc


def value(office: Office, doc: str, pointer: str, revision: int | None = None) -> Any:
    """What stands in a document, opened inside the desk."""
    return dict(reading.fields_of(office.desk, reading.row_of(office.desk, doc), revision)).get(pointer)


def found(office: Office, text: str, who: str = LIN) -> set[str]:
    """The documents that a whole name or number finds."""
    return {row.doc for row in finding.find_person(office.desk, office.actors[who], text)}
