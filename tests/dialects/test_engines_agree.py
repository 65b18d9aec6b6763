"""jsonschema and jsonschema-rs judge invented documents alike. FENGJIAN_AGREEMENT_DOCUMENTS says how many
(3,000 in every run; 100,000 take half a minute)."""

from __future__ import annotations

import os
from typing import Any

import pytest

from engine.errors import Invalid, Problem
from engine.registry.agreement import check_agreement, different_in
from engine.registry.schema_walk import subschemas
from engine.registry.shape import compile_shape
from tests.dialects.inventing import DRAFT_07, Inventor

DOCUMENTS = int(os.environ.get("FENGJIAN_AGREEMENT_DOCUMENTS", "3000"))
FOR_EACH_SCHEMA = 20
DRAFT_04 = "http://json-schema.org/draft-04/schema#"


def test_the_validators_agree_on_invented_documents() -> None:
    judged = valid = refused = 0
    apart: list[tuple[int, Any, Any]] = []
    for seed in range(DOCUMENTS):
        if judged >= DOCUMENTS:
            break
        inventor = Inventor(seed)
        schema = inventor.schema()
        try:
            shape = compile_shape(schema)
        except Invalid as problem:
            assert {one.code for one in problem.problems} == {"keyword.engines_differ"}, schema
            refused += 1
            continue
        for _ in range(FOR_EACH_SCHEMA):
            document = inventor.near(schema)
            fast = shape.fast.is_valid(document)
            judged += 1
            valid += fast
            if fast is not shape.explaining.is_valid(document):
                apart.append((seed, schema, document))
    print(f"{judged} documents, {valid} valid, {refused} schemas refused, {len(apart)} judged apart")
    assert apart == []
    assert judged >= DOCUMENTS
    assert 0.3 < valid / judged < 0.7


DIFFERENT: dict[str, tuple[dict[str, Any], Any]] = {
    "dependencies": ({"dependencies": {"a": ["b"]}}, {"a": 1}),
    "contentEncoding": ({"$schema": DRAFT_07, "contentEncoding": "base64"}, "%"),
    "contentMediaType": ({"$schema": DRAFT_07, "contentMediaType": "application/json"}, "{"),
    "additionalItems": ({"$schema": DRAFT_07, "items": True, "additionalItems": False}, [1]),
    "multipleOf": ({"multipleOf": 0.3}, -9007199254740991),
}


@pytest.mark.parametrize("keyword", DIFFERENT)
def test_a_use_on_which_they_differ_is_refused_at_its_place(keyword: str) -> None:
    schema, _ = DIFFERENT[keyword]
    with pytest.raises(Invalid) as refused:
        compile_shape(schema)
    assert [(one.pointer, one.code, one.facts["keyword"]) for one in refused.value.problems] == [
        (f"/{keyword}", "keyword.engines_differ", keyword)
    ]


@pytest.mark.parametrize("keyword", DIFFERENT)
def test_each_use_in_the_list_does_differ(keyword: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a later release agree, the list can shrink: this test says so."""
    monkeypatch.setattr("engine.registry.shape.check_agreement", lambda parts, pointer="": ())
    schema, document = DIFFERENT[keyword]
    shape = compile_shape(schema)
    try:
        explained = shape.explaining.is_valid(document)
    except TypeError:
        explained = None
    assert shape.fast.is_valid(document) is not explained


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [
        (r"^\s*$", r"\s"),
        (r"[^\S]", r"\S"),
        (r"\bword", r"\b"),
        (r"[[:alpha:]]", "[:"),
        (r"\p{L}", r"\p{L}"),
        (r"\pL+", r"\pL"),
        (r"^\p{Script=Han}{2,20}$", ""),
        (r"\\s[a-z]\[:", ""),
        (r"^[A-Z0-9]+$", ""),
    ],
)
def test_a_piece_that_pattern_engines_read_differently_is_named(pattern: str, piece: str) -> None:
    assert different_in(pattern) == piece


def test_members_by_pattern_beside_the_unevaluated_ones_are_refused() -> None:
    schema = {"patternProperties": {"^(a+)+$": True}, "allOf": [{"unevaluatedProperties": False}]}
    facts = {"keyword": "unevaluatedProperties", "why": "backtracking"}
    assert list(check_agreement(list(subschemas(schema)))) == [
        Problem("/allOf/0/unevaluatedProperties", "keyword.engines_differ", facts)
    ]


def test_a_dialect_we_do_not_take_is_named_and_nothing_else() -> None:
    with pytest.raises(Invalid) as refused:
        compile_shape({"$schema": DRAFT_04, "required": True})
    assert list(refused.value.problems) == [Problem("/$schema", "schema.dialect")]
