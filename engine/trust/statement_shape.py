"""The shape of a statement's members: which there are, and what each may hold.

Decides what is malformed (docs/format.md "Statement"). Never says whether a well-formed statement is true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.trust import canonical
from engine.trust.envelope import refuse
from engine.trust.identifiers import is_digest

VERSION = 1
SUITES = ("L1",)
CLASSES = ("identity", "health", "finance", "other")
HEADER_TEXTS = (
    "doc_id",
    "doc_no",
    "region_code",
    "dept_code",
    "source_channel",
    "data_level",
    "legal_basis",
    "retention_class",
    "retain_until",
    "created_at",
    "submitted_at",
    "collector",
)

_TIME = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
)
_WORD = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_HEX32 = re.compile(r"[0-9a-f]{32}")

_MEMBERS = frozenset(
    [
        "v",
        "suite",
        "origin",
        "agency",
        "doc",
        "seq",
        "prev",
        "type",
        "form",
        "from",
        "to",
        "transition",
        "actor",
        "auth",
        "purpose",
        "header",
        "parts",
        "attachments",
        "saw",
        "anchor",
        "body",
        "time",
        "nonce",
    ]
)


def is_time(text: object) -> bool:
    """Whether `text` is a UTC second of the form used in signed data."""
    return isinstance(text, str) and _TIME.fullmatch(text) is not None


def is_word(text: object) -> bool:
    """Whether `text` is a plain name: 1 to 64 of `A-Z a-z 0-9 _ . -`."""
    return isinstance(text, str) and _WORD.fullmatch(text) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 256


def _is_origin(value: object) -> bool:
    return _is_text(value) and bool(value) and not set(str(value)) & set(" +\n\t\r")


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_positive(value: object) -> bool:
    return type(value) is int and value >= 1


def _is_digest_or_empty(value: object) -> bool:
    return value == "" or is_digest(value)


def _is_word_or_empty(value: object) -> bool:
    return value == "" or is_word(value)


def _is_nonce(value: object) -> bool:
    return isinstance(value, str) and _HEX32.fullmatch(value) is not None


def _is_class(value: object) -> bool:
    return isinstance(value, str) and value in CLASSES


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _are_digests(value: object) -> bool:
    return isinstance(value, list) and all(map(is_digest, value))


def _are_words(value: object) -> bool:
    return isinstance(value, list) and all(map(is_word, value))


Shape = Mapping[str, Callable[[object], bool]]

_TOP: Shape = {
    "v": lambda value: type(value) is int and value == VERSION,
    "suite": lambda value: isinstance(value, str) and value in SUITES,
    "origin": _is_origin,
    "agency": is_word,
    "doc": is_word,
    "seq": _is_positive,
    "prev": _is_digest_or_empty,
    "type": is_word,
    "from": _is_word_or_empty,
    "to": _is_word_or_empty,
    "transition": _is_word_or_empty,
    "time": is_time,
    "nonce": _is_nonce,
    "body": _is_object,
}
_FORM: Shape = {"id": is_word, "version": is_word, "sha256": is_digest}
_ACTOR: Shape = {
    "person": is_word,
    "role": is_word,
    "unit": _is_word_or_empty,
    "key": _is_nonce,
    "grant": _is_text,
}
_PART: Shape = {
    "n": _is_count,
    "class": _is_class,
    "root": is_digest,
    "leaves": _is_count,
    "ct": is_digest,
    "len": _is_positive,
    "kc": is_digest,
}
_ATTACHMENT: Shape = {
    "id": is_word,
    "class": _is_class,
    "ct": is_digest,
    "len": _is_positive,
    "kc": is_digest,
    "commit": is_digest,
}
# Optional members of these: absent means "not said".
_AUTH: Shape = {"method": is_word, "session": is_digest, "tier": is_word}
_PURPOSE: Shape = {"basis": is_word, "code": is_word}
_SAW: Shape = {"events": _are_digests, "report": is_digest}
_ANCHOR: Shape = {"size": _is_count, "root": is_digest}
_HEADER: Shape = {
    **dict.fromkeys(HEADER_TEXTS, _is_text),
    "revision": _is_positive,
    "info_categories": _are_words,
}


def check(value: object) -> None:
    """Refuse (`Invalid`, with a pointer) whatever is not a statement of this version."""
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        found = value.keys() ^ _MEMBERS if isinstance(value, dict) else _MEMBERS
        raise refuse("", "statement.members", differing=sorted(map(str, found))[:8])
    for name, holds in _TOP.items():
        if not holds(value[name]):
            raise refuse(f"/{name}", "statement.value")
    _check_object(value["form"], "/form", _FORM)
    _check_object(value["actor"], "/actor", _ACTOR)
    _check_optional(value["auth"], "/auth", _AUTH)
    _check_optional(value["purpose"], "/purpose", _PURPOSE)
    _check_optional(value["saw"], "/saw", _SAW)
    _check_optional(value["anchor"], "/anchor", _ANCHOR)
    _check_optional(value["header"], "/header", _HEADER)
    _check_list(value["parts"], "/parts", _PART)
    _check_list(value["attachments"], "/attachments", _ATTACHMENT)
    if [part["n"] for part in value["parts"]] != list(range(len(value["parts"]))):
        raise refuse("/parts", "statement.part_numbers")
    if (value["seq"] == 1) != (value["prev"] == ""):
        raise refuse("/prev", "statement.value")
    if value["body"]:
        canonical.encode(value["body"])


def _check_object(value: object, pointer: str, shape: Shape) -> None:
    if not isinstance(value, dict) or value.keys() != shape.keys():
        raise refuse(pointer, "statement.members", expected=sorted(shape))
    _check_members(value, pointer, shape)


def _check_optional(value: object, pointer: str, shape: Shape) -> None:
    if not isinstance(value, dict) or not value.keys() <= shape.keys():
        raise refuse(pointer, "statement.members", known=sorted(shape))
    _check_members(value, pointer, shape)


def _check_members(value: Mapping[str, Any], pointer: str, shape: Shape) -> None:
    for name, member in value.items():
        if not shape[name](member):
            raise refuse(f"{pointer}/{name}", "statement.value")


def _check_list(value: object, pointer: str, shape: Shape) -> None:
    if not isinstance(value, list) or len(value) > 512:
        raise refuse(pointer, "statement.value")
    for index, one in enumerate(value):
        _check_object(one, f"{pointer}/{index}", shape)
