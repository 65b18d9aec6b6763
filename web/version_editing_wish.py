"""What was wished by a press of a button on the pages of fields, as texts to save.

Decides how boxes become a field, and which message says that it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from engine.errors import Invalid, Problem
from engine.version_ports import VersionDraft
from web.security import Form
from web.version_editing_changes import (
    Texts,
    add,
    add_part,
    change,
    mark_unknown,
    move,
    renumber,
    retire,
)
from web.version_editing_fields import FieldFacts, facts_of, read_files
from web.version_editing_traces import carry_examples

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Wish:
    """The files to save, what else to save of the draft, what to say afterwards (`done`: kind and pointer)
    and where the page is to stand."""

    texts: Texts
    done: str
    more: Mapping[str, Any] = field(default_factory=dict)
    anchor: str = ""


def wish_of(draft: VersionDraft, form: Form, old: Mapping[str, str]) -> Wish:
    """The wish of a posted form. `old` are the papers of the version before, by name.

    Raises Invalid("version_draft") with problems by the name of the box, Invalid for a lift that cannot be
    read.
    """
    files = draft.files
    if form.has("_add"):
        return _added(draft, posted_facts(form, form.get("_add")), form)
    if form.has("_change"):
        facts, before = _changed_facts(draft, form)
        texts = change(files, facts, before)
        return Wish(texts, f"changed {facts.pointer}", anchor=anchor_of(facts.pointer))
    if form.has("_part"):
        facts = posted_facts(form, "")
        texts = add_part(files, facts.name, facts.label, facts.label_en, facts.basis)
        return Wish(texts, f"added /{facts.name}")
    if form.has("_retire"):
        pointer = form.get("_retire")
        target = form.get("target") if form.get("fate") == "move" else ""
        if form.get("fate") == "move" and not target:
            raise Invalid("version_draft", problems=[Problem("/target", "new.target")])
        return Wish(retire(files, draft, pointer, target, _reason(form)), f"retired {pointer}")
    for name, step in (("_up", -1), ("_down", 1)):
        if form.has(name):
            pointer = form.get(name)
            return Wish(move(files, pointer, step), f"moved {pointer}", anchor=anchor_of(pointer))
    if form.has("_carry"):
        made = carry_examples(files, {name: text.encode() for name, text in old.items()})
        return Wish(made, f"carried {len(made)}")
    number = form.get("version").strip()
    texts = renumber(files, draft, number)
    return Wish(texts, f"number {number}", {"version": number, "semantic": form.has("semantic")})


def anchor_of(pointer: str) -> str:
    """The place of a field in the table."""
    return "#" + quote("f" + pointer.replace("/", "-"))


def posted_facts(form: Form, section: str, pointer: str = "") -> FieldFacts:
    """The boxes of the page of one field."""

    def text(name: str) -> str:
        return form.get(name).strip()[:_LONGEST]

    return FieldFacts(
        pointer=pointer, section=section, name=text("name"), label=text("label"), label_en=text("label_en"),
        help=text("help"), help_en=text("help_en"), kind=text("kind"), is_required=form.has("required"),
        klass=text("class"), sensitivity=text("sensitivity"), seal=text("seal"), index=text("index"),
        mask=text("mask"), basis=text("basis"), choices=form.get("choices").replace("\r\n", "\n")[:20_000],
        table=text("table"), fewest=text("fewest"), most=text("most"), least_value=text("least_value"),
        most_value=text("most_value"), unit=text("unit"), width=text("width"),
    )  # fmt: skip


def _added(draft: VersionDraft, facts: FieldFacts, form: Form) -> Wish:
    pointer = f"{facts.section}/{facts.name}"
    texts = add(draft.files, facts)
    if form.get("old") == "unknown":
        texts |= mark_unknown(draft.files, draft, pointer, _reason(form))
    return Wish(texts, f"added {pointer}", anchor=anchor_of(pointer))


def _changed_facts(draft: VersionDraft, form: Form) -> tuple[FieldFacts, FieldFacts]:
    """The posted boxes of a field that is there, and what it was; what cannot be changed here stays."""
    pointer = form.get("_change")
    read = read_files(draft.files)
    known = facts_of(read, "", pointer) if read is not None else None
    if known is None:
        raise Invalid("version_draft", problems=[Problem("", "new.section")])
    posted = posted_facts(form, known.section, pointer)
    facts = replace(posted, name=known.name, is_plain=known.is_plain)
    return facts if known.is_plain else replace(facts, kind=known.kind, unit=known.unit), known


def _reason(form: Form) -> tuple[str, str]:
    return form.get("reason").strip()[:_LONGEST], form.get("reason_en").strip()[:_LONGEST]
