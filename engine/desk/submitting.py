"""Submitting: answers become a signed, sealed document, or a new revision of a returned one.

Steps:
 1 the same client key with the same payload gives the same receipt; with another payload it is refused (K8)
 2 the form version, and the right to submit it
 3 judge the answers: shape, computed values, rules, lookups; bind the files
 4 inside the journal's critical section: nothing moved meanwhile, numbers are issued, fields are committed
   and sealed, the event is signed and appended
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from engine.desk import (
    appraising,
    attaching,
    checking,
    drafting,
    events,
    grant_reviews,
    indexing,
    lookups,
    people,
    publishing,
    query_scope,
    reading,
    reporting,
    retention,
    sealing,
    taking,
    update_targets,
    updating,
)
from engine.desk.desk import Desk, Receipt, Ticket
from engine.desk.sealing import path_of
from engine.errors import Conflict, Invalid
from engine.identity import base32, document_number, local_day, official_number, parse_utc, utc_text
from engine.lifecycle.advance import advance
from engine.lifecycle.advance import begin as role_to_begin
from engine.lifecycle.people import Actor
from engine.lifecycle.standing import Standing
from engine.projection import DESTROYED, DocumentRow
from engine.record import Record
from engine.registry.compiled import CompiledForm
from engine.registry.effective import count_filled
from engine.registry.validate import Judgement, Surroundings, validate
from engine.trust import canonical
from engine.trust.seal import ATTACHMENTS_PREFIX
from engine.trust.statement import FormRef


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person asks to submit. `key` is the client's idempotency key, `confirmed` warning codes.

    `doc` names the returned document this corrects, with the head its corrector saw.
    """

    form: str
    answers: dict[str, Any]
    key: str
    version: str = ""
    channel: str = "counter"
    doc: str = ""
    expected_head: str = ""
    draft_id: str = ""
    created_at: str = ""
    confirmed: frozenset[str] = field(default_factory=frozenset)


def submit(desk: Desk, actor: Actor, wanted: Submission, unlock: str | None) -> Ticket[Receipt]:
    """Submit; the ticket resolves when the event is durable and provable.

    Raises `Invalid` (problems with pointers; unconfirmed warnings have level `warning`), `NotAllowed`,
    `Conflict` (somebody else was first, or the key was used for something else), `NeedsUnlock`,
    `Unavailable`.
    """
    # 1
    key, payload = idempotency(actor, "submit", wanted.key), _payload_digest(wanted)
    again = replay(desk, key, payload)
    if again is not None:
        return again
    events.check_writable(desk)
    # 2
    now = desk.clock.now()
    before = reading.readable_row(desk, actor, wanted.doc)[0] if wanted.doc else None
    if before is not None and DESTROYED in before["flags"]:
        raise Conflict("document.destroyed")
    form = _version(desk, actor, wanted, before, local_day(now))
    role = role_to_begin(form, actor, local_day(now)) if before is None else ""
    wanted = replace(wanted, answers=query_scope.keyed(desk, form, wanted.answers))
    # 3
    seen = desk.store.size
    judged = _judge(desk, actor, role, wanted, form, before, now)
    # 4
    with desk.journal.sequencing():
        again = replay(desk, key, payload)
        if again is not None:
            return again
        if desk.store.size != seen:
            # Somebody else's event came in between: what other documents say is asked again.
            judged = _judge(desk, actor, role, wanted, form, before, now)
        actor = people.as_of_now(desk, actor)
        return _append(desk, actor, wanted, form, judged, (key, payload), unlock)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Answers that hold, the files they list, and what was known when that was said."""

    around: Surroundings
    judgement: Judgement
    bound: attaching.Bound


def _judge(
    desk: Desk,
    actor: Actor,
    role: str,
    wanted: Submission,
    form: CompiledForm,
    before: DocumentRow | None,
    now: datetime,
) -> _Judged:
    """Step 3. Raises `Invalid` with errors, or with warnings that nobody confirmed."""
    answers = update_targets.fill(desk, actor, form, publishing.fill(desk, form, wanted.answers))
    answers = taking.fill(desk, form, grant_reviews.fill(desk, actor, form, answers, before), before)
    answers = reporting.fill(desk, form, appraising.fill(desk, form, answers, before), before)
    around = checking.surroundings(
        desk,
        actor,
        role,
        now,
        form,
        answers,
        before,
        channel=wanted.channel,
        created_at=wanted.created_at,
    )
    judgement = validate(form, answers, around)
    if judgement.errors:
        raise Invalid("answers", problems=judgement.problems)
    fixed = drafting.not_to_edit(desk, form, judgement.answers, before)
    if fixed:
        raise Invalid("answers", problems=fixed)
    unfit = publishing.judge(desk, form, judgement.answers)
    unfit += updating.judge(desk, actor, form, judgement.answers)
    unfit += query_scope.judge(desk, actor, form, judgement.answers)
    unfit += grant_reviews.judge(desk, form, judgement.answers, before)
    unfit += appraising.judge(form, judgement.answers, before)
    unfit += reporting.judge(form, judgement.answers, before)
    unfit += retention.judge_hold(desk, form, judgement.answers)
    if unfit:
        raise Invalid("answers", problems=unfit)
    bound = attaching.bind(desk, actor, form, judgement.answers, before)
    unconfirmed = tuple(one for one in judgement.warnings if one.code not in wanted.confirmed)
    if bound.problems or unconfirmed:
        raise Invalid(
            "answers" if bound.problems else "unconfirmed", problems=(*bound.problems, *unconfirmed)
        )
    return _Judged(around, judgement, bound)


def _append(
    desk: Desk,
    actor: Actor,
    wanted: Submission,
    form: CompiledForm,
    judged: _Judged,
    idem: tuple[str, str],
    unlock: str | None,
) -> Ticket[Receipt]:
    around, judgement, bound = judged.around, judged.judgement, judged.bound
    answers, now = judgement.answers, around.now
    before = reading.row_of(desk, wanted.doc) if wanted.doc else None
    if before is not None and wanted.expected_head != before["head"]:
        raise stale(desk, form, before)
    standing = _unborn(desk, form, actor, around) if before is None else reading.standing_of(before)
    taken = form.workflow.filing("" if before is None else before["state"])
    step = advance(
        form, standing, taken.name, actor, {}, replace(around, data=answers), desk.calendar
    )
    if before is None:
        doc, known = base32(desk.randomness.bytes(16)), {}
        numbers, counters = _issue_numbers(desk, form, actor, now)
    else:
        doc, known = before["doc"], sealing.document_keys(desk, before)
        numbers, counters = {"doc_id": before["doc_id"], "doc_no": before["doc_no"]}, {}
    publishing.keep(desk, form, answers)
    is_filing = step.transition.name == form.workflow.first().name
    seq, prev, revision = standing.seq + 1, standing.head, standing.revision + 1
    role, due = step.role, step.due_at or ""
    groups = sealing.group_fields(form, answers)
    for file_id, entry in bound.sealed.items():
        groups.setdefault(entry["class"], []).append((f"{ATTACHMENTS_PREFIX}{file_id}", entry))
    for klass in {entry["class"] for entry in bound.sealed.values()}:
        groups[klass].sort(key=path_of)
    sealed = sealing.seal_groups(desk, form, doc, seq, groups, known)
    indexed, summary = indexing.indexed_values(form, answers), indexing.summary_note(form, answers)
    prepared = desk.vault.prepare(doc, sealed.fresh, indexed, lookups.SUMMARY, summary)
    collector = indexing.collector_of(desk, form, answers)
    header = {
        **numbers,
        **indexing.header(form, answers, now),
        "revision": revision,
        "region_code": standing.region,
        "dept_code": standing.unit,
        "source_channel": wanted.channel,
        "created_at": standing.created_at,
        "submitted_at": utc_text(now) if is_filing else standing.submitted_at,
        "collector": collector,
    }
    side = {
        "idem": idem[0],
        "payload": idem[1],
        "counters": counters,
        "due_at": due,
        "collector": collector,
        "late": _is_late(form, answers, now, _late_after(desk, now)),
        "flags": sorted({one.code for one in judgement.warnings}),
        "facets": indexing.facets(form, answers),
        "blind": dict(prepared.bits),
        "summary": prepared.note.hex(),
        "filled": list(count_filled(form, answers)),
        "claimed_by": "",
        "overdue": before is not None and "" < before["due_at"] < utc_text(now),
    }
    new = events.NewEvent(
        doc=doc,
        seq=seq,
        prev=prev,
        type="submit" if is_filing else "transition",
        actor=actor,
        role=role,
        grant=step.grant,
        form=FormRef(form.bundle.form, form.bundle.version, form.bundle.digest),
        source=standing.state,
        target=step.target_state,
        transition=step.transition.name,
        header=header,
        part_refs=sealed.refs,
        parts=sealed.parts,
        wraps=prepared.wraps,
        attachments=bound.refs,
        side=side,
    )
    return events.append(desk, new, unlock, receipt_maker(desk))


def receipt_maker(desk: Desk) -> Any:
    """What turns a committed record into its receipt."""

    def finish(written: events.Written, committed: Any) -> Receipt:
        return receipt_of(desk, written.record, written.event, committed)

    return finish


def receipt_of(desk: Desk, record: Record, event: str, committed: Any) -> Receipt:
    """The receipt of a record; the row gives the numbers."""
    statement = record.statement()
    row = desk.store.get(statement["doc"])
    numbers = statement["header"] or row or {"doc_id": "", "doc_no": "", "revision": 0}
    facts = {name: numbers[name] for name in ("doc_id", "doc_no", "revision")}
    return events.receipt(events.Written(record, event), committed, statement, facts)


def idempotency(actor: Actor, verb: str, key: str) -> str:
    """The name under which a client key is remembered: of this person, for this verb."""
    return sha256(f"{actor.person}\n{verb}\n{key}".encode()).hexdigest() if key else ""


def replay(desk: Desk, key: str, payload: str) -> Ticket[Receipt] | None:
    """The promise already made for this key, or None; `Conflict` when it was made for something else."""
    known = desk.store.idempotent(key) if key else None
    if known is None:
        return None
    if known["payload"] != payload:
        raise Conflict("idempotency.other_payload")
    index = known["index"]

    def finish(committed: Any) -> Receipt:
        record = desk.journal.read(index)
        from engine.trust.identifiers import event_id

        return receipt_of(desk, record, event_id(record.envelope.pae()), committed)

    return Ticket(desk.journal.when_durable(index, finish))


def stale(desk: Desk, form: CompiledForm, row: DocumentRow) -> Conflict:
    """The refusal of a request that named an older head: what the document is now, and who made it so."""
    last = row["steps"][-1]
    return Conflict(
        "document.changed",
        state=row["state"],
        state_title=form.workflow.states[row["state"]].title,
        head=row["head"],
        transition=last["transition"],
        by=reading.name_in(desk, row, last["person"]),
        at=last["at"],
        revision=row["revision"],
    )


def _payload_digest(wanted: Submission) -> str:
    value = {
        "form": wanted.form,
        "version": wanted.version,
        "doc": wanted.doc,
        "head": wanted.expected_head,
        "answers": wanted.answers,
    }
    try:
        data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a whole number beyond 64 bits, which the judgement is about to refuse
        data = canonical.dump(value)
    return sha256(data).hexdigest()


def _version(
    desk: Desk, actor: Actor, wanted: Submission, before: DocumentRow | None, day: str
) -> CompiledForm:
    """A correction stays on the version it was signed with; a new document is of the one in force.

    A draft begun under an older version is of that one for as long as the publication of the newer says.
    """
    if before is not None:
        return desk.registry.by_digest(before["digest"])
    form = desk.registry.in_force(wanted.form, date.fromisoformat(day))
    if not wanted.version or wanted.version == form.version:
        return form
    if wanted.draft_id:
        return drafting.version_to_finish(desk, actor, wanted.draft_id, wanted.version, day)
    raise Conflict("version.not_in_force", version=wanted.version, in_force=form.version)


def _issue_numbers(
    desk: Desk, form: CompiledForm, actor: Actor, now: datetime
) -> tuple[dict[str, str], dict[str, int]]:
    """The next document id of the day and the next official number of the year; gap-free (domain O22)."""
    day, region = local_day(now), actor.region or desk.agency.code
    kind, letter = form.header["kind"], form.header["doc_no"]
    by_day, by_year = f"doc_id:{kind}:{region}:{day}", f"doc_no:{form.bundle.form}:{region}:{day[:4]}"
    sequence, number = desk.store.counter(by_day) + 1, desk.store.counter(by_year) + 1
    numbers = {
        "doc_id": document_number(kind, region, day, sequence),
        "doc_no": official_number(letter, day[:4], number),
    }
    return numbers, {by_day: sequence, by_year: number}


def _unborn(desk: Desk, form: CompiledForm, actor: Actor, around: Surroundings) -> Standing:
    """Where a document stands that has no event yet: in the initial state, its maker's own."""
    person, created = actor.person, str(around.document["created_at"])
    return Standing(
        doc="",
        doc_id="",
        doc_no="",
        form=form.form,
        version=form.version,
        digest=form.digest,
        state=form.workflow.initial,
        seq=0,
        head="",
        revision=0,
        region=actor.region or desk.agency.code,
        unit=indexing.unit_of(form, around.data, actor.unit),
        created_by=person,
        submitted_by=person,
        collector="",
        claimed_by="",
        created_at=created,
        submitted_at="",
        steps=(),
    )


def _late_after(desk: Desk, now: datetime) -> timedelta:
    return timedelta(hours=desk.settings.now().number("sla.entry_hours", local_day(now)))


def _is_late(form: CompiledForm, answers: Mapping[str, Any], now: datetime, after: timedelta) -> bool:
    collected = indexing.collected_at(form, answers)
    return bool(collected) and now - parse_utc(collected) > after
