"""The way out by SMTP: one letter to one person, through the agency's own server.

Decides how a server's answers read: taken, refused for good, or to be tried again. Never decides what is
written or when. A letter has the same Message-ID every time it is tried, so that a server or a reader that
sees it twice knows it for one (RFC 5322 §3.6.4).
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, Protocol

from engine.errors import Invalid, Unavailable
from web.settings import Settings

TIMEOUT_SECONDS: Final = 20.0
_FOR_GOOD = 500
"""Answers from here on are final (RFC 5321 §4.2.1), those below are to be tried again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. `name` tells it from every other: the same name is the same letter."""

    to: str
    subject: str
    text: str
    language: str
    name: str
    written_at: datetime


class Post(Protocol):
    """Where letters go out."""

    def send(self, letter: Letter) -> bool:
        """Hand a letter over; False when its address is refused for good. `Unavailable` to try again."""
        ...


@dataclass(frozen=True, slots=True)
class SmtpPost:
    """A server that takes letters. `password` is the file whose first line it is; `authority` a file of
    certificates to trust beside the machine's own."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    user: str = ""
    password: Path | None = None
    authority: Path | None = None

    def send(self, letter: Letter) -> bool:
        """Connect, greet, hand over, leave; a connection for each letter, for there are few."""
        message = self.message(letter)
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self._secret())
                server.send_message(message, self.sender, [letter.to])
        except smtplib.SMTPRecipientsRefused as refused:
            code = max(code for code, _ in refused.recipients.values())
            if code >= _FOR_GOOD:
                return False
            raise Unavailable("mail.later", status=code) from None
        except smtplib.SMTPResponseException as fault:
            raise Unavailable("mail.server", status=fault.smtp_code) from None
        except (smtplib.SMTPException, OSError) as fault:
            raise Unavailable("mail.server", kind=type(fault).__name__) from None
        return True

    def message(self, letter: Letter) -> EmailMessage:
        """The letter as it goes out: plain text alone, marked as made by a machine (RFC 3834)."""
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(letter.written_at)
        digest = sha256(letter.name.encode()).hexdigest()[:40]
        message["Message-ID"] = f"<{digest}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, charset="utf-8", cte="base64")
        message["Content-Language"] = letter.language
        return message

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=self._context())
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        if self.security == "starttls":
            try:
                server.starttls(context=self._context())
            except BaseException:
                server.close()
                raise
        return server

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.authority is not None:
            context.load_verify_locations(self.authority)
        return context

    def _secret(self) -> str:
        if self.password is None:
            return ""
        return self.password.read_text("utf-8").partition("\n")[0]


def post_of(settings: Settings) -> Post | None:
    """The way out that an installation has configured; None for none. Raises Invalid (`mail.sender`)."""
    if not settings.smtp_host:
        return None
    if "@" not in settings.smtp_from:
        raise Invalid("mail.sender")
    return SmtpPost(
        host=settings.smtp_host, port=settings.smtp_port, security=settings.smtp_security,
        sender=settings.smtp_from, user=settings.smtp_user, password=settings.smtp_password,
        authority=settings.smtp_ca,
    )  # fmt: skip
