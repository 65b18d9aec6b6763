"""A sample of other documents: drawn so that anybody can draw it again, and measured as of that moment.

Decides which documents are drawn and what the records say of them: accuracy, completeness, timeliness
(R1b, R6.9.1). What is measured is a function of the log up to the event of the draw, so that it stays the
same whatever happens to the documents later. Judges nobody: findings are people's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from engine.desk import rows, ruling
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.errors import Invalid, Problem
from engine.identity import local_day, parse_utc, utc_text
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor
from engine.lifecycle.periods import bounds as bounds
from engine.lifecycle.workflow import DRAW_SAMPLE
from engine.lifecycle.writing import Samples
from engine.ports import Access, ListView
from engine.projection import AMEND, DESTROYED, DocumentRow, StepRow
from engine.registry.compiled import CompiledForm
from engine.registry.effective import effective
from engine.registry.pointers import ABSENT, ITEM, look, parent_of, split

DRAWN: Final = "sample"
"""Under which name the ids of what was drawn stand among the step's own answers."""
SEED_TAIL: Final = 12
MOST_REMEMBERED: Final = 64
WHOLE: Final = 10_000


def draw(doc_ids: Iterable[str], seed: str, size: int) -> tuple[str, ...]:
    """The first `size` documents in the order of SHA-256(seed, line feed, document id), ids as UTF-8."""
    return tuple(sorted(doc_ids, key=lambda one: sha256(f"{seed}\n{one}".encode()).digest())[:size])


def population(desk: Desk, rules: Samples, answers: Mapping[str, Any], until: str) -> tuple[str, ...]:
    """The ids of the documents that count, filed by `until` (UTC text), in the order of their ids."""
    first, last = bounds(str(look(answers, rules.period)))
    departments = look(answers, rules.departments)
    units = frozenset(departments if isinstance(departments, list) else ())
    return tuple(
        sorted(
            one.doc_id
            for one in _filings(desk, rules.forms)
            if one.unit in units and one.at <= until and first <= one.day <= last
        )
    )


@dataclass(frozen=True, slots=True)
class _Filing:
    """When a document was filed (UTC text, and the local day), for which department: it never changes."""

    doc_id: str
    unit: str
    at: str
    day: str


_known_filings: dict[str, _Filing] = {}


def _filings(desk: Desk, forms: tuple[str, ...]) -> Iterator[_Filing]:
    for doc, _ in desk.store.heads(ListView(forms)):
        known, row = _known_filings.get(doc), None
        if known is None and (row := desk.store.get(doc)) is not None:
            at = row["steps"][0]["at"]
            known = _known_filings[doc] = _Filing(row["doc_id"], row["unit"], at, local_day(parse_utc(at)))
        if known is not None:
            yield known


@dataclass(slots=True)
class Drawing(Effect):
    """Drawing the sample, as an effect of a step."""

    row: DocumentRow
    rules: Samples
    answers: Mapping[str, Any]
    told: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)

    def confirm(self, desk: Desk) -> None:
        """Draw: what is in the log now is what can be drawn."""
        found = population(desk, self.rules, self.answers, utc_text(desk.clock.now()))
        if not found:
            raise Invalid("answers", problems=[Problem(self.rules.period, "sample.empty")])
        # Nobody chooses the seed: it follows from the document's newest event, which everybody can read.
        tail = sha256(self.row["head"].encode()).hexdigest()[:SEED_TAIL]
        seed = f"{look(self.answers, self.rules.period)}-{self.row['region']}-{tail}"
        place = f"part:{self.row['form']}.samples.most"
        size = min(len(found), ruling.written_as(desk, place, self.rules.most))
        self.told = {self.rules.into: {"population": len(found), "size": size, "seed": seed}}
        self.said = {DRAWN: list(draw(found, seed, size))}

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Nothing but the step's own event is written; measuring reads what was drawn, which is on record."""
        docs = [one["doc"] for one in map(desk.store.by_doc_id, self.said[DRAWN]) if one is not None]
        now, basis = utc_text(desk.clock.now()), f"{DRAWN}:{self.row['doc_id']}"
        what = (DRAWN, *docs)
        desk.access.write(Access(now, actor.person, step.role, self.row["doc"], what, DRAWN, basis))
        return {}

    def admit(self, desk: Desk, index: int) -> None:
        """What was drawn is measured from now on."""
        remembered.pop(self.row["doc"], None)


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Drawing:
    """The draw, made ready; it happens inside the critical section."""
    assert form.workflow.samples is not None  # the states file was checked (DECLARED_IN)
    return Drawing(row, form.workflow.samples, answers)


def drawn(desk: Desk, row: DocumentRow, form: CompiledForm) -> tuple[StepRow | None, tuple[str, ...]]:
    """The newest step at which a sample was drawn for a document, and the ids of what was drawn."""
    drawing = {one.name for one in form.workflow.transitions.values() if DRAW_SAMPLE in one.does}
    found = next((one for one in reversed(row["steps"]) if one["transition"] in drawing), None)
    if found is None or DESTROYED in row["flags"]:
        return found, ()
    known = _drawn_at.get(found["event"])
    if known is None:
        said = rows.transition_answers(desk, row).get(found["seq"], {})
        while len(_drawn_at) >= MOST_REMEMBERED:
            _drawn_at.pop(next(iter(_drawn_at)), None)
        known = _drawn_at[found["event"]] = tuple(said.get(DRAWN, ()))
    return found, known


_drawn_at: dict[str, tuple[str, ...]] = {}
"""The ids that were drawn, by the event of the draw, which says them for good."""


remembered: dict[str, tuple[str, dict[str, Any]]] = {}
"""By document: the event of its draw and what was measured, which never changes."""


def measured(desk: Desk, form: CompiledForm, doc: str) -> dict[str, Any] | None:
    """What the records say of the documents drawn for `doc`, by pointer; None while nothing is drawn."""
    rules, row = form.workflow.samples, desk.store.get(doc) if doc else None
    if rules is None or row is None:
        return None
    step, ids = drawn(desk, row, form)
    if step is None:
        return None
    known = remembered.get(doc)
    if known is not None and known[0] == step["event"]:
        return known[1]
    while len(remembered) >= MOST_REMEMBERED:
        remembered.pop(next(iter(remembered)), None)
    values = _measure(desk, rules, ids, step)
    remembered[doc] = (step["event"], values)
    return values


def _measure(desk: Desk, rules: Samples, ids: tuple[str, ...], drawn_at: StepRow) -> dict[str, Any]:
    missed = effective_ones = wrong = asked = filled = 0
    for doc_id in ids:
        row = desk.store.by_doc_id(doc_id)
        if row is None:
            continue
        steps = [one for one in row["steps"] if one["index"] < drawn_at["index"]]
        missed += _missed(desk, steps, drawn_at["at"])
        if any(one["target"] in rules.effective for one in steps):
            effective_ones += 1
            wrong += any(_is_correction(desk, rules, one) for one in steps)
        here, there = _filled(desk, row, drawn_at["index"])
        filled, asked = filled + here, asked + there
    return {
        "/accuracy_rate": rate(effective_ones - wrong, effective_ones),
        "/effective_count": effective_ones,
        "/corrected_count": wrong,
        "/completeness_rate": rate(filled, asked),
        "/asked_count": asked,
        "/filled_count": filled,
        "/timeliness_rate": rate(len(ids) - missed, len(ids)),
        "/overdue_count": missed,
    }


def rate(part: int, whole: int) -> str:
    """Part of whole as a decimal text of at most four places, rounded down; "1" where nothing counts."""
    share = WHOLE if whole == 0 else part * WHOLE // whole
    return "1" if share == WHOLE else f"0.{share:04}".rstrip("0").rstrip(".")


def _missed(desk: Desk, steps: list[StepRow], until: str) -> bool:
    """Whether a document was late, or a limit of it was missed, up to that moment (K7: it stays)."""
    sides = [desk.journal.read(one["index"]).side for one in steps]
    due = str(sides[-1].get("due_at", "")) if sides else ""
    return any(one.get("late") or one.get("overdue") for one in sides) or "" < due < until


def _is_correction(desk: Desk, rules: Samples, step: StepRow) -> bool:
    """Whether a step is the revision by which something wrong was put right."""
    if step["transition"] != AMEND:
        return False
    by = desk.journal.read(step["index"]).statement()["body"].get("update", {})
    other = desk.store.get(str(by.get("doc", "")))
    if other is None or other["form"] != rules.corrections_form:
        return False
    return look(rows.answers_of(desk, other), rules.reason) in rules.reasons


def _filled(desk: Desk, row: DocumentRow, before: int) -> tuple[int, int]:
    """How many of the fields that the document's form asks for, given its answers, are filled in."""
    revision = max((number for number, index in row["contents"] if index < before), default=0)
    if revision == 0 or DESTROYED in row["flags"]:
        return 0, 0
    form = desk.registry.by_digest(row["digest"])
    answers = rows.answers_of(desk, row, revision)
    asked = [
        one
        for one in effective(form, answers).required
        if ITEM not in split(one) and isinstance(look(answers, parent_of(one)), dict)
    ]
    return sum(look(answers, one) is not ABSENT for one in asked), len(asked)
