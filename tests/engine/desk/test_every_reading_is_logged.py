"""Domain O16: whoever reads sealed content, in whichever way, stands in the access log with the ground."""

from __future__ import annotations

from engine.desk import (
    attaching,
    finding,
    overseeing,
    proving,
    query_delivery,
    reading,
    updating,
)
from engine.errors import NotAllowed
from engine.ports import Access
from tests.engine.desk.office import CHEN, LIN, SHEN, ZHAO, ZHOU, Office
from tests.regulation.querying import NAME, approved, effective, result_of


def last(office: Office) -> Access:
    """The newest entry."""
    return next(office.desk.access.newest())[1]


def told(one: Access) -> tuple[str, str, str]:
    """Document, purpose, ground."""
    return one.doc, one.purpose, one.basis


def test_opening_for_a_page_for_the_api_for_a_print(office: Office) -> None:
    doc = office.submit().doc
    for purpose in ("task", "review", "api", "print"):
        reading.open_document(office.desk, office.actors[ZHOU], doc, purpose=purpose)
        assert told(last(office)) == (doc, purpose, "step:claim")
        assert last(office).what == ("finance", "health", "identity", "other")


def test_revealing_a_file_a_bundle_and_a_search(office: Office) -> None:
    doc, desk, zhou = office.submit().doc, office.desk, office.actors[ZHOU]
    office.decide(ZHOU, doc, "claim")

    reading.reveal(desk, zhou, doc, "/insured/mobile")
    assert (last(office).what, last(office).basis) == (("/insured/mobile",), "step:release")
    attaching.open_attachment(desk, zhou, doc, "F-0001")
    assert (last(office).what, last(office).basis) == (("file:F-0001",), "step:release")
    proving.bundle(desk, zhou, doc, proving.these(["/entry/collected_at"]))
    assert (last(office).what, told(last(office))) == (
        ("/entry/collected_at",), (doc, "bundle", "step:release"),
    )  # fmt: skip
    finding.find_person(desk, zhou, NAME)
    assert (last(office).what, told(last(office))) == (("search", doc), ("", "search", "step:release"))


def test_beginning_an_update(office: Office) -> None:
    doc = effective(office)
    draft = updating.begin(office.desk, office.actors[ZHAO], doc, "info_update")
    assert told(last(office)) == (doc, "update", f"update:{draft.id}")


def test_a_query_run_its_result_and_its_proofs(office: Office) -> None:
    doc = effective(office)
    query = approved(office)
    office.decide(CHEN, query, "execute")
    number = reading.row_of(office.desk, query)["doc_id"]
    assert told(last(office)) == (doc, "query", f"query:{number}")
    assert overseeing.kind_of(last(office)) == overseeing.APPROVAL

    result = result_of(office, query)["doc"]
    reading.open_document(office.desk, office.actors[CHEN], result)
    assert told(last(office)) == (result, "task", "step:deliver")
    (source,) = query_delivery.sources(office.desk, office.actors[CHEN], result)
    query_delivery.proof(office.desk, office.actors[CHEN], result, source)
    assert told(last(office)) == (doc, "proof", f"query:{number}")


def test_what_was_refused_is_told_apart(office: Office) -> None:
    doc = effective(office)
    for way in (
        lambda: reading.open_document(office.desk, office.actors[SHEN], doc),
        lambda: reading.reveal(office.desk, office.actors[ZHAO], doc, "/insured/id_no"),
    ):
        try:
            way()
        except NotAllowed:
            assert overseeing.kind_of(last(office)) == overseeing.REFUSED
        else:
            raise AssertionError("it was opened")


def test_what_names_no_ground_is_told_apart() -> None:
    entry = Access("2026-03-05T02:00:00Z", "p", "operator", "d" * 26, ("/x",), "bundle")
    assert overseeing.kind_of(entry) == overseeing.NOTHING
    order = Access("2026-03-05T02:00:00Z", "p", "operator", "d" * 26, ("*",), "breakglass", "breakglass:7")
    assert overseeing.kind_of(order) == overseeing.EMERGENCY
    own = Access("2026-03-05T02:00:00Z", "p", "auditor", "d" * 26, ("other",), "task", "own")
    assert overseeing.kind_of(own) == overseeing.TASK


def test_the_maker_is_on_record_too(office: Office) -> None:
    doc = office.submit().doc
    reading.open_document(office.desk, office.actors[LIN], doc)
    assert told(last(office)) == (doc, "task", "step:withdraw") and "clear" in last(office).what
