"""The scheduler through weeks: Spring Festival and make-up days, a kill between two pieces, two at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Lock

import pytest

from engine.desk import noticing, reading, ruling, scheduling
from engine.desk.desk import Desk
from engine.desk.scheduling import PIECES, Outcome, Piece
from engine.errors import Broken, Unavailable
from engine.identity import SHANGHAI
from engine.notice_ports import Chores, Notice
from storage.calendar import StateCouncilCalendar
from storage.chores import FileChores
from tests.engine.desk.office import FANG, LIN, TANG, TICKS, WANG, WU, ZHOU, Office, open_office
from tests.simulators.memory_notices import MemoryChores

HOUR = timedelta(hours=1)
FRIDAY = datetime(2026, 2, 13, 10, 0, tzinfo=SHANGHAI)
"""The next day, a Saturday, is worked; then offices are closed from 15 to 23 February 2026."""


@pytest.fixture
def february() -> Office:
    """The office before Spring Festival, under the State Council's calendar."""
    found = open_office(FRIDAY.astimezone(UTC))
    found.desk = replace(found.desk, calendar=StateCouncilCalendar())
    return found


def submitted(office: Office, hour: int = 9) -> str:
    """An entry that 小林 collected on that Friday and submits now."""
    answers = office.answers()
    answers["entry"]["collected_at"] = f"2026-02-13T{hour:02}:20:00+08:00"
    answers["consent"]["notice_at"] = f"2026-02-13T{hour:02}:40:00+08:00"
    answers["health"] |= {"onset_month": "2025-05"}
    return office.submit(answers=answers, confirmed=frozenset({"V11.late"})).doc


def filed(office: Office) -> str:
    """An entry in effect."""
    doc = submitted(office)
    office.decide(ZHOU, doc, "claim")
    office.decide(ZHOU, doc, "approve", TICKS)
    office.decide(ZHOU, doc, "upload")
    return doc


def hours_until(office: Office, end: datetime) -> Iterator[datetime]:
    """Every hour until a moment, with the scheduler run at each; nothing is opened that nobody here answers.
    """
    pieces = [one for one in PIECES if one.name != "periodic"]
    while office.clock.now() < end:
        office.clock.advance(hours=1)
        scheduling.run(office.desk, "one", pieces)
        yield office.clock.now()


def told(office: Office, who: str) -> list[tuple[str, str]]:
    """What somebody was told about entries, oldest first: the kind and when, in Shanghai."""
    every: tuple[Notice, ...] = office.desk.notices.of_person(office.actors[who].person)
    held = [one for one in every if one.doc_id.startswith("LTCI-ENT-")]
    at = [datetime.fromisoformat(one.made_at).astimezone(SHANGHAI) for one in held]
    return [(one.kind, f"{when:%m-%d %H}") for one, when in zip(held, at, strict=True)][::-1]


def test_through_spring_festival_everybody_is_told_once_on_working_days(february: Office) -> None:
    office = february
    doc = submitted(office)
    assert reading.row_of(office.desk, doc)["due_at"] == "2026-02-14T09:30:00Z"  # the worked Saturday
    list(hours_until(office, FRIDAY + 8 * HOUR))
    office.clock.set(FRIDAY + timedelta(hours=23))
    office.decide(ZHOU, doc, "claim")
    # Three working days from Friday: the worked Saturday, then Tuesday 24 and Wednesday 25 February.
    assert reading.row_of(office.desk, doc)["due_at"] == "2026-02-25T09:30:00Z"
    for _ in hours_until(office, datetime(2026, 2, 28, 12, 0, tzinfo=SHANGHAI)):
        pass
    assert told(office, ZHOU) == [("reminder", "02-13 11"), ("reminder", "02-24 00"), ("overdue", "02-25 18")]
    assert told(office, WU) == [("reminder", "02-13 11")]
    assert told(office, FANG) == [("escalation", "02-25 18")]
    assert (told(office, WANG), told(office, LIN)) == ([], [])


def test_a_missed_limit_is_reported_again_until_it_is_done(february: Office) -> None:
    office = february
    doc = submitted(office)
    for _ in hours_until(office, datetime(2026, 3, 10, 12, 0, tzinfo=SHANGHAI)):
        pass
    # Saturday 28 February is worked too: the fifth working day after the limit is the 28th.
    assert told(office, FANG) == [
        ("escalation", "02-14 18"), ("escalation", "02-28 00"), ("escalation", "03-06 00")
    ]  # fmt: skip
    office.decide(ZHOU, doc, "claim")
    office.decide(ZHOU, doc, "approve", TICKS)
    office.decide(ZHOU, doc, "upload")
    before = told(office, FANG)
    office.clock.advance(days=30)
    scheduling.run(office.desk, "one")
    assert told(office, FANG) == before
    assert "overdue" in reading.row_of(office.desk, doc)["flags"]


def test_what_fell_due_while_nothing_ran_is_made_up_for_at_once_and_once(february: Office) -> None:
    office = february
    done, waiting = filed(office), submitted(office)
    office.clock.advance(days=370)
    first = scheduling.run(office.desk, "after the stop")
    office.clock.advance(hours=2)
    second = scheduling.run(office.desk, "after the stop")
    counts = [{one.piece: one.count for one in each} for each in (first, second)]
    assert [one["transitions"] for one in counts] == [1, 0]
    assert reading.row_of(office.desk, done)["state"] == "archived"
    assert [kind for kind, _ in told(office, ZHOU)] == ["overdue"]
    assert [kind for kind, _ in told(office, FANG)] == ["escalation"]
    assert reading.row_of(office.desk, waiting)["state"] == "submitted"


def test_where_the_head_is_late_the_next_level_is_told(february: Office) -> None:
    """The head of information management stands above the heads of the others (permission table)."""
    office = february
    staff = noticing._staff(office.desk, "2026-02-13")
    row = reading.row_of(office.desk, submitted(office))
    wang = {office.actors[WANG].person: office.actors[WANG]}
    assert noticing._heads_over(staff, row, wang) == {office.actors[TANG].person}
    assert noticing._heads_over(staff, row, {}) == {office.actors[WANG].person}


def test_a_changed_reminder_setting_counts_from_its_day(february: Office) -> None:
    office = february
    ruling.change(
        office.desk, office.actors[TANG], "notice.remind_working_days", 0, "2026-02-14",
        "提醒过于频繁，改为当日提醒", "", office.unlocks[TANG],
    )  # fmt: skip
    first = submitted(office)
    office.clock.set(datetime(2026, 2, 13, 20, 0, tzinfo=SHANGHAI))
    scheduling.run(office.desk, "one")
    assert told(office, ZHOU) == [("reminder", "02-13 20")]
    office.clock.set(datetime(2026, 2, 14, 9, 0, tzinfo=SHANGHAI))
    office.decide(LIN, first, "withdraw", {"comment": "重新采集后再报"})
    second = submitted(office)
    scheduling.run(office.desk, "one")
    assert reading.row_of(office.desk, second)["due_at"] == "2026-02-24T09:30:00Z"
    assert told(office, ZHOU) == [("reminder", "02-13 20")]
    office.clock.set(datetime(2026, 2, 24, 9, 0, tzinfo=SHANGHAI))
    scheduling.run(office.desk, "one")
    assert told(office, ZHOU) == [("reminder", "02-13 20"), ("reminder", "02-24 09")]


class Killed(BaseException):
    """The process ends here, without another word."""


def counting(name: str, done: list[str], fault: BaseException | None = None) -> Piece:
    def work(_desk: Desk) -> int:
        if fault is not None:
            raise fault
        done.append(name)
        return 1

    return Piece(name, HOUR, work)


def test_after_a_kill_between_two_pieces_the_next_process_does_only_what_is_left(
    office: Office, tmp_path: Path
) -> None:
    done: list[str] = []
    desk = replace(office.desk, chores=FileChores(tmp_path))
    with pytest.raises(Killed):
        pieces = [counting("a", done), counting("b", done, Killed()), counting("c", done)]
        scheduling.run(desk, "first", pieces)
    again = replace(desk, chores=FileChores(tmp_path))
    pieces = [counting(name, done) for name in ("a", "b", "c")]
    assert scheduling.run(again, "second", pieces) == (Outcome("c", 1),)
    office.clock.advance(minutes=15)
    assert scheduling.run(again, "second", pieces) == (Outcome("b", 1),)
    assert scheduling.run(again, "second", pieces) == ()
    office.clock.advance(hours=1)
    assert [one.piece for one in scheduling.run(again, "third", pieces)] == ["a", "b", "c"]
    assert done == ["a", "c", "b", "a", "b", "c"]


def test_a_piece_that_is_refused_is_tried_again_and_stops_no_other(office: Office) -> None:
    done: list[str] = []
    pieces = [counting("a", done, Unavailable("disk")), counting("b", done)]
    assert scheduling.run(office.desk, "one", pieces) == (Outcome("a", 0, "disk"), Outcome("b", 1))
    assert scheduling.run(office.desk, "two", [counting("a", done)]) == (Outcome("a", 1),)


def test_lost_trust_ends_the_round(office: Office) -> None:
    done: list[str] = []
    with pytest.raises(Broken):
        scheduling.run(office.desk, "one", [counting("a", done, Broken("journal")), counting("b", done)])
    assert done == []


@pytest.mark.parametrize("on_disk", [False, True])
def test_of_two_schedulers_at_once_each_piece_is_done_by_one(
    office: Office, tmp_path: Path, on_disk: bool
) -> None:
    memory, lock, done, start = MemoryChores(), Lock(), [], Barrier(2)

    def work(_desk: Desk) -> int:
        with lock:
            done.append(1)
        return 1

    def scheduler(holder: str) -> int:
        chores: Chores = FileChores(tmp_path) if on_disk else memory
        desk = replace(office.desk, chores=chores)
        start.wait()
        found = scheduling.run(desk, holder, [Piece(f"piece-{n}", HOUR, work) for n in range(30)])
        return sum(one.count for one in found)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(scheduler, ("one", "two"))) == 30 == len(done)


def test_two_schedulers_over_one_office_write_each_event_and_notice_once(february: Office) -> None:
    office = february
    done, _ = filed(office), submitted(office)
    office.clock.advance(days=370)
    start = Barrier(2)

    # The simulated blobs know nothing of threads.
    pieces = [one for one in PIECES if one.name in ("transitions", "periodic", "notices")]

    def scheduler(desk: Desk) -> list[str]:
        start.wait()
        return [one.piece for one in scheduling.run(desk, str(id(desk)), pieces) if not one.refused]

    # Each has chores of its own, as if the note of who does what were lost: the work itself is done once.
    desks = [replace(office.desk, chores=MemoryChores()) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(scheduler, desks)) == [[one.name for one in pieces]] * 2
    assert [step["transition"] for step in reading.row_of(office.desk, done)["steps"]].count("archive") == 1
    assert [kind for kind, _ in told(office, FANG)] == ["escalation"]


def test_slots_begin_at_fixed_moments() -> None:
    piece = Piece("a", timedelta(minutes=10), lambda _desk: 0)
    assert piece.slot(datetime(2026, 3, 5, 2, 9, 59, tzinfo=UTC)) == "2026-03-05T02:00:00Z"
    assert piece.slot(datetime(2026, 3, 5, 2, 10, tzinfo=UTC)) == "2026-03-05T02:10:00Z"
    assert len({one.name for one in PIECES}) == len(PIECES)
