"""R3.3 管理细则: the agency's own numbers are settings with a day, an owner and a record of change."""

from __future__ import annotations

import pytest

from engine.desk import ruling
from engine.errors import Invalid, NotAllowed
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import LIN, TANG, Office

KEY, WHY = "sla.review_working_days", "业务量增加，放宽审核期限"


def change(office: Office, who: str, day: str) -> None:
    ruling.change(office.desk, office.actors[who], KEY, 5, day, WHY, "", office.unlocks[who])


def test_R3_3_a_changed_number_holds_from_its_day_and_its_change_is_signed(office: Office) -> None:
    change(office, TANG, "2026-03-09")

    settings = office.desk.settings.now()
    assert [settings.value(KEY, day) for day in ("2026-03-05", "2026-03-08", "2026-03-09")] == [3, 3, 5]
    (made,) = settings.changes[KEY]
    record = office.desk.journal.read(made.index)
    assert record.statement()["body"] == {
        "setting": KEY, "value": 5, "effective_on": "2026-03-09", "reason": WHY, "document": ""
    }  # fmt: skip
    assert len(record.envelope.signatures) == 2  # the person's and the platform's


def test_R3_3_only_the_owner_changes_a_number_and_never_for_the_past(office: Office) -> None:
    with pytest.raises(NotAllowed):
        change(office, LIN, "2026-03-09")
    with pytest.raises(Invalid):
        change(office, TANG, "2026-03-04")

    assert office.desk.settings.now().changes == {}


def test_R3_3_every_setting_names_its_clause_its_owner_and_its_source(office: Office) -> None:
    table = office.desk.settings.now().table
    bare = [key for key, one in table.items() if not (one.clause and one.roles and one.source)]

    assert (len(table) >= 60, bare) == (True, [])
