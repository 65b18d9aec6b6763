"""A transition as a small form: what it asks, drawn from the states file, and how a posted one is read.

Decides how each kind of answer is asked for (tick, choice, date, text, marks on fields). Knows no
transition by name and judges nothing: the engine validates what was answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.lifecycle.workflow import Transition
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look
from web.labels import localized, state_tag, transition_title
from web.security import Form

MARK = "mark:"
COMMENT = "comment"
AMONG = "x-among"
"""On a list that a transition asks for: the pointer of the document's list it is chosen from."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One answer that a transition asks for. `kind` is tick, choice, among (several of what stands in the
    document), date, text or marks."""

    name: str
    label: str
    kind: str
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    value: str = ""
    longest: int = 500


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """A transition ready to be shown as a form. `comment` is none, optional or required."""

    name: str
    title: str
    target: str
    tone: str
    comment: str
    asks: tuple[Ask, ...]
    step_up: bool

    @property
    def is_plain(self) -> bool:
        """Whether one button is the whole form."""
        return not self.asks and self.comment == "none" and not self.step_up

    @property
    def takes_marks(self) -> bool:
        """Whether fields of the document may be marked with this decision."""
        return any(ask.kind == "marks" for ask in self.asks)


def decision_form(
    form: CompiledForm, transition: Transition, lang: str, answers: Mapping[str, Any] | None = None
) -> DecisionForm:
    """The form of a transition in the reader's language.

    With the document's `answers`, what is chosen among them is limited to what stands there; an ask that has
    nothing to choose among is left out.
    """
    schema = transition.answers.schema if transition.answers is not None else {}
    required = frozenset(schema.get("required", ()))
    prefix = f"#/transitions/{transition.name}"
    asks = tuple(
        _ask(form, f"{prefix}/{name}", name, part, name in required, lang, answers)
        for name, part in schema.get("properties", {}).items()
        if answers is None or AMONG not in part or look(answers, part[AMONG]) not in (ABSENT, [])
    )
    tag = state_tag(form, transition.target, lang)
    return DecisionForm(
        name=transition.name,
        title=transition_title(form, transition.name, lang),
        target=tag.word,
        tone=tag.tone,
        comment=transition.comment,
        asks=asks,
        step_up=transition.needs_step_up,
    )


def _ask(
    form: CompiledForm,
    key: str,
    name: str,
    schema: Mapping[str, Any],
    required: bool,
    lang: str,
    answers: Mapping[str, Any] | None,
) -> Ask:
    label = localized(form, key, schema.get("title", name), lang)
    if schema.get("type") == "boolean":
        return Ask(name, label, "tick", required)
    if AMONG in schema:
        return Ask(name, label, "among", required, _standing(form, schema[AMONG], lang, answers))
    if schema.get("type") == "array":
        return Ask(name, label, "marks", required)
    if "enum" in schema:
        words = schema.get("x-enum", {})
        options = tuple(
            (value, localized(form, f"{key}#{value}", words.get(value, value), lang))
            for value in schema["enum"]
        )
        return Ask(name, label, "choice", required, options)
    kind = "date" if schema.get("format") == "date" else "text"
    return Ask(name, label, kind, required, (), schema.get("default", ""), schema.get("maxLength", 500))


def _standing(
    form: CompiledForm, pointer: str, lang: str, answers: Mapping[str, Any] | None
) -> tuple[tuple[str, str], ...]:
    """The values of a list in the document with their words; without answers, every value it could hold."""
    info, stands = form.field(pointer), ABSENT if answers is None else look(answers, pointer)
    words = info.enum if info is not None else {}
    values = list(words) if answers is None else stands if isinstance(stands, list) else []
    return tuple((one, words[one][lang == "en"] if one in words else one) for one in map(str, values))


def read_decision(transition: Transition, posted: Form) -> dict[str, Any]:
    """The answers of a posted decision: blank ones are absent, marks in the order of the page."""
    answers: dict[str, Any] = {}
    asked = transition.answers.schema if transition.answers is not None else {}
    for name, schema in asked.get("properties", {}).items():
        if schema.get("type") == "boolean":
            if posted.get(name):
                answers[name] = True
        elif AMONG in schema:
            answers[name] = [text for key, text in posted.pairs if key == name]
        elif schema.get("type") == "array":
            answers[name] = _marks(posted)
        elif posted.get(name).strip():
            answers[name] = posted.get(name).strip()
    comment = posted.get(COMMENT).strip().replace("\r\n", "\n")
    if comment:
        answers[COMMENT] = comment
    return answers


def _marks(posted: Form) -> list[dict[str, str]]:
    return [
        {"pointer": name.removeprefix(MARK), "text": text.strip()}
        for name, text in posted.pairs
        if name.startswith(MARK) and text.strip()
    ]
