"""What stands behind a key of the English labels is said in words, and a new number alone is no change."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.registry.bundle import FormBundle, digest_of
from engine.versions.changes import Label, Term, changes
from engine.versions.elements import element_of
from storage.kept_forms import parts_of
from tests.schemas.reading import compiled

ENTRY = compiled().bundle


@pytest.mark.parametrize(
    "key, kind, words",
    [
        ("#/print/form_no", "print_form_no", "录入表 1.0.0"),
        ("#/print/blocks/1", "print_blocks", "参保人信息"),
        ("#/print/signatures/0", "print_signatures", "采集人"),
        ("#/states/draft", "state", "草稿"),
        ("#/transitions/claim", "transition", "领取"),
        ("#/transitions/reject/ground#not_insured", "option", "未参加长期护理保险"),
        ("#/guided/0", "guided", "录入事项"),
        ("#/records/void_decision", "record", "作废决定"),
        ("/insured/id_no", "field", "证件号码"),
        ("/agent/relation#child", "option", "子女"),
        ("/assess/adl_total?unit", "unit", "日常生活活动能力得分"),
        ("#/nothing/of/this", "text", "#/nothing/of/this"),
    ],
)
def test_a_key_is_said_as_the_element_it_stands_for(key: str, kind: str, words: str) -> None:
    element, label = element_of(key, ENTRY)
    assert element == Term(f"element.{kind}")
    assert (label.zh, label.en) == (words, ENTRY.locale.get(key, ""))


def test_every_key_of_every_label_names_an_element_in_words() -> None:
    nameless = [key for key in ENTRY.locale if element_of(key, ENTRY)[1].zh == key]
    assert nameless == []


def _numbered(version: str) -> FormBundle:
    schema = {**ENTRY.schema, "x-version": version}
    page = {**ENTRY.layout["print"], "form_no": f"录入表 {version}"}
    locale = {**ENTRY.locale, "#/print/form_no": ENTRY.locale["#/print/form_no"].replace("1.0.0", version)}
    layout = {**ENTRY.layout, "print": page}
    made = replace(ENTRY, version=version, schema=schema, layout=layout, locale=locale)
    return replace(made, digest=digest_of(parts_of(made)))


def test_a_draft_whose_number_alone_is_new_has_one_change_and_that_is_its_number() -> None:
    found = changes(ENTRY, _numbered("1.1.0"))
    assert {one.kind for one in found} == {"version_name"}


def test_another_name_of_the_printed_form_is_told_with_its_number() -> None:
    new = _numbered("1.1.0")
    page = {**new.layout["print"], "form_no": "登记表 1.1.0"}
    locale = {**new.locale, "#/print/form_no": "Register 1.1.0"}
    found = changes(ENTRY, replace(new, layout={**new.layout, "print": page}, locale=locale))

    told = {one.kind: one.facts for one in found if one.kind != "version_name"}
    assert told["print"] == {"parts": [Term("element.print_form_no")]}
    assert told["label"]["element"] == Term("element.print_form_no")
    assert told["label"]["label"] == Label("登记表 1.1.0", "Register 1.1.0")
    assert json.dumps(sorted(told)) == '["label", "print"]'
