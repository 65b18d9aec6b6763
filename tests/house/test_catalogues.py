"""Message catalogues: the same keys and the same facts in both languages, in the house's words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.house import sources

FACT = re.compile(r"{(\w+)[^{}]*}")
# 请 as an order, not as part of 申请 (application), 请求 (request), 邀请 (invite) or 报请 (report upwards).
HARSH = re.compile(r"(?<![申邀报提])请(?![求示])|非法|格式错误")


def _pairs() -> list[tuple[Path, Path]]:
    single = sources.files("forms/messages", "web/messages", suffixes=(".json",))
    return [
        (path, path.with_name(path.name.replace("zh-CN", "en"))) for path in single if "zh-CN" in path.name
    ]


def _messages(path: Path) -> dict[str, str]:
    loaded = json.loads(sources.text(path))
    assert all(isinstance(value, str) for value in loaded.values()), f"{path.name}: one sentence per key"
    return {str(key): str(value) for key, value in loaded.items()}


@pytest.mark.parametrize("pair", _pairs(), ids=lambda pair: sources.name(pair[0]))
def test_a_catalogue_says_the_same_in_both_languages(pair: tuple[Path, Path]) -> None:
    chinese, english = (_messages(path) for path in pair)
    assert sorted(chinese) == sorted(english)
    facts = {key: (set(FACT.findall(chinese[key])), set(FACT.findall(english[key]))) for key in chinese}
    assert {key: both for key, both in facts.items() if both[0] != both[1]} == {}


@pytest.mark.parametrize("pair", _pairs(), ids=lambda pair: sources.name(pair[0]))
def test_no_message_is_empty_or_in_the_wrong_language(pair: tuple[Path, Path]) -> None:
    chinese, english = (_messages(path) for path in pair)
    # A word that only one language needs (第 … 页) is empty in the other, never in both.
    assert [key for key in chinese if not (chinese[key] + english.get(key, "")).strip()] == []
    mixed = [k for k, v in english.items() if sources.CHINESE.search(v) and not k.endswith((".zh", "_zh"))]
    assert mixed == []


def test_no_catalogue_stands_without_its_other_language() -> None:
    catalogues = sources.files("forms/messages", "web/messages", suffixes=(".json",))
    paired = {path for pair in _pairs() for path in pair}
    assert [sources.name(path) for path in catalogues if path not in paired] == []


def test_nothing_shown_to_people_begs_or_accuses() -> None:
    shown = sources.files("forms", "web", "schemas", suffixes=(".json", ".html"))
    found = [
        f"{sources.name(path)}:{number}"
        for path in shown
        if "examples" not in path.parts and "codes" not in path.parts
        for number, line in enumerate(sources.text(path).splitlines(), 1)
        if HARSH.search(line)
    ]
    assert found == []


def test_set_up_speaks_both_languages() -> None:
    sentences = json.loads(sources.text(sources.ROOT / "web/setup/sentences.json"))
    for key, both in sentences.items():
        assert sorted(both) == ["en", "zh-CN"], key
        assert set(FACT.findall(both["en"])) == set(FACT.findall(both["zh-CN"])), key
