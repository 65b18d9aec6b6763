"""A draft begun under a form version that a newer one has followed: what may be done with it, in words.

Decides how the rule of the newer version's publication is said, and what lifting left open. The rule itself
is the registry's, the lift the desk's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.desk import drafting
from engine.identity import local_date
from engine.versions.published import ANEW, FINISH
from web.labels import Say
from web.workbench import Bench


@dataclass(frozen=True, slots=True)
class Older:
    """The notice of a draft whose version is no longer in force."""

    words: str
    may_lift: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One place that lifting could not fill, or could not take along: its name, why, and the old content."""

    label: str
    why: str
    kept: str


def older_of(bench: Bench, say: Say) -> Older | None:
    """What may be done with the draft; None when its version is in force or it corrects a document."""
    desk, draft = bench.services.desk, bench.draft
    rule = drafting.rule_of(desk, draft)
    if not rule:
        return None
    today = local_date(desk.clock.now())
    newest = desk.registry.in_force(draft.form, today).version
    until = desk.registry.finish_until(draft.form, draft.version, today)
    words = say(f"entry.older.{rule}", version=draft.version, newest=newest, until=until)
    return Older(words, rule != ANEW, rule != FINISH)


def lifted_of(bench: Bench, say: Say) -> tuple[str, tuple[Told, ...]]:
    """The version the draft was lifted from ("" when it was not), and what its maker has to look at."""
    notes = bench.draft.notes.get("lifted")
    if not notes:
        return "", ()
    told = [_told(bench, one, one.get("kept"), say) for one in notes["unknown"]]
    told += [_told(bench, one, one.get("value"), say) for one in notes["dropped"]]
    return str(notes["from"]), tuple(told)


def _told(bench: Bench, one: dict[str, Any], kept: Any, say: Say) -> Told:
    own = one.get("reason_en" if bench.lang == "en" else "reason")
    label = bench.model.label(one["pointer"], bench.lang) or one["pointer"]
    return Told(label, own or say(f"lift.reason.{one['code']}"), "" if kept is None else str(kept))
