"""What is held about a person who asks (PIPL articles 44 to 47): documents, who read them, what may go.

Decides which documents are about the person – found by an indexed number and then compared, or by naming such
a document – and what each line of the answer says. Finding is a reading: it is written to the access log with
the request as its purpose. Who may ask is the lifecycle's; what is destroyed is engine.desk.destroying's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.desk import drafting, reading, retention, updating
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.desk.lookups import index_name, is_likely
from engine.errors import Conflict, NotAllowed
from engine.identity import SHANGHAI, local_day, parse_utc, utc_text
from engine.lifecycle.advance import Advance
from engine.lifecycle.keeping import AnswersPerson, Found
from engine.lifecycle.people import Actor
from engine.lifecycle.writing import value_of, with_value
from engine.ports import Access, ListView, StoredDraft
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look
from engine.trust.blind import normalize_for_index

PURPOSE: Final = "subject_request"
READINGS: Final = frozenset(
    ("task", "print", "bundle", "search", "query", "refused", "export", "archive", PURPOSE)
)
"""Purposes that the form has words for; any other is told as `other`."""
SAME: Final = {"review": "task"}
MAY, RUNNING, HELD, GONE = "may", "running", "held", "destroyed"


def find(desk: Desk, rules: AnswersPerson, answers: Mapping[str, Any], own: str) -> tuple[DocumentRow, ...]:
    """Every document about the person, the newest first. `own` is the request itself, which is none."""
    number = look(answers, rules.number)
    if not isinstance(number, str) or not number:
        return ()
    found: dict[str, DocumentRow] = {}
    for name, how in rules.forms.items():
        for pointer in how.known_by:
            found.update((row["doc"], row) for row in _by_number(desk, name, pointer, number))
    for name, how in rules.forms.items():
        if how.linked_by:
            named = [row["doc_id"] for row in found.values()]
            found.update((row["doc"], row) for row in _linked(desk, name, how, named))
    found.pop(own, None)
    return tuple(sorted(found.values(), key=lambda one: (one["submitted_at"], one["doc"]), reverse=True))


def _by_number(desk: Desk, form: str, pointer: str, number: str) -> Iterator[DocumentRow]:
    wanted, name = normalize_for_index(number), index_name(form, pointer)
    for row in desk.store.by_blind(name, desk.vault.blind(name, wanted)):
        if is_likely(desk, row, name, wanted) and DESTROYED not in row["flags"]:
            value = look(reading.answers_of(desk, row), pointer)
            if isinstance(value, str) and normalize_for_index(value) == wanted:
                yield row


def _linked(desk: Desk, form: str, how: Found, doc_ids: list[str]) -> Iterator[DocumentRow]:
    for doc_id in doc_ids:
        view = ListView(forms=(form,), facets=((how.linked_by, doc_id),))
        place: str | None = None
        while True:
            page = desk.store.page(view, place, retention.PAGE)
            yield from page.rows
            place = page.next
            if place is None:
                break


def judge_line(
    desk: Desk, rules: AnswersPerson, row: DocumentRow, basis: str, known: retention.Standing
) -> dict[str, Any]:
    """One line of what is held: where it stands, how long it is kept, whether it may be deleted."""
    kept = retention.kept(desk, row, known)
    line = {
        "doc_no": row["doc_no"],
        "doc_id": row["doc_id"],
        "form": row["form"] if row["form"] in rules.forms else "other",
        "filed_on": local_day(parse_utc(row["submitted_at"])),
        "deletable": deletable(desk, row, basis, known),
    }
    return line | ({"retain_until": kept.until} if kept.until else {})


def deletable(desk: Desk, row: DocumentRow, basis: str, known: retention.Standing) -> str:
    """`may`, or why not: `running` (the retention), `held`, `destroyed`."""
    if DESTROYED in row["flags"]:
        return GONE
    try:
        retention.check_destructible(desk, row, basis, known)
    except Conflict as refused:
        return HELD if refused.code == "retention.held" else RUNNING
    return MAY


def readings(
    desk: Desk, rules: AnswersPerson, docs: frozenset[str]
) -> tuple[list[dict[str, Any]], int]:
    """Who read these documents, by day, person, document and purpose, the newest first; how many readings.

    A person's number and department are told, not the name: who asks may hold the agency to account by it.
    """
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for one in desk.access.entries():
        for doc in docs & {one.doc, *one.what}:
            day = parse_utc(one.at).astimezone(SHANGHAI).date().isoformat()
            said = one.purpose.partition(":")[0]
            purpose = SAME.get(said, said)
            counted[day, one.person, doc, purpose if purpose in READINGS else "other"] += 1
    listed = []
    for (day, person, doc, purpose), times in sorted(counted.items(), reverse=True)[: rules.most]:
        account = desk.directory.by_person(person)
        row = desk.store.get(doc)
        listed.append(
            {
                "on": day,
                "staff_no": account.staff_no if account is not None else "",
                "dept_code": account.unit if account is not None else "",
                "doc_no": row["doc_no"] if row is not None else "",
                "purpose": purpose,
                "times": times,
            }
        )
    return [{name: value for name, value in one.items() if value != ""} for one in listed], counted.total()


@dataclass(slots=True)
class Finding(Effect):
    """What is held about the person, as an effect of a step; with `tells_readers`, who read it instead."""

    row: DocumentRow
    rules: AnswersPerson
    found: tuple[DocumentRow, ...]
    basis: str
    tells_readers: bool
    told: dict[str, Any] = field(default_factory=dict)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Log the finding; say the lines. The body of the event names how many documents were found."""
        if self.tells_readers:
            lines, total = readings(desk, self.rules, frozenset(one["doc"] for one in self.found))
            self.told = {self.rules.readers: lines, self.rules.reader_count: total}
            return {}
        now, known = utc_text(desk.clock.now()), retention.standing(desk)
        what = ("holdings", *(one["doc"] for one in self.found))
        desk.access.write(
            Access(now, actor.person, step.role, self.row["doc"], what, PURPOSE, self.row["doc_id"])
        )
        lines = [judge_line(desk, self.rules, one, self.basis, known) for one in self.found]
        self.told = {self.rules.holdings: lines}
        return {"holdings": len(lines)}


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Finding:
    """Look for what is held about the person that the request names."""
    return _prepared(desk, row, form, answers, tells_readers=False)


def prepare_readers(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Finding:
    """Look for who read what is held about the person."""
    return _prepared(desk, row, form, answers, tells_readers=True)


def _prepared(
    desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any], *, tells_readers: bool
) -> Finding:
    rules = form.workflow.keeping.answers_person
    assert rules is not None  # the states file was checked (DECLARED_IN)
    ends = form.workflow.keeping.destroys
    basis = look(answers, ends.basis) if ends is not None else ""
    found = find(desk, rules, answers, row["doc"])
    return Finding(row, rules, found, basis if isinstance(basis, str) else "", tells_readers)


def begin_correction(desk: Desk, actor: Actor, doc: str, target: str) -> StoredDraft:
    """A draft that corrects a document which a granted request names, filled in from the request.

    Raises NotFound, NotAllowed("begin"), Conflict: `request.not_correcting`, `request.not_held`, and what
    `updating.begin` raises.
    """
    row, form = reading.readable_row(desk, actor, doc)
    rules = form.workflow.keeping.answers_person
    answers = reading.answers_of(desk, row)
    if rules is None or row["state"] not in rules.correcting:
        raise Conflict("request.not_correcting")
    if look(answers, rules.kind) not in rules.corrects:
        raise Conflict("request.not_correcting")
    held = look(answers, rules.holdings)
    wanted = reading.row_of(desk, target)
    if not any(one["doc_id"] == wanted["doc_id"] for one in (held if isinstance(held, list) else ())):
        raise Conflict("request.not_held")
    draft = updating.begin(desk, actor, target, rules.update)
    update = desk.registry.get(draft.form, draft.version)
    names = {"data": answers, "document": {"doc_id": row["doc_id"], "doc_no": row["doc_no"]}}
    filled: dict[str, Any] = dict(draft.answers)
    for pointer, term in rules.update_answers.items():
        value, info = value_of(term, names), update.field(pointer)
        if value is not ABSENT and info is not None and (not info.enum or value in info.enum):
            filled = with_value(filled, pointer, value)
    return drafting.save(desk, actor, draft.id, draft.revision, filled)


Copy = tuple[DocumentRow, tuple[str, ...]]
"""A document to be copied, and the parts of it that speak of somebody else."""


def copies(desk: Desk, actor: Actor, doc: str) -> tuple[reading.Opened, tuple[Copy, ...]]:
    """The answered request and every document it found that still has content, with its parts about others.

    Raises NotFound, NotAllowed("print") and NotAllowed("reading.no_task"), Conflict("request.no_copies").
    """
    opened = reading.open_document(desk, actor, doc, purpose=PURPOSE)
    rules = opened.form.workflow.keeping.answers_person
    if rules is None or not may_copy(opened):
        raise Conflict("request.no_copies")
    if "print" not in opened.rights.actions:
        raise NotAllowed("print")
    held = look(opened.answers, rules.holdings)
    found = [desk.store.by_doc_id(one["doc_id"]) for one in (held if isinstance(held, list) else ())]
    return opened, tuple(
        (row, rules.forms[row["form"]].others if row["form"] in rules.forms else ())
        for row in found
        if row is not None and DESTROYED not in row["flags"]
    )


def may_copy(opened: reading.Opened) -> bool:
    """Whether the request stands where copies are handed out."""
    rules = opened.form.workflow.keeping.answers_person
    if rules is None or opened.row["state"] not in rules.answered:
        return False
    return look(opened.answers, rules.kind) in rules.copies


def may_correct(opened: reading.Opened) -> bool:
    """Whether the request stands where corrections are begun from it."""
    rules = opened.form.workflow.keeping.answers_person
    if rules is None or opened.row["state"] not in rules.correcting:
        return False
    return look(opened.answers, rules.kind) in rules.corrects
