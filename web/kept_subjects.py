"""The people a query asks about, as they are kept: by their blind index, which tells a reader nothing (V7).

Decides the words that stand for an index, on pages and on paper. Never finds out who it is; what was typed
and is not filed yet stands as typed.
"""

from __future__ import annotations

import re
from typing import Any

from engine.registry.compiled import CompiledForm
from forms.model import lookup, place
from web.messages import Catalogue

SHOWN = 8
_INDEX = re.compile(r"[0-9a-f]{64}\Z")


def in_words(
    form: CompiledForm, answers: dict[str, Any], catalogue: Catalogue, lang: str
) -> dict[str, Any]:
    """The answers with a sentence and the first signs of the index where a kept subject stands."""
    rules = form.workflow.queries
    listed = lookup(answers, rules.subjects) if rules is not None else None
    if rules is None or not isinstance(listed, list):
        return answers
    said = [_said(one, catalogue, lang) for one in listed]
    made: dict[str, Any] = place(answers, rules.subjects, said)
    return made


def _said(one: Any, catalogue: Catalogue, lang: str) -> Any:
    if not isinstance(one, str) or _INDEX.match(one) is None:
        return one
    return catalogue.say(lang, "query.kept_subject", index=one[:SHOWN])
