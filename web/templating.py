"""How templates are read, and the few things every template may call: static addresses, times, ids.

Decides that escaping is always on and that an unknown name is an error. Knows no request.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine.identity import SHANGHAI
from web.facts_table import blocks_of
from web.settings import Settings

HERE = Path(__file__).parent
STATIC = HERE / "static"
HTMX = "vendor/htmx.min.js"
BADGES = {"demo": "demo", "training": "training", "serve": "live"}


def make_templates(settings: Settings) -> Environment:
    """The template environment: escaping always on, an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.do"],
    )
    environment.globals |= {
        "static": static_address,
        "badge": BADGES[settings.mode],
        "has_htmx": (STATIC / HTMX).is_file(),
    }
    environment.filters |= {"moment": moment, "day": day, "pointer_id": pointer_id, "fact_blocks": blocks_of}
    return environment


@lru_cache(maxsize=256)
def static_address(path: str) -> str:
    """The address of a static file with the start of its digest, so that browsers may keep it for a year."""
    file = STATIC / path
    if not file.is_file():
        return f"/static/{quote(path)}"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:10]
    return f"/static/{quote(path)}?v={digest}"


def moment(text: str) -> str:
    """A UTC text as people in the office read it: `2026-11-20 15:02`, Asia/Shanghai."""
    return datetime.fromisoformat(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if text else ""


def day(text: str) -> str:
    """The day of a UTC text in Asia/Shanghai."""
    return moment(text)[:10]


def pointer_id(pointer: str) -> str:
    """The HTML id of the control at a JSON pointer: `f` + pointer with `/` → `-`."""
    return "f" + pointer.replace("/", "-")
