"""What an update leaves to be done in other documents of the same person: which ones, and which still wait.

Decides by the number of the person, as the target said it before the update and says it after; a document
in which another person has that number is listed too, and people judge (decision 0024). Changes no other
document and re-keys none: each needs its own update.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.desk import reading, sealing, update_targets
from engine.desk.desk import Desk
from engine.desk.holding import says
from engine.desk.lookups import index_name, is_likely
from engine.desk.update_targets import NEW, PATH, Target
from engine.errors import NotFound
from engine.lifecycle.people import Actor
from engine.lifecycle.updates import FollowUp, Updates
from engine.lifecycle.workflow import APPLY_UPDATE
from engine.ports import ListView
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look
from engine.trust.blind import normalize_for_index

NEWEST, MOST_OPENED = 200, 60
FOLLOW_UPS: Final = "follow_ups"
"""Among what the step says that applied an update: `{name: [document, ...]}`, sealed with it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document to be looked at. `values` are masked, in the order of what the follow-up shows."""

    row: DocumentRow
    subject: str
    values: tuple[str, ...]
    is_done: bool


def asked_for(rules: Updates, answers: Mapping[str, Any]) -> tuple[FollowUp, ...]:
    """The follow-ups that an update with these answers has."""
    paths = {one[PATH] for _, one in update_targets.changes_of(rules, answers)}
    return tuple(
        one
        for one in rules.follow_ups
        if (not one.changes or paths.intersection(one.changes))
        and says(answers, one.given)
        and (not one.since or isinstance(look(answers, one.since), str))
    )


def found(desk: Desk, rules: Updates, target: Target, answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """By follow-up, the documents that it lists now; only those with any."""
    numbers = _numbers(rules, target, answers)
    out = {}
    for one in asked_for(rules, answers):
        wanted = numbers[:1] if one.begins else numbers
        rows = (
            row for row in _of_person(desk, rules, target.form, wanted) if row["doc"] != target.row["doc"]
        )
        wrong = _corrected(rules, target, one, answers)
        out[one.name] = [row["doc"] for row in rows if _waits(desk, rules, one, row, answers, wrong)]
    return {name: docs for name, docs in out.items() if docs}


def listed(desk: Desk, update: DocumentRow) -> Iterator[tuple[FollowUp, tuple[Listed, ...]]]:
    """Each follow-up of an update with its documents: those listed when it was applied, or before that those
    that would be. What stands in them is masked."""
    rules = desk.registry.by_digest(update["digest"]).workflow.updates
    if rules is None or not rules.follow_ups:
        return
    answers = reading.answers_of(desk, update)
    asked = asked_for(rules, answers)
    row = update_targets.named(desk, rules, answers) if asked else None
    if row is None:
        return
    said = update_targets.said_revision(rules, answers) or 1
    target = update_targets.open_target(desk, row, min(said, row["revision"]))
    docs = recorded_in(desk, update) if is_applied(desk, update) else found(desk, rules, target, answers)
    for one in asked:
        wrong = _corrected(rules, target, one, answers)
        rows = [known for doc in docs.get(one.name, ()) if (known := desk.store.get(doc)) is not None]
        yield one, tuple(_listed(desk, rules, one, each, answers, wrong) for each in rows)


def is_applied(desk: Desk, update: DocumentRow) -> bool:
    """Whether an update has been applied."""
    workflow = desk.registry.by_digest(update["digest"]).workflow
    names = {one.name for one in workflow.transitions.values() if APPLY_UPDATE in one.does}
    return any(step["transition"] in names for step in update["steps"])


def recorded_in(desk: Desk, update: DocumentRow) -> dict[str, list[str]]:
    """By follow-up, the documents that were listed when an update was applied."""
    told = reading.transition_answers(desk, update).values()
    return next((dict(one[FOLLOW_UPS]) for one in told if isinstance(one.get(FOLLOW_UPS), dict)), {})


def _listed(
    desk: Desk,
    rules: Updates,
    follow_up: FollowUp,
    row: DocumentRow,
    answers: Mapping[str, Any],
    wrong: Mapping[str, Any],
) -> Listed:
    form = desk.registry.by_digest(row["digest"])
    leaves = _leaves(desk, row, form, (*rules.subject, *follow_up.shows))
    subject = (update_targets.shown(form, at, leaves[at]) for at in rules.subject if at in leaves)
    values = tuple(
        update_targets.shown(form, at, leaves[at]) if at in leaves else "" for at in follow_up.shows
    )
    is_done = not _waits(desk, rules, follow_up, row, answers, wrong)
    return Listed(row, " ".join(subject), values, is_done)


def _corrected(
    rules: Updates, target: Target, follow_up: FollowUp, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Of a follow-up by which the same is corrected elsewhere: what stood wrong, by field; {} of others."""
    if not follow_up.begins:
        return {}
    paths = (one[PATH] for _, one in update_targets.changes_of(rules, answers))
    return {at: target.leaves[at] for at in paths if at in follow_up.changes and at in target.leaves}


def _numbers(rules: Updates, target: Target, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The person's number as it stood, and as the update says it, normalized; () where it has none."""
    pointer = rules.subject[-1] if rules.subject else ""
    new = (one.get(NEW) for _, one in update_targets.changes_of(rules, answers) if one[PATH] == pointer)
    said = [target.leaves.get(pointer), *new]
    return tuple(dict.fromkeys(normalize_for_index(one) for one in said if isinstance(one, str) and one))


def _of_person(
    desk: Desk, rules: Updates, form: CompiledForm, numbers: Iterable[str]
) -> Iterator[DocumentRow]:
    """Every document of the form that says one of these numbers."""
    pointer = rules.subject[-1]
    name = index_name(form.form, pointer)
    for number in numbers:
        for row in desk.store.by_blind(name, desk.vault.blind(name, number)):
            if DESTROYED in row["flags"] or not is_likely(desk, row, name, number):
                continue
            its_form = desk.registry.by_digest(row["digest"])
            leaf = _leaves(desk, row, its_form, (pointer,)).get(pointer)
            if isinstance(leaf, str) and normalize_for_index(leaf) == number:
                yield row


def _waits(
    desk: Desk,
    rules: Updates,
    follow_up: FollowUp,
    row: DocumentRow,
    answers: Mapping[str, Any],
    wrong: Mapping[str, Any],
) -> bool:
    """Whether a document of the person still is what the follow-up lists; where the same is corrected, that
    it still says something of what was `wrong`."""
    if row["form"] != rules.form or row["state"] not in follow_up.states:
        return False
    form = desk.registry.by_digest(row["digest"])
    wanted = [*follow_up.among, *wrong, *filter(None, (follow_up.ends,))]
    leaves = _leaves(desk, row, form, wanted) if wanted else {}
    if not all(leaves.get(at) in values for at, values in follow_up.among.items()):
        return False
    if wrong and not any(leaves.get(at) == value for at, value in wrong.items()):
        return False
    if not follow_up.since:
        return True
    since, ends = look(answers, follow_up.since), leaves.get(follow_up.ends)
    return isinstance(since, str) and isinstance(ends, str) and ends > since


def _leaves(desk: Desk, row: DocumentRow, form: CompiledForm, pointers: Iterable[str]) -> dict[str, Any]:
    """The opened leaves of the classes that these fields are sealed in; the other classes stay shut."""
    if DESTROYED in row["flags"]:
        return {}
    classes = frozenset(sealing.way_of(form, at)[0] for at in pointers if form.field(at) is not None)
    return dict(reading.fields_of(desk, row, classes=classes))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits because an update left it so."""

    update: DocumentRow
    follow_up: FollowUp
    listed: Listed


def waiting(desk: Desk, actor: Actor, form: CompiledForm, most: int = 20) -> tuple[Waiting, ...]:
    """What applied updates of a form left to be done in documents that this person may read, newest first.

    Looks at the newest updates only; older ones say on their own pages what they left.
    """
    rules = form.workflow.updates
    if rules is None or not rules.follow_ups:
        return ()
    applied = {one.target for one in form.workflow.transitions.values() if APPLY_UPDATE in one.does}
    view = ListView((form.form,), tuple(sorted(applied)), order="recent")
    rows = [row for row in desk.store.page(view, None, NEWEST).rows if _may_have(rules, form, row)]
    found: list[Waiting] = []
    for row in rows[:MOST_OPENED]:
        recorded = recorded_in(desk, row)
        docs = {doc for listed_docs in recorded.values() for doc in listed_docs}
        if not any(_is_readable(desk, actor, doc) for doc in docs):
            continue
        for follow_up, each in listed(desk, row):
            open_ones = (one for one in each if not one.is_done and _is_readable(desk, actor, one.row["doc"]))
            found.extend(Waiting(row, follow_up, one) for one in open_ones)
        if len(found) >= most:
            break
    return tuple(found[:most])


def _may_have(rules: Updates, form: CompiledForm, row: DocumentRow) -> bool:
    """Whether the facets of an update, which stand in clear, let it have a follow-up at all."""
    seen = set(form.facets)
    return any(
        all(str(row["facets"].get(at)) in values for at, values in one.given.items() if at in seen)
        for one in rules.follow_ups
    )


def _is_readable(desk: Desk, actor: Actor, doc: str) -> bool:
    try:
        reading.readable_row(desk, actor, doc)
    except NotFound:
        return False
    return True
