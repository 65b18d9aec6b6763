"""张文兰 asks at the counter: 小林 takes it down, 何信 decides, 沈青 is the second person."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from engine.desk import attaching, reading
from engine.desk.desk import Receipt
from tests.engine.desk.office import HE, LIN, Office, example

REQUEST = "subject_request"
PROVED = {"identity_proved": True}
WHY = {"comment": "依法办理，说明如上。"}


def request(office: Office, kind: str = "access", **changes: Any) -> dict[str, Any]:
    """The request of the person of example 1, at the counter with the card."""
    insured = example()["insured"]
    staged = attaching.attach(office.desk, office.actors[LIN], b"card", "application/pdf")
    return {
        "request": {
            "kind": kind,
            "received_on": "2026-03-05",
            "via": "counter",
            "detail": "本人到柜台提出，内容见所附材料。",
            **({"deletion_ground": "PIPL-47-4"} if kind == "deletion" else {}),
        },
        "subject": {"full_name": insured["full_name"], "id_no": insured["id_no"]},
        "requester": {"who": "self"},
        "identity": {"method": "original", "checked_on": "2026-03-05"},
        "files": [{"kind": "id_card", "file_id": "F-0201", "sha256": staged.sha256}],
        "statement": {"truthful": True},
    } | changes


def filed(office: Office, kind: str = "access", **changes: Any) -> Receipt:
    return office.submit(LIN, request(office, kind, **changes), form=REQUEST)


def accepted(office: Office, kind: str = "access", **changes: Any) -> str:
    """A request that 何信 has accepted; its document."""
    return office.decide(HE, filed(office, kind, **changes).doc, "accept", PROVED).doc


def answers_of(office: Office, doc: str) -> dict[str, Any]:
    return deepcopy(reading.answers_of(office.desk, reading.row_of(office.desk, doc)))
