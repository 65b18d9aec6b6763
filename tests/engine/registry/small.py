"""A small form of one section, made of parts that a test can replace: the smallest thing that compiles."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from engine.registry.bundle import FormBundle, digest_of, parse_bundle
from engine.registry.compiled import CompiledForm, compile_bundle
from engine.registry.validate import Surroundings

STATES: dict[str, Any] = {
    "initial": "draft",
    "states": {
        "draft": {"title": "草稿"},
        "submitted": {"title": "已提交"},
        "archived": {"title": "已归档", "final": True},
    },
    "transitions": [
        {
            "name": "submit",
            "title": "提交",
            "from": ["draft"],
            "to": "submitted",
            "by": {"roles": ["acceptance_clerk"]},
        }
    ],
    "system": [{"name": "archive", "title": "归档", "from": ["submitted"], "to": "archived"}],
}


def schema(section: dict[str, Any], **root: Any) -> dict[str, Any]:
    """A form with one section /s of the given properties and annotations."""
    return {
        "title": "小表",
        "type": "object",
        "additionalProperties": False,
        "properties": {"s": {"type": "object", "title": "一节", "additionalProperties": False, **section}},
        **root,
    }


def bundle(schema_json: dict[str, Any], states: dict[str, Any] | None = None, **parts: Any) -> FormBundle:
    files = {
        "schema.json": schema_json,
        "states.json": states or STATES,
        "layout.json": parts.get("layout", {}),
        "locale/en.json": parts.get("locale", {}),
    }
    return parse_bundle("small", "1.0.0", {name: json.dumps(value).encode() for name, value in files.items()})


def compiled(
    schema_json: dict[str, Any],
    states: dict[str, Any] | None = None,
    tables: dict[str, Any] | None = None,
    **parts: Any,
) -> CompiledForm:
    tables = tables or {}
    if tables:
        pins = {name: {"file": file_of(name), "sha256": digest_of(table)} for name, table in tables.items()}
        schema_json = {**schema_json, "x-tables": pins}
    by_file = {file_of(name): table for name, table in tables.items()}
    return compile_bundle(bundle(schema_json, states, **parts), by_file)


def file_of(table: str) -> str:
    return f"codes/{table}.json"


def around(**given: Any) -> Surroundings:
    """The surroundings of 22 November 2026, 10:00 in Shanghai, with what a test replaces."""
    usual: dict[str, Any] = {
        "now": datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
        "today": "2026-11-22",
        "document": {},
        "actor": {},
        "facts": {},
    }
    return Surroundings(**{**usual, **given})
