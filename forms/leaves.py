"""The controls of single values: choices, texts, numbers, days; and how each is read.

Decides widget and reading from type, format and the layout's wish. Never judges a value; a control that is
friendlier than the schema (a text box for a number) still sends what the schema wants.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from forms.model import Choice, Json, Node
from forms.normalize import compact_format, dump, spaceless

Hint = Mapping[str, Any]
_READING: Final = {"date": "date", "date-time": "datetime", "year_month": "month"}
_MOST_RADIOS: Final = 7
_LONG: Final = 120


def choice_node(
    flat: dict[str, Any], kind: str, common: dict[str, Any], hint: Hint, english: Mapping[str, Any]
) -> Node:
    """A value out of a list, drawn as radio buttons, a tick or a list to choose from."""
    given = flat["enum"] if "enum" in flat else [flat["const"]] if "const" in flat else [True, False]
    if "const" in flat and "enum" in flat:
        given = [value for value in given if dump(value) == dump(flat["const"])]
    values = [value for value in given if value is not None]
    choices = _choices(values, flat, common["pattern"], english)
    widget = str(hint.get("widget") or "")
    if kind == "boolean" and values == [True] and widget in ("", "checkbox"):
        return Node(kind="leaf", reading="choice", widget="checkbox", choices=choices, **common)
    if widget not in ("radio", "select", "checkbox", "search", "number"):
        widget = "radio" if len(values) <= _MOST_RADIOS else "select"
    if widget == "checkbox" and values != [True]:
        widget = "radio"
    return Node(kind="leaf", reading="choice", widget=widget, choices=choices, **common)


def _choices(
    values: list[Json], flat: Mapping[str, Any], pattern: str, english: Mapping[str, Any]
) -> tuple[Choice, ...]:
    titles: Mapping[str, str] = flat.get("x-enum") or {}
    plain = all(
        isinstance(value, str)
        and value
        and value == value.strip()
        and "\n" not in value
        and "\r" not in value
        for value in values
    )
    out = []
    for value in values:
        text = value if plain else dump(value)
        words = value if isinstance(value, str) and value else text
        yes_no = {True: ("是", "Yes"), False: ("否", "No")}[value] if isinstance(value, bool) else (words, "")
        outer = pattern.rpartition("/")[0]  # a list's choices may be named at the list
        own = english.get(f"{pattern}#{text}") or english.get(f"{outer}#{text}")
        key = value if isinstance(value, str) else text
        title = titles.get(key) if isinstance(titles, Mapping) else None
        label_en = str(own or yes_no[1] or (words if not title else ""))
        out.append(Choice(value, text, str(title or yes_no[0]), label_en))
    return tuple(out)


def scalar_node(flat: Mapping[str, Any], kind: str, common: dict[str, Any], hint: Hint) -> Node:
    """A text, a number, a day or a moment."""
    if kind != "string":
        return Node(kind="leaf", reading=kind, widget="number", **common)
    form, pattern = str(flat.get("format", "")), str(flat.get("pattern", ""))
    asked = str(hint.get("widget", ""))
    longest = flat.get("maxLength")
    long = isinstance(longest, int) and longest > _LONG and not pattern and not form
    reading = _READING.get(form) or ("compact" if compact_format(form) or spaceless(pattern) else "text")
    by_reading = {"date": "date", "datetime": "datetime", "month": "month"}
    widget = by_reading.get(reading, "textarea" if long or _is_content(flat) else "text")
    if asked in ("money", "number") and reading in ("text", "compact"):
        reading, widget = ("money" if asked == "money" else "decimal"), asked
    elif asked in ("textarea", "search", "file", "text"):
        widget = asked
    elif common["codes"]:
        widget = "search"
    elif reading == "text" and (flat.get("writeOnly") is True or form == "password"):
        widget = "secret"
    if flat.get("x-widget-ref") == "files":
        widget = "file"
    return Node(kind="leaf", reading=reading, widget=widget, **common)


def loose_node(common: dict[str, Any]) -> Node:
    """A value of any kind: a text, unless it is written as JSON."""
    return Node(kind="leaf", reading="loose", widget="text", **common)


def _is_content(flat: Mapping[str, Any]) -> bool:
    return "contentEncoding" in flat or "contentMediaType" in flat
