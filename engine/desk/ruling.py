"""Changing a setting: a signed event of its owner, for a day that has not come (R3.3).

Decides who may and what a change must say. What holds on a day is folded from these events alone
(`engine.lifecycle.settings`); where they lie in the log is counted on the read side, so that no start has to
read the whole log. The event carries no personal information: a reason in words without identity numbers,
and the number of the document it rests on where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from engine.desk import events, people
from engine.desk.desk import Desk
from engine.errors import Invalid, NotAllowed, NotFound, Problem
from engine.identity import base32, local_day
from engine.lifecycle.people import Actor, Grant
from engine.lifecycle.settings import Change, Setting, Settings, Value, settings_of
from engine.ports import DocumentStore, Journal
from engine.projection import SETTING, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.numbers import has_identity_number
from engine.trust import identifiers

SERIES: Final = "settings"
SHORTEST_REASON: Final = 5
LONGEST_REASON: Final = 500


class Rulebook:
    """The settings as the log has them now; behind `Desk.settings`. Reads only what was added since."""

    def __init__(self, table: Mapping[str, Setting], journal: Journal, store: DocumentStore) -> None:
        self._table, self._journal, self._store = table, journal, store
        # One value, replaced as a whole: whoever reads meanwhile has the one before or the one after.
        self._read_so_far: tuple[int, Settings] = (0, settings_of(table))

    def now(self) -> Settings:
        """Every setting with every change in the log."""
        count = self._store.counter(SERIES)
        known, settings = self._read_so_far
        if count != known:
            indexes = [self._store.counter(f"{SERIES}:{number}") for number in range(1, count + 1)]
            settings = settings_of(self._table, map(self._read, indexes))
            self._read_so_far = (count, settings)
        return settings

    def _read(self, index: int) -> Change:
        said = self._journal.read(index).statement()
        body, actor = said["body"], said["actor"]
        return Change(
            key=body["setting"], value=body["value"], effective_on=body["effective_on"],
            person=actor["person"], role=actor["role"], at=said["time"],
            reason=body["reason"], document=body["document"], index=index,
        )  # fmt: skip


def tables_of(desk: Desk, form: CompiledForm) -> Mapping[str, Any]:
    """The tables of a form version as they hold today."""
    return desk.settings.now().tables(form.tables, local_day(desk.clock.now())) or form.tables


def written_as(desk: Desk, place: str, written: Any) -> Any:
    """What holds today at a place of a form version where `written` stands."""
    return desk.settings.now().at(place, written, local_day(desk.clock.now()))


def grant_to_change(actor: Actor, setting: Setting, day: str) -> Grant | None:
    """The grant by which somebody owns a setting on a day; None when they do not."""
    return next((one for one in actor.grants_on(day) if setting.is_owned_by(one)), None)


def change(
    desk: Desk,
    actor: Actor,
    key: str,
    value: Value | None,
    effective_on: str,
    reason: str,
    document: str,
    unlock: str | None,
) -> Change:
    """Sign and log that a setting has another value from a day on, which lies after today.

    `document` is the number of the document that decided it, or "". Raises NotFound (`setting`), Invalid
    (problems at `/value`, `/effective_on`, `/reason`, `/document`), NotAllowed (`setting.owner`),
    NeedsUnlock.
    """
    with desk.journal.sequencing():
        actor = people.as_of_now(desk, actor)
        settings, today = desk.settings.now(), local_day(desk.clock.now())
        setting = settings.table.get(key)
        if setting is None:
            raise NotFound("setting", key=key[:64])
        grant = grant_to_change(actor, setting, today)
        if grant is None:
            raise NotAllowed("setting.owner", roles=list(setting.roles))
        problems = judge(desk, setting, value, effective_on, reason, document)
        if problems:
            raise Invalid("setting", problems=problems)
        decided_by = _named(desk, document)
        number = decided_by["doc_no"] if decided_by is not None else ""
        count, index = desk.store.counter(SERIES) + 1, desk.journal.next_index
        before = settings.changes.get(key, ())
        last = desk.journal.read(before[-1].index) if before else None
        body = {
            "setting": key, "value": value, "effective_on": effective_on,
            "reason": reason.strip(), "document": number,
        }  # fmt: skip
        new = events.NewEvent(
            doc=last.statement()["doc"] if last else base32(desk.randomness.bytes(16)),
            seq=len(before) + 1,
            prev=identifiers.event_id(last.envelope.pae()) if last else "",
            type=SETTING,
            actor=actor,
            role=grant.role,
            grant=grant,
            body=body,
            side={"counters": {SERIES: count, f"{SERIES}:{count}": index}},
        )
        # Waited for inside: no limit is counted by a change that is not durable.
        events.append(desk, new, unlock, lambda _written, _committed: None).wait()
    return desk.settings.now().changes[key][-1]


def judge(
    desk: Desk, setting: Setting, value: Value | None, effective_on: str, reason: str, document: str
) -> list[Problem]:
    """What is wrong with a change, as `change` would say it."""
    problems, reason = [], reason.strip()
    settings, today = desk.settings.now(), local_day(desk.clock.now())
    facts: dict[str, Any] = {"least": setting.least, "most": setting.most}
    wrong = setting.problem(value)
    if wrong:
        problems.append(Problem("/value", wrong, facts))
    if not _is_day(effective_on) or effective_on <= today:
        problems.append(Problem("/effective_on", "setting.back_dated", {"today": today}))
    elif not wrong and settings.value(setting.key, effective_on) == value:
        problems.append(Problem("/value", "setting.same", facts))
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        problems.append(
            Problem("/reason", "setting.reason", {"least": SHORTEST_REASON, "most": LONGEST_REASON})
        )
    elif has_identity_number(reason):
        problems.append(Problem("/reason", "K9"))
    row = _named(desk, document)
    # Only what revises the regulation decides one of its numbers (R7.3).
    if document.strip() and (
        row is None or desk.registry.by_digest(row["digest"]).workflow.publishes is None
    ):
        problems.append(Problem("/document", "setting.document", {"number": document.strip()[:64]}))
    return problems


def _named(desk: Desk, document: str) -> DocumentRow | None:
    text = document.strip()
    return (desk.store.by_doc_no(text) or desk.store.by_doc_id(text)) if text else None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
