"""R5.8.1 and R5.8.2: a query is applied for with its purpose, approved by the head, and run once."""

from __future__ import annotations

from typing import Any

import pytest

from engine.desk import deciding, people, reading, timekeeping
from engine.errors import Conflict, Invalid, NeedsUnlock, NotAllowed, NotFound, Refused
from engine.trust.canonical import encode
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import CHEN, HE, LI, LIN, SHEN, TANG, WANG, ZHAO, Office
from tests.regulation.querying import (
    ID_NO,
    NAME,
    QUERY,
    approved,
    asked,
    codes,
    effective,
    grant,
    lines,
    refusals,
    result_of,
)

CLEAR = {
    "unmask_fields": ["/insured/full_name"],
    "unmask_reason": "需与结算单收款人姓名逐字比对，脱敏后无法核对",
}


def second_grant(office: Office, who: str, role: str, unit: str, until: str | None = None) -> None:
    """One more hat for somebody, from this day on."""
    account = office.desk.directory.by_staff_no(who)
    assert account is not None
    hat = {
        "id": f"g_{role}",
        "role": role,
        "unit": unit,
        "region": "310104",
        "valid_from": "2026-03-01",
        "valid_to": until,
    }
    both = type(account)(**{name: getattr(account, name) for name in account.__slots__})
    object.__setattr__(both, "grants", (*account.grants, hat))
    office.desk.directory.save(both)
    office.actors[who] = people.actor_of(both, "5e" * 32, "password")


def test_R5_8_a_query_goes_from_its_purpose_to_the_masked_values_of_one_person(office: Office) -> None:
    effective(office)
    query = approved(office)
    office.decide(CHEN, query, "execute")

    result = result_of(office, query)
    assert (office.state(query), result["state"], result["form"]) == ("executed", "sealed", "query_result")
    assert lines(office, result["doc"]) == [
        ("/insured/full_name", "张*兰", "masked"),
        ("/insured/id_no", "310199********026X", "masked"),
        ("/insured/mobile", "199****0012", "masked"),
        ("/insured/gender", "女", "clear"),
    ]


@pytest.mark.parametrize("purpose", ["工作需要", "因工作需要查询相关信息，请领导予以批准"])
def test_R5_8_1_no_query_without_a_purpose_in_words(office: Office, purpose: str) -> None:
    with pytest.raises(Invalid) as refused:
        office.submit(CHEN, asked(purpose={"text": purpose}), form=QUERY)

    assert {pointer for pointer, _ in codes(refused.value)} == {"/purpose/text"}


@pytest.mark.parametrize("typed", [ID_NO, "31019919420315026x", NAME, f" {NAME} "])
def test_R5_8_1_the_form_discloses_nobody_and_finds_the_person_all_the_same(
    office: Office, typed: str
) -> None:
    effective(office)
    query = approved(office, asked(scope={"subject_keys": [typed]}))

    keys = reading.open_document(office.desk, office.actors[LI], query).answers["scope"]["subject_keys"]
    assert len(keys) == 1 and len(keys[0]) == 64 and int(keys[0], 16)
    row = reading.row_of(office.desk, query)
    sealed = encode(dict(reading.answers_of(office.desk, row))).decode()
    assert ID_NO not in sealed and NAME not in sealed
    office.decide(CHEN, query, "execute")
    assert lines(office, result_of(office, query)["doc"])[0][0] == "/insured/full_name"


def test_R5_8_1_fields_belong_to_the_named_categories(office: Office) -> None:
    wanted = asked(scope={"fields": ["/insured/full_name", "/claim/total_amount"]})

    with pytest.raises(Invalid) as refused:
        office.submit(CHEN, wanted, form=QUERY)

    assert codes(refused.value) == {("/scope/fields/1", "query.field_category")}


def test_R5_8_1_nobody_asks_beyond_the_own_region(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.submit(CHEN, asked(scope={"region": "310115"}), form=QUERY)

    assert codes(refused.value) == {("/scope/region", "query.region")}


def test_R5_8_1_one_applies_for_oneself(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.submit(CHEN, asked(applicant={"staff_no": LIN}), form=QUERY)

    assert codes(refused.value) == {("/applicant/staff_no", "computed")}


def test_R5_8_2_only_the_head_of_the_applicants_department_approves(office: Office) -> None:
    query = office.submit(CHEN, asked(), form=QUERY).doc

    for who, code in ((WANG, NotFound), (HE, NotAllowed), (TANG, NotAllowed), (CHEN, NotAllowed)):
        with pytest.raises(code):
            office.decide(who, query, "approve", grant(asked()))
    assert office.decide(LI, query, "approve", grant(asked())).state == "approved"


def test_R5_8_2_a_head_does_not_approve_the_own_query_and_a_dated_delegate_does(office: Office) -> None:
    second_grant(office, CHEN, "department_head", "claims")
    query = office.submit(CHEN, asked(), form=QUERY).doc

    with pytest.raises(NotAllowed) as refused:
        office.decide(CHEN, query, "approve", grant(asked()))
    assert refused.value.code == "K1"
    second_grant(office, WANG, "department_head", "claims", "2026-03-04")
    with pytest.raises(NotFound):
        office.decide(WANG, query, "approve", grant(asked()))
    second_grant(office, WANG, "department_head", "claims", "2026-03-05")
    assert office.decide(WANG, query, "approve", grant(asked())).state == "approved"


def test_R5_8_2_the_head_narrows_with_a_reason_and_never_widens(office: Office) -> None:
    effective(office)
    query = office.submit(CHEN, asked(), form=QUERY).doc
    fewer = grant(asked(), granted_fields=["/insured/full_name"])

    with pytest.raises(NotAllowed) as silent:
        office.decide(LI, query, "approve", fewer)
    assert codes(silent.value) == {("", "guard.narrow_comment")}
    more = grant(asked(), granted_fields=["/insured/full_name", "/insured/ethnicity"], comment="另加民族一项")
    with pytest.raises(NotAllowed) as wider:
        office.decide(LI, query, "approve", more)
    assert codes(wider.value) == {("", "guard.narrow_only")}
    office.decide(LI, query, "approve", fewer | {"comment": "核对姓名即可"})
    office.decide(CHEN, query, "execute")
    assert lines(office, result_of(office, query)["doc"]) == [("/insured/full_name", "张*兰", "masked")]


def test_R5_8_2_clear_text_takes_a_second_person(office: Office) -> None:
    effective(office)
    wanted = asked(scope=CLEAR)
    query = office.submit(CHEN, wanted, form=QUERY).doc

    with pytest.raises(NotAllowed) as refused:
        office.decide(LI, query, "approve", grant(wanted))
    assert codes(refused.value) == {("", "guard.no_countersign")}
    office.decide(LI, query, "approve_for_countersign", grant(wanted))
    with pytest.raises(Conflict):
        office.decide(CHEN, query, "execute")
    assert office.decide(HE, query, "countersign", {"comment": "用途与明文范围相符"}).state == "approved"
    office.decide(CHEN, query, "execute")
    assert lines(office, result_of(office, query)["doc"])[:2] == [
        ("/insured/full_name", NAME, "clear"),
        ("/insured/id_no", "310199********026X", "masked"),
    ]


def test_R5_8_2_clear_text_that_was_not_granted_stays_masked(office: Office) -> None:
    effective(office)
    wanted = asked(scope=CLEAR)
    query = office.submit(CHEN, wanted, form=QUERY).doc
    narrowed = grant(wanted, granted_unmask=[], comment="姓名按脱敏输出")
    office.decide(LI, query, "approve_for_countersign", narrowed)
    office.decide(SHEN, query, "countersign", {"comment": "同意脱敏输出"})
    office.decide(CHEN, query, "execute")

    assert lines(office, result_of(office, query)["doc"])[0] == ("/insured/full_name", "张*兰", "masked")


def test_R5_8_2_nobody_writes_the_decision_into_the_own_application(office: Office) -> None:
    decision = {"result": "approved", "approver_staff_no": LI, "decided_on": "2026-03-05"}

    with pytest.raises(Invalid) as refused:
        office.submit(CHEN, asked() | {"decision": decision}, form=QUERY)

    assert {pointer.split("/")[1] for pointer, _ in codes(refused.value)} == {"decision"}


def test_R5_8_2_the_decision_stands_in_the_application_as_the_approvers_signed_it(office: Office) -> None:
    wanted = asked(scope=CLEAR)
    query = office.submit(CHEN, wanted, form=QUERY).doc
    office.decide(LI, query, "approve_for_countersign", grant(wanted, comment="同意，证件号码按脱敏输出"))
    office.decide(HE, query, "countersign", {"comment": "用途与明文范围相符"})

    assert reading.open_document(office.desk, office.actors[CHEN], query).answers["decision"] == {
        "result": "approved",
        "approver_staff_no": LI,
        "decided_on": "2026-03-05",
        "valid_days": "7",
        "granted_fields": wanted["scope"]["fields"],
        "granted_unmask": ["/insured/full_name"],
        "comment": "同意，证件号码按脱敏输出",
        "second_approver": HE,
        "second_comment": "用途与明文范围相符",
    }


def test_R5_8_2_whoever_countersigns_can_say_no_and_the_corrected_application_is_decided_anew(
    office: Office,
) -> None:
    effective(office)
    wanted = asked(scope=CLEAR)
    query = office.submit(CHEN, wanted, form=QUERY).doc
    office.decide(LI, query, "approve_for_countersign", grant(wanted))
    office.decide(HE, query, "decline", {"comment": "脱敏即可满足用途"})
    assert office.state(query) == "returned"
    answers = reading.answers_of(office.desk, reading.row_of(office.desk, query))
    answers["scope"] = {key: one for key, one in answers["scope"].items() if not key.startswith("unmask")}
    office.submit(CHEN, answers, form=QUERY, doc=query, expected_head=office.head(query))
    with pytest.raises(Conflict):
        office.decide(CHEN, query, "execute")
    office.decide(LI, query, "approve", grant(answers))
    office.decide(CHEN, query, "execute")

    assert lines(office, result_of(office, query)["doc"])[0] == ("/insured/full_name", "张*兰", "masked")


def test_R5_8_2_nothing_is_looked_up_before_approval(office: Office) -> None:
    effective(office)
    query = office.submit(CHEN, asked(), form=QUERY).doc

    with pytest.raises(Conflict):
        office.decide(CHEN, query, "execute")

    assert refusals(office) == [("run_query", "state")]


def test_R5_8_2_it_is_run_by_the_applicant_alone_with_the_passphrase_in_the_same_request(
    office: Office,
) -> None:
    effective(office)
    query = approved(office)

    with pytest.raises(NeedsUnlock):
        office.decide(CHEN, query, "execute", stepped_up=False)
    with pytest.raises(NotAllowed):
        office.decide(LI, query, "execute")
    with pytest.raises(Refused):
        office.decide(ZHAO, query, "execute")
    assert len(refusals(office)) == 2
    assert office.decide(CHEN, query, "execute").state == "executed"


def test_R5_8_2_it_is_run_once(office: Office) -> None:
    effective(office)
    query = approved(office)
    office.decide(CHEN, query, "execute")

    with pytest.raises(Conflict):
        office.decide(CHEN, query, "execute")

    assert refusals(office) == [("run_query", "query.over_run")]
    assert result_of(office, query)["state"] == "sealed"


def test_R5_8_2_an_approval_that_has_expired_is_refused_and_logged(office: Office) -> None:
    effective(office)
    query = approved(office, valid_days="3")
    office.clock.advance(days=2)
    timekeeping.run(office.desk)
    assert office.state(query) == "approved"
    office.clock.advance(days=1)

    with pytest.raises(NotAllowed) as refused:
        office.decide(CHEN, query, "execute")
    assert codes(refused.value) == {("", "guard.in_validity")}
    assert refusals(office) == [("run_query", "guard.in_validity")]
    timekeeping.run(office.desk)
    assert office.state(query) == "expired"


@pytest.mark.parametrize(("who", "verb"), [(LI, "revoke"), (TANG, "revoke_by_info")])
def test_R5_8_2_a_revoked_approval_opens_nothing(office: Office, who: str, verb: str) -> None:
    effective(office)
    query = approved(office)
    office.decide(who, query, verb, {"comment": "业务已办结，不再需要"})

    with pytest.raises(Conflict):
        office.decide(CHEN, query, "execute")
    assert (office.state(query), refusals(office)) == ("revoked", [("run_query", "state")])


def test_R5_8_2_whoever_has_left_runs_nothing(office: Office) -> None:
    effective(office)
    query = approved(office)
    people.dismiss(office.desk, office.actors[CHEN].person)

    with pytest.raises(Refused):
        office.decide(CHEN, query, "execute")

    assert office.state(query) == "approved"


def test_C2_nobody_files_a_result_by_hand(office: Office) -> None:
    effective(office)
    query = approved(office)
    office.decide(CHEN, query, "execute")
    answers: dict[str, Any] = dict(reading.answers_of(office.desk, result_of(office, query)))

    for who in (CHEN, LI, HE):
        with pytest.raises(NotAllowed) as refused:
            office.submit(who, answers, form="query_result")
        assert refused.value.code == "begin"


def test_K1_possible_steps_say_why_not(office: Office) -> None:
    query = office.submit(CHEN, asked(), form=QUERY).doc
    offered = {one.transition.name: one for one in deciding.possible(office.desk, office.actors[LI], query)}

    assert offered["approve"].allowed
    why = offered["approve_for_countersign"].why
    assert why is not None and why.code == "guard.countersign_needed"
