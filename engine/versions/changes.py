"""What changed between two versions of a form, one change at a time, for people to read.

Decides what counts as one change, where it stands and what kind it is. Carries no sentence: kinds and facts
are put into words by a catalogue. Never decides what a change breaks (verdict, process).

A `pointer` is an RFC 6901 pointer into the file of the newer version; for what was removed, of the older one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.registry.bundle import LAYOUT, LOCALE, SCHEMA, STATES, FormBundle


@dataclass(frozen=True, slots=True)
class Label:
    """A name in both languages; `en` falls back to `zh` where nothing is written."""

    zh: str
    en: str = ""

    def within(self, lang: str) -> str:
        """The name in a language."""
        return (self.en if lang == "en" else "") or self.zh


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the catalogue among the facts, by its key (`word.maximum`, `type.string`)."""

    key: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different. `kind` is a key of the catalogue, `file` one of the files of a version."""

    pointer: str
    kind: str
    file: str = SCHEMA
    facts: Mapping[str, Any] = field(default_factory=dict)


# Wording and layout: a version that changes nothing else is a patch.
WORDING: Final = frozenset({
    "title", "description", "example", "default", "unit", "order", "option_label", "label", "rule_message",
    "state_title", "state_look", "transition_title", "guard_message", "section_added",
    "section_removed", "section_title", "section_order", "field_placed", "field_unplaced", "field_moved",
    "widget", "field_look", "print", "guided", "layout", "version_name",
})  # fmt: skip


def changes(old: FormBundle, new: FormBundle) -> tuple[Change, ...]:
    """Everything that is different between two versions, file by file, in the order of the newer one."""
    from engine.versions.changes_layout import layout_changes, locale_changes
    from engine.versions.changes_schema import schema_changes
    from engine.versions.changes_states import states_changes

    old = _renumbered(old, new)
    labels = (old.locale, new.locale)
    return (
        *schema_changes(old.schema, new.schema, labels),
        *states_changes(old.states, new.states, labels),
        *layout_changes(old.layout, new.layout, (old.schema, new.schema), labels),
        *locale_changes(old, new),
    )


def _renumbered(old: FormBundle, new: FormBundle) -> FormBundle:
    """The older version with the newer one's number on its printed page, where nothing else differs there:
    that a number is another is one change, not three."""
    page = old.layout.get("print")
    if not isinstance(page, dict) or old.version == new.version:
        return old

    def same(before: Any, after: Any) -> bool:
        return isinstance(before, str) and before.replace(old.version, new.version) == after

    later, key = new.layout.get("print"), "#/print/form_no"
    layout, locale = old.layout, old.locale
    if isinstance(later, dict) and same(page.get("form_no"), later.get("form_no")):
        layout = {**layout, "print": {**page, "form_no": later["form_no"]}}
    if same(locale.get(key), new.locale.get(key)):
        locale = {**locale, key: new.locale[key]}
    return replace(old, layout=layout, locale=locale)


def is_wording(change: Change) -> bool:
    """True for a change of words or of the page only."""
    return change.kind in WORDING or change.file == LOCALE


def place_in_bundle(change: Change) -> str:
    """The pointer of a change in the one object that a version's digest covers (forms.md §1)."""
    known = {SCHEMA: "/schema", STATES: "/states", LAYOUT: "/layout", LOCALE: "/locale"}
    return known[change.file] + change.pointer
