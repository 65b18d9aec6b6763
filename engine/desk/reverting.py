"""Taking an applied update back: only by a new update that cites it (C.7, revert).

Decides whether a citation fits: the cited update is applied to the same document, and nothing else is
changed. Never takes anything back by itself: the new update is filed, reviewed and applied like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.desk import reading, update_targets
from engine.desk.desk import Desk
from engine.desk.update_targets import PATH
from engine.errors import Problem
from engine.lifecycle.updates import Updates
from engine.ports import ListView
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look
from engine.trust.amends import APPLIED


def made_by(desk: Desk, update: DocumentRow) -> tuple[DocumentRow, int] | None:
    """The document that an update changed and the revision it made; None before it is applied."""
    for step in reversed(update["steps"]):
        said = desk.journal.read(step["index"]).statement()["body"].get(APPLIED)
        if isinstance(said, dict):
            row = desk.store.get(str(said["doc"]))
            return (row, int(said["revision"])) if row is not None else None
    return None


def taken_back_by(desk: Desk, form: CompiledForm, update: DocumentRow) -> DocumentRow | None:
    """The newest update that cites this one, whatever became of it."""
    rules = form.workflow.updates
    if rules is None or not rules.reverts:
        return None
    about = ((rules.reverts, update["doc_id"]),)
    page = desk.store.page(ListView((form.form,), facets=about, order="recent"), None, 1)
    return next(iter(page.rows), None)


def judge(desk: Desk, rules: Updates, row: DocumentRow, answers: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a citation: no update that is applied to this very document, or other fields."""
    said = look(answers, rules.reverts) if rules.reverts else ABSENT
    if not isinstance(said, str):
        return
    cited = desk.store.by_doc_id(said)
    form = desk.registry.by_digest(cited["digest"]) if cited is not None else None
    theirs = form.workflow.updates if form is not None else None
    made = made_by(desk, cited) if cited is not None and theirs is not None else None
    if cited is None or theirs is None or made is None or made[0]["doc"] != row["doc"]:
        yield Problem(rules.reverts, "update.reverts_unknown")
        return
    paths = {one[PATH] for _, one in update_targets.changes_of(theirs, reading.answers_of(desk, cited))}
    for place, one in update_targets.changes_of(rules, answers):
        if one[PATH] not in paths:
            yield Problem(update_targets.place_of(rules, place, PATH), "update.reverts_other")
