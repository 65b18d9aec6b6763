"""What a document takes from others: an opinion the round that is open, a report the counts of the day.

Decides only that a new document takes a value where nothing stands and exactly one document is found, and
that what was counted the last time is counted anew instead of being held against whoever edits. Rules say
whether it holds.
"""

from __future__ import annotations

from typing import Any

from engine.desk import lookups, reading
from engine.desk.desk import Desk
from engine.lifecycle.writing import with_value
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look


def fill(
    desk: Desk, form: CompiledForm, answers: dict[str, Any], before: DocumentRow | None
) -> dict[str, Any]:
    """The answers with what the states file says is taken; of a document that exists without old counts."""
    if before is not None:
        return _without_old_counts(desk, form, answers, before)
    for one in form.workflow.takes:
        if look(answers, one.at) is not ABSENT:
            continue
        found = lookups.gather(desk, form, answers, "", {one.lookup})[one.lookup]
        values = [each["values"].get(one.value, ABSENT) for each in found]
        if len(values) == 1 and values[0] is not ABSENT:
            answers = with_value(answers, one.at, values[0])
    return answers


def grouped(desk: Desk, form: CompiledForm, answers: dict[str, Any], doc: str) -> dict[str, Any]:
    """The answers of a draft that edits a document, with lines begun for the documents it is to answer.

    One line for each kind lists those of the kind. Lines that stand already stay as they are.
    """
    rules = form.workflow.answers_others
    if rules is None or look(answers, rules.lines) is not ABSENT:
        return answers
    kinds: dict[str, list[str]] = {}
    for one in lookups.gather(desk, form, answers, doc, {rules.lookup})[rules.lookup]:
        kinds.setdefault(str(one["values"].get(rules.by, "")), []).append(one["doc_id"])
    lines = [{rules.topic: kind, rules.documents: listed} for kind, listed in sorted(kinds.items())]
    return with_value(answers, rules.lines, lines) if lines else answers


def _without_old_counts(
    desk: Desk, form: CompiledForm, answers: dict[str, Any], before: DocumentRow
) -> dict[str, Any]:
    """Without computed values that are as they stood, though what they hang on may have moved on: other
    documents, or the parts that a later step opens."""
    opens_parts = bool(form.workflow.filing(before["state"]).edits)
    counted = [
        one for layer in form.computed for one in layer if opens_parts or "facts" in one.expression.reads
    ]
    typed = [one for one in counted if look(answers, one.pointer) is not ABSENT]
    if not typed:
        return answers
    stood = reading.answers_of(desk, before)
    for one in typed:
        if look(answers, one.pointer) == look(stood, one.pointer):
            answers = _without(answers, one.path)
    return answers


def without_computed(form: CompiledForm, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers without what the system computes from them, but for what it computes in lines of lists."""
    for one in (each for layer in form.computed for each in layer):
        if look(answers, one.pointer) is not ABSENT:
            answers = _without(answers, one.path)
    return answers


def _without(answers: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    copy = dict(answers)
    if len(path) > 1:
        copy[path[0]] = _without(answers[path[0]], path[1:])
    else:
        copy.pop(path[0])
    return copy
