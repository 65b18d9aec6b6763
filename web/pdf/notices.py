"""The one-page papers a step makes: receipts, notices, records of decisions.

Decides which facts of a step stand on its paper: numbers, time, who, what was said with it. Titles come from
the form version, sentences from the catalogue by the paper's name; no name is known to this code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk.desk import Desk
from engine.desk.reading import StepView
from engine.errors import NotFound
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from forms.model import FormModel
from forms.paper import day_on_paper, moment_on_paper
from web.labels import Say, localized
from web.messages import Catalogue

_TICK = "√"


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter for print/notice.html; `rows` are label and text."""

    title: str
    to: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    closing: tuple[str, ...]
    day: str


def papers_of(
    form: CompiledForm, row: DocumentRow, lang: str = "zh-CN"
) -> tuple[tuple[int, str, str], ...]:
    """(step number, paper, title) of every paper that the steps of a document have made."""
    return tuple(
        (step["seq"], kind, paper_title(form, kind, lang))
        for step in row["steps"]
        for kind in _made_by(form, step["transition"])
    )


def _made_by(form: CompiledForm, name: str) -> tuple[str, ...]:
    found = form.workflow.transitions.get(name) or form.workflow.system.get(name)
    return found.makes if found is not None else ()


def paper_title(form: CompiledForm, kind: str, lang: str) -> str:
    """The title of a paper."""
    kinds = form.bundle.states.get("kinds_of_record", {})
    return localized(form, f"#/records/{kind}", str(kinds.get(kind, {}).get("title", kind)), lang)


def compose(
    desk: Desk, form: CompiledForm, model: FormModel, row: DocumentRow, view: StepView, kind: str, lang: str,
    catalogue: Catalogue,
) -> Notice:  # fmt: skip
    """The paper `kind` of one step. Raises NotFound when that step makes no such paper."""
    if kind not in _made_by(form, view.step.transition):
        raise NotFound("paper.not_found")

    def say(key: str, **facts: Any) -> str:
        return catalogue.say(lang, key, **facts)

    local = moment_on_paper(view.step.at, lang)
    facts = {
        "agency": desk.agency.name if lang == "zh-CN" else desk.agency.name_en,
        "form": model.title if lang == "zh-CN" else (model.title_en or model.title),
        "doc_no": row["doc_no"], "at": local, "due": _due(desk, view, lang),
    }  # fmt: skip

    def texts(part: str) -> tuple[str, ...]:
        key = f"paper.notice.{kind}.{part}"
        return (say(key, **facts),) if catalogue.knows(key) else ()

    said = _said(form, model, view, lang, say)
    return Notice(
        title=paper_title(form, kind, lang),
        to="".join(texts("to")),
        paragraphs=texts("body"),
        rows=(*_numbers(desk, row, view, local, facts["due"], say), *said, *_place(view, say)),
        closing=texts("closing"),
        day=local.split(" ")[0],
    )


def _due(desk: Desk, view: StepView, lang: str) -> str:
    due = desk.journal.read(view.step.index).side.get("due_at", "")
    return moment_on_paper(due, lang) if due else ""


def _numbers(
    desk: Desk, row: DocumentRow, view: StepView, local: str, due: str, say: Say
) -> tuple[tuple[str, str], ...]:
    account = desk.directory.by_person(view.step.person)
    rows = (
        ("doc_no", row["doc_no"]), ("doc_id", row["doc_id"]), ("at", local),
        ("staff", account.staff_no if account is not None else ""), ("due", due),
    )  # fmt: skip
    return tuple((say(f"paper.notice.{name}"), text) for name, text in rows if text)


def _place(view: StepView, say: Say) -> tuple[tuple[str, str], ...]:
    return (
        (say("paper.notice.event"), view.step.event),
        (say("paper.notice.index"), str(view.step.index)),
    )


def _said(
    form: CompiledForm, model: FormModel, view: StepView, lang: str, say: Say
) -> tuple[tuple[str, str], ...]:
    """What was said with the step: ticks, grounds, marks on fields, the comment last."""
    schema = _answers_schema(form, view.step.transition)
    rows: list[tuple[str, str]] = []
    for name, value in view.answers.items():
        if name == "comment":
            continue
        about = schema.get(name, {})
        pointer = f"#/transitions/{view.step.transition}/{name}"
        label = localized(form, pointer, str(about.get("title", name)), lang)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            rows.extend((say("paper.notice.drawn", number=n), one) for n, one in enumerate(value, 1))
        elif isinstance(value, list):
            rows.extend((_marked(model, one, lang), str(one.get("text", ""))) for one in value)
        elif isinstance(value, bool):
            rows.append((label, _TICK if value else ""))
        else:
            chinese = str(about.get("x-enum", {}).get(str(value), value))
            word = localized(form, f"{pointer}#{value}", chinese, lang)
            is_day = about.get("format") == "date"
            rows.append((label, day_on_paper(word, lang) if is_day else word))
    if view.answers.get("comment"):
        rows.append((say("paper.notice.comment"), str(view.answers["comment"])))
    return tuple(rows)


def _marked(model: FormModel, mark: Mapping[str, Any], lang: str) -> str:
    return model.label(str(mark.get("pointer", "")), lang)


def _answers_schema(form: CompiledForm, transition: str) -> Mapping[str, Any]:
    listed = [*form.bundle.states.get("transitions", []), *form.bundle.states.get("system", [])]
    found: Mapping[str, Any] = next((one for one in listed if one.get("name") == transition), {})
    answers = found.get("answers") or {}
    properties: Mapping[str, Any] = answers.get("properties", {})
    return properties
