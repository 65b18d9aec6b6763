"""Updating: a document that changes another one (R5.7), from the target's page to the target's new revision.

Decides that a signed document is never edited: an approved update makes the target's next revision, judged
as a whole under the target's own form version, and only of the very revision the update was made from.

Steps of `prepare` (the step that applies an update):
 1 an update that has made its revision already, before a crash, makes no second one
 2 the target stands where it may be changed, at the revision the update names; else both values are told
 3 the patched answers hold
Inside the critical section 2 is asked again when the target has moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.desk import (
    amending,
    attaching,
    checking,
    consequences,
    drafting,
    holding,
    people,
    reading,
    reverting,
    update_targets,
)
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.desk.update_targets import NEW, PATH, REMOVE, Target
from engine.errors import OF_ANOTHER, Conflict, Invalid, NotAllowed, NotFound, Problem, Refused
from engine.identity import local_day
from engine.lifecycle.advance import Advance
from engine.lifecycle.advance import begin as role_to_begin
from engine.lifecycle.people import Actor
from engine.lifecycle.updates import Updates
from engine.ports import StoredDraft
from engine.projection import AMEND, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look
from engine.registry.validate import validate
from engine.trust.amends import APPLIED
from engine.trust.commitments import flatten


def beginnable(desk: Desk, actor: Actor, row: DocumentRow) -> tuple[CompiledForm, ...]:
    """The forms in force today that change documents like this one, and that this person may begin."""
    today = local_day(desk.clock.now())
    found = []
    for name in desk.registry.forms():
        try:
            form = desk.registry.in_force(name, date.fromisoformat(today))
            role_to_begin(form, actor, today)
        except (NotAllowed, NotFound):
            continue
        rules = form.workflow.updates
        if rules is not None and rules.form == row["form"] and row["state"] in rules.states:
            found.append(form)
    return tuple(found)


def begin(desk: Desk, actor: Actor, doc: str, form: str) -> StoredDraft:
    """A draft that changes this document, naming the revision that stands now.

    Raises NotFound (no such document for this person), NotAllowed("begin"), Conflict("update.target_state").
    """
    row, its_form = reading.readable_row(desk, actor, doc)
    found = {one.form: one for one in beginnable(desk, actor, row)}
    if form not in found:
        today = local_day(desk.clock.now())
        role_to_begin(desk.registry.in_force(form, date.fromisoformat(today)), actor, today)
        raise Conflict("update.target_state", state=_state_words(its_form, row["state"]))
    rules = found[form].workflow.updates
    assert rules is not None  # of the forms that change others only
    answers = update_targets.with_target(rules, {}, row)
    draft = drafting.begin(desk, actor, form, update_targets.fill(desk, actor, found[form], answers))
    update_targets.note(desk, actor, row, draft.id)
    return draft


def judge(desk: Desk, actor: Actor, form: CompiledForm, answers: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What stops an update: its target, the fields it names, the target as it would be afterwards."""
    rules = form.workflow.updates
    if rules is None:
        return ()
    row = update_targets.readable(desk, actor, rules, answers)
    if row is None:
        return (Problem(rules.doc_id, "update.target_unknown"),)
    stale = _moved(desk, rules, row, answers)
    return (stale,) if stale is not None else _judged(desk, rules, row, answers)[1]


def differences(
    desk: Desk, rules: Updates, row: DocumentRow, answers: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Each field that the update changes: what stood there when it was made, what stands there, what it says.

    Values are masked.
    """
    target = update_targets.open_target(desk, row)
    out = []
    for _, one in update_targets.changes_of(rules, answers):
        now = update_targets.shown(target.form, one[PATH], target.leaves.get(one[PATH], ABSENT))
        said = {name: str(one.get(name, "")) for name in ("label", "old_masked", "new_masked")}
        out.append({"path": one[PATH], **said, "now_masked": now})
    return out


@dataclass(frozen=True, slots=True)
class Application(Effect):
    """An update ready to be applied. `amendment` is None when its revision was made before."""

    update: DocumentRow
    rules: Updates
    answers: Mapping[str, Any]
    target: DocumentRow
    amendment: amending.Amendment | None
    said: Mapping[str, Any]

    def confirm(self, desk: Desk) -> None:
        """Nobody has changed the target meanwhile."""
        row = reading.row_of(desk, self.target["doc"])
        if row["head"] != self.target["head"]:
            raise _conflict(desk, self.rules, row, self.answers)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Append the target's new revision; the body of the update's own event names it."""
        if self.amendment is not None:
            amending.amend(desk, self.amendment, actor, step, unlock)
        row = reading.row_of(desk, self.target["doc"])
        applied = {"doc": row["doc"], "doc_id": row["doc_id"], "revision": row["revision"]}
        return {APPLIED: {**applied, "event": row["head"]}}


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Application:
    """Steps 1 to 3. Raises Conflict("update.target_changed" with `values`, see `differences`;
    "update.target_state"), NotFound("update.target_unknown"), Invalid("update", problems)."""
    rules = form.workflow.updates
    target = update_targets.named(desk, rules, answers) if rules is not None else None
    if rules is None or target is None:
        raise NotFound("update.target_unknown")
    # 1
    if _made_by(desk, target) == row["doc"]:
        revision = update_targets.said_revision(rules, answers)
        opened = update_targets.open_target(desk, target, revision)
        return Application(row, rules, answers, target, None, _left(desk, rules, opened, answers))
    # 2
    if _moved(desk, rules, target, answers) is not None:
        raise _conflict(desk, rules, target, answers)
    # 3
    new, problems = _judged(desk, rules, target, answers)
    if problems:
        raise Invalid("update", problems=problems)
    its_form = desk.registry.by_digest(target["digest"])
    bound = attaching.bind(desk, people.system_actor(desk), its_form, new, target)
    if bound.problems:
        raise Invalid("update", problems=bound.problems)
    made = amending.Amendment(target, its_form, new, bound, row["doc"], row["doc_id"], row["head"])
    left = _left(desk, rules, update_targets.open_target(desk, target), answers)
    return Application(row, rules, answers, target, made, left)


def _left(desk: Desk, rules: Updates, target: Target, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What the step says of documents that are to be looked at; nothing where there are none."""
    found = consequences.found(desk, rules, target, answers)
    return {consequences.FOLLOW_UPS: found} if found else {}


def _made_by(desk: Desk, target: DocumentRow) -> str:
    """The document that brought about the newest revision of the target; "" when it was filed itself."""
    said = desk.journal.read(target["contents"][-1][1]).statement()
    return str(said["body"][amending.UPDATE]["doc"]) if said["type"] == AMEND else ""


def _moved(desk: Desk, rules: Updates, row: DocumentRow, answers: Mapping[str, Any]) -> Problem | None:
    """Why the target is not what the update was made from; None when it is."""
    if row["state"] not in rules.states:
        state = _state_words(desk.registry.by_digest(row["digest"]), row["state"])
        return Problem(rules.doc_id, "update.target_state", {"state": state})
    said = look(answers, rules.revision)
    if said == row["revision"]:
        return None
    if type(said) is not int or not 1 <= said < row["revision"]:
        return Problem(rules.revision, "update.target_revision", {"revision": row["revision"]})
    values = differences(desk, rules, row, answers)
    facts = {"revision": row["revision"], "listed": _listed(desk, row, values), "values": values}
    return Problem(rules.revision, "update.target_changed", facts)


def _listed(desk: Desk, row: DocumentRow, values: list[dict[str, str]]) -> dict[str, str]:
    """Of each change what stands there now and what was wanted, by language."""
    form, out = desk.registry.by_digest(row["digest"]), {}
    for lang, between in ((update_targets.CHINESE, "；"), (update_targets.ENGLISH, "; ")):
        out[lang] = between.join(
            f"{update_targets.label(form, one['path'], lang)} "
            f"{one['now_masked'] or '—'} / {one['new_masked'] or '—'}"
            for one in values
        )
    return out


def _conflict(desk: Desk, rules: Updates, row: DocumentRow, answers: Mapping[str, Any]) -> Conflict:
    """The refusal of an update whose target has moved, with what stands there now and who changed it."""
    why = _moved(desk, rules, row, answers)
    last = row["steps"][-1]
    facts = why.facts if why is not None else {}
    code = why.code if why is not None else "update.target_busy"
    by, said = reading.name_of(desk, last["person"]), look(answers, rules.revision)
    return Conflict(code, doc_no=row["doc_no"], by=by, at=last["at"], said=said, **facts)


def _judged(
    desk: Desk, rules: Updates, row: DocumentRow, answers: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The target's answers as they will be, with computed values, and what is wrong with them or the changes.

    They are judged as the platform would judge them: who keyed the target was settled when it was filed.
    """
    target = update_targets.open_target(desk, row)
    problems = (
        *_unfit(rules, target, answers),
        *holding.judge(desk, rules, row, answers),
        *reverting.judge(desk, rules, row, answers),
    )
    if problems:
        return {}, problems
    listed = update_targets.changes_of(rules, answers)
    try:
        new = update_targets.patched(target, (one for _, one in listed))
    except Refused:
        return {}, (Problem(rules.changes, "update.paths"),)
    around = checking.surroundings(
        desk, people.system_actor(desk), "", desk.clock.now(), target.form, new, row, channel=row["channel"]
    )
    judgement = validate(target.form, new, around)
    places = {one[PATH]: place for place, one in listed}
    found = [_as_said(rules, target.form, places, one) for one in judgement.errors]
    for at in _moved_by_itself(rules, target, judgement.answers):
        found.append(Problem(rules.changes, "update.fixed", {"field": at}))
    return judgement.answers, tuple(found)


def _unfit(rules: Updates, target: Target, answers: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with each change by itself."""
    seen: set[str] = set()
    for place, one in update_targets.changes_of(rules, answers):
        path = one[PATH]
        at = update_targets.place_of(rules, place, PATH)
        named = update_targets.labels(target.form, path)
        if update_targets.field_of(target.form, path) is None:
            yield Problem(at, "update.path_unknown")
        elif update_targets.is_fixed(rules, target.form, path):
            yield Problem(at, "update.fixed", {"field": named})
        elif path in seen:
            yield Problem(at, "update.twice", {"field": named})
        elif _is_same(target, one):
            yield Problem(update_targets.place_of(rules, place, NEW), "update.same", {"field": named})
        seen.add(path)


def _is_same(target: Target, change: Mapping[str, Any]) -> bool:
    """Whether the change changes nothing."""
    path, old = change[PATH], target.leaves.get(change[PATH], ABSENT)
    if change.get(REMOVE):
        return old is ABSENT
    new = update_targets.value_of(target.form, path, str(change.get(NEW, "")))
    return type(old) is type(new) and old == new


def _as_said(rules: Updates, form: CompiledForm, places: Mapping[str, int], one: Problem) -> Problem:
    """A problem of the target as one of the update: at the change that names the place, else at the list."""
    place = places.get(one.pointer)
    if place is not None:
        at = update_targets.place_of(rules, place, NEW)
        return Problem(at, one.code, {**one.facts, **_in_words(form, one)}, "error", one.message)
    named = update_targets.labels(form, one.pointer) if one.pointer else ""
    facts = {**one.facts, **_in_words(form, one), "field": named}
    return Problem(rules.changes, f"update.breaks.{one.code}", facts, "error", one.message)


def _in_words(form: CompiledForm, one: Problem) -> dict[str, Any]:
    """The sentence of a rule of the target's form, by language: the update's own form does not know it."""
    if one.message is None:
        return {}
    english = form.bundle.locale.get(f"#/rules/{one.code}", one.message)
    return {OF_ANOTHER: {update_targets.CHINESE: one.message, update_targets.ENGLISH: str(english)}}


def _state_words(form: CompiledForm, state: str) -> dict[str, str]:
    """What a state of the target is called, by language."""
    title = form.workflow.states[state].title
    english = str(form.bundle.locale.get(f"#/states/{state}", title))
    return {update_targets.CHINESE: title, update_targets.ENGLISH: english}


def _moved_by_itself(rules: Updates, target: Target, new: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Computed values of what the states file fixes that would come out otherwise."""
    after = dict(flatten(new))
    for layer in target.form.computed:
        for one in layer:
            is_held = any(one.pointer.startswith(above + "/") for above in rules.fixed)
            if is_held and after.get(one.pointer, ABSENT) != target.leaves.get(one.pointer, ABSENT):
                yield update_targets.labels(target.form, one.pointer)
