"""Figures: what 小林 entered, 周敏 approved and returned, and what waits, counted from the records alone."""

from __future__ import annotations

from datetime import timedelta

from engine.desk import figures, timekeeping
from engine.desk.figures import Span
from engine.desk.figures_facts import Book
from engine.identity import parse_utc
from tests.engine.desk.office import CHEN, HE, LIN, WANG, ZHOU, Office
from tests.regulation.inspecting import entered
from tests.regulation.updating import approved, mobile, wanted

RETURN = {
    "comment": "材料不齐，补交评估表。",
    "marks": [{"pointer": "/insured/full_name", "text": "与户口簿不一致"}],
    "no_interest": True,
}
ERROR = {"reason": "data_error", "reason_text": "录入时看错一位数字"}
ENTRIES = Span(("info_entry",))


def counted(office: Office, who: str, *parts: str, span: Span = ENTRIES) -> tuple[int, ...]:
    tally = figures.count(office.desk, Book(), office.actors[who]).whole(span)
    return tuple(tally.counts[one] for one in parts)


def listed(office: Office, who: str, part: str, span: Span = ENTRIES) -> set[str]:
    return {one.doc for one in figures.select(office.desk, Book(), office.actors[who], span, part)}


def waiting(office: Office, number: int) -> str:
    """One more entry that nobody took up."""
    answers = office.answers()
    answers["insured"] |= {"id_no": answers["insured"]["id_no"]}
    answers["insurance"]["psn_no"] = f"310000000000{number:08d}"
    return office.submit(LIN, answers).doc


def test_what_was_approved_returned_and_left_lying_is_counted_where_it_stands(office: Office) -> None:
    kept = entered(office, 1).doc
    left = waiting(office, 9)
    office.clock.set(office.clock.now() + timedelta(days=1))  # Friday
    office.decide(ZHOU, left, "claim")
    office.decide(ZHOU, left, "return", RETURN)

    parts = ("all", "returned", "decided", "measured", "gaps", "waits", "effective")
    assert counted(office, LIN, *parts) == (2, 1, 1, 2, 0, 2, 0)
    assert (listed(office, LIN, "decided"), listed(office, LIN, "returned")) == ({kept}, {left})
    office.decide(ZHOU, kept, "upload")
    assert counted(office, LIN, "effective", "corrected", "waits") == (1, 0, 1)


def test_days_to_a_decision_are_working_days_by_nearest_rank(office: Office) -> None:
    for number in range(9):
        entered(office, number)  # decided on the day of filing
    late = waiting(office, 9)
    office.clock.set(office.clock.now() + timedelta(days=5))  # Thursday to Tuesday: three working days
    office.decide(ZHOU, late, "claim")
    office.decide(ZHOU, late, "approve", {"accuracy": True, "completeness": True, "no_interest": True})

    tally = figures.count(office.desk, Book(), office.actors[LIN]).whole(ENTRIES)

    assert (tally.days(figures.MEDIAN), tally.days(figures.P90), tally.days(100)) == (0, 0, 3)
    assert figures.Tally().days(figures.P90) is None


def test_accuracy_falls_with_a_data_error_and_not_with_a_change_of_life(office: Office) -> None:
    docs = [entered(office, number).doc for number in range(3)]
    for doc in docs:
        office.decide(ZHOU, doc, "upload")
    for doc, change in ((docs[0], ERROR), (docs[1], {})):
        update = approved(office, wanted(office, doc, mobile(), change=change))
        office.decide(ZHOU, update, "apply")

    assert counted(office, LIN, "effective", "corrected") == (3, 1)
    assert listed(office, LIN, "corrected") == {docs[0]}


def test_a_missed_limit_counts_for_good_and_waiting_ages(office: Office) -> None:
    left = waiting(office, 9)
    assert counted(office, LIN, "missed", "late_now", "waits_0") == (0, 0, 1)
    office.clock.set(office.clock.now() + timedelta(days=6))
    timekeeping.run(office.desk)

    assert counted(office, LIN, "missed", "late_now", "waits_0", "waits_2") == (1, 1, 0, 1)
    office.decide(ZHOU, left, "claim")
    office.decide(ZHOU, left, "approve", {"accuracy": True, "completeness": True, "no_interest": True})
    assert counted(office, LIN, "missed") == (1,)  # K7: it stays


def test_a_count_that_is_remembered_ends_with_the_next_event_limit_or_day(office: Office) -> None:
    book, actor = Book(), office.actors[LIN]

    def late() -> tuple[int, int]:
        tally = figures.count(office.desk, book, actor).whole(ENTRIES)
        return tally.counts["all"], tally.counts["late_now"]

    left = waiting(office, 9)
    assert (late(), late()) == ((1, 0), (1, 0))
    entered(office, 1)
    assert late() == (2, 0)
    due = parse_utc(office.desk.store.get(left)["due_at"])  # type: ignore[index]
    office.clock.set(due)
    assert late()[1] == figures.count(office.desk, Book(), actor).whole(ENTRIES).counts["late_now"]
    before = late()[1]
    office.clock.set(due + timedelta(seconds=1))
    assert late()[1] == before + 1


def test_nobody_counts_what_they_may_not_list(office: Office) -> None:
    entered(office, 1)

    seen = {who: counted(office, who, "all")[0] for who in (LIN, ZHOU, WANG, HE, CHEN)}

    assert seen == {LIN: 1, ZHOU: 1, WANG: 1, HE: 1, CHEN: 0}
    assert listed(office, CHEN, "all", Span()) == set()


def test_a_book_read_on_event_by_event_equals_one_read_anew(office: Office) -> None:
    book = Book()
    for number in range(3):
        doc = entered(office, number).doc
        book.read(office.desk)
        office.decide(ZHOU, doc, "upload")
        book.read(office.desk)
    update = approved(office, wanted(office, doc, mobile(), change=ERROR))
    book.read(office.desk)
    office.decide(ZHOU, update, "apply")

    anew = Book()
    assert sorted(book.read(office.desk), key=lambda one: one.doc) == sorted(
        anew.read(office.desk), key=lambda one: one.doc
    )
    corrected = [{key for key, by in one.corrected.items() if by} for one in (book, anew)]
    assert corrected[0] == corrected[1] != set()


def test_a_period_holds_what_was_filed_in_it_and_no_more(office: Office) -> None:
    entered(office, 1)
    for period, count in (("2026-03", 1), ("2026-Q1", 1), ("2026-H1", 1), ("2026", 1), ("2026-04", 0)):
        span = Span(period=period)
        assert counted(office, LIN, "all", span=span) == (count,)
        assert len(listed(office, LIN, "all", span)) == count
