"""R7 附则 and R8 结语: in force by date, changed only through a revision, and nothing invented."""

from __future__ import annotations

from datetime import date

import pytest

from engine.desk import revisions
from engine.errors import Refused
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import FANG, HE, LIN, SHEN, TANG, WANG, Office
from tests.engine.desk.revising import line, proposal, propose, published, street_draft

TODAY, TOMORROW = "2026-03-05", "2026-03-06"


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
