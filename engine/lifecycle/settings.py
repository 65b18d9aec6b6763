"""The numbers a regulation leaves to the agency, each with a value for every day.

Decides what a setting is, which values it may have, and which value holds on a day: the shipped one until a
change takes effect. A setting governs a number that a form version wrote (a limit, a number of a table or of
another part) where that version wrote the shipped value: a version that says another number has its own
(decision 0027). Never reads a file or the log: the table and the changes are passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol, TypeAlias

from engine.errors import Invalid, NotFound, Problem
from engine.lifecycle.people import Grant

Value: TypeAlias = int | str
"""A whole number, or a decimal as text where the setting is a share (decision 0006)."""

SHARE: Final = "share"
UNITS: Final = (
    "working_days", "hours", "days", "months", "years", "people", "documents", "departments", "grade", SHARE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """One number: the clause and the open point (domain A.2) it fills, its unit, shipped value and range.

    `roles` and `department` ("" is any) say who owns it. `places` name what it governs in form versions:
    `limit:<form>/<transition>`, `table:<table>.<name>`, `part:<form>.<part>.<name>`, `period:<form>`.
    """

    key: str
    clause: str
    point: str
    title: str
    title_en: str
    unit: str
    value: Value
    least: Value
    most: Value
    allowed: tuple[Value, ...]
    roles: tuple[str, ...]
    department: str
    source: str
    source_en: str
    places: tuple[str, ...]

    def is_owned_by(self, grant: Grant) -> bool:
        """Whether a grant makes its holder an owner."""
        return grant.role in self.roles and self.department in ("", grant.unit)

    def problem(self, value: Value | None) -> str:
        """What is wrong with a value: `setting.number`, `setting.range`, `setting.allowed`, or ""."""
        if value is None or isinstance(value, str) != (self.unit == SHARE):
            return "setting.number"
        if not _number(self.least) <= _number(value) <= _number(self.most):
            return "setting.range"
        return "setting.allowed" if self.allowed and value not in self.allowed else ""


@dataclass(frozen=True, slots=True)
class Change:
    """One signed change: the value that holds from the day `effective_on` (YYYY-MM-DD) on, and on record by
    whom, when (UTC text), why, on the ground of which document ("" for none) and at which log index."""

    key: str
    value: Value
    effective_on: str
    person: str
    role: str
    at: str
    reason: str
    document: str
    index: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting and every change, in the order of the log."""

    table: Mapping[str, Setting]
    changes: Mapping[str, tuple[Change, ...]]
    _governing: Mapping[str, str]

    def value(self, key: str, day: str) -> Value:
        """The value on a day. Raises NotFound("setting")."""
        setting = self.table.get(key)
        if setting is None:
            raise NotFound("setting", key=key)
        # Of several that take effect on one day the last that was signed holds.
        begun = [one for one in self.changes.get(key, ()) if one.effective_on <= day]
        return max(begun, key=lambda one: (one.effective_on, one.index)).value if begun else setting.value

    def number(self, key: str, day: str) -> int:
        """The value on a day of a setting that is a whole number."""
        return int(self.value(key, day))

    def at(self, place: str, written: Any, day: str) -> Any:
        """What holds on a day at a place of a form version where `written` stands."""
        key = self._governing.get(place)
        if key is None or self.table[key].value != written or not self.changes.get(key):
            return written
        return self.value(key, day)

    def tables(self, tables: Mapping[str, Any], day: str) -> Mapping[str, Any] | None:
        """The tables of a form version as they hold on a day; None when that is as they were written."""
        out: dict[str, Any] = {}
        for key in self.changes:
            for place in self.table[key].places:
                kind, _, path = place.partition(":")
                name, *inner = path.split(".")
                if kind == "table" and name in tables:
                    out[name] = self._replaced(out.get(name, tables[name]), inner, place, day)
        return {**tables, **out} if any(out[name] != tables[name] for name in out) else None

    def _replaced(self, held: Any, path: list[str], place: str, day: str) -> Any:
        if not path:
            return self.at(place, held, day)
        if not isinstance(held, dict) or path[0] not in held:
            return held
        return {**held, path[0]: self._replaced(held[path[0]], path[1:], place, day)}


def settings_of(table: Mapping[str, Setting], changes: Iterable[Change] = ()) -> Settings:
    """The settings after some changes; those of a key that no longer exists are passed over."""
    by_key: dict[str, tuple[Change, ...]] = {}
    for one in changes:
        if one.key in table:
            by_key[one.key] = (*by_key.get(one.key, ()), one)
    return Settings(table, by_key, {place: one.key for one in table.values() for place in one.places})


NO_SETTINGS: Final = settings_of({})
"""Where everything holds as it is written."""


class SettingsBook(Protocol):
    """Where the desk finds its settings: the one place its own numbers are read from."""

    def now(self) -> Settings:
        """Every setting with every change that is on record."""
        ...


def parse_settings(declared: Mapping[str, Any]) -> dict[str, Setting]:
    """The table of settings from a parsed file of `schemas/settings`, by key, in its order.

    Raises Invalid: `setting.malformed`, `setting.duplicate` (key or place), and what `Setting.problem` says.
    """
    found: dict[str, Setting] = {}
    problems: list[Problem] = []
    places: set[str] = set()
    for number, one in enumerate(declared.get("settings", ())):
        pointer = f"/settings/{number}"
        try:
            setting = _setting(one)
        except (KeyError, TypeError, AttributeError):
            problems.append(Problem(pointer, "setting.malformed"))
            continue
        wrong = setting.problem(setting.value) or ("" if setting.unit in UNITS else "setting.malformed")
        if setting.key in found or places.intersection(setting.places):
            wrong = "setting.duplicate"
        if wrong:
            problems.append(Problem(pointer, wrong, {"key": setting.key}))
        places.update(setting.places)
        found[setting.key] = setting
    if problems:
        raise Invalid("settings", problems=problems)
    return found


def read_value(setting: Setting, text: str) -> Value | None:
    """A typed value as the setting keeps it; None when it is no number of its kind."""
    typed = text.strip()
    if setting.unit != SHARE:
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else None
    try:
        share = Decimal(typed)
    except InvalidOperation:
        return None
    exponent = share.as_tuple().exponent
    if not share.is_finite() or not isinstance(exponent, int) or exponent < -4 or not 0 <= share <= 1:
        return None
    return format(share.quantize(Decimal("0.01")) if exponent > -2 else share, "f")


def _number(value: Value) -> Decimal:
    return Decimal(value)


def _setting(one: Mapping[str, Any]) -> Setting:
    return Setting(
        key=one["key"],
        clause=one["clause"],
        point=one["point"],
        title=one["title"],
        title_en=one["title_en"],
        unit=one["unit"],
        value=one["value"],
        least=one["least"],
        most=one["most"],
        allowed=tuple(one.get("allowed", ())),
        roles=tuple(one["owner"]["roles"]),
        department=one["owner"]["department"],
        source=one["source"],
        source_en=one["source_en"],
        places=tuple(one["places"]),
    )
