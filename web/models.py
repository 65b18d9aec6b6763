"""Form versions ready for the screen: each compiled once per process, found by its digest.

Decides nothing; only remembers, because a version never changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache

from engine.registry.compiled import CompiledForm
from forms.compile import compile_form
from forms.model import FormModel

MOST = 64
_models: OrderedDict[str, FormModel] = OrderedDict()


def model_of(form: CompiledForm) -> FormModel:
    """The screen model of a form version."""
    model = _models.get(form.digest)
    if model is None:
        model = _models[form.digest] = compile_form(form)
        while len(_models) > MOST:  # drafts of versions come and go
            _models.popitem(last=False)
    return model


@lru_cache(maxsize=64)
def code_names(form: CompiledForm, lang: str) -> Mapping[str, Mapping[str, str]]:
    """The names of all codes of a version's tables: {table: {code: name}}."""
    key = "name" if lang == "zh-CN" else "name_en"
    return {
        table: {
            entry["code"]: entry.get("full")
            if lang == "zh-CN" and entry.get("full")
            else entry.get(key, entry["name"])
            for entry in content.get("entries", ())
        }
        for table, content in form.tables.items()
    }
