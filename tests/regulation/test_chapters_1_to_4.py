"""R1a–R4.4.3: what the first four chapters promise, each asked of the running desk."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from engine.desk import people, proving, reading, submitting
from engine.desk.people import NewPerson
from engine.errors import Invalid, NotAllowed, NotFound, Refused
from engine.record import encode
from engine.registry.registry import build_registry
from engine.trust.verify import verify
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import CHEN, HE, LIN, SESSION, WU, ZHOU, Office, registry
from tests.schemas.reading import VERSIONS, compiled, read

CLASSES = {"business", "customer", "claim", "statistics", "management"}
NOW = datetime(2026, 3, 6, tzinfo=UTC)


def test_R1a_no_personal_value_lies_readable_in_what_is_stored(office: Office) -> None:
    answers = office.answers()
    doc = office.submit(LIN, answers).doc

    insured = answers["insured"]
    values = [insured[name] for name in ("full_name", "id_no", "mobile", "residence_address")]
    row = json.dumps(reading.row_of(office.desk, doc), ensure_ascii=False, default=str).encode()
    stored = b"".join(encode(one) for one in office.desk.journal.scan()) + row

    assert [value for value in values if value.encode() in stored] == []
    assert doc.encode() in stored  # the search would find what is there


def test_R1a_a_document_is_opened_only_through_an_access_decision(office: Office) -> None:
    doc = office.submit().doc

    with pytest.raises((NotFound, NotAllowed)):
        reading.open_document(office.desk, office.actors[CHEN], doc)

    assert (
        reading.open_document(office.desk, office.actors[LIN], doc).answers["insured"]["full_name"]
        == "张文兰"
    )


def test_R2a_a_department_more_is_data(office: Office) -> None:
    (account,) = people.enrol(
        office.desk,
        [NewPerson("PG000001", "顾评", "assessment", "310104", "评估", (("reviewer", None, None),),
                   "password", "phrase PG000001")],
    )  # fmt: skip

    actor = people.actor_of(account, SESSION, "password")

    assert actor.unit == "assessment"
    assert actor.roles("2026-03-05") == ("reviewer",)


def test_R2b_a_person_with_a_key_cannot_write_past_the_states(office: Office) -> None:
    doc = office.submit().doc
    before = reading.row_of(office.desk, doc)

    with pytest.raises(Refused):
        office.decide(ZHOU, doc, "upload")  # nothing is uploaded that was not approved
    with pytest.raises(Refused):
        office.decide(HE, doc, "archive")  # the system's own step is nobody's

    assert reading.row_of(office.desk, doc) == before


def test_R3_1_every_field_of_every_form_stands_on_a_legal_basis() -> None:
    for form, version in VERSIONS:
        made = compiled(form, version)
        without = [name for name, one in made.fields.items() if not one.legal_basis]
        assert (form, without) == (form, [])


def test_R3_2_a_norm_without_a_number_is_shown_as_unresolved() -> None:
    register = {one["title"]: one for one in read("regulation", "1.0.0.json")["references"]}

    assert {name for name, one in register.items() if one["state"] == "unresolved"} == {
        "保险行业信息管理标准", "保险信息系统建设及管理规范",
    }  # fmt: skip
    assert all(one["number"] and one["url"] and one["checked_on"]
               for one in register.values() if one["state"] == "resolved")  # fmt: skip


def test_R4_4_1_every_field_has_exactly_one_of_the_classes() -> None:
    for form, version in VERSIONS:
        classes = {one.klass for one in compiled(form, version).fields.values()}
        assert (form, classes - CLASSES) == (form, set())


def test_R4_4_2_a_field_that_is_not_in_the_form_cannot_be_collected(office: Office) -> None:
    answers = office.answers()
    answers["insured"]["religion"] = "无"

    with pytest.raises(Invalid) as refused:
        office.submit(LIN, answers)

    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/insured/religion", "unknown_field")
    ]


def test_R4_4_2_nothing_is_collected_before_its_form_is_in_force(office: Office) -> None:
    late = build_registry([(compiled(form, version), date(2027, 1, 1)) for form, version in VERSIONS])
    answers = office.answers()

    with pytest.raises((NotFound, Refused)):
        wanted = submitting.Submission("info_entry", deepcopy(answers), office.key())
        submitting.submit(
            replace(office.desk, registry=late), office.actors[LIN], wanted, office.unlocks[LIN]
        ).wait(1)

    assert office.submit(LIN, answers).doc
    assert registry().in_force("info_entry", date(2026, 3, 5)).version == "1.0.0"


def test_R4_4_3_what_is_stored_opens_only_with_the_keys(office: Office) -> None:
    doc = office.submit().doc
    closed = proving.bundle(office.desk, office.actors[LIN], doc)
    opened = proving.bundle(office.desk, office.actors[LIN], doc, proving.all_fields)

    known = office.desk.trust.root_chain()
    assert [verify(one, known, now=NOW).verdicts[0].status for one in (closed, opened)] == ["good"] * 2
    masked = reading.open_document(office.desk, office.actors[WU], doc)
    assert masked.answers["insured"]["id_no"] == "310199********026X"
