"""A regulation is data: no code compares a form's name, no sentence for people stands in code."""

from __future__ import annotations

import ast
import re

from tests.house import sources

FORMS = {"info_entry", "info_update", "info_query", "query_result", "inspection_report", "feedback_report"}
FORMS |= {"rectification", "permission_review", "regulation_revision", "opinion"}
CODE = ("engine", "forms", "storage", "web")
# Chinese sentences belong to catalogues. The verifier installs alone and so carries its own as a module;
# the demo's invented people are data in all but suffix.
HOLD_SENTENCES = ("engine/trust/sentences.py", "web/demo/")
SENTENCE = re.compile(r"[\u3400-\u9fff][，。；！？]|[\u3400-\u9fff]{16,}")


def test_no_code_asks_which_form_it_has() -> None:
    found = [
        f"{sources.name(f)}:{node.lineno}"
        for f in sources.python_files(*CODE)
        for node in ast.walk(sources.tree(f))
        if isinstance(node, ast.Compare | ast.MatchValue) and _forms_in(node)
    ]
    assert found == []


def test_no_template_asks_which_form_it_has() -> None:
    asks = re.compile(r"{%-?\s*(?:el)?if\b[^%]*['\"](?:" + "|".join(sorted(FORMS)) + r")['\"]")
    templates = sources.files("web/templates", suffixes=(".html",))
    assert [sources.name(f) for f in templates if asks.search(sources.text(f))] == []


def test_sentences_for_people_stand_in_catalogues_not_in_code() -> None:
    found = [
        f"{sources.name(f)}:{node.lineno} {node.value[:30]!r}"
        for f in sources.python_files(*CODE)
        if not sources.name(f).startswith(HOLD_SENTENCES)
        for node in _strings(sources.tree(f))
        if SENTENCE.search(node.value)
    ]
    assert found == []


class _Text(ast.Constant):
    value: str


def _strings(module: ast.Module) -> list[_Text]:
    told = sources.docstrings(module)
    return [
        node  # type: ignore[misc]
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in told
    ]


def _forms_in(node: ast.AST) -> set[str]:
    values = {inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant)}
    return FORMS & {value for value in values if isinstance(value, str)}
