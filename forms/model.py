"""The compiled form: a tree of nodes (what there is to answer) and a grid of cells (where it stands on
paper).

Decides nothing about data. Made once per form version by `forms.compile`, immutable, shared by all
requests. Never holds an answer, a person or a language: labels are kept in both languages and chosen when
shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal

LANGUAGES: Final = ("zh-CN", "en")
PICK: Final = "~pick"
STAFF: Final = "staff_no"
DOCUMENT: Final = "doc_id"
NAMED: Final = {STAFF: STAFF, "account_no": STAFF, DOCUMENT: DOCUMENT}
"""Formats of what people know by a name, with what it is the name of: numbers of people and of their second
accounts, ids of documents."""
RATE: Final = "rate"
FINGERPRINT: Final = "hex64"
"""The format of a value that proves something and tells a reader nothing."""
Kind = Literal["leaf", "object", "array", "fixed", "json"]
Json = Any


class Missing(Enum):
    """The one value that says: there is nothing here (not even null)."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Raw:
    """A value no control can show, on its way to or from a box with JSON: drawn as it is, not unfolded."""

    value: Json


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value. `text` is what the HTML control sends for it."""

    value: Json
    text: str
    label: str
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One place of the document. `pattern` is its JSON pointer with `*` for the index of an array item.

    kind: `leaf` one control · `object` members · `array` rows of `item` · `fixed` a list whose length is
    given by its schema, drawn as that many controls · `json` cannot be drawn, a text box with JSON.
    reading: how a typed text becomes a value (see `forms.normalize`).
    named: what kind of thing the value stands for (NAMED), which people know by a name, not by a number.
    more: the member that holds the rows of a map; such a member and the widget `either` exist on the page
    only (see `forms.unfold`).
    """

    kind: Kind
    pattern: str
    title: str
    title_en: str
    schema: Mapping[str, Any]
    help: str = ""
    help_en: str = ""
    reading: str = "text"
    widget: str = "text"
    choices: tuple[Choice, ...] = ()
    nullable: bool = False
    required: frozenset[str] = frozenset()
    members: tuple[tuple[str, Node], ...] = ()
    item: Node | None = None
    extra: Mapping[str, Any] | None = None
    min_items: int = 0
    max_items: int = 200
    computed: bool = False
    read_only: bool = False
    fill_from: str = ""
    fill_rule: str = ""
    codes: str = ""
    named: str = ""
    unit: str = ""
    unit_en: str = ""
    mask: str = ""
    sensitivity: str = "none"
    klass: str = ""
    fallback: str = ""
    more: str = ""
    is_map: bool = False

    @property
    def table(self) -> str:
        """Where the name of a value is looked up: a table of codes, or the names of a kind of thing."""
        return self.codes or NAMED.get(self.named, "")

    def walk(self) -> Iterator[Node]:
        """This node and all below, in paper order."""
        yield self
        for _, member in self.members:
            yield from member.walk()
        if self.item is not None and self.kind == "array":
            yield from self.item.walk()


@dataclass(frozen=True, slots=True)
class Cell:
    """A node at its place in the grid: width in twelfths, and how it behaves there."""

    node: Node
    width: int = 4
    live: bool = False
    pin: bool = False
    office: bool = False
    columns: tuple[Cell, ...] = ()
    steers: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A block of the paper: pointer of the object (or "" for loose members), letter, title, rows of cells."""

    pointer: str
    letter: str
    title: str
    title_en: str
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    note_en: str = ""


@dataclass(frozen=True, slots=True)
class FileList:
    """Which list of the form names the attachments (`x-files`): its pointer and the members of an item."""

    list: str
    id: str
    digest: str
    kind: str = "kind"
    pages: str = "pages"

    @property
    def locked(self) -> frozenset[str]:
        """Patterns of the members that the server writes."""
        return frozenset({f"{self.list}/*/{self.id}", f"{self.list}/*/{self.digest}"})


@dataclass(frozen=True, slots=True)
class FormModel:
    """A form version ready to be decoded, shown, summarised, compared and printed."""

    root: Node
    sections: tuple[Section, ...]
    nodes: Mapping[str, Node]
    cells: Mapping[str, Cell]
    title: str
    title_en: str
    steering: frozenset[str] = frozenset()
    needed_when: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    print: Mapping[str, Any] = field(default_factory=dict)
    print_words: Mapping[str, str] = field(default_factory=dict)
    guided: tuple[Mapping[str, Any], ...] = ()
    not_laid_out: tuple[str, ...] = ()
    files: FileList | None = None
    folds: bool = False
    rule_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def node(self, pointer: str) -> Node | None:
        """The node of a concrete pointer (`/health/diagnoses/0/code`), or None."""
        found = self.nodes.get(pointer)
        return found if found is not None else self.nodes.get(pattern_of(pointer))

    def cell(self, pointer: str) -> Cell | None:
        """The cell of a concrete pointer, or None."""
        return self.cells.get(pointer) or self.cells.get(pattern_of(pointer))

    def printed(self, lang: str = "zh-CN") -> Mapping[str, Any]:
        """What the layout says about the paper, in a language; Chinese where English lacks a word."""
        if lang != "en":
            return self.print
        words = self.print_words
        labels = (
            {**one, "label": words.get(f"signatures/{n}", one.get("label", ""))}
            for n, one in enumerate(self.print.get("signatures", []))
        )
        notes = (words.get(f"notes/{n}", str(one)) for n, one in enumerate(self.print.get("notes", [])))
        single = {name: word for name, word in words.items() if "/" not in name}
        return {**self.print, **single, "signatures": list(labels), "notes": list(notes)}

    def label(self, pointer: str, lang: str = "zh-CN") -> str:
        """The label of the nearest thing that has one, with the row number of a repeated item: 诊断 2
        编码."""
        parts = pointer.split("/")[1:]
        words: list[str] = []
        for end in range(len(parts), 0, -1):
            node = self.node("/" + "/".join(parts[:end]))
            if node is None:
                continue
            words.append((node.title_en if lang == "en" else node.title) or node.title)
            if end > 1 and parts[end - 1].isdigit():
                named = node.kind != "array" and node.pattern.endswith(parts[end - 1]) and node.title
                if named and not node.title.isdigit():
                    break
                if not named:
                    words.append(str(int(parts[end - 1]) + 1))
                continue
            if end > 1 and parts[end - 2].isdigit():
                words.append(str(int(parts[end - 2]) + 1))
                outer = self.node("/" + "/".join(parts[: end - 2]))
                if outer is not None:
                    words.append((outer.title_en if lang == "en" else outer.title) or outer.title)
            break
        return " ".join(word for word in reversed(words) if word) or pointer


def escape(key: str) -> str:
    """A member name as one step of a JSON pointer (RFC 6901 section 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """The member name of one step of a JSON pointer (RFC 6901 section 4)."""
    return step.replace("~1", "/").replace("~0", "~")


def pattern_of(pointer: str) -> str:
    """`/a/3/b` → `/a/*/b`. A member named with digits only is rare enough: nodes are looked up as written
    first."""
    return "/".join("*" if step.isdigit() else step for step in pointer.split("/"))


def lookup(value: Json, pointer: str) -> Json | Missing:
    """The value at a pointer, or MISSING (RFC 6901 section 4)."""
    here = value
    for step in pointer.split("/")[1:] if pointer else []:
        if isinstance(here, dict):
            key = unescape(step)
            if key not in here:
                return MISSING
            here = here[key]
        elif isinstance(here, list):
            if not step.isdigit() or int(step) >= len(here):
                return MISSING
            here = here[int(step)]
        else:
            return MISSING
    return here


def place(value: Json, pointer: str, new: Json | Missing) -> Json:
    """A copy of `value` with `new` at `pointer` (MISSING removes); objects on the way are made, list
    items not."""
    if not pointer:
        return None if new is MISSING else new
    step, slash, rest = pointer[1:].partition("/")
    deeper = slash + rest
    if isinstance(value, list):
        if not step.isdigit() or int(step) >= len(value):
            return value
        index = int(step)
        copy = list(value)
        if not deeper and new is MISSING:
            del copy[index]
        else:
            copy[index] = place(copy[index], deeper, new)
        return copy
    out = dict(value) if isinstance(value, dict) else {}
    key = unescape(step)
    if not deeper and new is MISSING:
        out.pop(key, None)
    elif new is MISSING and key not in out:
        return out
    else:
        out[key] = place(out.get(key), deeper, new)
    return out


def control_id(pointer: str) -> str:
    """The id of the control of a pointer: `f-insured-full_name`. Injective, also for names with a hyphen."""
    return "f" + "".join(
        char if char.isalnum() or char == "_" else "-" if char == "/" else f".{ord(char):x}."
        for char in pointer
    )
