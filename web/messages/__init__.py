"""The sentences of the pages: every `<area>.<lang>.json` beside this file, merged once at start.

Decides which language answers when one lacks a sentence (zh-CN is complete by rule and a test holds English
to it). Never formats personal data by itself and never invents a sentence: an unknown key is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

LANGUAGES = ("zh-CN", "en")
DEFAULT = "zh-CN"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Sentences by language and key; placeholders are `{name}` as in `str.format`."""

    sentences: Mapping[str, Mapping[str, str]]

    def say(self, lang: str, key: str, /, **facts: Any) -> str:
        """The sentence of `key` with its facts filled in. Raises KeyError for a key nobody wrote."""
        text = self.sentences[lang].get(key)
        if text is None:
            text = self.sentences[DEFAULT][key]
        return text.format_map(facts) if facts else text

    def knows(self, key: str) -> bool:
        """Whether a sentence of this key exists."""
        return key in self.sentences[DEFAULT]


def read_catalogue() -> Catalogue:
    """Read all catalogues. Raises ValueError when two areas claim one key."""
    merged: dict[str, dict[str, str]] = {lang: {} for lang in LANGUAGES}
    for entry in sorted(resources.files(__name__).iterdir(), key=lambda item: item.name):
        area, _, rest = entry.name.partition(".")
        lang = rest.removesuffix(".json")
        if not entry.name.endswith(".json") or lang not in merged:
            continue
        for key, text in json.loads(entry.read_text(encoding="utf-8")).items():
            if key in merged[lang]:
                raise ValueError(f"{area}.{lang}.json: {key} is written twice")
            merged[lang][key] = text
    return Catalogue(merged)


def pick_language(wanted: str | None) -> str:
    """The language to answer in: `wanted` when we speak it, zh-CN otherwise."""
    return wanted if wanted in LANGUAGES else DEFAULT
