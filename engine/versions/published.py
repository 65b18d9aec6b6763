"""What a publication says of one form version: the entry that is signed, and what it means for drafts.

Decides the shape of an entry in the body of a publication's event, and which rule a draft of an older
version meets (domain.md D.0). Never decides whether a version may be published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.lifecycle.people import SYSTEM_ROLE

FINISH: Final = "finish"
LIFT: Final = "lift"
ANEW: Final = "anew"
RULES: Final = (FINISH, LIFT, ANEW)
PUBLISHES: Final = "publishes"
SHIPS: Final = "ships"
SHIPPING: Final = "forms.ship"
"""The type of the event by which the platform records what a release brought along."""


@dataclass(frozen=True, slots=True)
class DraftsRule:
    """What happens to drafts of the version before: `finish` under it up to `until` (a day, included),
    afterwards as `anew`; `lift` them into the new version; begin `anew`."""

    rule: str
    until: str = ""

    def on(self, day: str) -> str:
        """The rule that holds on a day (YYYY-MM-DD)."""
        return ANEW if self.rule == FINISH and self.until < day else self.rule


@dataclass(frozen=True, slots=True)
class Published:
    """A published version. `digest` is the bundle's, `lift` that of its lift or "", `follows` the version
    before or "". `revision` is the revision document ("" for one that a release brought along), `index` the
    log index of the publication, `clause` the clause of the regulation it carries out."""

    form: str
    version: str
    digest: str
    lift: str
    effective_on: str
    drafts: DraftsRule
    follows: str
    clause: str = ""
    revision: str = ""
    index: int = -1

    def as_body(self) -> dict[str, Any]:
        """The entry as it is signed."""
        return {
            "form": self.form,
            "version": self.version,
            "sha256": self.digest,
            "lift": self.lift,
            "effective_on": self.effective_on,
            "drafts": {"rule": self.drafts.rule, "until": self.drafts.until},
            "follows": self.follows,
            "clause": self.clause,
        }


def published_in(statement: Mapping[str, Any], index: int) -> tuple[Published, ...]:
    """The versions an event of the log publishes; () for any other event."""
    return _entries(statement["body"].get(PUBLISHES, ()), statement["doc"], index)


def shipped_in(statement: Mapping[str, Any], index: int) -> tuple[Published, ...]:
    """The versions that the platform records as shipped with a release; () for any other event."""
    is_shipping = statement["type"] == SHIPPING and statement["actor"]["role"] == SYSTEM_ROLE
    return _entries(statement["body"].get(SHIPS, ()), "", index) if is_shipping else ()


def _entries(said: Iterable[Mapping[str, Any]], revision: str, index: int) -> tuple[Published, ...]:
    return tuple(
        Published(
            form=one["form"],
            version=one["version"],
            digest=one["sha256"],
            lift=one["lift"],
            effective_on=one["effective_on"],
            drafts=DraftsRule(one["drafts"]["rule"], one["drafts"]["until"]),
            follows=one["follows"],
            clause=one["clause"],
            revision=revision,
            index=index,
        )
        for one in said
    )


def rule_over(later: Iterable[DraftsRule], day: str) -> str:
    """What a draft meets that is older than several versions in force: the strictest of their rules."""
    rules = {one.on(day) for one in later}
    return next((one for one in (ANEW, LIFT, FINISH) if one in rules), FINISH)
