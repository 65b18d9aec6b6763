"""What a PDF shows: one digest per page over everything that is drawn, whatever the file's object numbers.

Decides which objects of a page count (all of them: contents, resources, fonts, boxes, annotations) and how
they are spelled for the digest (docs: "Page seal"). Never renders, never trusts the file's own digests, and
gives up on files that are larger than our own papers can be.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    StreamObject,
    TextStringObject,
)

MAX_PAGES = 200
MAX_OBJECTS = 50_000
MAX_DEPTH = 48
# Back references and bookkeeping that do not change what is seen.
_SILENT = frozenset({"/Parent", "/StructParents", "/Filter", "/DecodeParms", "/Length", "/P"})
_INHERITED = ("/MediaBox", "/CropBox", "/Rotate", "/Resources")


class TooLarge(ValueError):
    """The file holds more objects or pages, or is nested deeper, than a paper of ours."""


def drawn_pages(data: bytes) -> tuple[str, ...]:
    """SHA-256 in hex of each page as drawn. Raises ValueError or a pypdf error for files it cannot read."""
    reader = PdfReader(BytesIO(data), strict=False)
    if len(reader.pages) > MAX_PAGES:
        raise TooLarge("pages")
    return tuple(_Walk().page(page) for page in reader.pages)


class _Walk:
    """One traversal; remembers digests of shared objects, so that a font is read once per page."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}
        self._count = 0

    def page(self, page: DictionaryObject) -> str:
        whole = DictionaryObject(page)
        for name in _INHERITED:
            if name not in whole and (value := _inherited(page, name)) is not None:
                whole[NameObject(name)] = value
        return hashlib.sha256(b"fengjian/page/v1\x00" + self._spell(whole, 0)).hexdigest()

    def _spell(self, value: Any, depth: int) -> bytes:
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_OBJECTS:
            raise TooLarge("objects")
        if isinstance(value, IndirectObject):
            place = (value.idnum, value.generation)
            if place not in self._known:
                # A cycle reads as this mark; an honest page of ours has none outside the silent keys.
                self._known[place] = b"(cycle)"
                self._known[place] = hashlib.sha256(self._spell(value.get_object(), depth + 1)).digest()
            return self._known[place]
        if isinstance(value, StreamObject):
            return b"stream" + self._dictionary(value, depth) + hashlib.sha256(_content(value)).digest()
        if isinstance(value, DictionaryObject):
            return self._dictionary(value, depth)
        if isinstance(value, ArrayObject):
            return b"[" + b"".join(_sized(self._spell(one, depth + 1)) for one in value) + b"]"
        return _scalar(value)

    def _dictionary(self, value: DictionaryObject, depth: int) -> bytes:
        rows = (
            _sized(str(name).encode()) + _sized(self._spell(value.raw_get(name), depth + 1))
            for name in sorted(value, key=str)
            if name not in _SILENT
        )
        return b"<" + b"".join(rows) + b">"


def _inherited(page: DictionaryObject, name: str) -> Any:
    node: Any = page
    for _ in range(MAX_DEPTH):
        parent = node.get("/Parent")
        if parent is None:
            return None
        node = parent.get_object()
        if name in node:
            return node.raw_get(name)
    return None


def _content(stream: StreamObject) -> bytes:
    try:
        return bytes(stream.get_data())
    except Exception:
        # A filter we cannot undo: the raw bytes are as good for telling two files apart.
        return bytes(stream._data)


def _scalar(value: Any) -> bytes:
    if value is None or isinstance(value, NullObject):
        return b"null"
    if isinstance(value, BooleanObject):
        return b"true" if value.value else b"false"
    if isinstance(value, NameObject):
        return b"/" + str(value).encode()
    if isinstance(value, ByteStringObject):
        return b"b" + bytes(value)
    if isinstance(value, TextStringObject):
        return b"t" + str(value).encode("utf-8", "surrogatepass")
    return b"n" + str(value).encode()


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
