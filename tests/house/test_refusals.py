"""Whatever is refused is said in words: every code that engine and storage raise has a sentence, twice."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine.errors
from engine.errors import Broken, Refused
from tests.house import sources

FAMILIES = {
    name for name, one in vars(engine.errors).items()
    if isinstance(one, type) and issubclass(one, Refused | Broken)
}  # fmt: skip
CODES_OF_FAMILIES = {
    one.code for one in vars(engine.errors).values() if isinstance(one, type) and issubclass(one, Refused)
}
# Problems of form version folders, of files from outside and of rules have their sentences elsewhere, or a
# sentence of their own: people who fill in forms never meet them.
PROBLEMS_MET_BY_PEOPLE = ("engine/desk", "engine/lifecycle/advance.py", "storage")


def _catalogue(folder: str, lang: str) -> set[str]:
    found: set[str] = set()
    for path in sources.files(folder, suffixes=(".json",)):
        if path.name.endswith(f"{lang}.json"):
            found |= {key for key, text in json.loads(sources.text(path)).items() if text.strip()}
    return found


def _raised(path: Path, names: set[str], place: int) -> Iterator[tuple[str, str]]:
    """(code, file:line) of every code that is written out as the argument at `place` of a call."""
    for node in ast.walk(sources.tree(path)):
        if isinstance(node, ast.Call) and sources.dotted(node.func).rpartition(".")[2] in names:
            given = node.args[place : place + 1]
            for one in _constants(given[0]) if given else ():
                yield one, f"{sources.name(path)}:{node.lineno}"


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_refusal_has_a_sentence(lang: str) -> None:
    known = _catalogue("web/messages", lang)
    raised = [one for path in sources.python_files("engine", "storage") for one in _raised(path, FAMILIES, 0)]
    assert len(raised) > 100  # the search itself works
    missing = {code: place for code, place in raised if f"error.{code}.title" not in known}
    missing |= {code: "engine/errors.py" for code in CODES_OF_FAMILIES if f"error.{code}.title" not in known}
    assert missing == {}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_problem_that_people_meet_has_a_sentence(lang: str) -> None:
    known = _catalogue("forms/messages", lang)
    raised = [
        one
        for path in sources.python_files("engine", "storage")
        if sources.name(path).startswith(PROBLEMS_MET_BY_PEOPLE)
        for one in _raised(path, {"Problem"}, 1)
    ]
    assert len(raised) > 10
    assert {code: place for code, place in raised if not _is_said(code, known)} == {}


def _is_said(code: str, known: set[str]) -> bool:
    """As `forms.messages.sentence` looks: the code itself, or what stands before its last dot."""
    return code in known or ("." in code and _is_said(code.rpartition(".")[0], known))
