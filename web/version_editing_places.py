"""Where a problem stands in a file of a version draft: its line and column, and the place in words.

Decides how a pointer of a problem is found again in a text: as a pointer into the file, or as the place of a
field, which the schema and the layout lead to. Reads texts that may be no JSON: then only what the problem
itself knows is said. Never judges.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.registry.bundle import LAYOUT, LOCALE, SCHEMA, STATES
from engine.registry.pointers import join, split
from engine.registry.schema_walk import resolve

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([{}\[\]:,])|([^\s{}\[\]:,"]+))', re.DOTALL)
_MOST = 400_000
_DEEPEST = 100
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text, both from 1; line 0 when it is not known."""

    line: int = 0
    column: int = 0
    text: str = ""


def parsed(text: str) -> Any:
    """The JSON of a text, None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@lru_cache(maxsize=32)
def offsets(text: str) -> Mapping[str, int]:
    """Where each member and element of a JSON text begins (its key, for a member), by pointer.

    For a text that is no JSON, as far as it could be read.
    """
    found: dict[str, int] = {"": 0}
    stack: list[tuple[str, bool, int]] = []  # pointer, is an object, number of the next element
    key: str | None = None
    at, steps = 0, 0
    while steps < _MOST:
        token = _TOKEN.match(text, at)
        if token is None:
            break
        start, at, steps = token.end() - len(token.group().lstrip()), token.end(), steps + 1
        string, mark, _ = token.groups()
        inside = stack[-1] if stack else None
        if inside is not None and inside[1] and key is None and string is not None:
            key = _unquoted(string)
            found.setdefault(join(inside[0], key), start)
            continue
        if mark in ("}", "]"):
            if stack:
                stack.pop()
            key = None
        elif mark == ",":
            key = None
        elif mark == ":":
            continue
        else:
            here = ""
            if inside is not None and inside[1]:
                here = join(inside[0], key or "")
            elif inside is not None:
                here = f"{inside[0]}/{inside[2]}"
                found.setdefault(here, start)
                stack[-1] = (inside[0], False, inside[2] + 1)
            if mark in ("{", "["):
                if len(stack) >= _DEEPEST:  # pointers would grow as the square of the depth
                    break
                stack.append((here, mark == "{", 0))
            key = None
    return found


def place_of(text: str, pointer: str) -> Place:
    """Where a pointer of the file stands; the nearest place around it when it is not there itself."""
    found, near = offsets(text), pointer
    while near and near not in found:
        near = near.rpartition("/")[0]
    return at_offset(text, found.get(near, 0)) if pointer else Place()


def at_offset(text: str, offset: int) -> Place:
    """The place of a character."""
    begin = text.rfind("\n", 0, offset) + 1
    return Place(text.count("\n", 0, offset) + 1, offset - begin + 1, _line(text, begin))


def at_line(text: str, line: int, column: int) -> Place:
    """The place of a line and column that are already known."""
    lines = text.split("\n")
    return Place(line, column, lines[line - 1].strip()[:160] if 0 < line <= len(lines) else "")


def _line(text: str, begin: int) -> str:
    end = text.find("\n", begin)
    return text[begin : end if end >= 0 else len(text)].strip()[:160]


def _unquoted(token: str) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return token[1:-1]


def file_pointer(name: str, files: Mapping[str, str], pointer: str) -> str:
    """The pointer into file `name` that a problem means: its own, or where its field is described."""
    value, around = parsed(files.get(name, "")), pointer.rpartition("/")[0]
    if not pointer or _is_there(value, pointer) or (around and _is_there(value, around)):
        return pointer
    if name == SCHEMA and isinstance(value, dict):
        return schema_pointer(value, pointer) or pointer
    if name == LAYOUT:
        return layout_pointer(value, pointer) or pointer
    return pointer


def schema_pointer(schema: Mapping[str, Any], pattern: str) -> str:
    """Where a schema describes a field (`/insured/mobile`, `/care/items/*`); as far as it leads."""
    here, part = "", dict(schema)
    for key in split(pattern):
        properties, items = part.get("properties"), part.get("items")
        if isinstance(properties, dict) and key in properties:
            here, below = join(join(here, "properties"), key), properties[key]
        elif key == "*" and isinstance(items, dict):
            here, below = join(here, "items"), items
        else:
            return here
        found = resolve(below, schema)
        part = found if isinstance(found, dict) else {}
    return here


def layout_pointer(layout: Any, pattern: str) -> str:
    """Where a layout places a field: its cell, or the section."""
    sections = layout.get("sections", []) if isinstance(layout, dict) else []
    for number, section in enumerate(sections if isinstance(sections, list) else []):
        if not isinstance(section, dict):
            continue
        for row, cells in enumerate(section.get("rows", [])):
            for place, cell in enumerate(cells if isinstance(cells, list) else []):
                if isinstance(cell, dict) and cell.get("p") == pattern:
                    return f"/sections/{number}/rows/{row}/{place}"
        if section.get("pointer") == pattern.partition("#")[0]:
            row_of = pattern.partition("#")[2]
            return f"/sections/{number}/rows/{row_of}" if row_of.isdigit() else f"/sections/{number}"
    return ""


def _is_there(value: Any, pointer: str) -> bool:
    for key in split(pointer):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return False
    return True


def in_words(name: str, files: Mapping[str, str], pointer: str, lang: str, say: Say) -> str:
    """A pointer into a file as a person would say it: 参保人信息 › 手机号码 › 索引."""
    value, words = parsed(files.get(name, "")), []
    locale = parsed(files.get(LOCALE, "")) if lang != "zh-CN" else None
    path, here, field = split(pointer), value, ""
    number = 0
    while number < len(path):
        key = path[number]
        after = path[number + 1] if number + 1 < len(path) else None
        below = _below(here, key)
        if key in ("properties", "$defs", "states", "kinds_of_record") and after is not None:
            below = _below(below, after)
            field = join(field, after) if key == "properties" else field
            title = below.get("title") if isinstance(below, dict) else ""
            if isinstance(locale, dict):
                title = locale.get(field if key == "properties" else f"#/{key}/{after}") or title
            words.append(str(title or after))
            number += 1
        elif key in _NUMBERED and after is not None:
            below = _below(below, after)
            told = below if isinstance(below, dict) else {}
            known = str(told.get("title") or told.get("name") or told.get("id") or "")
            position = str(int(after) + 1) if after.isdigit() else after
            is_named = known and name in (STATES, LAYOUT)
            words.append(known if is_named else say(f"versions.edit.nth.{key}", number=known or position))
            number += 1
        else:
            field = join(field, "*") if key == "items" else field
            words.append(_key_words(key, say))
        here = below
        number += 1
    return " › ".join(words)


_NUMBERED = frozenset({"transitions", "system", "sections", "rows", "x-rules", "allOf", "steps", "guards"})


def _below(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and key.isdigit() and int(key) < len(value):
        return value[int(key)]
    return None


def _key_words(key: str, say: Say) -> str:
    try:
        return say(f"versions.edit.key.{key}")
    except KeyError:
        return key
