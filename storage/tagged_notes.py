"""A list summary with the keyed tags of its document's indexed values in front, before it is sealed.

Decides the bytes. Index bits are few on purpose, so that different people share them; the whole tag, readable
by the vault alone, tells which of those is meant without a document being opened.

    plain = 0x00 "FJt" | u8 tags, each: SHA-256(index name) cut to 8 | tag 16 | note
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

TAG_BYTES = 16
_MAGIC = b"\x00FJt"
_NAME_BYTES = 8
_EACH = _NAME_BYTES + TAG_BYTES
_START = len(_MAGIC) + 1


def join(tags: Mapping[str, bytes], note: bytes) -> bytes:
    """The plain bytes; `tags` by index name, 16 bytes each, at most 255."""
    return b"".join([_MAGIC, bytes([len(tags)]), *(_name(name) + tag for name, tag in tags.items()), note])


def note_in(plain: bytes) -> bytes:
    """What was said beside the tags; all of it where there are none."""
    if not plain.startswith(_MAGIC):
        return plain
    return plain[_START + plain[_START - 1] * _EACH :]


def tag_in(plain: bytes, index: str) -> bytes | None:
    """The tag of one index: b"" when the document has no value there, None when no tags were written."""
    if not plain.startswith(_MAGIC):
        return None
    wanted, end = _name(index), _START + plain[_START - 1] * _EACH
    for place in range(_START, end, _EACH):
        if plain[place : place + _NAME_BYTES] == wanted:
            return plain[place + _NAME_BYTES : place + _EACH]
    return b""


def _name(index: str) -> bytes:
    return sha256(index.encode()).digest()[:_NAME_BYTES]
