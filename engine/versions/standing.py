"""The life of a form version: draft, proposed, approved, published, in force, superseded, retired.

Decides by the revision documents that name it and by dates; nobody sets it. Never reads a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

DRAFT: Final = "draft"
PROPOSED: Final = "proposed"
APPROVED: Final = "approved"
PUBLISHED: Final = "published"
IN_FORCE: Final = "in_force"
SUPERSEDED: Final = "superseded"
RETIRED: Final = "retired"
LIVES: Final = (DRAFT, PROPOSED, APPROVED, PUBLISHED, IN_FORCE, SUPERSEDED, RETIRED)


@dataclass(frozen=True, slots=True)
class Named:
    """A version that an open revision document names: `agreed` when every required department has."""

    version: str
    digest: str
    revision: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Dated:
    """A published version with its first day (YYYY-MM-DD) and the revision document ("" when shipped)."""

    version: str
    digest: str
    first: str
    revision: str


@dataclass(frozen=True, slots=True)
class Life:
    """Where a version stands on a day. `first` and `until` (both included; "" open) are when it is in
    force; `documents` how many documents under it are not finished; `draft` a version draft's id."""

    version: str
    digest: str
    state: str
    first: str = ""
    until: str = ""
    revision: str = ""
    documents: int = 0
    draft: str = ""


def lives_of(
    published: Iterable[Dated],
    named: Iterable[Named],
    drafts: Iterable[tuple[str, str, str]],
    unfinished: Mapping[str, int],
    day: str,
) -> tuple[Life, ...]:
    """The versions of one form, newest first: drafts, proposals, then what was published.

    `drafts` are (id, version, digest or ""), `unfinished` counts documents by digest, `day` is YYYY-MM-DD. A
    superseded version is retired once no document under it is unfinished. A draft whose content is proposed
    is shown as that.
    """
    spans = sorted(published, key=_first)
    out = [
        _dated(one, spans[place + 1].first if place + 1 < len(spans) else "", unfinished, day)
        for place, one in enumerate(spans)
    ]
    proposed = [
        Life(one.version, one.digest, APPROVED if one.agreed else PROPOSED, revision=one.revision)
        for one in named
        if one.digest not in {span.digest for span in spans}
    ]
    taken = {one.digest for one in (*out, *proposed)}
    begun = [
        Life(version, digest, DRAFT, draft=draft) for draft, version, digest in drafts if digest not in taken
    ]
    return (*begun, *proposed, *reversed(out))


def _dated(one: Dated, next_first: str, unfinished: Mapping[str, int], day: str) -> Life:
    documents = unfinished.get(one.digest, 0)
    if day < one.first:
        state = PUBLISHED
    elif not next_first or day < next_first:
        state = IN_FORCE
    else:
        state = SUPERSEDED if documents else RETIRED
    until = _day_before(next_first) if next_first else ""
    return Life(one.version, one.digest, state, one.first, until, one.revision, documents)


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _first(one: Dated) -> str:
    return one.first
