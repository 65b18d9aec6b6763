"""R6.9.1, R4.5.2a: what should open by itself and cannot is told to people, once, and not passed over."""

from __future__ import annotations

from dataclasses import replace

from engine.desk import periodic
from engine.notice_ports import NOT_OPENED
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import HE, LIN, SHEN, TANG, Office
from tests.regulation.reviewing import GUO, staffed


def told(office: Office, who: str) -> list[tuple[str, str]]:
    """The period and the department of everything that somebody was told is missing."""
    held = office.desk.notices.of_person(office.actors[who].person)
    return sorted((one.doc_no, one.state) for one in held if one.kind == NOT_OPENED)


def without_grants(office: Office, *staff_nos: str) -> None:
    for staff_no in staff_nos:
        account = office.desk.directory.by_staff_no(staff_no)
        assert account is not None
        office.desk.directory.save(replace(account, grants=()))


def test_R6_9_1_an_inspection_that_nobody_can_lead_is_told_to_the_head(office: Office) -> None:
    staffed(office)
    without_grants(office, HE, SHEN)

    opened = periodic.run(office.desk)

    assert opened == 5  # the reviews
    assert told(office, TANG) == [("2026-Q1", "info_mgmt")]
    periodic.run(office.desk)
    assert told(office, TANG) == [("2026-Q1", "info_mgmt")]
    assert told(office, LIN) == []


def test_R4_5_2a_a_review_that_nobody_can_judge_is_told_to_whoever_may_open_one(office: Office) -> None:
    staffed(office)
    without_grants(office, TANG, "YW000001")

    periodic.run(office.desk)

    assert ("2026-Q1", "business_acceptance") in told(office, GUO)


def test_R6_9_1_nobody_is_told_when_everything_opens(office: Office) -> None:
    staffed(office)

    periodic.run(office.desk)

    assert {who: told(office, who) for who in (TANG, HE, GUO)} == {TANG: [], HE: [], GUO: []}
