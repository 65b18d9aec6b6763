"""R5.7: what an update leaves to be done elsewhere, what it holds, and how it is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from engine.desk import consequences, holding, reading, reverting, update_beginnings
from engine.errors import Conflict, Invalid, Refused
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import HE, LIN, WANG, ZHAO, ZHOU, Office
from tests.regulation.updating import (
    MOBILE,
    TICKS,
    approved,
    effective,
    evidence,
    file,
    found,
    mobile,
    value,
    wanted,
)

NUMBER, NEW_NUMBER = "/insured/id_no", "310199194203150286"
IDENTITY = {"reason": "identity_correction", "reason_text": "录入时证件号码抄错，按证件更正"}


def identity(office: Office, doc: str) -> dict[str, Any]:
    new = {"path": NUMBER, "new_value": NEW_NUMBER, "evidence_file_id": "F-0901"}
    return wanted(office, doc, new, change=IDENTITY, files=evidence(office, "id_card"))


def co_approved(office: Office, answers: dict[str, Any]) -> str:
    update = file(office, answers).doc
    office.decide(ZHOU, update, "claim")
    office.decide(ZHOU, update, "approve_first", TICKS)
    office.decide(WANG, update, "co_approve", TICKS)
    return update


def listed(office: Office, update: str) -> dict[str, list[tuple[str, bool]]]:
    """By follow-up, each document and whether it is done."""
    row = reading.row_of(office.desk, update)
    return {
        one.name: [(each.row["doc"], each.is_done) for each in rows]
        for one, rows in consequences.listed(office.desk, row)
    }


def same_person(office: Office) -> tuple[str, str]:
    """Two entries in force of one person, both of the first kind."""
    first = effective(office)
    second = effective(office)
    assert value(office, first, NUMBER) == value(office, second, NUMBER)
    return first, second


def test_V3_the_other_documents_of_a_corrected_person_are_listed_and_not_re_keyed(office: Office) -> None:
    first, second = same_person(office)
    old = value(office, first, NUMBER)
    update = co_approved(office, identity(office, first))
    assert listed(office, update) == {"same_person": [(second, False)]}

    office.decide(ZHOU, update, "apply")

    assert listed(office, update) == {"same_person": [(second, False)]}
    assert (found(office, old), found(office, NEW_NUMBER)) == ({second}, {first})
    assert consequences.recorded_in(office.desk, reading.row_of(office.desk, update)) == {
        "same_person": [second]
    }


def test_V3_the_same_correction_is_begun_from_each_and_then_it_is_done(office: Office) -> None:
    first, second = same_person(office)
    update = co_approved(office, identity(office, first))
    office.decide(ZHOU, update, "apply")

    draft = update_beginnings.begin_alike(office.desk, office.actors[LIN], second, update, "same_person")

    assert draft.answers["target"]["doc_id"] == reading.row_of(office.desk, second)["doc_id"]
    assert draft.answers["change"]["reason"] == "identity_correction"
    (change,) = draft.answers["changes"]
    assert (change["path"], change["new_value"]) == (NUMBER, NEW_NUMBER)
    assert "evidence_file_id" not in change
    office.decide(ZHOU, co_approved(office, identity(office, second)), "apply")
    assert listed(office, update) == {"same_person": [(second, True)]}
    assert found(office, NEW_NUMBER) == {first, second}


def test_V3_whoever_sees_no_new_value_begins_without_one(office: Office) -> None:
    first, second = same_person(office)
    update = co_approved(office, identity(office, first))
    office.decide(ZHOU, update, "apply")

    with pytest.raises(Refused):
        update_beginnings.begin_alike(office.desk, office.actors[ZHAO], second, update, "same_person")
    with pytest.raises(Conflict):
        update_beginnings.begin_alike(office.desk, office.actors[LIN], second, update, "recovery")


def test_V3_a_corrected_name_waits_until_the_other_document_says_it_too(office: Office) -> None:
    first, second = same_person(office)
    name = {"path": "/insured/full_name", "new_value": "章文澜", "evidence_file_id": "F-0901"}

    def named(doc: str) -> str:
        files = evidence(office, "id_card")
        return co_approved(office, wanted(office, doc, name, change=IDENTITY, files=files))

    update = named(first)
    office.decide(ZHOU, update, "apply")
    assert listed(office, update) == {"same_person": [(second, False)]}

    office.decide(ZHOU, named(second), "apply")
    assert listed(office, update) == {"same_person": [(second, True)]}


def test_R5_7_1_other_updates_leave_nothing_to_be_done(office: Office) -> None:
    first, _ = same_person(office)
    update = approved(office, wanted(office, first, mobile()))
    office.decide(ZHOU, update, "apply")

    assert listed(office, update) == {}
    assert consequences.recorded_in(office.desk, reading.row_of(office.desk, update)) == {}


def taken_back(office: Office, update: str) -> dict[str, Any]:
    """The answers of an update that takes another one back, completed by 小林."""
    draft = update_beginnings.take_back(office.desk, office.actors[LIN], update)
    row = reading.row_of(office.desk, reverting_target(office, update))
    full = wanted(office, row["doc"], *draft.answers["changes"])
    full["change"] = {**full["change"], **draft.answers["change"], "reason_text": "来电号码记错，恢复原号码"}
    full["change"]["reason"] = "data_error"
    return full


def reverting_target(office: Office, update: str) -> str:
    made = reverting.made_by(office.desk, reading.row_of(office.desk, update))
    assert made is not None
    return made[0]["doc"]


def test_C7_an_applied_update_is_taken_back_by_a_new_one_that_cites_it(office: Office) -> None:
    doc = effective(office)
    update = approved(office, wanted(office, doc, mobile("19900000777")))
    row = reading.row_of(office.desk, update)
    assert update_beginnings.may_take_back(office.desk, office.actors[LIN], row) is False
    office.decide(ZHOU, update, "apply")
    row = reading.row_of(office.desk, update)
    assert update_beginnings.may_take_back(office.desk, office.actors[LIN], row) is True
    assert update_beginnings.may_take_back(office.desk, office.actors[HE], row) is False

    back = approved(office, taken_back(office, update))
    office.decide(ZHOU, back, "apply")

    assert [value(office, doc, MOBILE, n) for n in (1, 2, 3)] == ["19900000012", "19900000777", "19900000012"]
    form = office.desk.registry.by_digest(row["digest"])
    cited = reverting.taken_back_by(office.desk, form, reading.row_of(office.desk, update))
    assert cited is not None and cited["doc"] == back
    assert update_beginnings.may_take_back(office.desk, office.actors[LIN], row) is False


def test_C7_what_was_not_applied_here_cannot_be_taken_back(office: Office) -> None:
    doc, other = effective(office), effective(office)
    update = approved(office, wanted(office, doc, mobile("19900000777")))
    with pytest.raises(Conflict):
        update_beginnings.take_back(office.desk, office.actors[LIN], update)
    office.decide(ZHOU, update, "apply")
    said = {"reverts": reading.row_of(office.desk, update)["doc_id"], "reason_text": "登记有误，恢复原值"}

    def codes(answers: dict[str, Any]) -> set[str]:
        with pytest.raises(Invalid) as refused:
            file(office, answers)
        return {one.code for one in refused.value.problems}

    assert codes(wanted(office, other, mobile(), change=said)) == {"update.reverts_unknown"}
    gender = {"path": "/insured/landline", "new_value": "021-00000000"}
    assert codes(wanted(office, doc, gender, change=said)) == {"update.reverts_other"}
    assert codes(wanted(office, doc, mobile("19900000012"), change={"reverts": said["reverts"]})) == {
        "A.reverts_text"
    }


def test_V4_holds_are_of_payee_updates_only(office: Office) -> None:
    doc = effective(office)
    file(office, wanted(office, doc, mobile()))

    assert holding.holds_on(office.desk, reading.row_of(office.desk, doc)) == ()
