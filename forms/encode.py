"""From a value to the pairs a browser would send for it: the mirror of `forms.decode`.

Decides which marks (`_as`) go along where a text alone would not bring the value back: an empty string,
null, an empty list, a row without content, an order of ticks, a value no control of this kind can hold.
The page draws exactly these pairs, so decode(encode(value)) == value holds for the page too. Never
changes a value.
"""

from __future__ import annotations

from collections.abc import Iterator

from forms.model import MISSING, FormModel, Json, Missing, Node, escape
from forms.normalize import dump, exactly, same, text_of
from forms.rawness import is_raw
from forms.unfold import unfolded

ROOT = "_root"
AS = "_as"

Pairs = Iterator[tuple[str, str]]


def encode(model: FormModel, value: Json | Missing) -> list[tuple[str, str]]:
    """The pairs of a whole document."""
    return list(pairs_of(model.root, "", unfolded(model, value)))


def pairs_of(node: Node, pointer: str, value: Json | Missing) -> Pairs:
    """The pairs of one node and all below."""
    if value is MISSING:
        return
    yield from marks_of(node, pointer, value)
    if is_raw(node, value):
        yield name_of(pointer), dump(value)
    elif value is None:
        return
    elif node.kind == "object":
        assert isinstance(value, dict)
        known = {name for name, _ in node.members}
        for name, member in node.members:
            yield from pairs_of(member, f"{pointer}/{escape(name)}", value.get(name, MISSING))
        for index, (key, more) in enumerate((k, v) for k, v in value.items() if k not in known):
            yield f"_key{pointer}/{index}", key_text(key)
            yield f"_val{pointer}/{index}", dump(more)
    elif node.kind == "array" and node.item is not None:
        for index, item in enumerate(value):
            yield from pairs_of(node.item, f"{pointer}/{index}", item)
    elif node.kind == "fixed":
        for (name, member), item in zip(node.members, value, strict=False):
            yield from pairs_of(member, f"{pointer}/{name}", item)
    elif node.reading == "set":
        texts = [choice.text for choice in node.choices if any(same(choice.value, item) for item in value)]
        yield from ((name_of(pointer), text) for text in texts)
    else:
        yield name_of(pointer), text_of(node, value)


def marks_of(node: Node, pointer: str, value: Json | Missing) -> Pairs:
    """The hidden `_as` pairs one node needs beside its control: how its text, or its blank, is to be read."""
    if value is MISSING:
        return
    name = name_of(pointer)
    if is_raw(node, value):
        yield AS, f"raw {name}"
    elif value is None:
        yield AS, f"null {name}"
    elif node.kind == "object" and not value:
        yield AS, f"object {name}"
    elif node.kind == "array":
        yield from (
            [(AS, f"array {name}")] if not value else [(AS, f"row {name}/{i}") for i in range(len(value))]
        )
    elif node.kind == "fixed":
        yield from () if value else [(AS, f"array {name}")]
    elif node.reading == "set":
        if not value:
            yield AS, f"array {name}"
        ticked = [choice.value for choice in node.choices if any(same(choice.value, item) for item in value)]
        if not exactly(ticked, value):
            yield AS, f"order {name}\t{dump(value)}"
    elif value == "" and not any(choice.value == "" for choice in node.choices):
        yield AS, f"empty {name}"


def key_text(key: str) -> str:
    """A member name for a one-line box; quoted as JSON where the plain text would not come back."""
    plain = key and key == key.strip() and key.isprintable() and not key.startswith('"')
    return key if plain else dump(key)


def name_of(pointer: str) -> str:
    """The name of the control of a pointer. A browser never sends a control without a name."""
    return pointer or ROOT
