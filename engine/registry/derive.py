"""What may be said of a value without saying it: forms derived at sealing, as a form's `x-derive` asks.

Decides the text of each derived form. Each is committed as a leaf of its own beside the value (docs/format.md
"Commitments"), so that it can be disclosed and proved while the value stays hidden. Never decides who may
disclose one, and never looks at a clock: an age is on a day that stands in the answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.registry.functions import age, date_of
from engine.registry.numbers import id_no_birth, parse_date
from engine.registry.pointers import look

_DIVISION = re.compile(r"([0-9]{6})(?:[0-9]{3}|[0-9]{6})?")
_BAND, _OPEN_BAND = 5, 100
AGE_BAND: Final = "age_band"


@dataclass(frozen=True, slots=True)
class Derivation:
    """One wish of `x-derive`: the rule, and for an age the pointer of the day (or moment) it is on."""

    rule: str
    on: str = ""


def derivations_of(annotation: Any) -> tuple[Derivation, ...]:
    """The wishes of an `x-derive` annotation (`[{"as": …, "on": …}]`); its shape is the meta-schema's."""
    listed = annotation if isinstance(annotation, list) else []
    return tuple(Derivation(str(one["as"]), str(one.get("on", ""))) for one in listed)


def derive(wish: Derivation, value: Any, answers: Mapping[str, Any]) -> str | None:
    """The derived form of a value, or None where the value (or the day of an age) does not give one."""
    if not isinstance(value, str):
        return None
    if wish.rule == AGE_BAND:
        return _age_band(value, look(answers, wish.on))
    rule = RULES.get(wish.rule)
    return rule(value) if rule is not None else None


def id_last4(text: str) -> str | None:
    """The last four characters of a number that has at least eight."""
    return text[-4:] if len(text) >= 8 else None


def birth_year(text: str) -> str | None:
    """The year of a date, or of the birthday inside a resident id number."""
    born = _birthday(text)
    return born[:4] if born is not None else None


def district(text: str) -> str | None:
    """The six digits of the county or district: of a division code (GB/T 2260), or of an id number."""
    found = _DIVISION.fullmatch(text)
    if found is not None:
        return found[1]
    return text[:6] if id_no_birth(text) is not None else None


def _age_band(text: str, on: Any) -> str | None:
    """Full years of age on a day, in bands of five: `80-84`; from a hundred on `100+`."""
    born, day = _birthday(text), _day(on)
    if born is None or day is None or day < born:
        return None
    years = age(born, day)
    if years >= _OPEN_BAND:
        return f"{_OPEN_BAND}+"
    first = years // _BAND * _BAND
    return f"{first}-{first + _BAND - 1}"


def _birthday(text: str) -> str | None:
    return text if parse_date(text) is not None else id_no_birth(text)


def _day(value: Any) -> str | None:
    """A date as it is, a moment as its day in Asia/Shanghai."""
    if not isinstance(value, str):
        return None
    if parse_date(value) is not None:
        return value
    try:
        return date_of(value)
    except ValueError:
        return None


RULES: Final[Mapping[str, Callable[[str], str | None]]] = {
    "id_last4": id_last4,
    "birth_year": birth_year,
    "district": district,
}
