"""The one scheduler: what runs by itself, each piece once for each slot of time.

Decides which pieces are to be done now and that one holder at a time does one. What a piece does stands in
its own module and goes through the desk like everything else; each is written so that doing it twice does
nothing twice. What fell due while nothing ran is done by the first round afterwards, since each piece looks
at what stands, not at how often it ran.

Steps of a round, for each piece:
 1 take it in hand for its slot, unless it was done for this slot or somebody else has it
 2 do it; a refusal gives it back, so that the next round tries again; lost trust ends the round
 3 say that it was done
A holder that is killed between 1 and 3 holds nothing after LEASE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from engine.desk import noticing, periodic, shredding, timekeeping
from engine.desk.desk import Desk
from engine.errors import Refused
from engine.identity import utc_text

LEASE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work: its name, how long a slot is, and what it does (how many things it did)."""

    name: str
    every: timedelta
    work: Callable[[Desk], int]

    def slot(self, now: datetime) -> str:
        """The beginning of the slot that holds a moment, as UTC text."""
        since = now - datetime(2020, 1, 1, tzinfo=UTC)
        return utc_text(now - since % self.every)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one piece: how many things were done, or the code it was refused with."""

    piece: str
    count: int
    refused: str = ""


PIECES: Final = (
    Piece("transitions", timedelta(hours=1), timekeeping.take_transitions),
    Piece("periodic", timedelta(hours=1), periodic.run),
    Piece("notices", timedelta(minutes=10), noticing.run),
    Piece("shredding", timedelta(hours=1), shredding.settle),
    Piece("uploads", timedelta(hours=24), timekeeping.expire_uploads),
    Piece("old_notices", timedelta(hours=24), noticing.forget_old),
)
"""In this order: what time moves comes before telling people where it stands."""


def run(desk: Desk, holder: str, pieces: Iterable[Piece] = PIECES) -> tuple[Outcome, ...]:
    """One round of `holder` (a name that no other process has); what came of each piece it had in hand.

    Run it as often as you like. Raises Broken when trust is lost.
    """
    done = []
    for piece in pieces:
        now = desk.clock.now()
        slot = piece.slot(now)
        # 1
        if desk.journal.read_only is not None or not desk.chores.claim(
            piece.name, slot, holder, now, now + LEASE
        ):
            continue
        # 2
        try:
            count = piece.work(desk)
        except (Refused, OSError, TimeoutError) as fault:
            desk.chores.release(piece.name, holder)
            done.append(Outcome(piece.name, 0, fault.code if isinstance(fault, Refused) else "disk"))
            continue
        # 3
        desk.chores.finish(piece.name, slot, holder)
        done.append(Outcome(piece.name, count))
    return tuple(done)
