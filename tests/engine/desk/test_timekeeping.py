"""What time brings about: archiving, missed limits, uploads nobody used."""

from __future__ import annotations

import pytest

from engine.desk import attaching, reading, timekeeping
from engine.errors import NotFound
from tests.engine.desk.office import LIN, TICKS, ZHOU, Office


def test_a_document_is_archived_a_year_after_it_was_closed_and_once(office: Office) -> None:
    doc = office.approved().doc
    office.decide(ZHOU, doc, "upload")
    assert timekeeping.run(office.desk).transitions == 0

    office.clock.advance(days=367)

    assert [timekeeping.run(office.desk).transitions, timekeeping.run(office.desk).transitions] == [1, 0]
    last = reading.row_of(office.desk, doc)["steps"][-1]
    assert (last["transition"], last["person"], last["role"]) == ("archive", "system", "system")
    record = office.desk.journal.read(last["index"])
    assert len(record.envelope.signatures) == 1


def test_a_missed_limit_stays_on_record_when_the_work_is_done_later(office: Office) -> None:
    doc = office.submit().doc
    office.clock.advance(days=7)
    office.decide(ZHOU, doc, "claim")
    office.decide(ZHOU, doc, "approve", TICKS)

    assert "overdue" in reading.row_of(office.desk, doc)["flags"]


def test_work_done_in_time_is_not_marked(office: Office) -> None:
    doc = office.approved().doc

    assert "overdue" not in reading.row_of(office.desk, doc)["flags"]


def test_an_upload_nobody_used_goes_after_a_month_and_a_filed_one_stays(office: Office) -> None:
    doc = office.submit().doc
    unused = attaching.attach(office.desk, office.actors[LIN], b"never filed", "application/pdf")
    office.clock.advance(days=31)

    assert timekeeping.run(office.desk).uploads == 6

    with pytest.raises(NotFound):
        attaching.open_staged(office.desk, office.actors[LIN], unused.sha256)
    assert not office.desk.blobs.has(unused.blob)
    _, pieces = attaching.open_attachment(office.desk, office.actors[LIN], doc, "F-0001")
    assert b"".join(pieces) == b"scan 0"
