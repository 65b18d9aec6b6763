"""After a deletion that a person asked for: no file holds the content, and the log still proves."""

from __future__ import annotations

from typing import Any

from engine.desk import attaching, deciding, reading, submitting
from engine.desk.deciding import Decision
from engine.desk.submitting import Submission
from tests.threats.conftest import CLERK, MANAGER, House
from tests.threats.test_shred_everywhere import found_in, secrets

SECOND = "XX000001"
WHY = {"comment": "核对无误，依法删除。"}


def decided(house: House, who: str, doc: str, step: str, answers: dict[str, Any]) -> None:
    actor, unlock = house.actor(who)
    head = reading.row_of(house.at_work, doc)["head"]
    wanted = Decision(doc, step, head, answers, f"{step}:{doc}", stepped_up=True)
    deciding.decide(house.at_work, actor, wanted, unlock).wait()


def asked(house: House, number: str, name: str) -> str:
    """A request for deletion at the counter; its document."""
    desk = house.at_work
    actor, unlock = house.actor(CLERK)
    card = attaching.attach(desk, actor, b"card", "application/pdf")
    day = desk.clock.now().date().isoformat()
    answers = {
        "request": {
            "kind": "deletion",
            "received_on": day,
            "via": "counter",
            "detail": "录入有误，不是本人的评估，申请删除。",
            "deletion_ground": "PIPL-47-4",
        },
        "subject": {"full_name": name, "id_no": number},
        "requester": {"who": "self"},
        "identity": {"method": "original", "checked_on": day},
        "files": [{"kind": "id_card", "file_id": "F-0201", "sha256": card.sha256}],
        "statement": {"truthful": True},
    }
    wanted = Submission("subject_request", answers, "asked")
    return submitting.submit(desk, actor, wanted, unlock).wait().doc


def test_no_file_holds_what_was_deleted_on_request_and_the_log_proves_it(house: House) -> None:
    with house.open():
        row = house.rows()[0]
        insured = reading.answers_of(house.at_work, row)["insured"]
        wanted = dict(secrets(house, row["doc"]))
        assert found_in(house, wanted)  # the search can fail
        doc = asked(house, insured["id_no"], insured["full_name"])
        decided(house, MANAGER, doc, "accept", {"identity_proved": True})
        decided(house, MANAGER, doc, "agree_deletion", WHY)
        assert reading.answers_of(house.at_work, reading.row_of(house.at_work, row["doc"]))
        decided(house, SECOND, doc, "delete", WHY)
        assert found_in(house, wanted) == []
        report = house.report(house.bundle(row["doc"]))
        assert report.outcome == "good"
        assert report.verdict("integrity").code == "integrity.destroyed"
        assert house.report(house.bundle(doc)).outcome == "good"
    with house.open():
        assert reading.answers_of(house.at_work, reading.row_of(house.at_work, row["doc"])) == {}
