"""R5.8.2 and O23: what a run finds – the persons, the period, the cap, nothing that moved, no small group."""

from __future__ import annotations

import pytest

from engine.desk import people, querying, reading, rows
from engine.desk.people import NewPerson
from engine.errors import Conflict, Invalid, NotAllowed
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Partner
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import CHEN, HE, LIN, SESSION, Office
from tests.regulation.querying import (
    QUERY,
    another,
    answers_of,
    approved,
    asked,
    codes,
    effective,
    grant,
    lines,
    refusals,
    result_of,
)


def test_R5_8_2_others_and_other_periods_are_not_found(office: Office) -> None:
    effective(office)
    effective(office, insured=another(1))
    past = asked(scope={"period_from": "2026-01-01", "period_to": "2026-03-04"})
    now, before = approved(office), approved(office, past)
    office.decide(CHEN, now, "execute")
    office.decide(CHEN, before, "execute")

    assert len(lines(office, result_of(office, now)["doc"])) == 4
    nothing = answers_of(office, before)
    run = nothing["run"]
    assert ("rows" in nothing, run["outcome"], run["record_count"]) == (False, "none", 0)


def test_R5_8_2_a_batch_is_cut_at_its_cap_and_says_so(office: Office) -> None:
    for number in (1, 2, 3):
        effective(office, insured=another(number))
    keys = [another(number)["id_no"] for number in (1, 2, 3)]
    wanted = asked(scope={"kind": "batch", "subject_keys": keys, "max_records": 2})
    query = approved(office, wanted)
    office.decide(CHEN, query, "execute")

    run = answers_of(office, query)["run"]
    assert (run["record_count"], run["truncated"]) == (2, True)


def test_R5_8_2_what_moved_between_looking_and_filing_is_not_reported(office: Office) -> None:
    doc = effective(office)
    query = approved(office)
    row = reading.row_of(office.desk, query)
    form = office.desk.registry.by_digest(row["digest"])
    ready = querying.prepare(office.desk, row, form, reading.answers_of(office.desk, row))
    asked_void = {"reason": "duplicate", "evidence": "重复录入，见另一份", "comment": "与前一份重复录入"}
    office.decide(HE, doc, "propose_void", asked_void)

    with pytest.raises(Conflict) as refused:
        ready.confirm(office.desk)
    assert refused.value.code == "query.moved"


def test_R5_8_2_a_result_that_was_filed_before_a_crash_is_the_one_and_only(office: Office) -> None:
    effective(office)
    query = approved(office)
    row = reading.row_of(office.desk, query)
    form = office.desk.registry.by_digest(row["digest"])
    ready = querying.prepare(office.desk, row, form, reading.answers_of(office.desk, row))
    step = Advance(form.workflow.transitions["execute"], "claims_officer", "executed", None, {})
    with office.desk.journal.sequencing():
        ready.carry_out(office.desk, office.actors[CHEN], step, None)
    assert office.state(query) == "approved"  # the power went before the query's own event

    office.decide(CHEN, query, "execute")
    result = result_of(office, query)["doc"]
    assert office.decide(CHEN, result, "deliver", {"received_by": "陈晓"}).state == "delivered"


def test_R5_8_2_a_grant_beyond_the_application_is_not_run(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    effective(office)
    query = approved(office)
    wider = {"approve": grant(asked(), granted_fields=["/insured/full_name", "/insured/ethnicity"])}
    monkeypatch.setattr(rows, "said", lambda desk, row: wider)

    with pytest.raises(Conflict) as refused:
        office.decide(CHEN, query, "execute")
    assert refused.value.code == "query.out_of_scope"
    assert refusals(office) == [("run_query", "query.out_of_scope")]


def test_O8_a_partner_asks_about_its_own_cases_only_and_two_heads_agree(office: Office) -> None:
    partner = Partner("52310199MJ0T00129R", "2026-01-01", "2027-12-31")
    for number, role in (("WB000052", "partner_user"), ("WB000001", "department_head")):
        roles = ((role, None, None),)
        phrase = f"phrase {number}"
        new = NewPerson(number, role, "external", "310104", role, roles, "password", phrase, partner)
        (account,) = people.enrol(office.desk, [new])
        office.actors[number] = people.actor_of(account, SESSION, "password")
        office.unlocks[number] = office.desk.vault.unlock(account.person, phrase, SESSION)
    effective(office)
    wanted = asked(purpose={"code": "partner_service"})
    wanted["applicant"] |= {"staff_no": "WB000052", "dept_code": "external"}
    wanted["applicant"] |= {"partner_uscc": partner.uscc, "contract_no": "XY-2026-003"}
    query = office.submit("WB000052", wanted, form=QUERY).doc

    with pytest.raises(NotAllowed) as refused:
        office.decide("WB000001", query, "approve", grant(wanted))
    assert codes(refused.value) == {("", "guard.no_countersign")}
    office.decide("WB000001", query, "approve_for_countersign", grant(wanted))
    office.decide(HE, query, "countersign", {"comment": "在协议约定用途之内"})
    office.decide("WB000052", query, "execute")

    row = result_of(office, query)
    told = reading.open_document(office.desk, office.actors["WB000052"], row["doc"]).answers
    assert told["run"]["outcome"] == "none"  # the person is somebody else's case


def test_R5_8_2_every_document_read_is_logged_with_the_query_as_purpose(office: Office) -> None:
    doc = effective(office)
    query = approved(office)
    office.decide(CHEN, query, "execute")

    doc_id = reading.row_of(office.desk, query)["doc_id"]
    read = [one for one in office.desk.access.entries() if one.basis == f"query:{doc_id}"]
    fields = tuple(asked()["scope"]["fields"])
    assert [(one.person, one.doc, one.what) for one in read] == [(office.actors[CHEN].person, doc, fields)]


def test_O23_counts_say_no_group_below_five(office: Office) -> None:
    for number in range(6):
        urgency = "green_channel" if number == 5 else "normal"
        entry = office.answers(LIN)["entry"] | {"urgency": urgency}
        doc = office.submit(LIN, office.answers(LIN, insured=another(number), entry=entry)).doc
        office.decide("SH000001", doc, "claim")
        ticks = {"accuracy": True, "completeness": True, "no_interest": True}
        if number == 5:
            office.decide("SH000001", doc, "approve_first", ticks)
            office.decide("SH000002", doc, "approve_second", ticks)
        else:
            office.decide("SH000001", doc, "approve", ticks)
        office.decide("SH000001" if number < 5 else "SH000002", doc, "upload")
    wanted = asked("ok-3-aggregate", scope={"fields": ["/entry/urgency", "/entry/entry_type"]})
    query = approved(office, wanted)
    office.decide(CHEN, query, "execute")

    told = answers_of(office, query)
    cells = [(one["field"], one["value"], one.get("count")) for one in told["cells"]]
    assert cells == [
        ("/entry/urgency", "绿色通道", None),
        ("/entry/urgency", "普通", None),
        ("/entry/entry_type", "首次评估申请", 6),
    ]


def test_O23_nothing_personal_is_counted(office: Office) -> None:
    wanted = asked("ok-3-aggregate", scope={"fields": ["/insured/gender"], "categories": ["customer"]})

    with pytest.raises(Invalid) as refused:
        office.submit(CHEN, wanted, form=QUERY)
    assert codes(refused.value) == {("/scope/fields/0", "query.field_not_counted")}
