"""The ways between a document and the forms that change it, for the document's page.

Decides which buttons and links there are; whether each may be followed is asked again where it leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.desk import amending, reading, update_targets, updating
from engine.desk.reading import Opened
from engine.desk.update_targets import NEW, PATH, REMOVE
from engine.errors import NotAllowed, NotFound
from engine.projection import AMEND, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.fields import as_label_key
from engine.registry.pointers import join
from web import labels
from web.models import code_names, model_of
from web.security import Session
from web.services import Services


def begins_of(
    services: Services, session: Session, row: DocumentRow, lang: str
) -> tuple[tuple[str, str], ...]:
    """The forms that this person may begin from this document, each with its name."""
    found = updating.beginnable(services.desk, session.actor, row)
    return tuple((form.form, labels.form_title(form, lang)) for form in found)


@dataclass(frozen=True, slots=True)
class Changed:
    """One change side by side, masked alike unless this person asked for it.

    `place` is the pointer of the change, `path` what it changes in the target. `more` says that the masks
    hide something that this person may ask to be shown.
    """

    place: str
    path: str
    label: str
    old: str
    new: str
    removed: bool
    evidence: str
    more: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Old and new value of one change in clear; None where this person may not see it."""

    old: Any
    new: Any


def changed_of(
    services: Services, opened: Opened, lang: str, shown: Mapping[str, Shown] | None = None
) -> tuple[Changed, ...]:
    """What an opened document changes in another one; () for other forms. `shown` are values by change."""
    rules = opened.form.workflow.updates
    if rules is None:
        return ()
    row = update_targets.named(services.desk, rules, opened.answers)
    form = services.desk.registry.by_digest(row["digest"]) if row is not None else None
    may_ask = opened.rights.clear or opened.rights.reveal
    out = []
    for number, one in update_targets.changes_of(rules, opened.answers):
        place = join(rules.changes, number)
        clear = (shown or {}).get(place)
        named = update_targets.label(form, one[PATH], lang) if form else str(one.get("label", one[PATH]))
        pair = [_words(form, one, name, lang) for name in ("old_masked", "new_masked")]
        if clear is not None:
            seen = (clear.old, clear.new)
            pair = [
                known if value is None else said_in_words(form, one[PATH], str(value), lang)
                for known, value in zip(pair, seen, strict=True)
            ]
        out.append(
            Changed(
                place=place,
                path=one[PATH],
                label=named,
                old=pair[0],
                new=pair[1],
                removed=bool(one.get(REMOVE)),
                evidence=str(one.get("evidence_file_id", "")),
                more=may_ask and clear is None and form is not None and _hides(form, one),
                is_shown=clear is not None,
            )
        )
    return tuple(out)


def show_change(services: Services, session: Session, doc: str, place: str, purpose: str) -> dict[str, Shown]:
    """Old and new value of one change in clear, each by the right to the document it stands in, and logged.

    Raises NotFound("field.not_found") for what is no change, NotAllowed("reveal").
    """
    desk, actor = services.desk, session.actor
    rules = reading.readable_row(desk, actor, doc)[1].workflow.updates
    if rules is None:
        raise NotFound("field.not_found")
    opened = reading.open_document(desk, actor, doc, purpose=purpose)
    listed = update_targets.changes_of(rules, opened.answers)
    one = next((one for number, one in listed if join(rules.changes, number) == place), None)
    if one is None:
        raise NotFound("field.not_found")
    new = None if one.get(REMOVE) else reading.reveal(desk, actor, doc, f"{place}/{NEW}", purpose)
    old, row = None, update_targets.readable(desk, actor, rules, opened.answers)
    if row is not None and one.get("old_digest"):
        said = update_targets.said_revision(rules, opened.answers)
        with suppress(NotAllowed, NotFound):
            old = reading.reveal(desk, actor, row["doc"], one[PATH], purpose, revision=said)
    return {place: Shown(old, new)}


def _hides(form: CompiledForm, change: Mapping[str, Any]) -> bool:
    """Whether what is shown of a change is not the whole of it."""
    is_cut = any(str(change.get(name, "")).endswith("…") for name in ("old_masked", "new_masked"))
    return is_cut or update_targets.is_masked(form, change[PATH])


def _words(form: CompiledForm | None, change: Mapping[str, Any], name: str, lang: str) -> str:
    """A masked value as the reader's language says it."""
    return said_in_words(form, change[PATH], str(change.get(name, "")), lang)


def said_in_words(form: CompiledForm | None, path: str, text: str, lang: str) -> str:
    """A value in words: the label of a choice, yes or no, a code with its name; other texts as they are."""
    node = model_of(form).node(path) if form is not None else None
    if form is None or node is None or not text:
        return text
    if node.reading == "set" or node.choices:
        for one in node.choices:
            if text in (one.label, as_label_key(one.value)):
                return one.label_en if lang == "en" and one.label_en else one.label
    name = code_names(form, lang).get(node.codes, {}).get(text, "") if node.codes else ""
    return f"{name} {text}" if name else text


def amended_by(services: Services, row: DocumentRow) -> dict[int, tuple[str, str]]:
    """For each revision that another document brought about: that document's address and its id."""
    found: dict[int, tuple[str, str]] = {}
    for number, index in row["contents"][1:]:
        said = services.desk.journal.read(index).statement()
        if said["type"] == AMEND:
            by = said["body"][amending.UPDATE]
            found[number] = (str(by["doc"]), str(by["doc_id"]))
    return found


def target_of_update(services: Services, session: Session, opened: Opened) -> DocumentRow | None:
    """The document that an opened document changes, when this person may read it."""
    rules = opened.form.workflow.updates
    if rules is None:
        return None
    return update_targets.readable(services.desk, session.actor, rules, opened.answers)
