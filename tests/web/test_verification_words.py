"""What a bundle shows is named as what it is: a field, its masked form, or a form derived from it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.desk import proving
from tests.web.conftest import DemoAgency
from tests.web.test_verify import NOW
from web.messages import read_catalogue
from web.verification.judge import judge
from web.verification.words import FormWords, put_into_words

FORM = {
    "schema": {
        "properties": {
            "_derived": {"title": "起的名字像保留字"},
            "insured": {"title": "参保人", "properties": {"birth_date": {"title": "出生日期"}}},
        }
    }
}


@pytest.mark.parametrize(
    ("path", "chinese", "english"),
    [
        ("/insured/birth_date", "参保人 · 出生日期", "参保人 · 出生日期"),
        ("/_derived/insured/birth_date", "参保人 · 出生日期（脱敏）", "参保人 · 出生日期 (masked)"),
        (
            "/_derived/@age_band/insured/birth_date",
            "参保人 · 出生日期（年龄段）",
            "参保人 · 出生日期 (age band)",
        ),
        (
            "/_derived/@birth_year/insured/birth_date",
            "参保人 · 出生日期（出生年份）",
            "参保人 · 出生日期 (year of birth)",
        ),
    ],
)
def test_a_value_is_named_in_both_languages(path: str, chinese: str, english: str) -> None:
    catalogue = read_catalogue()

    def named(lang: str) -> str:
        def say(key: str, **facts: Any) -> str:
            return catalogue.say(lang, key, **facts)

        return FormWords(FORM, lang, say).field(path)

    assert (named("zh-CN"), named("en")) == (chinese, english)


def test_a_masked_value_of_a_bundle_is_shown_masked_and_said_to_be(demo: DemoAgency) -> None:
    desk, row = demo.services.desk, demo.first()
    data = proving.bundle_of(desk, row, proving.these(["/_derived/insured/id_no"]))
    case = judge(data, trust=desk.trust.root_chain(), now=NOW)

    def say(key: str, **facts: Any) -> str:
        return demo.services.catalogue.say("zh-CN", key, **facts)

    ((label, text),) = put_into_words(case, "zh-CN", say).values
    assert label.endswith("（脱敏）") and "*" in text
    assert text[:6].isdigit() and not text.isdigit()
