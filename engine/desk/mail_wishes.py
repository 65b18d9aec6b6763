"""Where and how somebody wants notices as mail: an address, a language, and how often.

Decides what may be wished. Kept with the account, sealed at rest like a name; never in the log, since an
address is personal information and no part of any decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from engine.desk.desk import Desk
from engine.errors import Invalid, NotFound, Problem
from engine.lifecycle.people import Actor
from engine.ports import Account
from engine.registry.patterns import compile_pattern

EACH, DIGEST, NONE = "each", "digest", "none"
RHYTHMS: Final = (NONE, DIGEST, EACH)
LANGUAGES: Final = ("zh-CN", "en")
LONGEST: Final = 254
# RFC 5321 §4.1.2 without quoted local parts, which nobody here has; ASCII only, so that any server takes it.
_ADDRESS = compile_pattern(
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants. Without an address nothing is sent. `refused` says that a server would not take
    the address, so that it is not tried again until it is changed."""

    address: str = ""
    language: str = "zh-CN"
    rhythm: str = NONE
    refused: str = ""

    @property
    def is_wished(self) -> bool:
        """Whether anything is to be sent."""
        return self.rhythm != NONE and self.address != "" and not self.refused


def wishes_of(account: Account) -> Wishes:
    """What the account's person wants."""
    held: Mapping[str, str] = account.mail
    return Wishes(
        held.get("address", ""), held.get("language", "zh-CN"), held.get("rhythm", NONE),
        held.get("refused", ""),
    )  # fmt: skip


def wish(desk: Desk, actor: Actor, wanted: Wishes) -> None:
    """Keep what somebody wants for themselves. Raises Invalid with problems at `/address`, `/rhythm`,
    `/language`."""
    problems = []
    if wanted.rhythm not in RHYTHMS:
        problems.append(Problem("/rhythm", "mail.rhythm"))
    if wanted.language not in LANGUAGES:
        problems.append(Problem("/language", "mail.language"))
    if (wanted.address or wanted.rhythm != NONE) and not is_address(wanted.address):
        problems.append(Problem("/address", "mail.address"))
    if problems:
        raise Invalid("mail", problems=problems)
    _keep(desk, actor.person, replace(wanted, refused=""))


def mark_refused(desk: Desk, person: str, at: str) -> None:
    """Note that a server refused the address for good, at a moment (UTC text)."""
    account = desk.directory.by_person(person)
    if account is not None:
        _keep(desk, person, replace(wishes_of(account), refused=at))


def is_address(text: str) -> bool:
    """Whether a text is an address that mail can be sent to."""
    return len(text) <= LONGEST and _ADDRESS.search(text) is not None and ".." not in text.split("@")[0]


def _keep(desk: Desk, person: str, wanted: Wishes) -> None:
    account = desk.directory.by_person(person)
    if account is None:
        raise NotFound("person.not_found")
    kept = {"address": wanted.address, "language": wanted.language, "rhythm": wanted.rhythm}
    desk.directory.save(replace(account, mail=kept | ({"refused": wanted.refused} if wanted.refused else {})))
