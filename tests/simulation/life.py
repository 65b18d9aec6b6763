"""The quarter's calendar: what is done on which day, and what everybody does every day.

Decides dates only. The quarter begins with reviews of grants that open by themselves and ends with the
inspection that does; a spot check, a round of opinions, a revision, a leaver and a mover lie between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from engine.identity import SHANGHAI
from tests.simulation import granting, quarter, supervising
from tests.simulation.asking import Queries
from tests.simulation.entering import Desk
from tests.simulation.quarter import Quarter
from tests.simulation.regulating import Revision, Round
from tests.simulation.seats import Unexpected
from tests.simulation.staff import DUPING, FENGYUAN, HEADS, HEJING

MORNING, EVENING = time(9, 0), time(17, 30)
SPOT = ("business_acceptance", "audit")
QUIET_DAYS = 10  # nothing is changed or asked for before something is in force
LAST_DAYS = 4  # nothing new, so that what is under way is finished


class Life:
    """Everything that happens, by day."""

    def __init__(self, life: Quarter) -> None:
        self._life = life
        self._desk = Desk(life)
        self._queries = Queries(life, self._desk)
        self._round, self._revision = Round(life), Revision(life)
        self._reviews: list[str] = []
        self._sheets: list[str] = []
        self._spot = self._periodic = ""

    def live(self) -> None:
        """Day after day."""
        life, days = self._life, quarter.working_days()
        busy = len(days) - LAST_DAYS
        entries = quarter.shares(life.size.entries, busy, life.rng)
        updates = quarter.shares(life.size.updates, busy - QUIET_DAYS, life.rng)
        queries = quarter.shares(life.size.queries, busy - QUIET_DAYS, life.rng)
        for number, day in enumerate(days):
            life.at(datetime.combine(day, MORNING, SHANGHAI))
            life.round()
            self._desk.street = "" < self._revision.effective_on <= life.today()
            self._desk.key(next(entries, 0))
            self._desk.correct()
            self._queries.destroy()
            self._queries.again()
            if number >= QUIET_DAYS:
                self._desk.change(next(updates, 0))
                self._queries.apply(next(queries, 0))
            life.wait(hours=1)
            self._desk.review()
            self._desk.apply()
            self._queries.decide()
            self._queries.run()
            self._special().get(day, _nothing)()
            life.at(datetime.combine(day, EVENING, SHANGHAI))
            life.round()
        self._look_at_notices()

    def _special(self) -> Mapping[date, Callable[[], None]]:
        """What happens on one day only."""
        return {
            date(2026, 4, 3): self._attest,
            date(2026, 4, 7): lambda: granting.carry_out(self._life, self._reviews),
            date(2026, 4, 8): self._round.open,
            date(2026, 4, 10): lambda: self._round.speak(self._life.size.opinions),
            date(2026, 4, 13): self._round.accept,
            date(2026, 4, 22): self._round.report,
            date(2026, 4, 28): self._write,
            date(2026, 4, 29): self._revision.agree,
            date(2026, 4, 30): self._revision.publish,
            date(2026, 5, 11): self._check,
            date(2026, 5, 12): lambda: supervising.reply(self._life, self._spot, SPOT),
            date(2026, 5, 13): lambda: self._issue(self._spot),
            date(2026, 5, 14): lambda: supervising.rectify(self._life, self._sheets),
            date(2026, 5, 15): lambda: supervising.close(self._life, self._spot),
            date(2026, 5, 18): self._leave,
            date(2026, 5, 25): lambda: self._desk.absent.add(HEJING),
            date(2026, 6, 2): self._desk.absent.clear,
            date(2026, 6, 3): self._tell,
            date(2026, 6, 9): self._move,
            date(2026, 6, 16): lambda: supervising.inspect(self._life, self._periodic),
            date(2026, 6, 17): lambda: supervising.reply(self._life, self._periodic, (*SPOT, "claims", "it")),
            date(2026, 6, 26): lambda: self._issue(self._periodic),
            date(2026, 6, 29): lambda: supervising.rectify(self._life, self._sheets),
            date(2026, 6, 30): lambda: supervising.close(self._life, self._periodic),
        }

    def _attest(self) -> None:
        self._reviews = granting.attest_all(self._life)

    def _write(self) -> None:
        self._revision.write()
        self._revision.propose("2026-05-15")

    def _check(self) -> None:
        self._spot = supervising.plan(self._life, "2026-04")
        supervising.inspect(self._life, self._spot)

    def _issue(self, doc: str) -> None:
        self._sheets = supervising.issue(self._life, doc)

    def _tell(self) -> None:
        self._periodic = supervising.opened_by_itself(self._life)
        supervising.notify(self._life, self._periodic)

    def _leave(self) -> None:
        granting.leave(self._life)
        self._desk.gone.add(DUPING)

    def _move(self) -> None:
        granting.move(self._life)
        self._desk.gone.add(FENGYUAN)

    def _look_at_notices(self) -> None:
        """The head of audit was told of what waited too long."""
        page = self._life.line.page(HEADS["audit"], "/notices")
        if "长护录〔2026〕" not in page:
            raise Unexpected("the head of audit was told of nothing")


def _nothing() -> None:
    return None
