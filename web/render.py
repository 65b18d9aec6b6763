"""Any JSON Schema as an HTML form: what `fengjian render` prints.

Decides that the page stands alone: style sheets inside, no script, no server behind it. Labels come from the
schema; what cannot be drawn as controls is a box with JSON that says so. Data that is given is judged, and
what is wrong stands at its field. Never fetches a reference and never runs a pattern that could hang.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from engine.errors import Invalid, Problem
from engine.registry.shape import compile_shape
from forms.beginning import begin
from forms.compile import compile_schema
from forms.messages import sentence
from forms.view import present
from web.entry_pages import Paper
from web.messages import DEFAULT, read_catalogue
from web.templating import HERE, STATIC

STYLES = ("tokens.css", "base.css", "form.css")
# What stops a schema from being published, not from being drawn: the drawing runs no pattern, and follows a
# reference by name inside the same file, which a published form may not use.
_DRAWN_ANYWAY: Final = frozenset(
    {"schema.pattern", "schema.dialect", "schema.remote_reference", "keyword.engines_differ"}
)


def render_schema(
    schema: Mapping[str, Any] | bool,
    layout: Mapping[str, Any] | None = None,
    data: Any = None,
    *,
    english: Mapping[str, Any] | None = None,
    lang: str = DEFAULT,
) -> str:
    """A whole HTML document with the form of a schema, filled with `data` where given (None = blank).

    Raises Invalid where the schema is none, leads out of itself, or is too large or too deep to draw.
    """
    model = compile_schema(schema, layout, english)
    found, hindrances = _judged(schema, data)
    catalogue = read_catalogue()
    answers = begin(model) if data is None else data
    view = present(model, answers, problems=found, lang=lang)

    def say(key: str, **facts: Any) -> str:
        return catalogue.say(lang, key, **facts)

    styles = Markup("\n".join((STATIC / "css" / name).read_text("utf-8") for name in STYLES))
    paper = Paper(t=say, action="", pins=False, upload=False)
    return _template().render(
        view=view,
        p=paper,
        lang=lang,
        styles=styles,
        t=say,
        missed=model.not_laid_out,
        hindrances=[in_words(problem, lang) for problem in hindrances],
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("entry/render.html")


def in_words(problem: Problem, lang: str) -> str:
    """What is wrong with a schema file, with its place in the file."""
    return f"{problem.pointer or '/'}  {sentence(problem, lang, lambda pointer: pointer)}"


def _judged(schema: Mapping[str, Any] | bool, data: Any) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """What is wrong with the data, and what would keep the schema from being published."""
    if isinstance(schema, bool):
        return (), ()
    try:
        shape = compile_shape(schema)
    except Invalid as refused:
        if any(problem.code not in _DRAWN_ANYWAY for problem in refused.problems):
            raise
        return (), refused.problems
    return (() if data is None else shape.problems(data)), ()
