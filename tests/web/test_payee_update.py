"""陈晓 changes the bank account of a claim in force: bank proof, and the head of the claims department."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from engine.desk import (
    amending,
    attaching,
    consequences,
    deciding,
    holding,
    people,
    reading,
    submitting,
    updating,
)
from engine.desk.desk import Receipt
from engine.errors import Invalid, NotAllowed, NotFound
from engine.identity import utc_text
from engine.lifecycle.advance import Advance
from engine.lifecycle.deadlines import due_at
from engine.lifecycle.people import Actor
from tests.web.conftest import DemoAgency
from web.assemble import OpenDesk, assemble
from web.cli import auditing
from web.demo.people import PASSPHRASE
from web.settings import Settings

CHEN, WU, WANG, ZHOU, ZHAO = "LP000117", "LP000001", "YW000001", "SH000101", "SH000001"
TICKS = {"each_change": True, "evidence": True, "no_interest": True}
KEYS = count()


@pytest.fixture
def assembled(copy_of_demo: Callable[[], Path]) -> Iterator[tuple[DemoAgency, OpenDesk]]:
    """The demo on a folder of this test's own, and what stands behind it."""
    data = copy_of_demo()
    services, opened = assemble(data, Settings(mode="demo", hosts=("testserver",)))
    yield DemoAgency(services, data), opened
    opened.close()


@pytest.fixture
def agency(assembled: tuple[DemoAgency, OpenDesk]) -> DemoAgency:
    return assembled[0]


@pytest.fixture
def opened(assembled: tuple[DemoAgency, OpenDesk]) -> OpenDesk:
    return assembled[1]


def at_work(agency: DemoAgency, staff_no: str) -> tuple[Actor, str]:
    """Somebody with the key unlocked."""
    desk, session = agency.services.desk, sha256(staff_no.encode()).hexdigest()
    account = desk.directory.by_staff_no(staff_no)
    assert account is not None
    unlock = desk.vault.unlock(account.person, PASSPHRASE, session)
    return people.actor_of(account, session, "password"), unlock


def claim_of(agency: DemoAgency) -> str:
    """The claim of example 3, in force."""
    found = (one for one in agency.rows() if one["facets"].get("/entry/entry_type") == "benefit_claim")
    return next(one["doc"] for one in found if one["state"] == "effective")


def answers_for(agency: DemoAgency, doc: str, kind: str, reason: str, who: str = CHEN) -> dict[str, Any]:
    desk, (actor, _) = agency.services.desk, at_work(agency, who)
    staged = attaching.attach(desk, actor, kind.encode(), "application/pdf")
    begun = updating.begin(desk, actor, doc, "info_update")
    day = {"occurred_on": "2026-11-18", "known_on": "2026-11-19"}
    bank = {"path": "/claim/bank_name", "new_value": "示范银行静安支行"}
    card = {"path": "/claim/bank_card_no", "new_value": "6299990000000678908", "evidence_file_id": "F-0102"}
    effect = {"affects_benefit": False, "needs_reassessment": False, "notify_subject": True}
    return {
        **begun.answers,
        "change": {**day, "reason": reason, "requested_by": "agent", "pip_request_no": "GZ-2026-0031"},
        "changes": [bank, card],
        "effect": {**effect, "effective_on": "2026-12-01"},
        "files": [{"kind": kind, "file_id": "F-0102", "sha256": staged.sha256}],
        "statement": {"truthful": True},
    }


def filed(agency: DemoAgency, answers: dict[str, Any], who: str = CHEN) -> Receipt:
    actor, unlock = at_work(agency, who)
    wanted = submitting.Submission("info_update", answers, f"payee-{next(KEYS)}")
    return submitting.submit(agency.services.desk, actor, wanted, unlock).wait()


def decided(agency: DemoAgency, who: str, doc: str, name: str, answers: dict[str, Any]) -> Receipt:
    desk, (actor, unlock) = agency.services.desk, at_work(agency, who)
    head = reading.row_of(desk, doc)["head"]
    wanted = deciding.Decision(doc, name, head, answers, f"payee-{next(KEYS)}", stepped_up=True)
    return deciding.decide(desk, actor, wanted, unlock).wait()


def test_V4_a_payee_account_changes_with_bank_proof_and_the_head_of_the_own_department(
    agency: DemoAgency,
) -> None:
    desk, doc = agency.services.desk, claim_of(agency)
    update = filed(agency, answers_for(agency, doc, "bank_proof", "payee_account")).doc
    decided(agency, ZHOU, update, "claim", {})
    decided(agency, ZHOU, update, "approve_first", TICKS)
    for stranger in (WANG, ZHAO):  # heads of acceptance and of audit: this is the claims department's
        with pytest.raises((NotFound, NotAllowed)):
            decided(agency, stranger, update, "co_approve", TICKS)
    decided(agency, WU, update, "co_approve", TICKS)
    receipt = decided(agency, ZHOU, update, "apply", {})

    row = reading.row_of(desk, doc)
    claim = reading.answers_of(desk, row)["claim"]
    assert (claim["bank_name"], claim["bank_card_no"]) == ("示范银行静安支行", "6299990000000678908")
    assert (row["state"], row["revision"], receipt.state) == ("effective", 2, "applied")


def test_V4_without_bank_proof_or_under_another_reason_it_is_refused(agency: DemoAgency) -> None:
    doc, said = claim_of(agency), set()
    for kind, reason in (("other", "payee_account"), ("bank_proof", "care_org")):
        with pytest.raises(Invalid) as refused:
            filed(agency, answers_for(agency, doc, kind, reason))
        said |= {one.code for one in refused.value.problems}

    assert said == {"V4.bank_proof", "V4.reason"}


def test_R5_7_2_a_revision_that_no_applied_update_states_is_found_by_the_audit(
    agency: DemoAgency, opened: OpenDesk
) -> None:
    """周敏's key is misused: the account of a claim is changed in the name of an update still in review."""
    desk, doc = agency.services.desk, claim_of(agency)
    update = filed(agency, answers_for(agency, doc, "bank_proof", "payee_account")).doc
    decided(agency, ZHOU, update, "claim", {})
    (auditor, unlock), row = at_work(agency, ZHOU), reading.row_of(desk, update)
    form = desk.registry.by_digest(row["digest"])
    ready = updating.prepare(desk, row, form, reading.answers_of(desk, row))
    auditor = people.as_of_now(desk, auditor)
    step = Advance(form.workflow.transitions["apply"], "auditor", "applied", None, {}, auditor.grants[0])
    assert ready.amendment is not None and auditing._audit_all(opened, "") == []

    with desk.journal.sequencing():
        amending.amend(desk, ready.amendment, auditor, step, unlock)
    row = reading.row_of(desk, doc)
    made = row["contents"][-1][1]
    desk.journal.when_durable(made, lambda committed: committed).result(timeout=60)

    assert row["revision"] == 2
    found = [(one.code, one.facts) for one in auditing._audit_all(opened, "")]
    assert found == [("amend.not_applied", {"index": made})]


def paid(agency: DemoAgency, doc: str) -> dict[str, Any]:
    """An update by 陈晓 that writes the claim as paid."""
    answers = answers_for(agency, doc, "other", "other")
    answers["change"]["reason_text"] = "支付系统回写支付结果"
    answers["changes"] = [{"path": "/claim/settle_step", "new_value": "paid"}]
    return answers


def applied(agency: DemoAgency, update: str) -> None:
    """周敏 claims, approves and applies."""
    steps: tuple[tuple[str, dict[str, Any]], ...] = (("claim", {}), ("approve", TICKS), ("apply", {}))
    for name, said in steps:
        decided(agency, ZHOU, update, name, said)


def codes(agency: DemoAgency, answers: dict[str, Any]) -> set[str]:
    with pytest.raises(Invalid) as refused:
        filed(agency, answers)
    return {one.code for one in refused.value.problems}


def test_V4_nothing_is_paid_while_the_account_is_being_changed_and_one_working_day_after(
    agency: DemoAgency,
) -> None:
    desk, doc = agency.services.desk, claim_of(agency)
    both = answers_for(agency, doc, "bank_proof", "payee_account")
    both["changes"].append({"path": "/claim/settle_step", "new_value": "paid"})
    assert codes(agency, both) == {"update.held_by_itself"}
    update = filed(agency, answers_for(agency, doc, "bank_proof", "payee_account")).doc

    (held,) = holding.holds_on(desk, reading.row_of(desk, doc))
    assert (held.hold.name, held.by["doc"], held.until) == ("payment", update, "")
    assert codes(agency, paid(agency, doc)) == {"update.held"}

    decided(agency, ZHOU, update, "claim", {})
    decided(agency, ZHOU, update, "approve_first", TICKS)
    assert codes(agency, paid(agency, doc)) == {"update.held"}
    decided(agency, WU, update, "co_approve", TICKS)
    decided(agency, ZHOU, update, "apply", {})

    (held,) = holding.holds_on(desk, reading.row_of(desk, doc))
    assert held.until == utc_text(due_at(desk.calendar, desk.clock.now(), working_days=1))
    assert codes(agency, paid(agency, doc)) == {"update.held_until"}


def test_V5_claims_paid_after_a_death_are_listed_to_be_recovered(agency: DemoAgency) -> None:
    desk, claim = agency.services.desk, claim_of(agency)
    update = filed(agency, paid(agency, claim)).doc
    applied(agency, update)
    number = reading.answers_of(desk, reading.row_of(desk, claim))["insured"]["id_no"]
    entry = next(
        row["doc"]
        for row in agency.rows()
        if row["form"] == "info_entry" and row["state"] == "effective" and row["doc"] != claim
        and reading.answers_of(desk, row).get("insured", {}).get("id_no") == number
        and "insurance" in reading.answers_of(desk, row)
    )  # fmt: skip
    answers = answers_for(agency, entry, "other", "death", who="YW000231")
    answers["changes"] = [{"path": "/insurance/status", "new_value": "terminated"}]
    answers["change"] |= {"occurred_on": "2026-04-10", "requested_by": "data_sharing"}
    answers["effect"] |= {"affects_benefit": True, "stop_benefit_on": "2026-04-11"}
    death = filed(agency, answers, who="YW000231").doc
    applied(agency, death)

    row = reading.row_of(desk, death)
    assert consequences.recorded_in(desk, row)["recovery"] == [claim]
    ((follow_up, (listed,)),) = [one for one in consequences.listed(desk, row) if one[0].name == "recovery"]
    assert (listed.row["doc"], listed.is_done) == (claim, False)
    # 陈晓 may not read the update of another department, and has its claim before her all the same.
    its_form = desk.registry.by_digest(row["digest"])
    waits = consequences.waiting(desk, at_work(agency, CHEN)[0], its_form)
    assert {(one.update["doc"], one.follow_up.name, one.listed.row["doc"]) for one in waits} == {
        (death, "recovery", claim),
    }
    assert dict(zip(follow_up.shows, listed.values, strict=True))["/claim/settle_step"] == "拨付"
