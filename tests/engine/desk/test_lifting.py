"""A document read as a newer version: the signed one stays, and nobody sees more of it than before."""

from __future__ import annotations

import pytest

from engine.desk import lifting, reading
from engine.errors import NotFound
from engine.versions.lift_check import check_lift
from tests.engine.desk.later_version import NEW_NAME, OLD_NAME, WHY, later, lift, said, with_later
from tests.engine.desk.office import HE, LIN, WANG, WU, ZHOU, Office
from tests.schemas.reading import compiled, examples

OLD, NEW = f"/insured/{OLD_NAME}", f"/insured/{NEW_NAME}"


def test_the_maker_reads_it_as_the_newer_version_with_the_version_it_was_signed_under(office: Office) -> None:
    with_later(office)
    answers = office.answers()
    doc = office.submit(answers=answers).doc
    read = lifting.lifted(office.desk, office.actors[LIN], doc, "2.0.0", [lift()])
    expected = answers["insured"] | {NEW_NAME: answers["insured"][OLD_NAME]}
    del expected[OLD_NAME]
    assert read.lifted.answers["insured"] == expected
    assert (read.signed.form.version, read.form.version, read.is_lifted) == ("1.0.0", "2.0.0", True)
    assert read.digests == (lift().digest,)
    again = reading.open_document(office.desk, office.actors[LIN], doc)
    assert again.answers["insured"] == answers["insured"]


def test_what_is_masked_stays_masked_under_its_new_name(office: Office) -> None:
    with_later(office)
    answers = office.answers()
    doc = office.submit(answers=answers).doc
    signed = reading.open_document(office.desk, office.actors[WU], doc)
    assert OLD in signed.masked
    read = lifting.lifted(office.desk, office.actors[WU], doc, "2.0.0", [lift()])
    assert NEW in read.masked
    assert read.lifted.answers["insured"][NEW_NAME] == signed.answers["insured"][OLD_NAME]
    assert answers["insured"][OLD_NAME] not in said(read.as_json())


@pytest.mark.parametrize(
    "expression", ["data.insured.id_no", "data.insured.id_no.startsWith('310') ? 'a' : 'b'"]
)
def test_a_masked_value_does_not_come_out_through_an_expression(office: Office, expression: str) -> None:
    with_later(office)
    answers = office.answers()
    doc = office.submit(answers=answers).doc
    step = {"op": "cel", "to": "/statement/remark", "value": expression}
    read = lifting.lifted(office.desk, office.actors[WU], doc, "2.0.0", [lift(step)])
    assert answers["insured"]["id_no"] not in said(read.as_json())


@pytest.mark.parametrize(
    "step",
    [
        {"op": "unknown", "at": f"/insured/{NEW_NAME}", "keep": "/insured/id_no", **WHY},
        {"op": "unknown", "at": "/insured/place", "keep": "/insured/id_no", **WHY},
        {"op": "drop", "at": "/insured/id_no", **WHY},
    ],
)
def test_a_masked_value_does_not_come_out_beside_the_answers(office: Office, step: dict[str, object]) -> None:
    with_later(office)
    answers = office.answers()
    doc = office.submit(answers=answers).doc
    read = lifting.lifted(office.desk, office.actors[WU], doc, "2.0.0", [lift(step)])
    assert answers["insured"]["id_no"] not in said(read.as_json())
    assert len(read.lifted.unknown) + len(read.lifted.dropped) == 1


def test_the_version_it_was_signed_under_is_read_as_it_is(office: Office) -> None:
    with_later(office)
    doc = office.submit().doc
    read = lifting.lifted(office.desk, office.actors[LIN], doc, "1.0.0", [lift()])
    assert (read.is_lifted, read.digests) == (False, ())
    assert read.lifted.answers == read.signed.answers


def test_whoever_may_not_read_it_may_not_read_it_lifted(office: Office) -> None:
    with_later(office)
    doc = office.approved().doc
    office.decide(ZHOU, doc, "upload")
    why = {"reason": "duplicate", "evidence": "重复录入，见另一份", "comment": "与前一份重复录入"}
    office.decide(HE, doc, "propose_void", why)
    with pytest.raises(NotFound):
        lifting.lifted(office.desk, office.actors[LIN], "a" * 26, "2.0.0", [lift()])
    before = len(list(office.desk.access.entries()))
    for who in (HE, WANG):
        seen = reading.open_document(office.desk, office.actors[who], doc)
        read = lifting.lifted(office.desk, office.actors[who], doc, "2.0.0", [lift()])
        assert seen.answers.keys() == read.lifted.answers.keys()
    assert len(list(office.desk.access.entries())) >= before


def test_the_lift_holds_on_every_example_of_the_shipped_form() -> None:
    good = [(name, one["data"]) for name, one in examples().items() if name.startswith("ok-")]
    assert len(good) == 20
    assert check_lift(compiled().bundle.schema, later().bundle.schema, lift(), good) == ()


def test_a_version_nobody_published_cannot_be_read_as(office: Office) -> None:
    with_later(office)
    doc = office.submit().doc
    with pytest.raises(NotFound):
        lifting.lifted(office.desk, office.actors[LIN], doc, "3.0.0", [lift()])
