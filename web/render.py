"""Any JSON Schema as an HTML form: what `fengjian render` prints.

Decides that the page stands alone: style sheets inside, no script, no server behind it. Labels come from the
schema; what cannot be drawn as controls is a box with JSON that says so. Never fetches a reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from forms.compile import compile_schema
from forms.view import present
from web.entry_pages import Paper
from web.messages import DEFAULT, read_catalogue
from web.templating import HERE, STATIC

STYLES = ("tokens.css", "base.css", "form.css")


def render_schema(
    schema: Mapping[str, Any] | bool,
    layout: Mapping[str, Any] | None = None,
    data: Any = None,
    *,
    english: Mapping[str, Any] | None = None,
    lang: str = DEFAULT,
) -> str:
    """A whole HTML document with the form of a schema, filled with `data` where given (None = blank)."""
    model = compile_schema(schema, layout, english)
    catalogue = read_catalogue()
    view = present(model, {} if data is None and model.root.kind == "object" else data, lang=lang)

    def say(key: str, **facts: Any) -> str:
        return catalogue.say(lang, key, **facts)

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    styles = Markup("\n".join((STATIC / "css" / name).read_text("utf-8") for name in STYLES))
    paper = Paper(t=say, action="", pins=False, upload=False)
    return environment.get_template("entry/render.html").render(
        view=view, p=paper, lang=lang, styles=styles, t=say, missed=model.not_laid_out
    )
