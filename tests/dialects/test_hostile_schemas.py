"""Schemas made to hurt: each is refused in words or drawn within bounds, in about two seconds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import Invalid
from engine.registry.shape import compile_shape
from forms.compile import MOST_NODES, compile_schema
from forms.messages import CATALOGUES
from forms.reading import read_json
from web.render import render_schema

# Seconds of this process, so that whatever else the machine does counts for nothing.
LONGEST = 2.0
FIVE_MIB = 5 << 20


def nested(levels: int) -> bytes:
    return b'{"properties":{"a":' * levels + b"{}" + b"}}" * levels


def wide(bytes_: int) -> bytes:
    one = {"type": "string", "title": "字段", "maxLength": 20}
    return json.dumps({"type": "object", "properties": {f"f{n}": one for n in range(bytes_ // 80)}}).encode()


def talkative(bytes_: int) -> bytes:
    parts = {f"f{n}": {"type": "string", "description": "说明" * (bytes_ // 2_600)} for n in range(200)}
    return json.dumps({"type": "object", "properties": parts}).encode()


def laughs(levels: int) -> bytes:
    parts = {
        f"p{n}": {"properties": {c: {"$ref": f"#/$defs/p{n + 1}"} for c in "abcdefghij"}}
        for n in range(levels)
    }
    return json.dumps({"$ref": "#/$defs/p0", "$defs": {**parts, f"p{levels}": {"type": "string"}}}).encode()


def doubled(levels: int) -> bytes:
    parts = {f"p{n}": {"allOf": [{"$ref": f"#/$defs/p{n + 1}"}] * 2} for n in range(levels)}
    return json.dumps({"$ref": "#/$defs/p0", "$defs": {**parts, f"p{levels}": {"type": "string"}}}).encode()


def chained(links: int) -> bytes:
    parts = {f"p{n}": {"$ref": f"#/$defs/p{n + 1}"} for n in range(links)}
    return json.dumps({"$ref": "#/$defs/p0", "$defs": {**parts, f"p{links}": {"type": "string"}}}).encode()


def meshed(parts: int) -> bytes:
    names = {
        f"p{n}": {"type": "object", "properties": {f"x{m}": {"$ref": f"#/$defs/p{m}"} for m in range(parts)}}
        for n in range(parts)
    }
    return json.dumps({"$ref": "#/$defs/p0", "$defs": names}).encode()


def branched(levels: int) -> bytes:
    here: Any = {"type": "string"}
    for _ in range(levels):
        here = {"anyOf": [{"type": "object", "properties": {"a": here}, "title": str(n)} for n in range(2)]}
    return json.dumps(here).encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "10,000 levels": (lambda: nested(10_000), "json.too_deep"),
    "100 levels": (lambda: nested(100), "schema.too_complex"),
    "5 MiB of fields": (lambda: wide(FIVE_MIB), "schema.too_large"),
    "5 MiB of words": (lambda: talkative(FIVE_MIB), ""),
    "more than can be read": (lambda: b'"' + b"a" * (9 << 20) + b'"', "json.too_large"),
    "a tree of ten to the twentieth": (lambda: laughs(20), ""),
    "two to the sixtieth parts": (lambda: doubled(60), "schema.too_large"),
    "a chain of ten thousand references": (lambda: chained(10_000), "schema.too_complex"),
    "forty parts that hold one another": (lambda: meshed(40), "schema.too_complex"),
    "ten parts that hold one another": (lambda: meshed(10), ""),
    "alternatives in alternatives": (lambda: branched(12), ""),
    "a reference to itself": (lambda: b'{"$ref":"#"}', "schema.too_complex"),
    "a pattern that backtracks": (lambda: b'{"type":"string","pattern":"^(a+)+$"}', ""),
    "a pattern that looks around": (lambda: b'{"type":"string","pattern":"(?=a)"}', ""),
    "another file": (lambda: b'{"$ref":"https://example.org/a.json"}', "schema.remote_reference"),
    "a file of this machine": (lambda: b'{"$ref":"file:///etc/passwd"}', "schema.remote_reference"),
    "a name twice": (lambda: b'{"title":"a","title":"b"}', "json.duplicate_key"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_schema_is_refused_or_drawn_within_bounds_and_in_time(name: str) -> None:
    make, expected = HOSTILE[name]
    data, begun, code = make(), time.process_time(), ""
    try:
        page = render_schema(read_json(data))
    except Invalid as refused:
        code = refused.problems[0].code
        assert all(code in catalogue for catalogue in CATALOGUES.values())
    else:
        assert len(page) < 20 << 20
    assert (code, time.process_time() - begun < LONGEST) == (expected, True)


@pytest.mark.parametrize("name", HOSTILE)
def test_publishing_answers_a_hostile_schema_in_time_too(name: str) -> None:
    data, begun = HOSTILE[name][0](), time.process_time()
    try:
        compile_shape(read_json(data))
    except Invalid as refused:
        assert refused.problems
    assert time.process_time() - begun < LONGEST


def test_a_schema_that_asks_one_value_without_bound_is_not_published() -> None:
    endless = {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}}
    by_anchor = {"$defs": {"a": {"$anchor": "a", "allOf": [{"$ref": "#a"}]}}}
    again = {"$ref": "#/$defs/n"}
    twice = {"allOf": [{"properties": {"a": again}}, {"minProperties": 1, "properties": {"a": again}}]}
    deeper = {"$ref": "#/$defs/n", "$defs": {"n": twice}}
    for schema in (json.loads(doubled(15)), endless, by_anchor, deeper):
        with pytest.raises(Invalid) as refused:
            compile_shape(schema)
        assert [problem.code for problem in refused.value.problems] == ["schema.too_complex"]
    assert compile_shape(json.loads(doubled(8))).is_valid("x")
    assert compile_shape({"properties": {"a": {"$ref": "#"}}}).is_valid({"a": {"a": {}}})


def test_a_catastrophic_pattern_is_answered_at_once() -> None:
    shape = compile_shape({"type": "object", "patternProperties": {"^(a+)+$": {"pattern": "^(b|b)*c$"}}})
    begun = time.process_time()
    assert shape.problems({"a" * 50_000: "b" * 50_000})[0].code == "pattern"
    assert time.process_time() - begun < 1


def test_a_form_of_two_thousand_fields_is_drawn_in_less_than_a_second() -> None:
    kinds: list[dict[str, Any]] = [
        {"type": "string"},
        {"type": "integer"},
        {"enum": ["甲", "乙"]},
        {"type": "string", "format": "date"},
    ]
    parts = {
        f"s{n}": {"type": "object", "properties": {f"f{m}": kinds[m % 4] for m in range(40)}}
        for n in range(50)
    }
    begun = time.process_time()
    page = render_schema({"type": "object", "properties": parts})
    assert time.process_time() - begun < 1
    assert page.count('class="field w') >= 2_000


def test_a_drawing_never_holds_more_than_its_most_nodes() -> None:
    for made in (laughs(20), meshed(40), branched(12)):
        assert len(compile_schema(json.loads(made)).nodes) <= MOST_NODES
