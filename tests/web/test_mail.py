"""Notices as mail, to a real SMTP server beside the test: what is written, when, and what survives."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from engine.desk import mail_wishes, noticing
from engine.desk.mail_wishes import Wishes
from engine.errors import Invalid, Unavailable
from engine.identity import SHANGHAI
from engine.notice_ports import REFUSED, SENT, UNASKED, Notice
from storage.notices import FileNotices
from tests.engine.desk.office import FANG, LIN, WU, ZHOU, Office, open_office
from web.mail import post_round
from web.mail.post import Letter, Post, SmtpPost, post_of
from web.mail.post_round import Sent
from web.services import Services, build_services
from web.settings import Settings

THURSDAY_NOON = datetime(2026, 3, 5, 12, 0, tzinfo=SHANGHAI)
FRIDAY_MORNING = datetime(2026, 3, 6, 8, 30, tzinfo=SHANGHAI)


@dataclass
class Mailbox:
    """What a server took; addresses at `gone.example` are refused for good, while `is_busy` all for now."""

    letters: list[EmailMessage] = field(default_factory=list)
    is_busy: bool = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.is_busy:
            return "451 4.3.0 try again"
        if address.endswith("@gone.example"):
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        letter: Any = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append(letter)
        return "250 taken"


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def mailbox(port: int) -> Iterator[Mailbox]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box
    controller.stop()


def post(port: int) -> SmtpPost:
    return SmtpPost("127.0.0.1", port, "none", "fengjian@agency.example")


def services_of(office: Office, way: Post | None) -> Services:
    settings = Settings(address="https://fengjian.agency.example/")
    return build_services(office.desk, settings, post=way)


@pytest.fixture
def office() -> Office:
    return open_office(THURSDAY_NOON.astimezone(UTC))


def told(office: Office) -> str:
    """小林's entry waits for 周敏 and 吴桐, who are reminded."""
    doc = office.submit(confirmed=frozenset({"V11.late"})).doc
    assert noticing.run(office.desk) == 2
    return doc


def wishes(office: Office, who: str, rhythm: str = "each", language: str = "zh-CN", at: str = "") -> None:
    address = at or f"{who.lower()}@agency.example"
    mail_wishes.wish(office.desk, office.actors[who], Wishes(address, language, rhythm))


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body()
    assert body is not None
    return str(body.get_content())


def mail_of(office: Office, who: str) -> list[str]:
    held: tuple[Notice, ...] = office.desk.notices.of_person(office.actors[who].person)
    return [one.mail for one in held]


def test_a_letter_names_form_number_limit_and_way_and_nobody(
    office: Office, mailbox: Mailbox, port: int
) -> None:
    wishes(office, ZHOU)
    wishes(office, WU, language="en")
    doc = told(office)
    assert post_round.run(services_of(office, post(port))) == Sent(sent=2)
    by_reader = {str(one["To"]): one for one in mailbox.letters}
    chinese, english = by_reader["sh000001@agency.example"], by_reader["sh000002@agency.example"]
    row = office.desk.store.get(doc)
    assert row is not None
    assert str(chinese["Subject"]) == f"临近时限：{row['doc_no']}"
    assert text_of(chinese).splitlines() == [
        "示范区医疗保障服务中心信息管理系统通知：",
        "",
        f"长护险信息录入表 {row['doc_no']}，已提交，时限 2026-03-06 17:30，临近时限。",
        f"https://fengjian.agency.example/documents/{doc}",
        "",
        "登录系统后办理。本邮件由系统自动发出，不接收回复；发送方式在系统的“通知”页调整。",
    ]
    assert english["Content-Language"] == "en"
    assert "limit 2026-03-06 17:30: the limit is near" in text_of(english)
    assert english["Auto-Submitted"] == "auto-generated"
    for letter in mailbox.letters:
        whole = text_of(letter) + str(letter["Subject"])
        personal = ("张文兰", "310199", "周建国", "1990000", "周敏", "吴桐", "林小燕")
        assert [word for word in personal if word in whole] == []


def test_each_notice_is_sent_once_and_those_nobody_wishes_never(
    office: Office, mailbox: Mailbox, port: int
) -> None:
    wishes(office, ZHOU)
    told(office)
    services = services_of(office, post(port))
    assert [post_round.run(services), post_round.run(services)] == [Sent(sent=1), Sent()]
    assert (mail_of(office, ZHOU), mail_of(office, WU)) == ([SENT], [UNASKED])
    wishes(office, WU)
    assert post_round.run(services) == Sent()
    assert len(mailbox.letters) == 1


def test_a_daily_letter_comes_in_the_morning_of_a_working_day_with_all_of_it(
    office: Office, mailbox: Mailbox, port: int
) -> None:
    wishes(office, ZHOU, "digest")
    told(office)
    services = services_of(office, post(port))
    assert post_round.run(services) == Sent()
    office.clock.set((FRIDAY_MORNING - timedelta(seconds=1)).astimezone(UTC))
    assert post_round.run(services) == Sent()
    office.clock.set(FRIDAY_MORNING.astimezone(UTC))
    assert [post_round.run(services), post_round.run(services)] == [Sent(sent=1), Sent()]
    office.clock.set(datetime(2026, 3, 6, 18, 0, tzinfo=SHANGHAI).astimezone(UTC))
    noticing.run(office.desk)
    for day in (7, 8):  # a weekend
        office.clock.set(datetime(2026, 3, day, 9, 0, tzinfo=SHANGHAI).astimezone(UTC))
        assert post_round.run(services) == Sent()
    office.clock.set(datetime(2026, 3, 9, 9, 0, tzinfo=SHANGHAI).astimezone(UTC))
    assert post_round.run(services) == Sent(sent=1)
    assert str(mailbox.letters[1]["Subject"]).startswith("已超时限：")


def test_a_server_that_is_down_is_asked_again_later_also_by_the_next_process(
    office: Office, port: int, tmp_path: Path
) -> None:
    path = tmp_path / "notices.jsonl"
    office.desk = replace(office.desk, notices=FileNotices(path))
    wishes(office, ZHOU)
    told(office)
    services = services_of(office, post(port))
    assert post_round.run(services) == Sent(waiting=1)
    assert post_round.run(services) == Sent()  # not before its time
    office.clock.advance(minutes=2)
    assert post_round.run(services) == Sent(waiting=1)

    office.desk = replace(office.desk, notices=FileNotices(path))  # the process was started anew
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        office.clock.advance(minutes=3)
        assert post_round.run(services_of(office, post(port))) == Sent()
        office.clock.advance(minutes=1)
        assert post_round.run(services_of(office, post(port))) == Sent(sent=1)
    finally:
        controller.stop()
    assert len(box.letters) == 1
    assert mail_of(office, ZHOU) == [SENT]


def test_a_server_that_is_busy_is_asked_again_and_no_address_is_blamed(
    office: Office, mailbox: Mailbox, port: int
) -> None:
    wishes(office, ZHOU)
    told(office)
    services, mailbox.is_busy = services_of(office, post(port)), True
    assert post_round.run(services) == Sent(waiting=1)
    mailbox.is_busy = False
    office.clock.advance(minutes=2)
    assert post_round.run(services) == Sent(sent=1)


def test_a_refused_address_is_not_tried_again_until_it_is_corrected(
    office: Office, mailbox: Mailbox, port: int
) -> None:
    wishes(office, ZHOU, at="zhou@gone.example")
    wishes(office, WU)
    told(office)
    services = services_of(office, post(port))
    assert post_round.run(services) == Sent(sent=1, refused=1)
    assert mail_of(office, ZHOU) == [REFUSED]
    account = office.desk.directory.by_person(office.actors[ZHOU].person)
    assert account is not None and mail_wishes.wishes_of(account).refused == "2026-03-05T04:00:00Z"
    office.clock.set(datetime(2026, 3, 6, 18, 0, tzinfo=SHANGHAI).astimezone(UTC))
    noticing.run(office.desk)
    assert post_round.run(services) == Sent(sent=1)
    assert sorted(mail_of(office, ZHOU)) == [UNASKED, REFUSED]
    wishes(office, ZHOU)
    account = office.desk.directory.by_person(office.actors[ZHOU].person)
    assert account is not None and mail_wishes.wishes_of(account).is_wished


class Cut(BaseException):
    """The process ends after the server took the letter and before that was noted."""


@dataclass
class CutAfterwards:
    """A way out that ends the process once the letter is gone."""

    inner: Post

    def send(self, letter: Letter) -> bool:
        self.inner.send(letter)
        raise Cut


def test_a_letter_sent_twice_by_a_crash_has_one_message_id(
    office: Office, mailbox: Mailbox, port: int
) -> None:
    wishes(office, ZHOU)
    told(office)
    with pytest.raises(Cut):
        post_round.run(services_of(office, CutAfterwards(post(port))))
    assert post_round.run(services_of(office, post(port))) == Sent(sent=1)
    ids = [str(one["Message-ID"]) for one in mailbox.letters]
    assert len(ids) == 2 and len(set(ids)) == 1 and ids[0].endswith("@agency.example>")


def test_nothing_is_sent_in_clear_to_a_server_that_offers_no_starttls(mailbox: Mailbox, port: int) -> None:
    letter = Letter("zhou@agency.example", "subject", "text", "en", "name", THURSDAY_NOON)
    with pytest.raises(Unavailable):
        replace(post(port), security="starttls").send(letter)
    assert mailbox.letters == []


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("zhou@agency.example", True), ("z.m+duty@mail.agency.example", True), ("zhou", False),
        ("zhou@", False), ("zhou@agency.example\nBcc: x@y.example", False), ("zhou @agency.example", False),
        ("周敏@agency.example", False), ("z..m@agency.example", False), ("z" * 65 + "@agency.example", False),
    ],
)  # fmt: skip
def test_what_an_address_is(address: str, is_one: bool) -> None:
    assert mail_wishes.is_address(address) == is_one


def test_what_cannot_be_wished_is_said_by_place(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        mail_wishes.wish(office.desk, office.actors[LIN], Wishes("", "fr", "hourly"))
    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/rhythm", "mail.rhythm"), ("/language", "mail.language"), ("/address", "mail.address")
    ]  # fmt: skip
    mail_wishes.wish(office.desk, office.actors[FANG], Wishes())


def test_a_way_out_needs_a_sender(tmp_path: Path) -> None:
    assert post_of(Settings()) is None
    with pytest.raises(Invalid):
        post_of(Settings(smtp_host="mail.agency.example"))
    made = post_of(Settings(smtp_host="mail.agency.example", smtp_from="fengjian@agency.example"))
    assert made == SmtpPost("mail.agency.example", 587, "starttls", "fengjian@agency.example")
