"""R5.8.1: personal records are searched and opened for a task in hand or under an approved query, or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.desk import drafting, finding, grounds, listing, proving, reading, updating
from engine.errors import NotAllowed
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import CHEN, FANG, HE, LI, LIN, SHEN, TICKS, WANG, WU, ZHAO, ZHOU, Office
from tests.regulation import updating as making
from tests.regulation.querying import ID_NO, NAME, QUERY, asked, effective, grant, refusals, result_of

NO_TASK = "reading.no_task"


def ground(office: Office, who: str, doc: str) -> str:
    """What somebody's reading of a document is grounded on; "" when it is refused."""
    try:
        return str(reading.open_document(office.desk, office.actors[who], doc).ground)
    except NotAllowed as refused:
        assert refused.code == NO_TASK
        return ""


def test_R5_8_1_a_document_under_way_is_open_to_its_maker_and_to_whoever_takes_the_next_step(
    office: Office,
) -> None:
    doc = office.submit().doc

    everybody = {who: ground(office, who, doc) for who in (LIN, ZHAO, ZHOU, WU, WANG, FANG, HE)}
    assert everybody == {
        LIN: "step:withdraw", ZHAO: "", ZHOU: "step:claim", WU: "step:claim", WANG: "", FANG: "", HE: "",
    }  # fmt: skip
    office.decide(ZHOU, doc, "claim")
    assert [ground(office, who, doc) for who in (LIN, ZHOU, WU, FANG)] == [
        "own", "step:release", "", "step:recall",
    ]  # fmt: skip


def test_R5_8_1_a_document_in_force_is_open_to_those_who_worked_on_it_for_a_while(office: Office) -> None:
    doc = effective(office)

    assert [ground(office, who, doc) for who in (LIN, ZHOU, WU, ZHAO, WANG, HE)] == ["own", "own", *[""] * 4]
    office.clock.advance(days=30)
    assert [ground(office, who, doc) for who in (LIN, ZHOU)] == ["own", "own"]
    office.clock.advance(days=1)
    assert [ground(office, who, doc) for who in (LIN, ZHOU)] == ["", ""]


def test_R5_8_1_every_way_of_reading_is_refused_and_logged(office: Office) -> None:
    doc, desk, zhao = effective(office), office.desk, office.actors[ZHAO]
    ways: dict[str, Callable[[], object]] = {
        "open": lambda: reading.open_document(desk, zhao, doc),
        "reveal": lambda: reading.reveal(desk, zhao, doc, "/insured/id_no"),
        "history": lambda: reading.history(desk, zhao, doc),
        "bundle": lambda: proving.bundle(desk, zhao, doc, proving.these(["/entry/collected_at"])),
    }

    for name, way in ways.items():
        with pytest.raises(NotAllowed) as refused:
            way()
        assert (refused.value.code, refusals(office)[-1]) == (NO_TASK, (name, NO_TASK))
    assert all(one.doc == doc for one in desk.access.entries() if one.purpose == grounds.REFUSED)


def test_R5_8_1_a_bundle_that_shows_nothing_is_no_reading(office: Office) -> None:
    doc = effective(office)

    assert proving.bundle(office.desk, office.actors[ZHAO], doc)
    assert refusals(office) == []


def test_R5_8_1_a_search_for_a_person_finds_what_is_in_hand_and_tells_nothing_else(office: Office) -> None:
    doc, desk = effective(office), office.desk

    found = {who: finding.find_person(desk, office.actors[who], ID_NO) for who in (LIN, ZHOU, ZHAO, WU, WANG)}
    assert {who: [one.doc for one in rows] for who, rows in found.items()} == {
        LIN: [doc], ZHOU: [doc], ZHAO: [], WU: [], WANG: [],
    }  # fmt: skip
    assert refusals(office) == [("search", NO_TASK)] * 3
    # Whoever is not on file is refused in the same words: nobody learns who is.
    assert finding.find_person(desk, office.actors[ZHAO], "李不在册") == ()
    last = list(desk.access.entries())[-1]
    assert (last.doc, last.what, last.purpose) == ("", ("search", NO_TASK), grounds.REFUSED)
    assert NAME not in str(list(desk.access.entries())) and ID_NO not in str(list(desk.access.entries()))


def test_R5_8_1_a_number_finds_where_a_document_stands_and_a_masked_name(office: Office) -> None:
    doc = effective(office)
    number = reading.row_of(office.desk, doc)["doc_no"]

    (row,) = listing.find(office.desk, office.actors[ZHAO], number)
    assert (row.state, dict(row.summary)) == (
        "effective", {"/insured/full_name": "张*兰", "/insured/id_no": "310199********026X"},
    )  # fmt: skip


def test_R5_8_1_whoever_changes_a_document_reads_it_for_that(office: Office) -> None:
    doc = effective(office)

    draft = updating.begin(office.desk, office.actors[ZHAO], doc, "info_update")
    opened = list(office.desk.access.entries())[-1]
    assert (opened.person, opened.doc, opened.basis) == (
        office.actors[ZHAO].person, doc, f"update:{draft.id}",
    )  # fmt: skip
    assert ground(office, ZHAO, doc) == f"update:{draft.id}"
    drafting.discard(office.desk, office.actors[ZHAO], draft.id)
    assert ground(office, ZHAO, doc) == ""


def test_R5_8_1_whoever_reviews_a_change_reads_the_document_that_changes(office: Office) -> None:
    doc = effective(office)
    assert ground(office, WU, doc) == ""
    changes = making.wanted(office, doc, making.mobile("19900000777"))
    update = making.file(office, changes).doc

    number = reading.row_of(office.desk, update)["doc_id"]
    assert ground(office, WU, doc) == f"update:{number}"
    office.decide(ZHOU, update, "claim")
    assert ground(office, WU, doc) == ""


def test_R5_8_1_a_step_is_taken_first_and_read_for_afterwards(office: Office) -> None:
    doc = effective(office)
    assert [ground(office, who, doc) for who in (HE, WANG, SHEN)] == ["", "", ""]

    why = {"reason": "duplicate", "evidence": "重复录入，见另一份", "comment": "与前一份重复录入"}
    office.decide(HE, doc, "propose_void", why)
    assert [ground(office, who, doc) for who in (HE, WANG, SHEN)] == ["own", "step:void", ""]


def queried(office: Office, **more: object) -> tuple[str, str]:
    """A document, and 赵一's query that found it: granted are sex and id number, the number in clear."""
    doc = effective(office)
    office.clock.advance(days=31)
    scope = {
        "fields": ["/insured/id_no", "/insured/gender", "/insured/mobile"],
        "unmask_fields": ["/insured/id_no"],
        "unmask_reason": "需与结算单证件号码逐字比对，脱敏后无法核对",
        "period_from": "2026-01-01", "period_to": "2026-12-31",
    }  # fmt: skip
    wanted = asked(scope=scope)
    wanted["applicant"] = {"name": "赵一", "post": "受理经办", "contact": "021-50000000"}
    query = office.submit(ZHAO, wanted, form=QUERY).doc
    office.decide(WANG, query, "approve_for_countersign", grant(wanted, **more))
    office.decide(HE, query, "countersign", {"comment": "用途与明文范围相符"})
    return doc, query


def test_R5_8_1_an_approved_query_opens_what_it_found_and_only_what_was_granted(office: Office) -> None:
    doc, query = queried(office)
    assert ground(office, ZHAO, doc) == ""  # approved, and not run

    office.decide(ZHAO, query, "execute")
    opened = reading.open_document(office.desk, office.actors[ZHAO], doc)
    number = reading.row_of(office.desk, query)["doc_id"]
    assert str(opened.ground) == f"query:{number}"
    assert opened.answers == {"insured": {"id_no": ID_NO, "gender": "2", "mobile": "199****0012"}}
    assert not any(view.answers for view in reading.history(office.desk, office.actors[ZHAO], doc))
    assert not (opened.rights.clear or opened.rights.reveal) and "print" not in opened.rights.actions
    with pytest.raises(NotAllowed):
        reading.reveal(office.desk, office.actors[ZHAO], doc, "/insured/mobile")
    with pytest.raises(NotAllowed):
        proving.bundle(office.desk, office.actors[ZHAO], doc, proving.these(["/insured/full_name"]))
    seek = {text: finding.find_person(office.desk, office.actors[ZHAO], text) for text in (ID_NO, NAME)}
    assert {text: [one.doc for one in rows] for text, rows in seek.items()} == {ID_NO: [doc], NAME: []}


def test_R5_8_1_an_approval_opens_nothing_once_it_has_expired(office: Office) -> None:
    doc, query = queried(office, valid_days="3")
    office.decide(ZHAO, query, "execute")

    office.clock.advance(days=2)
    assert ground(office, ZHAO, doc).startswith("query:")
    office.clock.advance(days=1)
    assert ground(office, ZHAO, doc) == ""


def test_R5_8_1_an_approval_opens_nothing_once_its_result_is_destroyed(office: Office) -> None:
    doc, query = queried(office)
    office.decide(ZHAO, query, "execute")
    result = result_of(office, query)["doc"]
    office.decide(ZHAO, result, "deliver", {"received_by": "赵一"})
    assert ground(office, ZHAO, doc).startswith("query:")

    office.decide(ZHAO, result, "destroy", {"method": "erased", "copies": "1"})
    assert ground(office, ZHAO, doc) == ""


def test_R5_8_1_forms_that_are_not_about_citizens_are_read_by_right_alone(office: Office) -> None:
    query = office.submit(CHEN, asked(), form=QUERY).doc

    assert [ground(office, who, query) for who in (CHEN, LI)] == ["free", "free"]


def test_R5_8_1_what_the_head_sees_of_a_result_needs_no_task(office: Office) -> None:
    effective(office)
    wanted = asked()
    query = office.submit(CHEN, wanted, form=QUERY).doc
    office.decide(LI, query, "approve", grant(wanted))
    office.decide(CHEN, query, "execute")
    result = result_of(office, query)["doc"]

    assert [ground(office, who, result) for who in (CHEN, LI)] == ["step:deliver", "free"]


def test_R5_8_1_the_second_reviewer_reads_what_waits_for_a_second_review(office: Office) -> None:
    entry = office.answers(LIN)["entry"] | {"urgency": "green_channel"}
    doc = office.submit(LIN, office.answers(LIN, entry=entry)).doc
    office.decide(ZHOU, doc, "claim")
    office.decide(ZHOU, doc, "approve_first", TICKS)

    assert [ground(office, who, doc) for who in (ZHOU, WU)] == ["own", "step:approve_second"]
