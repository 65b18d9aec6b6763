"""What a problem is called in words.

Decides only which sentence of the catalogue stands for a code, and fills in facts. A rule that carries
its own sentence keeps it. Never says 请 or 非法: a sentence names what is wrong and what to do, and
repeats nothing that was typed except what the person needs to see how it was read. The catalogues are
part of the package, as the code is; they are read once, when the module is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

from engine.errors import OF_ANOTHER, Problem

LANGUAGES = ("zh-CN", "en")


def _read(lang: str) -> Mapping[str, str]:
    catalogue: Mapping[str, str] = json.loads((resources.files(__name__) / f"{lang}.json").read_text("utf-8"))
    return catalogue


CATALOGUES: Mapping[str, Mapping[str, str]] = {lang: _read(lang) for lang in LANGUAGES}


class _Facts(dict[str, Any]):
    """Facts of a sentence; one that is not there stands empty rather than failing the page."""

    def __missing__(self, key: str) -> str:
        return ""


def phrase(key: str, lang: str, **facts: Any) -> str:
    """One sentence by its key; Chinese where the language has none."""
    text = CATALOGUES.get(lang, {}).get(key) or CATALOGUES["zh-CN"][key]
    return text.format_map(_Facts(facts))


def in_language(facts: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Facts as one reader needs them: what is said in several languages (`{language: words}`) in theirs."""
    return {
        key: value.get(lang, value["zh-CN"]) if isinstance(value, Mapping) and "zh-CN" in value else value
        for key, value in facts.items()
    }


def sentence(
    problem: Problem, lang: str, label_of: Callable[[str], str], rules: Mapping[str, str] | None = None
) -> str:
    """What is wrong and what to do. `rules` are sentences of rules by id in this language, where known.

    A problem that another form's rule found brings that form's sentence with it (`engine.errors.OF_ANOTHER`).
    """
    said = in_language(problem.facts, lang)
    facts = _Facts({key: _shown(value) for key, value in said.items()})
    facts["label"] = label_of(problem.pointer) if problem.pointer else ""
    own = said.get(OF_ANOTHER) or (rules or {}).get(problem.code) or problem.message
    if own:
        return own.format_map(facts)
    known = CATALOGUES.get(lang) or CATALOGUES["zh-CN"]
    code = problem.code
    while code:
        if code in known:
            return known[code].format_map(facts)
        code = code.rpartition(".")[0]
    return known["other"].format_map(facts)


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(str(part) for part in value[:12])
    return str(value)
