"""The ways in which a command can fail to be done, and the shape of a problem in data.

Decides nothing about wording: a problem is a pointer, a code and facts; sentences live in catalogues.
Never used for bad data that a function is asked to judge: judging returns a list of `Problem`.

Two families. `Refused`: the caller can act (correct, wait, ask for a right). `Broken`: trust is lost;
the caller stops, logs and raises an alarm. `Broken` is never caught to carry on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

OF_ANOTHER: Final = "sentence"
"""The fact that holds the sentences, by language, of a rule of another form than the one that is judged."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with some data.

    `pointer` is an RFC 6901 JSON pointer into the data ("" is the whole), `code` a dotted word of the
    catalogue (`required`, `json.float`, `V1.checksum`), `facts` what the sentence needs, `level` either
    `error` or `warning`. `message` is set only by rules that carry their own sentence in the schema.
    """

    pointer: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    level: str = "error"
    message: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The problem as a JSON object, for the API and the command line."""
        out: dict[str, Any] = {"pointer": self.pointer, "code": self.code, "level": self.level}
        if self.facts:
            out["facts"] = dict(self.facts)
        if self.message is not None:
            out["message"] = self.message
        return out


class Refused(Exception):
    """The command cannot be done as asked; the caller can act. Carries a code and facts, no prose."""

    code = "refused"

    def __init__(self, code: str | None = None, *, problems: Iterable[Problem] = (), **facts: Any) -> None:
        self.code = code or type(self).code
        self.facts: dict[str, Any] = facts
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.code)


class Invalid(Refused):
    """The data does not hold; `problems` says where and why."""

    code = "invalid"


class NotSignedIn(Refused):
    """Nobody is signed in, or the session has ended."""

    code = "not_signed_in"


class NotAllowed(Refused):
    """This person may not do this to this thing."""

    code = "not_allowed"


class NotFound(Refused):
    """There is no such thing, or the caller may not know that there is one."""

    code = "not_found"


class Conflict(Refused):
    """Somebody else was first: the state or the revision the caller named is no longer the current one."""

    code = "conflict"


class NeedsUnlock(Refused):
    """The person's signing key is locked, or this transition asks for the passphrase again (step-up)."""

    code = "needs_unlock"


class TooMany(Refused):
    """A limit on the rate or the amount; `retry_after` (seconds) is among the facts."""

    code = "too_many"


class Unavailable(Refused):
    """The system cannot take this now (read-only, disk full, sealed); nothing was stored."""

    code = "unavailable"


class Broken(Exception):
    """Trust is lost: a digest, a signature, a chain or a disk failed. Stop and raise the alarm."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code = code
        self.facts: dict[str, Any] = facts
        super().__init__(code)
