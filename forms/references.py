"""Where the references of a schema lead: inside the same document, by pointer, by `$id` or by anchor.

Decides what a `$ref` names (JSON Schema core 2020-12 section 8, draft-07 section 8) and which references
leave the document. Never fetches anything: what is not in the document or the given resources is named as
remote and left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from forms.model import escape, unescape

REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_ONE: Final = (
    "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
    "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_LIST: Final = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_OBJECT: Final = (
    "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties",
)  # fmt: skip
NOWHERE: Final = object()
MOST_PARTS: Final = 30_000


class References:
    """The addresses inside one schema document, gathered in one walk without recursion. A document of more
    than MOST_PARTS parts is not walked to its end: whoever asks, refuses it."""

    def __init__(self, root: Any, resources: Mapping[str, Any]) -> None:
        self._root = root
        self._at: dict[str, Any] = dict(resources)
        self._base: dict[int, str] = {}
        self.remote: list[str] = []
        self.parts = 0
        named: list[tuple[str, str, str]] = []
        old = _is_old(root)
        for pointer, part, base in _walk(root):
            self.parts += 1
            if self.parts > MOST_PARTS:
                break
            if base:
                self._base[id(part)] = base
            own = part.get("$id", part.get("id") if old else None)
            if isinstance(own, str) and not own.startswith("#"):
                self._at.setdefault(base.partition("#")[0], part)
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(part.get(key), str):
                    self._at.setdefault(f"{base}#{part[key]}", part)
            if isinstance(own, str) and own.startswith("#"):
                self._at.setdefault(base + own, part)
            named += [(f"{pointer}/{key}", part[key], base) for key in REFERENCES if key in part]
        for pointer, reference, base in named:
            if not isinstance(reference, str) or self._is_remote(reference, base):
                self.remote.append(pointer)

    def base_of(self, schema: Any, around: str) -> str:
        """The base address a subschema's references start from; `around` is that of the one it stands in."""
        return self._base.get(id(schema), around)

    def follow(self, reference: str, base: str) -> tuple[Any, str, str]:
        """What a reference names, the base address there, and its whole address; NOWHERE when nothing."""
        address, _, fragment = join(base, reference).partition("#")
        document = self._document(address)
        if document is NOWHERE:
            return NOWHERE, base, reference
        whole = f"{address}#{fragment}"
        if fragment and not fragment.startswith("/"):
            found = self._at.get(whole, NOWHERE)
            return found, self.base_of(found, address), whole
        found, here = document, self.base_of(document, address)
        for step in fragment.split("/")[1:]:
            key = unescape(_percent(step))
            if isinstance(found, dict) and key in found:
                found = found[key]
            elif isinstance(found, list) and key.isdigit() and int(key) < len(found):
                found = found[int(key)]
            else:
                return NOWHERE, base, whole
            here = self.base_of(found, here)
        return found, here, whole

    def _document(self, address: str) -> Any:
        if address in self._at:
            return self._at[address]
        return self._root if not address else NOWHERE

    def _is_remote(self, reference: str, base: str) -> bool:
        return self._document(join(base, reference).partition("#")[0]) is NOWHERE


def join(base: str, reference: str) -> str:
    """A reference seen from a base address (RFC 3986 section 5.2, as far as schemas use it)."""
    if not reference or reference.startswith("#"):
        return base.partition("#")[0] + reference
    head, colon, _ = reference.partition(":")
    if colon and head.replace("+", "").replace("-", "").replace(".", "").isalnum() and "/" not in head:
        return reference
    base = base.partition("#")[0]
    scheme, mark, rest = base.partition("://")
    host, _, path = rest.partition("/") if mark else ("", "", base)
    start = f"{scheme}://{host}" if mark else ""
    if reference.startswith("//"):
        return f"{scheme}:{reference}"
    if reference.startswith("/"):
        return start + reference
    folder = path.rpartition("/")[0]
    steps: list[str] = folder.split("/") if folder else []
    name, hash_, fragment = reference.partition("#")
    for step in name.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step != ".":
            steps.append(step)
    return start + ("/" if mark or path.startswith("/") else "") + "/".join(steps) + hash_ + fragment


def _is_old(root: Any) -> bool:
    return isinstance(root, Mapping) and "draft-04" in str(root.get("$schema", ""))


def _percent(step: str) -> str:
    """A step of a fragment with its percent signs read (RFC 6901 section 6)."""
    if "%" not in step:
        return step
    out, place, raw = bytearray(), 0, step.encode("utf-8")
    while place < len(raw):
        pair = raw[place + 1 : place + 3]
        if (
            raw[place : place + 1] == b"%"
            and len(pair) == 2
            and all(c in b"0123456789abcdefABCDEF" for c in pair)
        ):
            out.append(int(pair, 16))
            place += 3
        else:
            out.append(raw[place])
            place += 1
    return out.decode("utf-8", "replace")


def _walk(root: Any) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Every schema object with its pointer and its base address; a stack, so that no depth can fail it."""
    old = _is_old(root)
    todo: list[tuple[str, Any, str]] = [("", root, "")]
    while todo:
        pointer, part, base = todo.pop()
        if not isinstance(part, dict):
            continue
        own = part.get("$id", part.get("id") if old else None)
        if isinstance(own, str) and own and not own.startswith("#"):
            base = join(base, own).partition("#")[0]
        yield pointer, part, base
        for key in _ONE:
            if isinstance(part.get(key), dict):
                todo.append((f"{pointer}/{key}", part[key], base))
        for key in _LIST:
            if isinstance(part.get(key), list):
                todo += [(f"{pointer}/{key}/{n}", one, base) for n, one in enumerate(part[key])]
        for key in _OBJECT:
            if isinstance(part.get(key), dict):
                todo += [(f"{pointer}/{key}/{escape(str(n))}", one, base) for n, one in part[key].items()]
