"""The forms 监督检查报告 and 问题整改跟踪单: their examples judged, each rule broken by one of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.registry.validate import validate
from tests.schemas.reading import around, compiled, folder

FORMS = ("inspection_report", "rectification")


def _examples(form: str) -> dict[str, Any]:
    found = sorted(folder(form).joinpath("examples").iterdir(), key=str)
    return {one.name.removesuffix(".json"): json.loads(one.read_text("utf-8")) for one in found}


ALL = [(form, name) for form in FORMS for name in _examples(form)]


@pytest.mark.parametrize("form, name", ALL)
def test_an_example_holds_or_raises_the_one_problem_it_names(form: str, name: str) -> None:
    example = _examples(form)[name]
    judged = validate(compiled(form), example["data"], around(example["context"]))
    named = example.get("problem")
    expected = [] if named is None else [(named["pointer"], named["code"])]
    assert [(one.pointer, one.code) for one in judged.problems] == expected


@pytest.mark.parametrize("form", FORMS)
def test_every_rule_has_an_example_that_breaks_it(form: str) -> None:
    broken = {one["problem"]["code"] for one in _examples(form).values() if "problem" in one}
    assert [rule.id for rule in compiled(form).rules if rule.id not in broken] == []
