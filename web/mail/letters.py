"""What a letter says: a line for each notice, in the reader's language, and the way to the document.

Decides wording by the catalogue alone. Holds nothing personal: the form's name, the document's own numbers,
what is asked, the limit and an address behind sign-in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.desk.mail_wishes import Wishes
from engine.identity import SHANGHAI
from engine.notice_ports import NOT_OPENED, Notice
from web import labels
from web.mail.post import Letter
from web.services import Services


def letter_of(services: Services, wishes: Wishes, notices: Sequence[Notice], now: datetime) -> Letter:
    """The letter of one or of several notices to one person."""

    lang = wishes.language

    def say(key: str, /, **facts: object) -> str:
        return services.catalogue.say(lang, key, **facts)

    lines = [_line(services, one, lang, say) for one in notices]
    agency = services.desk.agency
    own = agency.name if lang == "zh-CN" else agency.name_en
    if len(notices) == 1:
        subject = say(f"notices.mail.subject.{notices[0].kind}", number=notices[0].doc_no)
    else:
        subject = say("notices.mail.subject.many", count=len(notices))
    text = "\n\n".join([say("notices.mail.opening", agency=own), *lines, say("notices.mail.closing")])
    name = "\n".join(sorted(f"{one.person} {one.key}" for one in notices))
    return Letter(wishes.address, subject, text + "\n", lang, name, now)


def _line(services: Services, one: Notice, lang: str, say: labels.Say) -> str:
    form = services.desk.registry.by_digest(one.digest)
    what = say(
        f"notices.mail.line.{one.kind}",
        form=labels.form_title(form, lang),
        number=one.doc_no,
        state=_standing(services, one, lang, say),
        due=due_text(one.due_at),
    )
    place = f"documents/{one.doc}" if one.doc else "notices"
    return f"{what}\n{services.settings.address.rstrip('/')}/{place}"


def _standing(services: Services, one: Notice, lang: str, say: labels.Say) -> str:
    if one.kind == NOT_OPENED:
        return labels.unit_title(one.state, say)
    return labels.state_tag(services.desk.registry.by_digest(one.digest), one.state, lang).word


def due_text(moment: str) -> str:
    """A limit as it stands on a page: the minute in Shanghai."""
    return f"{datetime.fromisoformat(moment).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
