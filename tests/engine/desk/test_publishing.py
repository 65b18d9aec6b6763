"""From a version draft to a version in force: agreed by departments, published by two, dated."""

from __future__ import annotations

from datetime import date

from engine.desk import reading, version_drafts
from tests.engine.desk.office import Office
from tests.engine.desk.revising import line, proposal, published, street_draft

TOMORROW = "2026-03-06"
DAY = date(2026, 3, 5)


def test_a_version_published_today_for_tomorrow_is_in_force_tomorrow(office: Office) -> None:
    draft = street_draft(office)
    assert version_drafts.problems(office.desk, draft) == ()

    doc = published(office, proposal(line(draft), effective_on=TOMORROW))

    registry = office.desk.registry
    assert registry.in_force("info_entry", DAY).version == "1.0.0"
    assert registry.in_force("info_entry", date(2026, 3, 6)).version == "1.1.0"
    assert registry.in_force("info_entry", date(2021, 1, 1)).version == "1.0.0"
    index = reading.row_of(office.desk, doc)["steps"][-1]["index"]
    record = office.desk.journal.read(index)
    assert record.statement()["body"] == {
        "publishes": [
            {
                "form": "info_entry",
                "version": "1.1.0",
                "sha256": registry.get("info_entry", "1.1.0").digest,
                "lift": "",
                "effective_on": TOMORROW,
                "drafts": {"rule": "lift", "until": ""},
                "follows": "1.0.0",
                "clause": "R5.6.1",
            }
        ],
        "regulation": {"version": "1.1.0", "follows": "1.0.0", "effective_on": TOMORROW},
    }
    assert len(record.envelope.signatures) == 2
