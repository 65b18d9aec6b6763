"""One round of the mail: what waits, to whom, and what came of it.

Decides when a letter goes: each notice at once, or those of a day together in the morning of a working day,
as its reader wishes; what a reader does not wish is laid aside. Never writes a name, a number of a citizen or
anything from a document: only the form, the document's own numbers, the limit and the way there.

A notice is marked only after the server took the letter. A process that dies in between sends the letter once
more, under the same Message-ID. A server that does not answer is asked again after a while, later each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final

from engine.desk import mail_wishes
from engine.desk.mail_wishes import DIGEST, Wishes
from engine.errors import Unavailable
from engine.identity import SHANGHAI, local_date, utc_text
from engine.notice_ports import REFUSED, SENT, UNASKED, Notice
from web.mail.letters import letter_of
from web.services import Services

MORNING: Final = time(8, 30)
FIRST_WAIT: Final = timedelta(minutes=2)
LONGEST_WAIT: Final = timedelta(hours=4)
MOST_A_ROUND: Final = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """How many letters were taken, how many addresses refused, and how many letters have to wait."""

    sent: int = 0
    refused: int = 0
    waiting: int = 0


def run(services: Services) -> Sent:
    """One round. Stops at the first answer that the server is not there: the rest would hear the same."""
    desk, post = services.desk, services.post
    if post is None:
        return Sent()
    now = desk.clock.now()
    done = Sent()
    for notices in _letters(services, now)[:MOST_A_ROUND]:
        account = desk.directory.by_person(notices[0].person)
        if account is None:
            continue
        wishes = mail_wishes.wishes_of(account)
        try:
            is_taken = post.send(letter_of(services, wishes, notices, now))
        except Unavailable:
            desk.notices.keep([_later(one, now) for one in notices])
            return replace(done, waiting=done.waiting + 1)
        desk.notices.keep([replace(one, mail=SENT if is_taken else REFUSED) for one in notices])
        if is_taken:
            done = replace(done, sent=done.sent + 1)
        else:
            mail_wishes.mark_refused(desk, account.person, utc_text(now))
            done = replace(done, refused=done.refused + 1)
    return done


def _letters(services: Services, now: datetime) -> list[list[Notice]]:
    """What is to go now, a list for each letter; what nobody wishes is laid aside at once."""
    desk = services.desk
    moment, morning = utc_text(now), _morning(services, now)
    unasked: list[Notice] = []
    alone: list[list[Notice]] = []
    together: dict[str, list[Notice]] = {}
    for one in desk.notices.to_mail():
        account = desk.directory.by_person(one.person)
        wishes = mail_wishes.wishes_of(account) if account is not None and account.active else Wishes()
        if not wishes.is_wished:
            unasked.append(one)
        elif one.next_try > moment:
            continue
        elif wishes.rhythm != DIGEST:
            alone.append([one])
        elif morning is not None and one.made_at < morning:
            together.setdefault(one.person, []).append(one)
    desk.notices.keep([replace(one, mail=UNASKED) for one in unasked])
    return [*alone, *together.values()]


def _morning(services: Services, now: datetime) -> str | None:
    """The hour of today's daily letter (UTC text), None before it and on days off.

    It holds what was made before that hour and nothing newer, so that tried again it is the same letter.
    """
    hour = datetime.combine(local_date(now), MORNING, SHANGHAI)
    return utc_text(hour) if now >= hour and services.desk.calendar.is_working_day(local_date(now)) else None


def _later(one: Notice, now: datetime) -> Notice:
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(one.tries, 10))
    return replace(one, tries=one.tries + 1, next_try=utc_text(now + wait))


def name_of(notices: Iterable[Notice]) -> str:
    """What tells a letter from every other: exactly which notices, to whom."""
    return "\n".join(sorted(f"{one.person} {one.key}" for one in notices))
