"""R5.7 信息更新流程: a change of an effective document, reviewed, applied as its next revision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.desk import amending, people, proving, reading, timekeeping, updating
from engine.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from engine.lifecycle.advance import Advance
from engine.trust.verify import verify
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import CHEN, FANG, HE, LIN, TANG, WANG, WU, ZHAO, ZHOU, Office
from tests.regulation.updating import (
    MOBILE,
    TICKS,
    UPDATE,
    approved,
    effective,
    evidence,
    file,
    found,
    mobile,
    value,
    wanted,
)


def codes(refused: Refused) -> set[tuple[str, str]]:
    return {(one.pointer, one.code) for one in refused.problems}


def test_R5_7_1_an_update_is_begun_from_an_effective_document_and_names_its_revision(office: Office) -> None:
    doc = effective(office)
    draft = updating.begin(office.desk, office.actors[LIN], doc, UPDATE)
    row = reading.row_of(office.desk, doc)

    target = dict(draft.answers["target"])
    assert len(target.pop("subject_key")) == 64
    assert target == {"doc_id": row["doc_id"], "revision": 1, "subject_masked": "张*兰 310199********026X"}


def test_R5_7_1_nothing_is_updated_before_it_is_in_force(office: Office) -> None:
    doc = office.submit().doc

    with pytest.raises(Conflict) as refused:
        updating.begin(office.desk, office.actors[LIN], doc, UPDATE)

    state = {"zh-CN": "已提交", "en": "submitted"}
    assert (refused.value.code, refused.value.facts) == ("update.target_state", {"state": state})


def test_R5_7_1_the_system_writes_old_and_new_side_by_side_without_clear_text(office: Office) -> None:
    doc = effective(office)
    update = file(office, wanted(office, doc, mobile())).doc

    seen = reading.open_document(office.desk, office.actors[LIN], update).answers
    change = dict(seen["changes"][0])
    assert len(change.pop("old_digest")) == 64
    assert change == {
        "path": MOBILE,
        "label": "参保人信息·手机号码",
        "old_masked": "199****0012",
        "new_masked": "199****0777",
        "new_value": "19900000777",
        "sensitive": True,
    }
    assert seen["change"]["kinds"] == ["customer"]


def test_R5_7_2_an_applied_update_is_the_next_revision_of_the_same_document(office: Office) -> None:
    doc = effective(office)
    before = reading.row_of(office.desk, doc)
    update = approved(office, wanted(office, doc, mobile()))
    receipt = office.decide(ZHOU, update, "apply")

    after = reading.row_of(office.desk, doc)
    statement = office.desk.journal.read(after["contents"][-1][1]).statement()
    assert (after["state"], after["revision"], after["seq"]) == ("effective", 2, before["seq"] + 1)
    assert (statement["type"], statement["prev"]) == ("amend", before["head"])
    assert statement["header"]["revision"] == 2
    assert (value(office, doc, MOBILE, 1), value(office, doc, MOBILE)) == ("19900000012", "19900000777")
    moved = {"blind", "contents", "facets", "head", "revision", "seq", "steps", "summary"}
    assert {name for name, said in after.items() if said != before.get(name)} <= moved
    applied = office.desk.journal.read(receipt.index).statement()["body"]["applied"]
    assert applied == {"doc": doc, "doc_id": after["doc_id"], "revision": 2, "event": after["head"]}
    assert office.state(update) == "applied"


def test_R5_7_2_files_of_the_target_stay_with_its_new_revision(office: Office) -> None:
    doc = effective(office)
    files = set(reading.attachment_keys(office.desk, reading.row_of(office.desk, doc)))
    office.decide(ZHOU, approved(office, wanted(office, doc, mobile())), "apply")

    assert set(reading.attachment_keys(office.desk, reading.row_of(office.desk, doc))) == files != set()


def test_R5_7_2_whoever_made_the_update_does_not_review_it(office: Office) -> None:
    update = file(office, wanted(office, effective(office), mobile())).doc

    with pytest.raises(NotAllowed) as refused:
        office.decide(LIN, update, "claim")

    assert refused.value.code == "role"


@pytest.mark.parametrize("who", [HE, TANG, WANG])
def test_R5_7_1_only_those_who_enter_information_update_it(office: Office, who: str) -> None:
    doc = effective(office)

    with pytest.raises((NotAllowed, NotFound)):
        updating.begin(office.desk, office.actors[who], doc, UPDATE)


def test_R5_7_2_of_two_updates_of_one_revision_the_second_is_told_both_values(office: Office) -> None:
    doc = effective(office)
    first = approved(office, wanted(office, doc, mobile("19900000777")))
    second = approved(office, wanted(office, doc, mobile("19900000888")))
    office.decide(ZHOU, first, "apply")

    with pytest.raises(Conflict) as refused:
        office.decide(ZHOU, second, "apply")

    facts = refused.value.facts
    assert (refused.value.code, facts["said"], facts["revision"], facts["by"]) == (
        "update.target_changed",
        1,
        2,
        "周敏",
    )
    assert facts["values"] == [
        {
            "path": MOBILE,
            "label": "参保人信息·手机号码",
            "old_masked": "199****0012",
            "now_masked": "199****0777",
            "new_masked": "199****0888",
        }
    ]
    assert reading.row_of(office.desk, doc)["revision"] == 2
    assert office.state(second) == "approved"


def test_R5_7_2_an_update_that_came_too_late_goes_back_and_is_made_anew_from_the_new_revision(
    office: Office,
) -> None:
    doc = effective(office)
    first = approved(office, wanted(office, doc, mobile("19900000777")))
    second = approved(office, wanted(office, doc, mobile("19900000888")))
    with pytest.raises(NotAllowed):
        office.decide(ZHOU, second, "give_back", {"comment": "原文档已有新修订"})
    office.decide(ZHOU, first, "apply")

    assert timekeeping.run(office.desk).transitions == 1
    assert office.state(second) == "returned"
    with pytest.raises(Invalid) as refused:
        stale = wanted(office, doc, mobile("19900000888"))
        stale["target"] = {**stale["target"], "revision": 1}
        file(office, stale, doc=second, expected_head=office.head(second))
    assert codes(refused.value) == {("/target/revision", "update.target_changed")}

    anew = wanted(office, doc, mobile("19900000888"))
    file(office, anew, doc=second, expected_head=office.head(second))
    office.decide(ZHOU, second, "claim")
    office.decide(ZHOU, second, "approve", TICKS)
    office.decide(ZHOU, second, "apply")
    assert (reading.row_of(office.desk, doc)["revision"], value(office, doc, MOBILE)) == (3, "19900000888")


def test_R5_7_2_the_same_application_twice_makes_one_revision(office: Office) -> None:
    doc = effective(office)
    update = approved(office, wanted(office, doc, mobile()))
    head = office.head(update)

    first = office.decide(ZHOU, update, "apply", head=head, key="once")
    second = office.decide(ZHOU, update, "apply", head=head, key="once")

    assert (first.event, reading.row_of(office.desk, doc)["revision"]) == (second.event, 2)


def test_R5_7_2_a_crash_between_the_two_events_is_healed_by_applying_again(office: Office) -> None:
    """The target has its revision, the update was not marked: as if the power went between the two."""
    doc = effective(office)
    update = approved(office, wanted(office, doc, mobile()))
    row, form = reading.readable_row(office.desk, office.actors[ZHOU], update)
    ready = updating.prepare(office.desk, row, form, reading.answers_of(office.desk, row))
    step = form.workflow.transitions["apply"]
    auditor = people.as_of_now(office.desk, office.actors[ZHOU])
    taken = Advance(step, "auditor", "applied", None, {}, auditor.grants[0])
    assert ready.amendment is not None
    with office.desk.journal.sequencing():
        amending.amend(office.desk, ready.amendment, auditor, taken, office.unlocks[ZHOU])

    office.decide(ZHOU, update, "apply")

    assert (reading.row_of(office.desk, doc)["revision"], office.state(update)) == (2, "applied")


def test_V1_the_patched_document_is_judged_as_a_whole(office: Office) -> None:
    doc = effective(office)
    answers = wanted(office, doc, {"path": "/insured/gender", "new_value": "1"})

    with pytest.raises(Invalid) as refused:
        file(office, answers)

    assert codes(refused.value) == {("/changes/0/new_value", "V1.gender")}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"path": "/insured/nickname", "new_value": "x"}, ("/changes/0/path", "update.path_unknown")),
        ({"path": "/insured", "new_value": "x"}, ("/changes/0/path", "update.path_unknown")),
        ({"path": "/entry/entry_type", "new_value": "statistics"}, ("/changes/0/path", "update.fixed")),
        ({"path": "/insurance/ltci_type", "new_value": "310"}, ("/changes/0/path", "update.fixed")),
        ({"path": "/files/0/kind", "new_value": "video"}, ("/changes/0/path", "update.fixed")),
        ({"path": MOBILE, "new_value": "19900000012"}, ("/changes/0/new_value", "update.same")),
        ({"path": MOBILE, "new_value": "12"}, ("/changes/0/new_value", "format.mobile")),
        ({"path": "/insured/full_name", "remove": True}, ("/changes/0/new_value", "required")),
    ],
)
def test_V2_what_cannot_be_updated_is_refused_with_its_reason(
    office: Office, change: dict[str, Any], problem: tuple[str, str]
) -> None:
    more: dict[str, Any] = {}
    if change["path"] == "/insured/full_name":
        change = {**change, "evidence_file_id": "F-0901"}
        reason = {"reason": "identity_correction", "reason_text": "按身份证件更正姓名"}
        more = {"files": evidence(office, "id_card"), "change": reason}
    doc = effective(office)

    with pytest.raises(Invalid) as refused:
        file(office, wanted(office, doc, change, **more))

    assert problem in codes(refused.value)


IDENTITY = {"reason": "identity_correction", "reason_text": "录入时证件号码抄错，按证件更正"}


def identity_update(office: Office, doc: str) -> dict[str, Any]:
    new = {"path": "/insured/id_no", "new_value": "310199194203150286", "evidence_file_id": "F-0901"}
    return wanted(office, doc, new, change=IDENTITY, files=evidence(office, "id_card"))


def test_V3_a_correction_of_identity_needs_the_department_head(office: Office) -> None:
    doc = effective(office)
    update = file(office, identity_update(office, doc)).doc
    office.decide(ZHOU, update, "claim")
    with pytest.raises(NotAllowed) as alone:
        office.decide(ZHOU, update, "approve", TICKS)
    assert [one.code for one in alone.value.problems] == ["guard.one_review_enough"]
    office.decide(ZHOU, update, "approve_first", TICKS)

    for who in (ZHOU, WU, FANG, LIN):
        with pytest.raises(NotAllowed):
            office.decide(who, update, "co_approve", TICKS)
    office.decide(WANG, update, "co_approve", TICKS)

    assert office.state(update) == "approved"


def test_V3_a_corrected_identity_is_found_by_the_new_number_only(office: Office) -> None:
    doc = effective(office)
    old, new = value(office, doc, "/insured/id_no"), "310199194203150286"
    update = file(office, identity_update(office, doc)).doc
    office.decide(ZHOU, update, "claim")
    office.decide(ZHOU, update, "approve_first", TICKS)
    office.decide(WANG, update, "co_approve", TICKS)
    assert (found(office, old), found(office, new)) == ({doc}, set())

    office.decide(ZHOU, update, "apply")

    assert (found(office, old), found(office, new)) == (set(), {doc})


def test_V5_a_death_ends_the_insurance_and_says_when_the_benefit_stops(office: Office) -> None:
    doc = effective(office)
    change = {"path": "/insurance/status", "new_value": "terminated"}
    death = {"reason": "death", "requested_by": "data_sharing"}

    with pytest.raises(Invalid) as refused:
        file(office, wanted(office, doc, change, change=death))
    assert ("/effect/stop_benefit_on", "required") in codes(refused.value)

    effect = {"stop_benefit_on": "2026-03-05", "affects_benefit": True}
    update = approved(office, wanted(office, doc, change, change=death, effect=effect))
    office.decide(WU, update, "apply")
    assert value(office, doc, "/insurance/status") == "terminated"


def test_R5_7_1_a_field_may_be_added_and_taken_away(office: Office) -> None:
    doc = effective(office)
    update = approved(office, wanted(office, doc, {"path": "/insured/landline", "new_value": "021-00000000"}))
    office.decide(ZHOU, update, "apply")
    assert value(office, doc, "/insured/landline") == "021-00000000"

    update = approved(office, wanted(office, doc, {"path": "/insured/landline", "remove": True}))
    office.decide(ZHOU, update, "apply")
    assert value(office, doc, "/insured/landline") is None
    assert reading.row_of(office.desk, doc)["revision"] == 3


def test_C2_a_claims_officer_updates_claim_information_only(office: Office) -> None:
    doc = effective(office)

    with pytest.raises(Refused):
        file(office, wanted(office, doc, mobile(), who=CHEN), who=CHEN)


def test_C2_a_colleague_of_the_counter_updates_with_masked_old_values(office: Office) -> None:
    doc = effective(office)
    update = file(office, wanted(office, doc, mobile(), who=ZHAO), who=ZHAO).doc

    assert office.state(update) == "submitted"


def test_R5_7_1_what_the_clerk_writes_into_the_systems_fields_is_not_believed(office: Office) -> None:
    doc = effective(office)
    answers = wanted(office, doc, {**mobile(), "old_masked": "199****9999", "label": "别的"})
    update = file(office, answers).doc

    change = reading.open_document(office.desk, office.actors[LIN], update).answers["changes"][0]
    assert (change["old_masked"], change["label"]) == ("199****0012", "参保人信息·手机号码")


def test_R5_7_2_the_chain_of_an_updated_document_verifies_from_outside(office: Office) -> None:
    doc = effective(office)
    update = approved(office, wanted(office, doc, mobile()))
    office.decide(ZHOU, update, "apply")

    for one in (doc, update):
        data = proving.bundle(office.desk, office.actors[LIN], one, proving.nothing)
        report = verify(data, office.desk.trust.root_chain(), now=datetime(2026, 3, 6, tzinfo=UTC))
        assert {verdict.status for verdict in report.verdicts} == {"good"}
