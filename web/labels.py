"""Names of things as the reader's language has them: states, transitions, forms, roles, departments,
deadlines.

Decides nothing: Chinese stands in the form version's own files, English in its locale, posts and
departments in the page catalogues. Never names a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.registry.compiled import CompiledForm
from engine.registry.masks import mask
from engine.registry.pointers import ABSENT, look

Say = Callable[..., str]
TONES = frozenset({"neutral", "waiting", "working", "attention", "negative", "positive"})


@dataclass(frozen=True, slots=True)
class Tag:
    """A state as people see it: a word, and a colour that never stands alone."""

    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time limit in words; `tone` is "", soon or overdue."""

    words: str
    tone: str


def localized(form: CompiledForm, key: str, chinese: str, lang: str) -> str:
    """The word of a form version in the reader's language; Chinese where English lacks it."""
    return chinese if lang == "zh-CN" else str(form.bundle.locale.get(key, chinese))


def form_title(form: CompiledForm, lang: str) -> str:
    """The form's name as it stands on paper."""
    return localized(form, "#/title", str(form.bundle.schema.get("title", form.bundle.form)), lang)


def state_tag(form: CompiledForm, state: str, lang: str) -> Tag:
    """The state's word and tone."""
    found = form.workflow.states[state]
    tone = found.tone if found.tone in TONES else "neutral"
    return Tag(localized(form, f"#/states/{state}", found.title, lang), tone)


def transition_title(form: CompiledForm, name: str, lang: str) -> str:
    """The verb of a transition, system ones included; its bare name when the version does not know it."""
    found = form.workflow.transitions.get(name) or form.workflow.system.get(name)
    return localized(form, f"#/transitions/{name}", found.title if found else name, lang)


def role_title(role: str, say: Say) -> str:
    """A post's name."""
    return say(f"role.{role}")


def roles_title(roles: tuple[str, ...] | list[str], say: Say) -> str:
    """Several posts, in the reader's list style."""
    return say("shell.list_separator").join(role_title(role, say) for role in roles)


def unit_title(unit: str, say: Say) -> str:
    """A department's name; its code for one that was added without a sentence."""
    try:
        return say(f"unit.{unit}")
    except KeyError:
        return unit


def deadline(remaining_days: int | None, say: Say) -> Deadline:
    """`剩 3 个工作日`, `今天到期`, `逾期 2 个工作日`; nothing without a limit."""
    if remaining_days is None:
        return Deadline("", "")
    if remaining_days < 0:
        return Deadline(say("list.overdue", days=-remaining_days), "overdue")
    if remaining_days == 0:
        return Deadline(say("list.due_today"), "soon")
    return Deadline(say("list.left", days=remaining_days), "soon" if remaining_days == 1 else "")


def about(form: CompiledForm, answers: Mapping[str, Any], lang: str) -> str:
    """What an unfinished entry is about: its kind and the masked values that lists show."""
    pointer = kind_facet(form)
    kind = look(answers, pointer) if pointer else ABSENT
    words = [facet_label(form, pointer, kind, lang)] if kind is not ABSENT else []
    for pointer in form.summary:
        value, info = look(answers, pointer), form.field(pointer)
        if isinstance(value, str) and info is not None:
            words.append(mask(info.mask, value) if info.mask else value)
    return "　".join(word for word in words if word)


def kind_facet(form: CompiledForm) -> str:
    """The first facet of a form that is one of a few choices, "" when it has none."""
    found = (form.fields[pointer] for pointer in form.facets if pointer in form.fields)
    return next((info.pattern for info in found if info.enum and not info.is_array), "")


def facet_label(form: CompiledForm, pointer: str, value: Any, lang: str) -> str:
    """The label of a facet's value, such as the entry type."""
    info = form.fields.get(pointer)
    labels = info.enum.get(str(value)) if info is not None else None
    if labels is None:
        return "" if value is None else str(value)
    return labels[0] if lang == "zh-CN" else labels[1]
