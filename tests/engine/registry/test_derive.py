"""What a form may commit beside a value: exact texts, and nothing where a value gives none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.desk import sealing
from engine.registry.check_coverage import check_fields
from engine.registry.derive import Derivation, derive
from engine.trust import commitments
from tests.engine.registry import small
from tests.schemas import reading

ID_NO = "31019919420618026X"
ON = Derivation("age_band", "/s/seen_at")
BIRTH = {"type": "string", "format": "date", "title": "出生日期", "x-seal": "identity"}
SEEN = {"type": "string", "format": "date-time", "title": "采集时间", "x-seal": "other"}


@pytest.mark.parametrize(
    ("wish", "value", "expected"),
    [
        (Derivation("id_last4"), ID_NO, "026X"),
        (Derivation("id_last4"), "E123456", None),
        (Derivation("birth_year"), "1942-06-18", "1942"),
        (Derivation("birth_year"), ID_NO, "1942"),
        (Derivation("birth_year"), "1942-02-30", None),
        (Derivation("district"), "310104", "310104"),
        (Derivation("district"), "310104012", "310104"),
        (Derivation("district"), "310104012001", "310104"),
        (Derivation("district"), ID_NO, "310199"),
        (Derivation("district"), "徐汇区", None),
        (Derivation("district"), "31010401", None),
        (Derivation("nothing of ours"), ID_NO, None),
        (Derivation("birth_year"), 1942, None),
    ],
)
def test_a_derived_form_is_exact_or_none(wish: Derivation, value: Any, expected: str | None) -> None:
    assert derive(wish, value, {}) == expected


@pytest.mark.parametrize(
    ("born", "seen", "expected"),
    [
        ("1942-06-18", "2022-06-17", "75-79"),
        ("1942-06-18", "2022-06-18", "80-84"),
        ("1942-06-18", "2022-06-17T16:00:00Z", "80-84"),  # already the 18th in Shanghai
        ("1942-06-18", "2022-06-17T15:59:59Z", "75-79"),
        (ID_NO, "2026-11-22", "80-84"),
        ("1926-11-22", "2026-11-22", "100+"),
        ("2026-11-20", "2026-11-22", "0-4"),
        ("2026-11-23", "2026-11-22", None),
        ("1942-06-18", "yesterday", None),
        ("1942-06-18", None, None),
    ],
)
def test_an_age_is_a_band_of_five_years_on_a_day_of_the_answers(
    born: str, seen: Any, expected: str | None
) -> None:
    assert derive(ON, born, {"s": {"seen_at": seen}}) == expected
    assert derive(ON, born, {}) is None


def form(**more: Any) -> Any:
    birth = BIRTH | {"x-derive": [{"as": "birth_year"}, {"as": "age_band", "on": "/s/seen_at"}]} | more
    place = {"type": "string", "title": "区划", "x-seal": "other", "x-derive": [{"as": "district"}]}
    return small.compiled(small.schema({"properties": {"birth": birth, "place": place, "seen_at": SEEN}}))


def test_derived_leaves_are_sealed_in_the_class_of_their_value_in_the_order_of_paths() -> None:
    answers = {"s": {"birth": "1942-06-18", "place": "310104012", "seen_at": "2026-11-22T09:00:00+08:00"}}
    assert sealing.group_fields(form(), answers) == {
        "identity": [
            ("/_derived/@age_band/s/birth", "80-84"),
            ("/_derived/@birth_year/s/birth", "1942"),
            ("/s/birth", "1942-06-18"),
        ],
        "other": [
            ("/_derived/@district/s/place", "310104"),
            ("/s/place", "310104012"),
            ("/s/seen_at", "2026-11-22T09:00:00+08:00"),
        ],
    }
    assert sealing.answers_in(sealing.group_fields(form(), answers)["identity"]) == {
        "s": {"birth": "1942-06-18"}
    }
    assert [sealing.source_of(f"/_derived/{one}") for one in ("@age_band/s/birth", "s/birth")] == [
        "/s/birth",
        "/s/birth",
    ]


def test_a_derived_form_is_proved_against_the_signed_root_without_the_value() -> None:
    answers = {"s": {"birth": "1942-06-18", "seen_at": "2026-11-22"}}
    fields = sealing.group_fields(form(), answers)["identity"]
    signed, salt_key = commitments.root(b"s" * 32, fields), b"s" * 32
    (shown,) = commitments.disclose(salt_key, fields, ["/_derived/@age_band/s/birth"])
    assert shown.value == "80-84"
    assert commitments.is_disclosed(shown, len(fields), signed)
    for other in (replace(shown, value="60-64"), replace(shown, path="/_derived/@birth_year/s/birth")):
        assert not commitments.is_disclosed(other, len(fields), signed)
    assert "1942" not in repr(shown)


def test_a_sensitive_value_has_its_masked_leaf_beside_the_derived_ones() -> None:
    answers = {"s": {"birth": "1942-06-18"}}
    sensitive = form(**{"x-sensitivity": "sensitive", "x-mask": "date"})
    assert dict(sealing.group_fields(sensitive, answers)["identity"]) == {
        "/_derived/@birth_year/s/birth": "1942",
        "/_derived/s/birth": "1942年**月**日",
        "/s/birth": "1942-06-18",
    }


def test_a_form_without_the_annotation_commits_what_it_always_did() -> None:
    wished = form()
    plain = small.compiled(small.schema({"properties": {"birth": BIRTH}}))
    assert sealing.group_fields(plain, {"s": {"birth": "1942-06-18"}}) == {
        "identity": [("/s/birth", "1942-06-18")]
    }
    assert wished.bundle.digest != plain.bundle.digest  # what a form commits is part of what is signed


def test_an_age_on_what_is_no_day_of_the_form_is_a_fault_of_the_form() -> None:
    assert "field.derive" not in {one.code for one in check_fields(form())}
    wrong = form(**{"x-derive": [{"as": "age_band", "on": "/s/place"}]})
    assert [one.facts for one in check_fields(wrong) if one.code == "field.derive"] == [
        {"rule": "age_band", "on": "/s/place"}
    ]


@pytest.mark.parametrize(
    ("annotation", "is_accepted"),
    [
        ([{"as": "birth_year"}, {"as": "age_band", "on": "/entry/collected_at"}], True),
        ([{"as": "age_band"}], False),
        ([{"as": "district", "on": "/entry/collected_at"}], False),
        ([{"as": "shoe_size"}], False),
        ([], False),
        ("birth_year", False),
    ],
)
def test_the_meta_schema_knows_the_wishes(annotation: Any, is_accepted: bool) -> None:
    schema = json.loads(json.dumps(reading.read("info_entry", "1.0.0", "schema.json")))
    schema["properties"]["insured"]["properties"]["birth_date"]["x-derive"] = annotation
    meta = Draft202012Validator(reading.read("_meta", "annotations.schema.json"))
    assert meta.is_valid(schema) == is_accepted
