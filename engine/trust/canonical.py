"""The canonical form of JSON: the one way in (strict parse) and the one way out (bytes that are signed).

Decides which JSON texts are acceptable and which bytes a value has (RFC 8785 inside a narrower profile,
docs/format.md "Canonical form"). Never repairs, never normalises text, never guesses an encoding.

The fast path is the standard library's scanner with hooks that refuse; only after a refusal is the text
read again by `engine.trust.strict_reader`, which knows the place of the fault.
"""

from __future__ import annotations

import json
import re
from typing import Any

from engine.errors import Invalid, Problem
from engine.trust import strict_reader
from engine.trust.strict_reader import MAX_INTEGER, Profile

MAX_BYTES = 1_048_576
MAX_DEPTH = 32
BUNDLE_MAX_BYTES = 16 * 1_048_576

_BOM = b"\xef\xbb\xbf"
_NESTS = (dict, list)
_BIDI_CONTROL = re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")  # U+202A-202E, U+2066-2069 in UTF-8
_ESCAPED = re.compile(rb"\\u")
_DOCUMENT_KEY = strict_reader.DOCUMENT.key.fullmatch
_BUNDLE_KEY = strict_reader.FORM_BUNDLE.key.fullmatch

_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class _OutsideProfileError(Exception):
    """Raised by the hooks of the fast path; the slow path then finds out what and where."""


def _refuse(_token: str) -> Any:
    raise _OutsideProfileError


def _integer(token: str) -> int:
    if len(token) > 17:
        raise _OutsideProfileError
    number = int(token)
    if not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise _OutsideProfileError
    return number


def _document_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs) or not (_known_keys.issuperset(out) or _are_keys(out)):
        raise _OutsideProfileError
    return out


# Keys that were found good before: a document's keys are the same few hundred all day.
_known_keys: set[str] = set()
_MOST_KEYS = 4_096


def _are_keys(out: dict[str, Any]) -> bool:
    if not all(map(_DOCUMENT_KEY, out)):
        return False
    if len(_known_keys) < _MOST_KEYS:
        _known_keys.update(out)
    return True


def _bundle_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs) or not all(map(_BUNDLE_KEY, out)):
        raise _OutsideProfileError
    return out


_document_decoder = json.JSONDecoder(
    object_pairs_hook=_document_object, parse_float=_refuse, parse_int=_integer, parse_constant=_refuse
)
_bundle_decoder = json.JSONDecoder(
    object_pairs_hook=_bundle_object, parse_float=_refuse, parse_int=_integer, parse_constant=_refuse
)


def parse(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text in the document profile.

    Raises `Invalid` with one `Problem` (pointer, `json.*` code, facts) for anything outside the profile.
    """
    return _parse(data, _document_decoder, strict_reader.DOCUMENT, max_bytes, max_depth)


def parse_bundle(data: bytes, *, max_bytes: int = BUNDLE_MAX_BYTES, max_depth: int = 64) -> Any:
    """The same for form bundles, whose keys may be any printable ASCII (`$ref`, `/insured/name`)."""
    return _parse(data, _bundle_decoder, strict_reader.FORM_BUNDLE, max_bytes, max_depth)


def _parse(data: bytes, decoder: json.JSONDecoder, profile: Profile, max_bytes: int, max_depth: int) -> Any:
    if len(data) > max_bytes:
        raise _invalid("", "json.too_large", bytes=len(data), max_bytes=max_bytes)
    if data.startswith(_BOM):
        raise _invalid("", "json.bom")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _invalid("", "json.utf8", offset=error.start) from None
    try:
        value = decoder.decode(text)
        if _is_shallow(value, max_depth) and _has_no_forbidden(data, value):
            return value
    except (ValueError, RecursionError, _OutsideProfileError):
        pass
    problem = strict_reader.first_problem(text, profile, max_depth)
    raise Invalid(problems=[problem])


def _is_shallow(value: Any, levels: int) -> bool:
    if type(value) not in _NESTS:
        return True
    level = [value]
    for _ in range(levels):
        level = [
            one
            for nest in level
            for one in (nest.values() if type(nest) is dict else nest)
            if type(one) in _NESTS
        ]
        if not level:
            return True
    return False


def _has_no_forbidden(data: bytes, value: Any) -> bool:
    # In bytes, since their first one is rare and a search for one byte is the quickest there is. A raw NUL is
    # no JSON at all, so that only an escape can bring one in.
    if _BIDI_CONTROL.search(data) is not None:
        return False
    return _ESCAPED.search(data) is None or _strings_hold(value)


def _strings_hold(value: Any) -> bool:
    # Only texts with \u escapes come here: an escape can smuggle in what the raw scan cannot see.
    if isinstance(value, str):
        return strict_reader.FORBIDDEN_OR_SURROGATE.search(value) is None
    if isinstance(value, dict):
        return all(map(_strings_hold, value.values()))
    if isinstance(value, list):
        return all(map(_strings_hold, value))
    return True


def encode(value: Any) -> bytes:
    """The canonical bytes of a value of the document profile; raises `Invalid` when it is outside of it."""
    return _encode(value, strict_reader.DOCUMENT)


def encode_bundle(value: Any) -> bytes:
    """The canonical bytes of a form bundle `{schema, states, layout, locale}`; its SHA-256 is the digest."""
    return _encode(value, strict_reader.FORM_BUNDLE)


def _encode(value: Any, profile: Profile) -> bytes:
    problem = strict_reader.first_problem_of_value(value, profile)
    if problem is not None:
        raise Invalid(problems=[problem])
    return dump(value)


def dump(value: Any) -> bytes:
    """Canonical bytes without the check, for values this package has put together from checked ones."""
    return _encoder.encode(value).encode()


def is_canonical(data: bytes, value: Any) -> bool:
    """Whether `data` is exactly the canonical form of the `value` that was parsed from it."""
    return dump(value) == data


def _invalid(pointer: str, code: str, **facts: Any) -> Invalid:
    return Invalid(problems=[Problem(pointer, code, facts)])
