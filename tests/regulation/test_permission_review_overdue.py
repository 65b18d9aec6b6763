"""R4.5.2a and decision 0022: what nobody judged in time is suspended, and a verdict gives it back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.desk import keys, periodic, proving, reading, timekeeping
from engine.errors import NotAllowed
from engine.ports import ListView
from engine.trust.verify import verify
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import HE, LIN, TANG, WANG, ZHAO, Office
from tests.regulation.reviewing import GUO, HU, KEEP, REVIEW, REVOKE, SUN, judged, lines, opened, staffed

KEPT_UNUSED = {"verdict": "keep", "reason": "季度内轮岗，继续使用"}


def overdue(office: Office) -> str:
    """A review of the acceptance department of which nobody judged anything by its due date."""
    doc = opened(office).doc
    office.clock.advance(days=20)
    timekeeping.run(office.desk)
    assert office.state(doc) == "overdue"
    return doc


def held_by(office: Office, *who: str) -> dict[str, list[str]]:
    """The roles that people have now."""
    accounts = {no: office.desk.directory.by_staff_no(no) for no in who}
    return {
        no: [grant["role"] for grant in one.grants] for no, one in accounts.items() if one is not None
    }


def test_R4_5_2a_what_nobody_judged_by_the_due_date_is_suspended(office: Office) -> None:
    staffed(office)
    doc = opened(office).doc
    judged(office, doc, WANG, {LIN: KEEP})
    office.clock.advance(days=20)

    assert timekeeping.run(office.desk).transitions == 1

    assert office.state(doc) == "overdue"
    told = {"suspended_at", "escalated_at"}
    marks = {one["staff_no"]: sorted({*one} & told) for one in lines(office, doc).values()}
    assert marks == {WANG: ["escalated_at"], LIN: [], ZHAO: ["suspended_at"]}
    head, clerk = ["department_head"], ["acceptance_clerk"]
    assert held_by(office, WANG, LIN, ZHAO) == {WANG: head, LIN: clerk, ZHAO: []}
    assert reading.row_of(office.desk, doc)["steps"][-1]["role"] == "system"
    assert timekeeping.run(office.desk).transitions == 0  # once
    judged(office, doc, WANG, {ZHAO: REVOKE})
    data = proving.bundle(office.desk, office.actors[HE], doc, proving.nothing)
    report = verify(data, office.desk.trust.root_chain(), now=datetime(2026, 6, 30, tzinfo=UTC))
    assert {verdict.status for verdict in report.verdicts} == {"good"}


def test_R4_5_2a_who_is_suspended_can_do_nothing_until_a_verdict_gives_the_right_back(office: Office) -> None:
    staffed(office)
    entry, withdrawn = office.submit(LIN).doc, {"comment": "参保人不再申请"}
    doc = overdue(office)
    with pytest.raises(NotAllowed):
        office.decide(LIN, entry, "withdraw", withdrawn)
    judged(office, doc, WANG, {LIN: KEEP, ZHAO: REVOKE})
    judged(office, doc, TANG, {WANG: KEEP})
    with pytest.raises(NotAllowed):
        office.decide(LIN, entry, "withdraw", withdrawn)
    before = lines(office, doc)[f"{LIN}/acceptance_clerk"]

    office.decide(WANG, doc, "confirm")

    line = lines(office, doc)[f"{LIN}/acceptance_clerk"]
    account = office.desk.directory.by_staff_no(LIN)
    assert account is not None
    [grant] = account.grants
    assert (line["restored_as"], grant["id"] != before["grant_id"]) == (grant["id"], True)
    assert {name: grant[name] for name in ("role", "unit", "region", "valid_from", "valid_to")} == {
        "role": "acceptance_clerk", "unit": "business_acceptance", "region": "310104",
        "valid_from": None, "valid_to": None,
    }  # fmt: skip
    assert held_by(office, LIN, ZHAO) == {LIN: ["acceptance_clerk"], ZHAO: []}
    office.decide(LIN, entry, "withdraw", withdrawn)


def test_R4_5_2a_who_left_in_the_meantime_gets_no_suspended_right_back(office: Office) -> None:
    staffed(office)
    doc = overdue(office)
    account = office.desk.directory.by_staff_no(LIN)
    assert account is not None
    keys.dismiss(office.desk, office.actors[GUO], account.person, office.unlocks[GUO])
    judged(office, doc, WANG, {LIN: KEEP, ZHAO: KEEP})
    judged(office, doc, TANG, {WANG: KEEP})

    office.decide(WANG, doc, "confirm")

    assert "restored_at" not in lines(office, doc)[f"{LIN}/acceptance_clerk"]
    assert held_by(office, LIN, ZHAO) == {LIN: [], ZHAO: ["acceptance_clerk"]}


def test_R4_5_2a_a_suspended_right_that_is_narrowed_begins_again_smaller(office: Office) -> None:
    staffed(office)
    doc = overdue(office)
    narrow = {"verdict": "narrow", "reason": "只需办理至月底", "narrow_until": "2026-03-31"}
    judged(office, doc, WANG, {LIN: KEEP, ZHAO: narrow})
    judged(office, doc, TANG, {WANG: KEEP})
    office.decide(WANG, doc, "confirm")
    assert held_by(office, ZHAO) == {ZHAO: []}

    office.decide(SUN, doc, "execute")

    account = office.desk.directory.by_staff_no(ZHAO)
    assert account is not None
    assert [(one["role"], one["valid_to"]) for one in account.grants] == [("acceptance_clerk", "2026-03-31")]
    office.decide(HU, doc, "verify")


def test_R4_5_2a_a_missed_quarter_locks_out_nobody_who_could_put_it_right(office: Office) -> None:
    staffed(office)
    office.clock.advance(days=120)
    periodic.run(office.desk)
    office.clock.advance(days=20)

    timekeeping.run(office.desk)

    working = {grant["role"] for one in office.desk.directory.all() if one.active for grant in one.grants}
    assert working == {"department_head", "security_admin"}
    # The way back, by those who are left: heads judge, the next level judges the heads, heads confirm.
    rows = office.desk.store.page(ListView((REVIEW,), ("overdue",)), None, 50).rows
    doc = next(row["doc"] for row in rows if row["unit"] == "business_acceptance")
    judged(office, doc, WANG, {LIN: KEPT_UNUSED, ZHAO: KEPT_UNUSED})
    judged(office, doc, TANG, {WANG: KEPT_UNUSED})
    office.decide(WANG, doc, "confirm")
    assert held_by(office, LIN, ZHAO) == {LIN: ["acceptance_clerk"], ZHAO: ["acceptance_clerk"]}
