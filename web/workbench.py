"""A draft on the desk of the person who fills it: what was posted, what follows from it, and what is wrong.

Decides nothing about validity (the engine judges) and nothing about looks (forms and templates do). Joins
them for one request: read the pairs, let values follow, judge as a submission would be judged, keep what
was typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.desk import checking, drafting, reading, update_targets, updating
from engine.errors import Problem
from engine.identity import local_day
from engine.lifecycle.workflow import Transition
from engine.ports import StoredDraft
from engine.registry.compiled import CompiledForm
from engine.registry.effective import Effective, drop_hidden, effective
from engine.registry.expressions import Failure, prepare
from engine.registry.validate import Judgement
from forms.around import Around
from forms.decode import Action, decode, drop_blank_rows
from forms.filling import fill
from forms.model import MISSING, FormModel, Json, lookup, place
from forms.normalize import normalize
from web.codes import code_of
from web.models import model_of
from web.named_values import names_to_fill_in
from web.open_parts import kept_apart, step_of
from web.security import Form, Session
from web.services import Services


@dataclass(frozen=True, slots=True)
class Bench:
    """One draft, its form version and who works on it."""

    services: Services
    session: Session
    draft: StoredDraft
    form: CompiledForm
    model: FormModel

    @property
    def lang(self) -> str:
        return self.session.lang

    @property
    def step(self) -> Transition:
        """The step that the draft will be filed with."""
        return step_of(self.services.desk, self.form, self.draft)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page held when it was sent: answers, unreadable texts, pressed buttons, and the page's own
    marks.

    `derived` values that followed from another answer, `pins` patterns to carry over, `marked` pointers
    that showed a message, `states` the sections' states as the page knew them, `followed` what changed by
    itself.
    """

    answers: Json
    problems: tuple[Problem, ...] = ()
    actions: tuple[Action, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, Json] = field(default_factory=dict)
    pins: tuple[str, ...] = ()
    confirmed: frozenset[str] = frozenset()
    marked: frozenset[str] = frozenset()
    states: Mapping[str, str] = field(default_factory=dict)
    followed: frozenset[str] = frozenset()
    has_summary: bool = False
    at: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgement and everything the page needs to show it. `answers` hold computed values and hidden
    parts."""

    answers: Json
    problems: tuple[Problem, ...]
    effective: Effective
    judgement: Judgement
    dropped: tuple[str, ...]


def open_bench(services: Services, session: Session, draft_id: str) -> Bench:
    """The bench of a draft of this person; NotFound for anybody else's."""
    draft = drafting.open_draft(services.desk, session.actor, draft_id)
    form = services.desk.registry.get(draft.form, draft.version)
    return Bench(services, session, draft, form, model_of(form))


def typed_of_draft(bench: Bench) -> Typed:
    """What is kept of a draft, as if the page had just sent it."""
    notes, answers = bench.draft.notes, dict(bench.draft.answers)
    return Typed(
        answers=answers,
        problems=_unreadable(bench, bench.draft.texts),
        texts=bench.draft.texts,
        derived=notes.get("derived", {}),
        pins=tuple(notes.get("pins", ())),
        confirmed=frozenset(notes.get("confirmed", ())),
        at=str(notes.get("at", "")),
        revision=bench.draft.revision,
    )


def typed_of_form(bench: Bench, posted: Form) -> Typed:
    """What a posted form says: decoded, codes found by name, values followed."""
    decoded = decode(bench.model, posted.pairs)
    answers = _with_codes(bench, decoded.answers)
    if isinstance(answers, dict):
        answers = update_targets.fill(bench.services.desk, bench.session.actor, bench.form, answers)
    wrote = _derived_of(posted)
    hidden = effective(bench.form, answers)
    today = local_day(bench.services.desk.clock.now())
    filled = fill(
        bench.model, answers, wrote, _follower(bench.form, today), lambda at: not hidden.is_hidden(at)
    )
    known = {node.pattern for node in bench.model.nodes.values()}
    texts = {at: text for at, text in decoded.echoes.items() if at not in filled.changed}
    return Typed(
        answers=kept_apart(bench.step, bench.draft, filled.answers),
        problems=tuple(p for p in decoded.problems if p.pointer not in filled.changed),
        actions=decoded.actions,
        texts=texts,
        derived=filled.derived,
        pins=tuple(dict.fromkeys(pin for pin in posted.all("_pin") if pin in known)),
        confirmed=frozenset(posted.all("_confirm")),
        marked=frozenset(posted.all("_marked")),
        states={(parts := text.rpartition(" "))[0]: parts[2] for text in posted.all("_state")},
        followed=filled.changed | {at for at in wrote if at not in filled.derived},
        has_summary=posted.has("_summary"),
        at=posted.get("_at")[:200],
        revision=_number(posted.get("_revision")),
    )


def judge(bench: Bench, typed: Typed) -> Judged:
    """Judge as a submission would be judged. What could not be read stands before what does not hold
    there."""
    visible, dropped = drop_hidden(bench.form, typed.answers)
    shown = effective(bench.form, typed.answers)
    visible = _begun(bench.model, visible, shown.required | frozenset(bench.step.edits))
    before = reading.row_of(bench.services.desk, bench.draft.doc) if bench.draft.doc else None
    judgement = checking.check(
        bench.services.desk,
        bench.session.actor,
        bench.form,
        visible,
        before=before,
        created_at=bench.draft.created_at,
    )
    desk, actor = bench.services.desk, bench.session.actor
    unfit = () if judgement.errors else updating.judge(desk, actor, bench.form, judgement.answers)
    unread = {problem.pointer for problem in typed.problems}
    problems = [p for p in typed.problems if not shown.is_hidden(p.pointer)]
    told = {p.pointer for p in judgement.problems if p.message is not None}
    problems += [
        p
        for p in (*judgement.problems, *unfit)
        if p.pointer not in unread and not (p.code in ("required", "min_items") and p.pointer in told)
    ]
    answers = typed.answers
    for node in bench.model.nodes.values():
        if node.computed and isinstance(lookup(judgement.answers, node.pattern.rpartition("/")[0]), dict):
            answers = place(answers, node.pattern, lookup(judgement.answers, node.pattern))
    return Judged(answers, tuple(problems), shown, judgement, dropped)


def around_of(
    bench: Bench,
    typed: Typed,
    judged: Judged,
    problems: tuple[Problem, ...],
    marked: Mapping[str, str] | None = None,
) -> Around:
    """The surroundings of a shown form."""
    return Around(
        lang=bench.lang,
        effective=judged.effective,
        problems=problems,
        texts=typed.texts,
        pinned=frozenset(typed.pins),
        derived=frozenset(typed.derived),
        marked=marked or {},
        codes=names_to_fill_in(bench.services.desk, bench.form, bench.lang),
    )


def save(bench: Bench, typed: Typed, *, undo: Mapping[str, Any] | None = None) -> StoredDraft:
    """Keep the draft. What is kept already is not kept again, so a repeated request is no conflict.

    Raises Conflict when the draft moved on meanwhile and says something else.
    """
    draft = bench.draft
    notes: dict[str, Any] = {
        "derived": dict(typed.derived),
        "pins": list(typed.pins),
        "confirmed": sorted(typed.confirmed),
        "at": typed.at,
    }
    if "lifted" in draft.notes:
        notes["lifted"] = draft.notes["lifted"]  # what lifting left open stays until the draft is filed
    if undo is not None:
        notes["undo"] = dict(undo)
    answers = without_computed(bench.model, typed.answers)
    unchanged = _as_text(answers) == _as_text(draft.answers) and dict(typed.texts) == dict(draft.texts)
    if unchanged and (typed.revision != draft.revision or notes == dict(draft.notes)):
        return draft
    return drafting.save(
        bench.services.desk,
        bench.session.actor,
        draft.id,
        typed.revision,
        answers,
        texts=typed.texts,
        notes=notes,
    )


def without_computed(model: FormModel, answers: Json) -> Json:
    """Answers without the values the server computes: they are computed anew whenever they are needed."""
    for node in model.nodes.values():
        if node.computed and lookup(answers, node.pattern) is not MISSING:
            answers = place(answers, node.pattern, MISSING)
    return answers


def tidy(bench: Bench, typed: Typed) -> Typed:
    """Without rows nobody filled: before checking and submitting."""
    return replace(typed, answers=drop_blank_rows(bench.model, typed.answers))


def _begun(model: FormModel, answers: Json, required: frozenset[str]) -> Json:
    """With required parts that nobody has begun as empty ones, so that all that is missing is said at
    once."""
    for node in model.nodes.values():
        if (
            node.kind != "object"
            or not node.pattern
            or "*" in node.pattern
            or node.pattern not in required
        ):
            continue
        inside = any(pointer.startswith(node.pattern + "/") for pointer in required)
        if inside and lookup(answers, node.pattern) is MISSING:
            answers = place(answers, node.pattern, {})
    return answers


def _with_codes(bench: Bench, answers: Json) -> Json:
    """A name typed into a code box becomes its code."""
    for node in bench.model.nodes.values():
        if not node.codes or node.choices or "*" in node.pattern:
            continue
        text = lookup(answers, node.pattern)
        if isinstance(text, str) and text and not text.isascii():
            code = code_of(bench.form, node.codes, text, bench.lang)
            if code is not None:
                answers = place(answers, node.pattern, code)
    return answers


def _follower(form: CompiledForm, today: str) -> Any:
    def follow(target: str, source: str, value: Json) -> Json:
        for pointer, expression in form.fills.get(source, ()):
            if pointer == target:
                result = expression.evaluate(
                    prepare(expression.reads, {"value": value, "today": today}, form.functions)
                )
                return None if isinstance(result, Failure) or result == "" else result
        return None

    return follow


def _derived_of(posted: Form) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for text in posted.all("_derived"):
        pointer, _, value = text.partition(" ")
        out[pointer] = value
    return out


def _unreadable(bench: Bench, texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems of kept texts, read again: only what was typed is kept, never what was said about it."""
    found = []
    for pointer, text in texts.items():
        node = bench.model.node(pointer)
        problem = normalize(node, text, pointer).problem if node is not None else None
        if problem is not None:
            found.append(problem)
    return tuple(found)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=dict)
