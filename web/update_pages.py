"""The page on which the fields of a target are chosen and given new values: what stands there, and controls.

Decides which fields are offered (those that may be updated and belong to this target) and how what was posted
becomes changes. Old values come masked from the desk; validity is the engine's to judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.desk import update_targets
from engine.desk.desk import Desk
from engine.desk.update_targets import NEW, PATH, REMOVE, Target
from engine.errors import Problem
from engine.lifecycle.people import Actor
from engine.lifecycle.updates import Updates
from engine.ports import StoredDraft
from engine.registry.compiled import CompiledForm
from engine.registry.effective import effective
from engine.registry.pointers import ABSENT, ITEM, join, look, split
from forms.around import Around
from forms.model import MISSING, Node, lookup, place
from forms.normalize import normalize
from forms.shown import ControlView
from forms.view import present_one
from web.codes import code_of
from web.models import code_names, model_of
from web.security import Form

Change = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """One field that may be changed: its old value masked ("" for none), its control, and what is wrong."""

    pointer: str
    label: str
    old: str
    control: ControlView
    picked: bool
    removed: bool


@dataclass(frozen=True, slots=True)
class OfferSection:
    """The fields of one section: those that hold something or are picked, and the others."""

    title: str
    offers: tuple[Offer, ...]
    empty: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Posted:
    """What the page said: changes, and texts that could not be read with what is wrong with them.

    `unticked` are fields whose new value was typed without their tick; they are among the changes, to be
    asked about.
    """

    changes: list[dict[str, Any]]
    texts: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unticked: tuple[str, ...] = ()


def target_of(desk: Desk, actor: Actor, rules: Updates, draft: StoredDraft) -> Target | None:
    """The target of a draft as it stands now, for someone who may read it; the reading is logged."""
    row = update_targets.readable(desk, actor, rules, draft.answers)
    if row is None:
        return None
    update_targets.note(desk, actor, row, draft.id)
    return update_targets.open_target(desk, row)


def offered(
    rules: Updates, target: Target, changes: list[Any], posted: Posted, lang: str
) -> list[OfferSection]:
    """Everything that may be changed, by section in paper order."""
    model, form = model_of(target.form), target.form
    chosen = {str(one[PATH]): one for one in changes if isinstance(one, dict) and PATH in one}
    texts = {at: str(one[NEW]) for at, one in chosen.items() if NEW in one} | dict(posted.texts)
    sections: dict[str, tuple[list[Offer], list[Offer]]] = {}
    for pointer in _pointers(rules, target, chosen):
        node = model.node(pointer)
        mine = [at for at in chosen if at == pointer or _is_item(pointer, at, node)]
        around = Around(lang, problems=posted.problems, texts=texts, codes=code_names(form, lang))
        control = present_one(model, _as_answers(form, pointer, chosen, mine), pointer, around)
        if node is None or control is None:
            continue
        old = _yes_or_no(target, node, lang) or _old(
            target, pointer, code_names(form, lang).get(node.codes, {})
        )
        picked = bool(mine) or pointer in posted.texts
        removed = any(chosen[at].get(REMOVE) for at in mine)
        offer = Offer(pointer, model.label(pointer, lang), old, control, picked, removed)
        held, empty = sections.setdefault("/" + split(pointer)[0], ([], []))
        (held if old or picked else empty).append(offer)
    return [
        OfferSection(model.label(at, lang), tuple(held), tuple(empty))
        for at, (held, empty) in sections.items()
    ]


def read(rules: Updates, target: Target, before: list[Any], posted: Form, lang: str) -> Posted:
    """The changes that the page asks for; what is known of a change already (its evidence) is kept."""
    model = model_of(target.form)
    kept = {str(one[PATH]): one for one in before if isinstance(one, dict) and PATH in one}
    changes: list[dict[str, Any]] = []
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    removed = set(posted.all("_remove"))
    unticked = tuple(_typed_only(rules, target, kept, posted))
    for pointer in dict.fromkeys((*posted.all("_pick"), *unticked)):
        node = model.node(pointer)
        if node is None:
            continue
        if _is_list(target.form, pointer):
            changes.extend(_list_changes(target, pointer, [] if pointer in removed else posted.all(pointer)))
            continue
        change = {name: value for name, value in kept.get(pointer, {}).items() if name not in (NEW, REMOVE)}
        if pointer in removed:
            changes.append({**change, PATH: pointer, REMOVE: True})
            continue
        text = next((one for one in reversed(posted.all(pointer)) if one.strip()), "")
        if not text and node.widget == "checkbox":
            text = "false"
        found = normalize(node, _coded(target.form, node, text, lang), pointer)
        if found.problem is not None or found.value is MISSING:
            problems.append(found.problem or Problem(pointer, "required"))
            texts[pointer] = text
        else:
            changes.append({**change, PATH: pointer, NEW: _text(found.value)})
    return Posted(changes, texts, tuple(problems), unticked)


def _typed_only(rules: Updates, target: Target, kept: Mapping[str, Any], posted: Form) -> Iterator[str]:
    """Fields with a new value and no tick, which a page without its script leaves so; asked about once.

    Whoever takes the tick of a change away means it.
    """
    known = {*posted.all("_pick"), *posted.all("_asked")}
    for pointer in _pointers(rules, target, {}):
        if pointer in known or any(at == pointer or at.startswith(f"{pointer}/") for at in kept):
            continue
        if any(one.strip() for one in posted.all(pointer)):
            yield pointer


def _pointers(rules: Updates, target: Target, chosen: Mapping[str, Change]) -> Iterator[str]:
    """Every leaf that may be changed, concrete: of a list its rows and one more."""
    form, answers = target.form, target.answers()
    hidden = effective(form, answers)
    for info in sorted(form.fields.values(), key=lambda info: info.place):
        if update_targets.is_fixed(rules, form, info.pattern) or hidden.is_hidden(info.pattern):
            continue
        for pointer in _concrete(answers, info.pattern):
            if not hidden.is_hidden(pointer):
                yield pointer


def _concrete(answers: Mapping[str, Any], pattern: str) -> Iterator[str]:
    head, star, rest = pattern.partition(f"/{ITEM}")
    if not star:
        yield pattern
        return
    rows = look(answers, head)
    for row in range((len(rows) if isinstance(rows, list) else 0) + 1):
        yield f"{head}/{row}{rest}"


def _is_list(form: CompiledForm, pointer: str) -> bool:
    info = form.field(pointer)
    return info is not None and info.is_array


def _is_item(pointer: str, path: str, node: Node | None) -> bool:
    """Whether a change is of an item of this list of scalars."""
    return node is not None and node.reading == "set" and path.rpartition("/")[0] == pointer


def _yes_or_no(target: Target, node: Node, lang: str) -> str:
    """What stands in a box to be ticked, as its choices say it; "" for anything else."""
    leaf = target.leaves.get(node.pattern)
    words = (one.label if lang == "zh-CN" else one.label_en for one in node.choices if one.value is leaf)
    return next(words, "") if isinstance(leaf, bool) else ""


def _old(target: Target, pointer: str, names: Mapping[str, str]) -> str:
    """What stands there, masked, a code with its name; of a list of scalars all items."""
    if pointer in target.leaves and target.leaves[pointer] != []:
        text = update_targets.shown(target.form, pointer, target.leaves[pointer])
        return f"{names[text]} {text}" if text in names else text
    items = [at for at in target.leaves if at.startswith(pointer + "/")]
    return "、".join(update_targets.shown(target.form, at, target.leaves[at]) for at in items)


def _as_answers(
    form: CompiledForm, pointer: str, chosen: Mapping[str, Change], mine: list[str]
) -> dict[str, Any]:
    """Answers that hold just the new values of one control."""
    values = [update_targets.value_of(form, at, str(chosen[at][NEW])) for at in mine if NEW in chosen[at]]
    if not values or any(step.isdigit() for step in split(pointer)):
        return {}
    made: dict[str, Any] = place({}, pointer, values if _is_list(form, pointer) else values[0])
    return made


def _list_changes(
    target: Target, pointer: str, texts: tuple[str, ...] | list[str]
) -> Iterator[dict[str, Any]]:
    """A list of scalars changes item by item: what differs, what is new, what goes away."""
    before = look(target.answers(), pointer)
    count = len(before) if isinstance(before, list) else 0
    for number, text in enumerate(dict.fromkeys(texts)):
        path = join(pointer, number)
        old = target.leaves.get(path, ABSENT)
        if update_targets.value_of(target.form, path, text) != old:
            yield {PATH: path, NEW: text}
    for number in range(len(set(texts)), count):
        yield {PATH: join(pointer, number), REMOVE: True}


def _coded(form: CompiledForm, node: Node, text: str, lang: str) -> str:
    """A name typed into a code box becomes its code."""
    if not node.codes or node.choices or not text or text.isascii():
        return text
    return code_of(form, node.codes, text, lang) or text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def listed(rules: Updates, answers: Mapping[str, Any]) -> list[Any]:
    """The changes of a draft as they are kept."""
    found = lookup(answers, rules.changes)
    return found if isinstance(found, list) else []
