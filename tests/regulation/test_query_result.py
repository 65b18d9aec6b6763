"""R5.8.3: results go out in writing, are signed for, proved to a stranger, and destroyed on their day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.desk import proving, query_delivery, reading, timekeeping
from engine.errors import Conflict, NeedsUnlock, NotAllowed, NotFound
from engine.trust.verify import verify
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import CHEN, HE, LI, WANG, ZHOU, Office
from tests.regulation import updating
from tests.regulation.querying import NAME, QUERY, approved, asked, effective, grant, lines, result_of

RECEIVED = {"received_by": "陈晓"}
ERASED = {"method": "erased", "copies": "1"}


def run(office: Office, **changes: Any) -> tuple[str, str]:
    """A query that was run and its result; (query, result)."""
    effective(office)
    query = approved(office, asked(**changes))
    office.decide(CHEN, query, "execute")
    return query, result_of(office, query)["doc"]


def test_R5_8_3_the_result_is_the_systems_work_sealed_and_numbered(office: Office) -> None:
    query, result = run(office)
    row = reading.row_of(office.desk, result)
    step = row["steps"][0]

    assert (step["transition"], step["person"], step["role"]) == ("seal", "system", "system")
    assert (row["doc_id"][:8], row["doc_no"][:3], row["unit"]) == ("LTCI-QRS", "长护复", "claims")
    shown = reading.open_document(office.desk, office.actors[CHEN], result).answers
    query_row = reading.row_of(office.desk, query)
    assert shown["source"]["query_doc_id"] == query_row["doc_id"]
    assert shown["copy"]["copy_no"] == "QRY-1-01"
    said = office.desk.journal.read(query_row["steps"][-1]["index"]).statement()["body"]["query"]
    assert (said["doc"], said["rows"]) == (result, shown["run"]["rows_sha256"])


def test_R5_8_3_nobody_but_the_applicant_reads_the_values(office: Office) -> None:
    _, result = run(office)

    assert lines(office, result)[3] == ("/insured/gender", "女", "clear")
    head = reading.open_document(office.desk, office.actors[LI], result).answers
    assert "value" not in head["rows"][0]
    for who in (WANG, HE):
        with pytest.raises(NotFound):
            reading.open_document(office.desk, office.actors[who], result)


def test_R5_8_3_each_value_is_proved_against_the_signed_original_and_nothing_else(office: Office) -> None:
    reason = "需与结算单收款人姓名逐字比对，脱敏后无法核对"
    clear = {"unmask_fields": ["/insured/full_name"], "unmask_reason": reason}
    effective(office)
    wanted = asked(scope=clear)
    query = office.submit(CHEN, wanted, form=QUERY).doc
    office.decide(LI, query, "approve_for_countersign", grant(wanted))
    office.decide(HE, query, "countersign", {"comment": "用途与明文范围相符"})
    office.decide(CHEN, query, "execute")
    result = result_of(office, query)["doc"]

    (source,) = query_delivery.sources(office.desk, office.actors[CHEN], result)
    data = query_delivery.proof(office.desk, office.actors[CHEN], result, source)
    report = verify(data, office.desk.trust.root_chain(), now=datetime(2026, 3, 6, tzinfo=UTC))
    assert {verdict.status for verdict in report.verdicts} == {"good"}
    shown = {one.path: one.value for one in report.values}
    assert shown == {
        "/insured/full_name": NAME,
        "/insured/gender": "2",
        "/_derived/insured/id_no": "310199********026X",
        "/_derived/insured/mobile": "199****0012",
    }


def test_R5_8_3_both_papers_verify_from_outside_whole_life_long(office: Office) -> None:
    query, result = run(office)
    office.decide(CHEN, result, "deliver", RECEIVED)
    timekeeping.run(office.desk)

    for doc in (query, result):
        data = proving.bundle_of(office.desk, reading.row_of(office.desk, doc), proving.all_fields)
        report = verify(data, office.desk.trust.root_chain(), now=datetime(2026, 3, 6, tzinfo=UTC))
        assert {verdict.status for verdict in report.verdicts} == {"good"}, report.verdicts


def test_R5_8_3_the_proof_is_of_the_revision_that_was_found_whatever_came_later(office: Office) -> None:
    doc = effective(office)
    query = approved(office)
    office.decide(CHEN, query, "execute")
    result = result_of(office, query)["doc"]
    update = updating.approved(office, updating.wanted(office, doc, updating.mobile("19900000777")))
    office.decide(ZHOU, update, "apply")
    assert reading.row_of(office.desk, doc)["revision"] == 2

    (source,) = query_delivery.sources(office.desk, office.actors[CHEN], result)
    data = query_delivery.proof(office.desk, office.actors[CHEN], result, source)
    report = verify(data, office.desk.trust.root_chain(), now=datetime(2026, 3, 6, tzinfo=UTC))
    assert {one.path: one.value for one in report.values}["/_derived/insured/mobile"] == "199****0012"


def test_R5_8_3_nobody_else_gets_the_proof_and_nothing_else_is_proved(office: Office) -> None:
    _, result = run(office)
    (source,) = query_delivery.sources(office.desk, office.actors[CHEN], result)

    for who, refused in ((LI, NotAllowed), (WANG, NotFound)):
        with pytest.raises(refused):
            query_delivery.proof(office.desk, office.actors[who], result, source)
    with pytest.raises(NotFound):
        query_delivery.proof(office.desk, office.actors[CHEN], result, "LTCI-ENT-310104-20260305-000009-0")


def test_R5_8_3_it_is_handed_over_against_a_signature(office: Office) -> None:
    query, result = run(office)

    with pytest.raises(NeedsUnlock):
        office.decide(CHEN, result, "deliver", RECEIVED, stepped_up=False)
    with pytest.raises(NotAllowed):
        office.decide(LI, result, "deliver", RECEIVED)
    assert office.decide(CHEN, result, "deliver", RECEIVED).state == "delivered"
    timekeeping.run(office.desk)
    assert office.state(query) == "delivered"


def test_R5_8_3_a_result_that_is_not_what_was_found_is_not_handed_over(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever could change the sealed lines would still not change the digest in the query's own event."""
    _, result = run(office)
    true_answers = reading.answers_of

    def tampered(desk: Any, row: Any, *more: Any, **named: Any) -> dict[str, Any]:
        answers = true_answers(desk, row, *more, **named)
        if row["doc"] == result:
            answers["rows"][0]["value"] = "张文*"
        return answers

    monkeypatch.setattr(reading, "answers_of", tampered)
    with pytest.raises(Conflict) as refused:
        office.decide(CHEN, result, "deliver", RECEIVED)
    assert refused.value.code == "query.differs"


def test_R5_8_3_it_falls_due_on_its_day_shows_nothing_more_and_is_destroyed_with_a_record(
    office: Office,
) -> None:
    query, result = run(office)
    office.decide(CHEN, result, "deliver", RECEIVED)
    office.clock.advance(days=29)
    timekeeping.run(office.desk)
    assert (office.state(result), len(lines(office, result))) == ("delivered", 4)
    office.clock.advance(days=1)
    timekeeping.run(office.desk)

    assert office.state(result) == "due"
    due = reading.open_document(office.desk, office.actors[CHEN], result)
    assert all("value" not in one for one in due.answers["rows"])
    assert query_delivery.sources(office.desk, office.actors[CHEN], result) == ()
    office.decide(CHEN, result, "destroy", ERASED)
    timekeeping.run(office.desk)
    assert (office.state(result), office.state(query)) == ("destroyed", "closed")
    said = reading.transition_answers(office.desk, reading.row_of(office.desk, result))
    assert list(said.values())[-1] == ERASED


def test_R5_8_3_paper_is_destroyed_before_a_witness_and_all_of_it(office: Office) -> None:
    _, result = run(office, output={"form": "paper", "copies": 2})
    office.decide(CHEN, result, "deliver", RECEIVED)

    with pytest.raises(NotAllowed) as alone:
        office.decide(CHEN, result, "destroy", {"method": "shredded", "copies": "2"})
    assert [one.code for one in alone.value.problems] == ["guard.witness"]
    with pytest.raises(NotAllowed) as kept_one:
        office.decide(CHEN, result, "destroy", {"method": "shredded", "copies": "1", "witness": "李主任"})
    assert [one.code for one in kept_one.value.problems] == ["guard.all_copies"]
    done = {"method": "shredded", "copies": "2", "witness": "李主任"}
    assert office.decide(CHEN, result, "destroy", done).state == "destroyed"
