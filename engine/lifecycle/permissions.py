"""Who may read a document, and how much of it: the matrix of domain.md C.2, read from the form's `access`.

Decides by grants only, and denies by default: nobody reads because of who they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.lifecycle.people import Actor, Grant, covers
from engine.lifecycle.standing import Standing
from engine.registry.compiled import CompiledForm

NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may see of one document. Seal classes that are not in `classes` stay shut.

    `clear` says that clear text is shown without asking, in the classes of `clear_classes`; `reveal` that a
    masked value may be shown on a logged click, in `reveal_classes`. `actions` are all actions allowed.
    """

    classes: frozenset[str]
    clear: bool
    reveal: bool
    clear_classes: frozenset[str] = NOTHING
    reveal_classes: frozenset[str] = NOTHING
    actions: frozenset[str] = NOTHING


def may_read(form: CompiledForm, standing: Standing, actor: Actor, day: str) -> bool:
    """True when the person may open the document on `day` (YYYY-MM-DD), masked at least."""
    return any("read" in rule.get("actions", ()) for rule in _fitting(form, standing, actor, day))


def may_list(form: CompiledForm, standing: Standing, actor: Actor, day: str) -> bool:
    """True when the document may stand in the person's lists."""
    return any("list" in rule.get("actions", ()) for rule in _fitting(form, standing, actor, day))


def reading_rights(form: CompiledForm, standing: Standing, actor: Actor, day: str) -> Rights:
    """All rights that the person's grants give over the document on `day`, taken together."""
    return _together(_fitting(form, standing, actor, day))


def standing_rights(form: CompiledForm, standing: Standing, actor: Actor, day: str) -> Rights:
    """The rights that need no task in hand: those of access rules marked `always`."""
    return _together(rule for rule in _fitting(form, standing, actor, day) if rule.get("always"))


def _together(rules: Iterable[Mapping[str, Any]]) -> Rights:
    classes: set[str] = set()
    clear: set[str] = set()
    reveal: set[str] = set()
    actions: set[str] = set()
    for rule in rules:
        given, opened = set(rule.get("actions", ())), set(rule.get("classes", ()))
        actions |= given
        if "read" in given:
            classes |= opened
            clear |= opened if "clear" in given else set()
            reveal |= opened if "reveal" in given else set()
    return Rights(
        classes=frozenset(classes),
        clear=bool(clear),
        reveal=bool(reveal),
        clear_classes=frozenset(clear),
        reveal_classes=frozenset(reveal),
        actions=frozenset(actions),
    )


def _fitting(form: CompiledForm, standing: Standing, actor: Actor, day: str) -> Iterator[Mapping[str, Any]]:
    """The access rules that some grant of the person, in force on `day`, meets for this document."""
    grants = actor.grants_on(day)
    for rule in form.workflow.access:
        if any(_fits(rule, standing, actor, grant) for grant in grants):
            yield rule


def _fits(rule: Mapping[str, Any], standing: Standing, actor: Actor, grant: Grant) -> bool:
    if grant.role not in rule.get("roles", ()):
        return False
    if standing.state not in rule.get("states", (standing.state,)):
        return False
    unit = rule.get("unit")
    if unit == "same":
        if grant.unit != standing.unit:
            return False
    elif unit is not None and grant.unit != unit:
        return False
    if standing.unit not in rule.get("of", (standing.unit,)):
        return False
    if rule.get("region") == "same" and not covers(grant.region, standing.region):
        return False
    if rule.get("own") and actor.person not in (standing.created_by, standing.submitted_by):
        return False
    if rule.get("collected") and actor.person != standing.collector:
        return False
    return not (rule.get("claimed") and actor.person != standing.claimed_by)
