"""A new epoch, and every wrap behind it."""

from __future__ import annotations

import pytest

from engine.desk import keys, reading, rewrapping
from engine.errors import Broken
from engine.trust.wrap import wrap_set_digest
from tests.engine.desk.administration import GUO, judged, person, with_administrators
from tests.engine.desk.office import ZHOU, Office


def test_a_revoked_reviewer_turns_every_compartment_the_role_opened(office: Office) -> None:
    with_administrators(office)
    doc = office.submit().doc
    before = dict(office.desk.erasable.scan())
    keys.dismiss(office.desk, office.actors[GUO], person(office, ZHOU), office.unlocks[GUO])
    turning = rewrapping.waiting(office.desk)
    assert {name.rpartition(".")[2] for name in turning} == {"identity", "health", "finance", "other"} & {
        one.rpartition(".")[2] for one in office.desk.vault.epochs()
    }
    told: list[rewrapping.Progress] = []
    done = rewrapping.run(office.desk, told.append)
    count = sum(len(one.wraps) for one in before.values())
    assert (done.moved, told[-1]) == (count, done)
    assert rewrapping.waiting(office.desk) == {}
    for place, one in office.desk.erasable.scan():
        assert {each.epoch for each in one.wraps} == {2}
        for old in before[place].wraps:
            with pytest.raises(Broken):
                office.desk.vault.unwrap(old)
    row = reading.row_of(office.desk, doc)
    assert reading.answers_of(office.desk, row)["insured"]
    assert judged(office, doc).outcome == "good"


def test_the_log_names_the_wraps_before_and_after(office: Office) -> None:
    office.submit()
    before = [one for _, kept in office.desk.erasable.scan() for one in kept.wraps]
    rewrapping.turn(office.desk, office.desk.vault.epochs())
    rewrapping.run(office.desk)
    after = [one for _, kept in office.desk.erasable.scan() for one in kept.wraps]
    said = [record.statement() for record in office.journal.scan() if record.statement().get("type")]
    (body,) = [one["body"] for one in said if one["type"] == "key.rewrap"]
    assert (body["wraps_before"], body["wraps_after"]) == (wrap_set_digest(before), wrap_set_digest(after))


def test_a_round_with_nothing_to_move_logs_nothing(office: Office) -> None:
    office.submit()
    size = office.journal.next_index
    assert rewrapping.run(office.desk) == rewrapping.Progress((), 0, 0)
    assert office.journal.next_index == size

