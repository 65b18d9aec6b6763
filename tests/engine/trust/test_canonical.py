"""The strict parser refuses what it must, says where, and the encoder gives RFC 8785 bytes."""

from __future__ import annotations

import time
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid, Problem
from engine.trust import canonical, strict_reader

KEYS = st.from_regex(r"[A-Za-z0-9_.\-]{1,12}", fullmatch=True)
TEXTS = st.text(
    st.characters(
        exclude_categories=["Cs"],
        exclude_characters="\x00\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    )
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12)


def refused(data: bytes, **limits: int) -> Problem:
    with pytest.raises(Invalid) as caught:
        canonical.parse(data, **limits)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "pointer", "code", "facts"),
    [
        ('{"a":{"b":[1,{"c":2,"c":3}]}}', "/a/b/1/c", "json.duplicate_key", {}),
        ('{"a":[1,1.0]}', "/a/1", "json.float", {}),
        ('{"a":1e3}', "/a", "json.float", {}),
        ('{"a":1E400}', "/a", "json.float", {}),
        ('{"a":NaN}', "/a", "json.constant", {"constant": "NaN"}),
        ("[-Infinity]", "/0", "json.constant", {"constant": "-Infinity"}),
        ('{"a":9007199254740992}', "/a", "json.number_range", {"max": 2**53 - 1}),
        ('{"a":[-9007199254740992]}', "/a/0", "json.number_range", {"max": 2**53 - 1}),
        ('{"a":' + "9" * 5000 + "}", "/a", "json.number_range", {"max": 2**53 - 1}),
        ('{"a":"\\ud800"}', "/a", "json.surrogate", {}),
        ('{"a":["x","\\u0000"]}', "/a/1", "json.control_character", {"character": "U+0000"}),
        ('{"a":"x\u202ey"}', "/a", "json.control_character", {"character": "U+202E"}),
        ('{"a":"x\\u2066y"}', "/a", "json.control_character", {"character": "U+2066"}),
        ('{"x":{"a\\u202a":1}}', "/x", "json.control_character", {"character": "U+202A"}),
        ('{"x":{"a/b":1}}', "/x/a~1b", "json.key", {}),
        ('{"":1}', "/", "json.key", {}),
        ('{"' + "k" * 65 + '":1}', "/" + "k" * 65, "json.key", {}),
        ('{"姓名":1}', "/姓名", "json.key", {}),
        ('{"a":1,}', "", "json.syntax", {"line": 1, "column": 8}),
        ('{"a":\n  tru}', "/a", "json.syntax", {"line": 2, "column": 3}),
        ('{"a":01}', "", "json.syntax", {"line": 1, "column": 7}),
        ('{"a":"x\ty"}', "/a", "json.syntax", {"line": 1, "column": 6}),
        ('{"a":1} x', "", "json.syntax", {"line": 1, "column": 9}),
        ("", "", "json.syntax", {"line": 1, "column": 1}),
        ('"abc', "", "json.syntax", {"line": 1, "column": 1}),
    ],
)
def test_what_is_outside_the_profile_is_refused_with_its_place(
    text: str, pointer: str, code: str, facts: dict[str, Any]
) -> None:
    assert refused(text.encode()) == Problem(pointer, code, facts)


def test_bytes_that_are_no_utf8_or_begin_with_a_mark_are_refused() -> None:
    assert refused(b'{"a":"\xff"}') == Problem("", "json.utf8", {"offset": 6})
    assert refused(b'\xef\xbb\xbf{"a":1}') == Problem("", "json.bom", {})
    assert refused(b'"\xed\xa0\x80"').code == "json.utf8"


def test_depth_and_size_have_limits() -> None:
    assert canonical.parse(b"[" * 32 + b"]" * 32) is not None
    assert refused(b"[" * 33 + b"]" * 33) == Problem("/0" * 32, "json.too_deep", {"max_depth": 32})
    assert refused(b'{"a":"' + b"x" * 100 + b'"}', max_bytes=50) == Problem(
        "", "json.too_large", {"bytes": 108, "max_bytes": 50}
    )


@pytest.mark.parametrize(
    "bomb", [b"[" * 5_242_880, b'{"a":' * 1_000_000, b'"\\"' * 1_700_000, b'"' + b"\\" * 5_000_000]
)
def test_a_nest_of_brackets_is_answered_quickly_and_never_recurses(bomb: bytes) -> None:
    start = time.perf_counter()
    assert refused(bomb, max_bytes=10**7).code in ("json.too_deep", "json.syntax")
    assert time.perf_counter() - start < 2


def test_brackets_inside_strings_are_no_depth() -> None:
    assert canonical.parse(b'["' + b"[{" * 500 + b'"]') == ["[{" * 500]


def test_a_form_bundle_may_have_keys_with_any_printable_sign() -> None:
    data = canonical.encode_bundle({"$ref": {"/insured/name": "x", "#/rules/V1.checksum": 1}})
    assert canonical.parse_bundle(data) == {"$ref": {"/insured/name": "x", "#/rules/V1.checksum": 1}}
    for text, code in (
        (b'{"a":1.5}', "json.float"),
        (b'{"a":1,"a":1}', "json.duplicate_key"),
        ('{"键":1}'.encode(), "json.key"),
    ):
        with pytest.raises(Invalid) as caught:
            canonical.parse_bundle(text)
        assert caught.value.problems[0].code == code


@pytest.mark.parametrize(
    ("value", "pointer", "code"),
    [
        ({"a": [1.0]}, "/a/0", "json.float"),
        ({"a": 2**53}, "/a", "json.number_range"),
        ({"a b": 1}, "", "json.key"),
        ({1: 1}, "", "json.key"),
        ({"a": "\ud800"}, "/a", "json.surrogate"),
        ({"a": {"b": "\u202e"}}, "/a/b", "json.control_character"),
        ({"a": b"x"}, "/a", "json.type"),
    ],
)
def test_a_value_outside_the_profile_is_never_encoded(value: Any, pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        canonical.encode(value)
    assert (caught.value.problems[0].pointer, caught.value.problems[0].code) == (pointer, code)


def test_registered_names_keep_their_code_points() -> None:
    name = "\uf9d0\ufa10"
    assert canonical.parse(canonical.encode({"n": name})) == {"n": name}
    assert canonical.encode({"n": name}) == f'{{"n":"{name}"}}'.encode()


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_the_encoder_agrees_with_the_stock_library_and_the_parser_reads_it_back(value: Any) -> None:
    data = canonical.encode(value)
    assert data == rfc8785.dumps(value)
    parsed = canonical.parse(data)
    assert parsed == value and canonical.is_canonical(data, parsed)


@settings(max_examples=400, deadline=None)
@given(VALUES, st.integers(0, 10**6), st.sampled_from(list('{}[]",:\\0.-eNu\x00\u202e ')))
def test_the_fast_path_accepts_exactly_what_the_careful_reader_accepts(value: Any, at: int, put: str) -> None:
    text = canonical.encode(value).decode()
    place = at % (len(text) + 1)
    damaged = text[:place] + put + text[place + 1 :]
    problem = strict_reader.first_problem(damaged, strict_reader.DOCUMENT, canonical.MAX_DEPTH)
    holds = problem == Problem("", "json.syntax", {"line": 1, "column": 1}) and damaged.strip(" ")[
        :1
    ] not in ("", "}", "]", ",", ":", "\\", ".", "e", "u", "\x00", "\u202e")
    try:
        canonical.parse(damaged.encode())
        accepted = True
    except Invalid as fault:
        accepted = False
        assert fault.problems[0] == problem
    assert not accepted or holds
