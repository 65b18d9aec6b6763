"""R7 附则 and R8 结语: in force by date, changed only through a revision, and nothing invented."""

from __future__ import annotations

from datetime import date

import pytest

from engine.desk import interpretations, revisions
from engine.errors import Refused
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import FANG, HE, LIN, SHEN, TANG, WANG, Office
from tests.engine.desk.revising import line, proposal, propose, published, street_draft

TODAY, TOMORROW = "2026-03-05", "2026-03-06"


def a_note(**changed: str) -> dict[str, dict[str, str]]:
    said = {
        "clause": "R5.8.2",
        "question": "部门主管外出时，查询申请由谁审批？",
        "text": "由该部门登记在册、在有效期内的代理人审批。",
    }
    return {"note": said | changed}


def words_on(office: Office, day: str) -> list[tuple[str, str]]:
    return [(one.clause, one.text) for one in interpretations.notes(office.desk, day)]


def test_R7_1_a_note_of_information_management_stands_below_its_clause_from_its_day(office: Office) -> None:
    doc = office.submit(HE, a_note(), form="interpretation").doc
    assert words_on(office, TODAY) == []

    office.decide(SHEN, doc, "publish")

    (note,) = interpretations.notes(office.desk, TODAY)
    assert (note.clause, note.published_on, note.until, note.doc) == ("R5.8.2", TODAY, "", doc)
    assert words_on(office, "2026-03-04") == []


def test_R7_1_only_information_management_interprets_and_nobody_alone(office: Office) -> None:
    for who in (LIN, WANG):
        with pytest.raises(Refused):
            office.submit(who, a_note(), form="interpretation")
    doc = office.submit(HE, a_note(), form="interpretation").doc

    with pytest.raises(Refused):
        office.decide(HE, doc, "publish")
    with pytest.raises(Refused):
        office.decide(WANG, doc, "publish")

    assert words_on(office, TODAY) == []


def test_R7_1_a_revoked_note_is_still_read_for_the_days_it_stood(office: Office) -> None:
    doc = office.submit(HE, a_note(), form="interpretation").doc
    office.decide(SHEN, doc, "publish")
    office.clock.advance(days=10)

    office.decide(TANG, doc, "revoke", {"comment": "条文已改，不再适用"})

    assert words_on(office, "2026-03-14") == [("R5.8.2", "由该部门登记在册、在有效期内的代理人审批。")]
    assert words_on(office, "2026-03-15") == []


def test_R7_2_the_text_and_the_form_in_force_can_be_asked_for_any_day(office: Office) -> None:
    published(office, proposal(line(street_draft(office)), effective_on=TOMORROW))

    texts = [revisions.text_in_force(office.desk, day).version for day in ("2019-12-31", TODAY, TOMORROW)]
    days = (date(2026, 3, 5), date(2026, 3, 6))
    forms = [office.desk.registry.in_force("info_entry", day).version for day in days]

    assert (texts, forms) == (["", "1.0.0", "1.1.0"], ["1.0.0", "1.1.0"])


def test_R7_2_without_a_day_it_is_in_force_from_its_publication(office: Office) -> None:
    published(office, proposal(line(street_draft(office))))

    assert revisions.text_in_force(office.desk, TODAY).version == "1.1.0"


def test_R7_3_only_information_management_proposes(office: Office) -> None:
    answers = proposal(line(street_draft(office)), effective_on=TOMORROW)

    for who in (LIN, WANG):
        with pytest.raises(Refused):
            propose(office, answers, who)

    assert propose(office, answers, HE).doc


def test_R7_3_nothing_is_published_before_every_required_department_agreed(office: Office) -> None:
    doc = propose(office, proposal(line(street_draft(office)), effective_on=TOMORROW)).doc
    office.decide(HE, doc, "send", {"comment": "请各部门审核。"})
    office.decide(WANG, doc, "agree")

    with pytest.raises(Refused):
        office.decide(TANG, doc, "order_publication")
    office.decide(FANG, doc, "agree_last")
    office.decide(TANG, doc, "order_publication")
    with pytest.raises(Refused):
        office.decide(TANG, doc, "publish")  # two people publish
    office.decide(SHEN, doc, "publish")

    clause = revisions.text_in_force(office.desk, TOMORROW).clause("R5.6.1")
    assert clause is not None and clause.forms == (("info_entry", "1.1.0"),)


def test_R8_the_broken_sentence_is_kept_and_nothing_is_invented(office: Office) -> None:
    clause = revisions.text_in_force(office.desk, TODAY).clause("R8")

    assert clause is not None and clause.forms == ()
    assert clause.text == "第八章 结语：本制度的制定旨在提升长护险信息〔原文至此中断〕"
