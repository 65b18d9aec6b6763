"""What a clerk meant by a typed text.

Decides how a text becomes a value of the document: full-width digits, stray spaces, 。 for ., six
spellings of a date, a comma in an amount. Never guesses (a two-digit year is refused, a day that does not
exist is named) and never loses what was typed: an unreadable text stays in the draft as the text it is,
with a problem beside it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.errors import Problem
from forms.model import MISSING, Json, Missing, Node, Raw

_SPACES = " \t\r\n\v\f\u00a0\u3000\u200b\ufeff"
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_DOTS = str.maketrans({"•": "·", "・": "·", "‧": "·", "∙": "·", "⋅": "·", "．": "·"})
_PUNCTUATION = str.maketrans(
    {
        "。": ".",
        "．": ".",
        "，": ",",
        "／": "/",
        "－": "-",
        "—": "-",
        "–": "-",
        "−": "-",
        "：": ":",
        "＋": "+",
        "％": "%",
    }
)
_UPPER = frozenset({"id_no", "uscc", "staff_no", "psn_no", "doc_id", "card_no", "org_code", "svc"})
_COMPACT = _UPPER | {
    "bank_card",
    "mobile",
    "phone",
    "region",
    "street",
    "icd10",
    "semver",
    "hex64",
    "period",
    "doc_no",
}
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Normalized:
    """A value, or MISSING for a blank; when `problem` is set the value is the text as typed."""

    value: Json | Missing
    problem: Problem | None = None


def normalize(node: Node, text: str, pointer: str = "") -> Normalized:
    """Read one typed text for one leaf. `pointer` is where the problem is to be marked."""
    read = _READERS.get(node.reading, _read_text)
    return read(node, text.replace("\r\n", "\n"), pointer or node.pattern)


def half_width(text: str) -> str:
    """Digits, letters and punctuation as typed with an input method in full-width mode, in plain width."""
    plain = "".join(chr(ord(char) - 0xFEE0) if "\uff10" <= char <= "\uff5a" else char for char in text)
    return plain.translate(_PUNCTUATION)


def squeeze(text: str) -> str:
    """Without any space."""
    return "".join(char for char in half_width(text) if char not in _SPACES)


def _fault(pointer: str, code: str, text: str, **facts: Any) -> Normalized:
    return Normalized(text, Problem(pointer, code, facts))


def _read_text(node: Node, text: str, pointer: str) -> Normalized:
    value = unicodedata.normalize("NFC", text).strip(_SPACES)
    if not value:
        return Normalized(MISSING)
    if node.mask == "name":
        value = value.translate(_DOTS)
    for char in value:
        if (
            char in _BIDI
            or (ord(char) < 32 and not (char in "\n\t" and node.widget == "textarea"))
            or ord(char) == 127
        ):
            return _fault(pointer, "text.control", value, code_point=f"U+{ord(char):04X}")
    return Normalized(value)


def _read_compact(node: Node, text: str, pointer: str) -> Normalized:
    value = squeeze(unicodedata.normalize("NFC", text))
    if not value:
        return Normalized(MISSING)
    form = str(node.schema.get("format", ""))
    if form in _UPPER or (not form and _only_capitals(str(node.schema.get("pattern", "")))):
        value = value.upper()
    elif form == "icd10":
        value = value[:1].upper() + value[1:]
    elif form == "mobile":
        value = value.removeprefix("+86")
        if "-" in value and value.replace("-", "").isdigit():
            value = value.replace("-", "")
    elif form == "bank_card":
        value = value.replace("-", "")
    return _read_text(node, value, pointer)


def _read_integer(node: Node, text: str, pointer: str) -> Normalized:
    value = squeeze(text).replace(",", "")
    if not value:
        return Normalized(MISSING)
    if not re.fullmatch(r"-?[0-9]{1,400}", value):
        return _fault(pointer, "number.unreadable", text.strip(_SPACES))
    return Normalized(int(value))


def _read_number(node: Node, text: str, pointer: str) -> Normalized:
    value = squeeze(text)
    if not value:
        return Normalized(MISSING)
    try:
        number = parse_json(value)
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float):
        return _fault(pointer, "number.unreadable", text.strip(_SPACES))
    return Normalized(number)


def _decimal(text: str) -> str | None:
    """`1,820.5元` → `1820.5`, ` .5` → `0.5`, `028` → `28`; None when it is no number."""
    value = squeeze(text).replace(",", "").lstrip("￥¥").removesuffix("元")
    if re.fullmatch(r"-?[0-9]{0,40}(\.[0-9]{0,40})?", value) is None or not any(
        char.isdigit() for char in value
    ):
        return None
    sign = "-" if value.startswith("-") else ""
    whole, _, part = value.lstrip("-").partition(".")
    return sign + (whole.lstrip("0") or "0") + ("." + part if part else "")


def _read_decimal(node: Node, text: str, pointer: str) -> Normalized:
    if not text.strip(_SPACES):
        return Normalized(MISSING)
    value = _decimal(text)
    return _fault(pointer, "number.unreadable", text.strip(_SPACES)) if value is None else Normalized(value)


def _read_money(node: Node, text: str, pointer: str) -> Normalized:
    if not text.strip(_SPACES):
        return Normalized(MISSING)
    value = _decimal(text)
    if value is None:
        return _fault(pointer, "money.unreadable", text.strip(_SPACES))
    whole, _, part = value.partition(".")
    if len(part) > 2:
        return _fault(pointer, "money.too_fine", text.strip(_SPACES))
    return Normalized(f"{whole}.{part:0<2}")


_DATE = re.compile(
    r"([0-9]{4})(?:[-./]([0-9]{1,2})[-./]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))"
)
_SHORT = re.compile(r"[0-9]{2}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?|[0-9]{6}")
_TIME = re.compile(r"([0-9]{1,2})(?::|时|点)?([0-9]{2})分?(?::?([0-9]{2})秒?)?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_ZONE = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})$")


def _read_day(text: str, pointer: str, typed: str) -> Normalized:
    match = _DATE.fullmatch(text)
    if match is None:
        code = "date.short_year" if _SHORT.fullmatch(text) else "date.unreadable"
        return _fault(pointer, code, typed)
    year, month, day = [int(part) for part in match.groups() if part is not None]
    read = f"{year:04d}-{month:02d}-{day:02d}"
    if not is_day(year, month, day):
        return _fault(pointer, "date.no_such_day", typed, read=read)
    return Normalized(read)


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _read_date(node: Node, text: str, pointer: str) -> Normalized:
    value = squeeze(text)
    return _read_day(value, pointer, text.strip(_SPACES)) if value else Normalized(MISSING)


def _read_datetime(node: Node, text: str, pointer: str) -> Normalized:
    typed = text.strip(_SPACES)
    if _MOMENT.fullmatch(typed):  # as machines write it, to the fraction of a second
        return Normalized(typed)
    value = half_width(typed)
    if not value:
        return Normalized(MISSING)
    zone = _ZONE.search(value)
    offset = zone.group(1) if zone and ":" in value[: zone.start()] else ""
    body = value[: -len(offset)] if offset else value
    parts = [part for part in re.split(r"[T\s]+|(?<=日)|^([0-9]{8})(?=[0-9]{4})", body, maxsplit=1) if part]
    day = _read_day(squeeze(parts[0]), pointer, typed) if parts else Normalized(MISSING)
    if day.problem is not None:
        return day
    clock = _TIME.fullmatch(squeeze("".join(parts[1:])))
    if clock is None:
        return _fault(pointer, "time.unreadable" if parts[1:] else "time.missing", typed, read=day.value)
    hour, minute, second = (int(part or 0) for part in clock.groups())
    if hour > 23 or minute > 59 or second > 59:
        return _fault(pointer, "time.no_such_time", typed, read=f"{hour:02d}:{minute:02d}:{second:02d}")
    return Normalized(f"{day.value}T{hour:02d}:{minute:02d}:{second:02d}{offset or '+08:00'}")


def _read_month(node: Node, text: str, pointer: str) -> Normalized:
    value = squeeze(text)
    if not value:
        return Normalized(MISSING)
    match = re.fullmatch(r"([0-9]{4})(?:[-./年]([0-9]{1,2})月?|([0-9]{2}))", value)
    if match is None:
        return _fault(pointer, "month.unreadable", text.strip(_SPACES))
    month = int(match.group(2) or match.group(3))
    if not 1 <= month <= 12:
        return _fault(
            pointer, "month.no_such_month", text.strip(_SPACES), read=f"{match.group(1)}-{month:02d}"
        )
    return Normalized(f"{match.group(1)}-{month:02d}")


def _read_choice(node: Node, text: str, pointer: str) -> Normalized:
    if not text:
        return Normalized(MISSING)
    for choice in node.choices:
        if choice.text == text:
            return Normalized(choice.value)
    return _fault(pointer, "enum", text)


def _read_json(node: Node, text: str, pointer: str) -> Normalized:
    if not text.strip(_SPACES):
        return Normalized(MISSING)
    try:
        return Normalized(parse_json(text))
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        return _fault(pointer, "json.unreadable", text, line=line, column=column)


def _read_loose(node: Node, text: str, pointer: str) -> Normalized:
    """A number, true, null, a list: where the text is JSON, else the text."""
    if not text.strip(_SPACES):
        return Normalized(MISSING)
    try:
        return Normalized(parse_json(text))
    except ValueError:
        return _read_text(node, text, pointer)


def parse_json(text: str) -> Json:
    """JSON of a text box: no NaN, no member twice, bounded length and depth. ValueError when it cannot be
    read."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("duplicate member")
        return dict(pairs)

    def refuse(word: str) -> Any:
        raise ValueError(word)

    if len(text) > _LONGEST:
        raise ValueError("too long")
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except RecursionError:
        raise ValueError("too deep") from None


def text_of(node: Node, value: Json) -> str:
    """The text a leaf shows for a value; the way back is `normalize`."""
    if value is None or value is MISSING:
        return ""
    if node.choices:
        return next(
            (c.text for c in node.choices if same(c.value, value)),
            value if isinstance(value, str) else dump(value),
        )
    if node.reading == "datetime" and isinstance(value, str):
        match = re.fullmatch(r"([0-9-]{10})T([0-9]{2}:[0-9]{2})(?::00|(:[0-9]{2}))\+08:00", value)
        if match:
            return f"{match.group(1)} {match.group(2)}{match.group(3) or ''}"
        return value
    if node.kind == "json" or node.reading == "json" or not isinstance(value, str):
        return dump(value)
    if node.reading == "loose" and _is_json(value):
        return dump(value)
    return value


def _is_json(text: str) -> bool:
    try:
        parse_json(text)
    except ValueError:
        return False
    return True


def dump(value: Json | Raw) -> str:
    """JSON for a text box: readable, Chinese as it is."""
    return json.dumps(value.value if isinstance(value, Raw) else value, ensure_ascii=False)


def same(left: Json, right: Json) -> bool:
    """Equal as JSON values: true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(part, right[name]) for name, part in left.items())
    return bool(left == right)


def exactly(left: Json, right: Json) -> bool:
    """The same also in how a number is written: 1 is not 1.0."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def compact_format(form: str) -> bool:
    """Whether texts of this format never hold a space that means something."""
    return form in _COMPACT


_SPACELESS = re.compile(r"\^(?:\[[0-9A-Za-z_-]+\]|\\[.\-/]|[0-9A-Za-z(){},|?:_-])+\$")


def spaceless(pattern: str) -> bool:
    """Whether a pattern admits plain letters, digits and hyphens only, so that a typed space means
    nothing."""
    return bool(pattern) and _SPACELESS.fullmatch(pattern) is not None


def _only_capitals(pattern: str) -> bool:
    return spaceless(pattern) and not any("a" <= char <= "z" for char in pattern)


_READERS = {
    "text": _read_text,
    "compact": _read_compact,
    "integer": _read_integer,
    "number": _read_number,
    "decimal": _read_decimal,
    "money": _read_money,
    "date": _read_date,
    "datetime": _read_datetime,
    "month": _read_month,
    "choice": _read_choice,
    "json": _read_json,
    "loose": _read_loose,
}
