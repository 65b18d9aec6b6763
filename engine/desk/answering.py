"""A step that answers other documents: each document its lines list takes a step of its own, with an answer.

Decides only which documents and with what words. The step of each is judged by its own form and signed by the
platform; one that was answered already, before a crash, is not answered twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk import people
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.errors import NotFound
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor
from engine.lifecycle.rounds import Answering
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look


@dataclass(frozen=True, slots=True)
class Answers(Effect):
    """What each listed document is told, by its technical id."""

    transition: str
    key: str
    told_each: tuple[tuple[str, Mapping[str, Any]], ...]

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Take the step of each document. Raises what deciding raises, and then nothing was issued."""
        from engine.desk import deciding  # which asks for effects, this one among them

        system, done = people.system_actor(desk), []
        for doc, answers in self.told_each:
            row = desk.store.get(doc)
            if row is None:
                raise NotFound("document.not_found")
            if any(one["transition"] == self.transition for one in row["steps"]):
                continue
            wanted = deciding.Decision(doc, self.transition, row["head"], answers, f"{self.key}:{doc}")
            deciding.decide(desk, system, wanted, None)
            done.append(row["doc_id"])
        return {"answered": done}


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Answers:
    """What each listed document will be told. Raises NotFound for an id that names nothing."""
    rules = form.workflow.answers_others
    if rules is None:
        raise NotFound("answers_others")
    return Answers(rules.transition, f"answer:{row['doc']}", tuple(_each(desk, rules, row, answers)))


def _each(
    desk: Desk, rules: Answering, row: DocumentRow, answers: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    listed = look(answers, rules.lines)
    for line in listed if isinstance(listed, list) else ():
        said = {"document.doc_id": row["doc_id"], **line}
        for doc_id in line.get(rules.documents, ()):
            found = desk.store.by_doc_id(doc_id)
            if found is None:
                raise NotFound("document.not_found")
            yield found["doc"], {name: said[term] for name, term in rules.answers.items() if term in said}
