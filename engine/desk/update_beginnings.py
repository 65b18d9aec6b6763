"""Beginning an update from another one: to take it back, or to correct the same in a person's other document.

Decides what the new draft proposes. What it proposes is filed, reviewed and applied like any other update.
"""

from __future__ import annotations

from typing import Any

from engine.desk import drafting, reading, reverting, update_targets, updating
from engine.desk.desk import Desk
from engine.desk.update_targets import NEW, PATH, REMOVE
from engine.errors import Conflict, NotAllowed
from engine.identity import local_day
from engine.lifecycle.people import Actor
from engine.lifecycle.permissions import reading_rights
from engine.lifecycle.updates import Updates
from engine.ports import StoredDraft
from engine.projection import DocumentRow
from engine.registry.fields import as_label_key
from engine.registry.pointers import ABSENT, join


def may_take_back(desk: Desk, actor: Actor, update: DocumentRow) -> bool:
    """Whether this person may begin to take this update back: one that is applied and that nobody cites."""
    form = desk.registry.by_digest(update["digest"])
    rules, made = form.workflow.updates, reverting.made_by(desk, update)
    if rules is None or not rules.reverts or made is None:
        return False
    if reverting.taken_back_by(desk, form, update) is not None or not _may_know(desk, actor, made[0]):
        return False
    return any(one.form == form.form for one in updating.beginnable(desk, actor, made[0]))


def take_back(desk: Desk, actor: Actor, update: str) -> StoredDraft:
    """A draft that cites the update and says, of every field it changed, what stood there before.

    Raises NotFound (no such document for this person), Conflict("update.not_applied"),
    NotAllowed("begin" | "reveal"): the old values are told to those only who may see them.
    """
    row, form = reading.readable_row(desk, actor, update)
    rules, made = form.workflow.updates, reverting.made_by(desk, row)
    if rules is None or not rules.reverts or made is None:
        raise Conflict("update.not_applied")
    target, revision = made
    reading.readable_row(desk, actor, target["doc"])
    if not _may_know(desk, actor, target):
        raise NotAllowed("reveal")
    draft = updating.begin(desk, actor, target["doc"], form.form)
    before, now = (update_targets.open_target(desk, target, number) for number in (revision - 1, None))
    changes = []
    for _, one in update_targets.changes_of(rules, reading.answers_of(desk, row)):
        old = before.leaves.get(one[PATH], ABSENT)
        if now.leaves.get(one[PATH], ABSENT) != old:
            changes.append(_change(one[PATH], old))
    return _filled(desk, actor, rules, draft, changes, {rules.reverts: row["doc_id"]})


def begin_alike(desk: Desk, actor: Actor, doc: str, update: str, name: str) -> StoredDraft:
    """A draft for another document of the person that proposes what an update corrected, as far as this
    person sees the new values; evidence is given anew. `name` is the follow-up that lists the document.

    Raises NotFound, NotAllowed("begin"), Conflict("update.not_applied" | "update.target_state").
    """
    opened = reading.open_document(desk, actor, update)
    rules = opened.form.workflow.updates
    follow_up = next((one for one in rules.follow_ups if one.name == name), None) if rules else None
    if rules is None or follow_up is None or not follow_up.begins:
        raise Conflict("update.not_applied")
    draft = updating.begin(desk, actor, doc, opened.form.form)
    changes = [
        {PATH: one[PATH], NEW: one[NEW]}
        for place, one in update_targets.changes_of(rules, opened.answers)
        if one[PATH] in follow_up.changes
        and NEW in one
        and join(rules.changes, place, NEW) not in opened.masked
    ]
    said = {at: values[0] for at, values in follow_up.given.items() if len(values) == 1}
    return _filled(desk, actor, rules, draft, changes, said)


def _filled(
    desk: Desk,
    actor: Actor,
    rules: Updates,
    draft: StoredDraft,
    changes: list[dict[str, Any]],
    said: dict[str, str],
) -> StoredDraft:
    answers = update_targets.with_changes(rules, dict(draft.answers), list(changes))
    for pointer, value in said.items():
        answers = update_targets.saying(answers, pointer, value)
    form = desk.registry.get(draft.form, draft.version)
    answers = update_targets.fill(desk, actor, form, answers)
    return drafting.save(desk, actor, draft.id, draft.revision, answers)


def _change(path: str, old: Any) -> dict[str, Any]:
    return {PATH: path, REMOVE: True} if old is ABSENT else {PATH: path, NEW: as_label_key(old)}


def _may_know(desk: Desk, actor: Actor, target: DocumentRow) -> bool:
    """Whether this person may be shown what stood in the document."""
    form = desk.registry.by_digest(target["digest"])
    day = local_day(desk.clock.now())
    rights = reading_rights(form, reading.standing_of(target), actor, day)
    return rights.clear or rights.reveal
