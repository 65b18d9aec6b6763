"""Drafts: a form being filled, before it is a document.

A draft is a sealed side record, not an event: nothing is signed until it is submitted (docs/adr/0005).
Only its maker opens it. Every save names the revision it saw; a stale one is refused with both texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine.desk import appraising, checking, reading, reporting, revisions, taking
from engine.desk.desk import Desk
from engine.errors import Conflict, NotAllowed, NotFound, Problem
from engine.identity import base32, local_date, local_day, utc_text
from engine.lifecycle.advance import begin as role_to_begin
from engine.lifecycle.people import Actor
from engine.lifecycle.writing import changed_outside, merged
from engine.ports import StoredDraft
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.versions.lift import apply, chain, parse_lift
from engine.versions.published import ANEW, FINISH, LIFT


def begin(desk: Desk, actor: Actor, form: str, answers: Mapping[str, Any] | None = None) -> StoredDraft:
    """A new draft of the form version in force today, with `answers` carried over from elsewhere.

    Raises `NotAllowed` when no role of the actor may begin this form.
    """
    today = local_day(desk.clock.now())
    version = desk.registry.in_force(form, date.fromisoformat(today))
    role_to_begin(version, actor, today)
    return _store_new(desk, actor, version.bundle.form, version.bundle.version, answers or {}, "", "")


def correct(desk: Desk, actor: Actor, doc: str) -> StoredDraft:
    """The draft that corrects a returned document: it starts from the last revision and its version.

    A second call gives the same draft back, so that two tabs do not make two corrections.
    """
    for draft in desk.drafts.of_person(actor.person):
        if draft.doc == doc:
            return _brought_up_to_date(desk, actor, draft)
    row, form = reading.readable_row(desk, actor, doc)
    editing = form.workflow.editing(row["state"])
    is_correction = editing is None or editing.name == form.workflow.first().name
    if is_correction and row["created_by"] != actor.person:
        raise NotAllowed("draft.not_yours")
    if editing is None:
        raise Conflict("state.changed", state=row["state"], head=row["head"])
    answers = reading.answers_of(desk, row)
    if not is_correction and not checking.may_take(desk, actor, form, row, editing.name, answers):
        raise NotAllowed("draft.not_yours")
    answers = taking.grouped(desk, form, answers, doc)
    return _store_new(desk, actor, row["form"], row["version"], answers, doc, row["head"])


def _brought_up_to_date(desk: Desk, actor: Actor, draft: StoredDraft) -> StoredDraft:
    """The draft that opens parts of a document which moved on meanwhile: its own parts as they were typed,
    the rest as it stands now."""
    row, form = reading.readable_row(desk, actor, draft.doc)
    editing = form.workflow.editing(row["state"])
    if editing is None or not editing.edits or draft.base_head == row["head"]:
        return draft
    answers = merged(reading.answers_of(desk, row), draft.answers, editing.edits)
    fresh = replace(draft, revision=draft.revision + 1, answers=answers, base_head=row["head"])
    desk.drafts.save(fresh, draft.revision)
    return fresh


def not_to_edit(
    desk: Desk, form: CompiledForm, answers: Mapping[str, Any], before: DocumentRow | None
) -> tuple[Problem, ...]:
    """Where answers differ from what stands though the step they are filed with leaves that place alone.

    What the system computes follows from the rest.
    """
    allowed = form.workflow.filing("" if before is None else before["state"]).edits
    if not allowed:
        return ()
    if before is None:
        allowed = (*allowed, *appraising.written_by_system(form), *reporting.written_by_system(form))
    if before is None and form.workflow.reviews_grants is not None:
        allowed = (*allowed, form.workflow.reviews_grants.lines)  # which the system takes from the directory
    stood = {} if before is None else reading.answers_of(desk, before)
    old, new = (taking.without_computed(form, dict(one)) for one in (stood, answers))
    fixed = (at for at in changed_outside(old, new, allowed) if not _is_computed(form, at))
    return tuple(Problem(at, "not_to_edit") for at in fixed)


def _is_computed(form: CompiledForm, pointer: str) -> bool:
    info = form.field(pointer)
    return info is not None and info.is_computed


def open_draft(desk: Desk, actor: Actor, draft_id: str) -> StoredDraft:
    """The draft, for its maker. Anybody else is told that there is none."""
    draft = desk.drafts.get(draft_id)
    if draft is None or draft.created_by != actor.person:
        raise NotFound("draft.not_found")
    return draft


def save(
    desk: Desk,
    actor: Actor,
    draft_id: str,
    expected_revision: int,
    answers: Mapping[str, Any],
    *,
    texts: Mapping[str, str] | None = None,
    notes: Mapping[str, Any] | None = None,
) -> StoredDraft:
    """Store new answers over the revision the caller saw; a draft may be invalid.

    `texts` are typed texts that could not be read as values, by pointer: they are kept, not lost.
    Raises `Conflict` with the stored revision, answers, time and person when somebody saved meanwhile.
    """
    draft = open_draft(desk, actor, draft_id)
    if draft.revision != expected_revision:
        raise Conflict(
            "draft.changed",
            revision=draft.revision,
            answers_theirs=draft.answers,
            saved_at=draft.saved_at,
            saved_by=draft.saved_by,
        )
    saved = replace(
        draft,
        revision=draft.revision + 1,
        answers=answers,
        texts=texts if texts is not None else {},
        notes=notes if notes is not None else draft.notes,
        saved_by=actor.person,
        saved_at=utc_text(desk.clock.now()),
    )
    desk.drafts.save(saved, expected_revision)
    return saved


def rule_of(desk: Desk, draft: StoredDraft) -> str:
    """What may be done today with a draft: "" (its version is in force, or it corrects a document), `finish`
    (under its own version, still), `lift` (into the version in force) or `anew`."""
    if draft.doc:
        return ""
    today = local_day(desk.clock.now())
    return desk.registry.drafts_rule(draft.form, draft.version, date.fromisoformat(today))


def version_to_finish(desk: Desk, actor: Actor, draft_id: str, version: str, day: str) -> CompiledForm:
    """The older version under which a draft may still be filed on `day` (YYYY-MM-DD).

    Raises Conflict: `version.not_in_force` (the draft is of another version), `draft.must_be_lifted`,
    `draft.begin_anew`, with `version` and `in_force`.
    """
    draft = open_draft(desk, actor, draft_id)
    on = date.fromisoformat(day)
    facts: dict[str, Any] = {"version": version, "in_force": desk.registry.in_force(draft.form, on).version}
    if draft.version != version or draft.doc:
        raise Conflict("version.not_in_force", **facts)
    rule = desk.registry.drafts_rule(draft.form, version, on)
    if rule in ("", FINISH):
        return desk.registry.get(draft.form, version)
    raise Conflict("draft.must_be_lifted" if rule == LIFT else "draft.begin_anew", **facts)


def lift(desk: Desk, actor: Actor, draft_id: str, expected_revision: int) -> StoredDraft:
    """The draft moved into the version in force, its answers lifted over every version between.

    What the newer version cannot know of them stands in `notes["lifted"]`, with the old texts: the maker
    looks at it before filing. Raises Conflict: `draft.not_older`, `draft.begin_anew`, `draft.changed`.
    """
    draft = open_draft(desk, actor, draft_id)
    rule = rule_of(desk, draft)
    newest = desk.registry.in_force(draft.form, local_date(desk.clock.now()))
    if rule in ("", ANEW):
        code = "draft.begin_anew" if rule == ANEW else "draft.not_older"
        raise Conflict(code, version=draft.version, in_force=newest.version)
    versions = [one.version for one in desk.registry.versions(draft.form)]
    declared = (revisions.lift_of(desk, draft.form, version) for version in versions)
    lifts = [parse_lift(one) for one in declared if one is not None]
    made = chain(draft.form, versions, lifts, draft.version, newest.version)
    lifted = apply(made, dict(draft.answers))
    told = {**lifted.as_json(), "from": draft.version}
    told.pop("answers", None)
    notes = {**draft.notes, "lifted": told}
    texts = {at: text for at, text in draft.texts.items() if newest.field(at) is not None}
    saved = save(desk, actor, draft_id, expected_revision, lifted.answers, texts=texts, notes=notes)
    moved = replace(saved, version=newest.version, revision=saved.revision + 1)
    desk.drafts.save(moved, saved.revision)
    return moved


def discard(desk: Desk, actor: Actor, draft_id: str) -> None:
    """Throw a draft away, on its maker's word."""
    open_draft(desk, actor, draft_id)
    desk.drafts.discard(draft_id)


def list_drafts(desk: Desk, actor: Actor) -> tuple[StoredDraft, ...]:
    """The actor's drafts, the one saved last first."""
    return tuple(sorted(desk.drafts.of_person(actor.person), key=lambda draft: draft.saved_at, reverse=True))


def _store_new(
    desk: Desk, actor: Actor, form: str, version: str, answers: Mapping[str, Any], doc: str, head: str
) -> StoredDraft:
    now = utc_text(desk.clock.now())
    draft = StoredDraft(
        id=base32(desk.randomness.bytes(16)),
        form=form,
        version=version,
        revision=1,
        answers=dict(answers),
        created_by=actor.person,
        created_at=now,
        saved_by=actor.person,
        saved_at=now,
        doc=doc,
        base_head=head,
    )
    desk.drafts.save(draft, 0)
    return draft
