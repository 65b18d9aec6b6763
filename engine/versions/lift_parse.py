"""lift.json parsed: every step checked before any document is lifted.

Decides whether a lift is well written: operations, members, pointers, tables and expressions. What the two
versions say of its places is lift_check's. Never lifts anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.identity import parse_version
from engine.registry.bundle import digest_of
from engine.registry.expressions import Expression, compile_expression
from engine.registry.functions import FUNCTIONS
from engine.registry.patterns import check_pattern
from engine.registry.pointers import join
from engine.versions.lift_places import path_of
from engine.versions.lift_terms import ALWAYS, DROP, KEEP, NAMES, STAR, UNKNOWN, Entry, Lift, Path, Step
from engine.versions.lift_values import is_key, is_plain

MOST_STEPS: Final = 500
LONGEST_PATH: Final = 32
_POINTER = re.compile(r"(/([^/~]|~[01])+)+")
_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_MEMBERS: Final = frozenset({"form", "from", "to", "tables", "steps"})


@dataclass(frozen=True, slots=True)
class Shape:
    """Which members an operation needs and may have, beside `op`, `when`, `reason` and `reason_en`."""

    needs: frozenset[str]
    may: frozenset[str] = frozenset()
    must_say_why: bool = False


_SHAPES: Final[Mapping[str, Shape]] = {
    "move": Shape(frozenset({"from", "to"}), frozenset({"matches"})),
    "rename": Shape(frozenset({"at", "to"})),
    "wrap": Shape(frozenset({"from", "to"})),
    "split": Shape(frozenset({"from", "table", "into"}), frozenset({"on", "otherwise"})),
    "map": Shape(frozenset({"at", "table"}), frozenset({"on", "otherwise"})),
    "key": Shape(frozenset({"at"}), frozenset({"names", "names_at"})),
    "drop": Shape(frozenset({"at"}), frozenset({"matches"}), must_say_why=True),
    "unknown": Shape(frozenset({"at"}), frozenset({"keep", "matches"}), must_say_why=True),
    "cel": Shape(frozenset({"to", "value"})),
}
_ALWAYS_MAY: Final = frozenset({"op", "when", "reason", "reason_en"})
_OTHERWISE: Final = (KEEP, UNKNOWN, DROP)


def parse_lift(value: Any) -> Lift:
    """The lift that a parsed lift.json declares.

    Raises Invalid with every problem, pointers into lift.json: `type`, `required`, `unknown_field`, `enum`,
    `lift.operation`, `lift.pointer`, `lift.stars` (a star in a target that its source lacks),
    `lift.version`, `lift.table_missing`, `lift.value`, `lift.name`, `lift.reason`, `max_items`,
    `format.date`, `schema.pattern`
    and those of compile_expression.
    """
    reader = _Reader()
    lift = reader.lift(value)
    if reader.problems or lift is None:
        raise Invalid("lift", problems=reader.problems)
    return lift


@dataclass(slots=True)
class _Reader:
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, pointer: str, code: str, **facts: Any) -> None:
        self.problems.append(Problem(pointer, code, facts))

    def lift(self, value: Any) -> Lift | None:
        if not isinstance(value, dict):
            self.wrong("", "type", expected=["object"])
            return None
        self.members(value, "", _MEMBERS - {"tables"}, _MEMBERS)
        form = self.text(value, "", "form")
        old, new = self.text(value, "", "from"), self.text(value, "", "to")
        first, last = parse_version(old), parse_version(new)
        for name, found in (("from", first), ("to", last)):
            if name in value and found is None:
                self.wrong(f"/{name}", "lift.version")
        if first is not None and last is not None and not first < last:
            self.wrong("/to", "lift.version")
        tables = self.tables(value.get("tables", {}))
        steps = value.get("steps", [])
        if not isinstance(steps, list):
            self.wrong("/steps", "type", expected=["array"])
            return None
        if len(steps) > MOST_STEPS:
            self.wrong("/steps", "max_items", limit=MOST_STEPS, length=len(steps))
            return None
        made = [self.step(step, f"/steps/{at}", tables) for at, step in enumerate(steps)]
        if self.problems:
            return None
        return Lift(form, old, new, tuple(one for one in made if one), (digest_of(value),))

    def members(
        self, value: Mapping[str, Any], place: str, needs: frozenset[str], may: frozenset[str]
    ) -> None:
        for name in sorted(needs - value.keys()):
            self.wrong(join(place, name), "required")
        for name in sorted(value.keys() - may):
            self.wrong(join(place, name), "unknown_field")

    def text(self, value: Mapping[str, Any], place: str, name: str) -> str:
        found = value.get(name, "")
        if not isinstance(found, str):
            self.wrong(join(place, name), "type", expected=["string"])
            return ""
        return found

    def tables(self, value: Any) -> dict[str, tuple[Entry, ...]]:
        if not isinstance(value, dict):
            self.wrong("/tables", "type", expected=["object"])
            return {}
        return {name: tuple(self.entries(table, join("/tables", name))) for name, table in value.items()}

    def entries(self, table: Any, place: str) -> Iterator[Entry]:
        rows = table.get("entries") if isinstance(table, dict) else None
        if not isinstance(rows, list):
            self.wrong(place + "/entries", "type", expected=["array"])
            return
        self.members(table, place, frozenset({"entries"}), frozenset({"entries", "title"}))
        for at, row in enumerate(rows):
            here = f"{place}/entries/{at}"
            if not isinstance(row, dict):
                self.wrong(here, "type", expected=["object"])
                continue
            self.members(
                row, here, frozenset({"code", "to"}), frozenset({"code", "to", "valid_from", "valid_to"})
            )
            days = [
                row.get(name) or limit for name, limit in zip(("valid_from", "valid_to"), ALWAYS, strict=True)
            ]
            for name, day in zip(("valid_from", "valid_to"), days, strict=True):
                if not isinstance(day, str) or not _DAY.fullmatch(day):
                    self.wrong(join(here, name), "format.date")
            if not is_plain(row.get("to")):
                self.wrong(here + "/to", "lift.value")
            yield Entry(row.get("code"), row.get("to"), *map(str, days))

    def step(self, value: Any, place: str, tables: Mapping[str, tuple[Entry, ...]]) -> Step | None:
        if not isinstance(value, dict):
            self.wrong(place, "type", expected=["object"])
            return None
        op = value.get("op")
        shape = _SHAPES.get(op) if isinstance(op, str) else None
        if shape is None or not isinstance(op, str):
            self.wrong(place + "/op", "lift.operation", allowed=sorted(_SHAPES))
            return None
        self.members(value, place, shape.needs, shape.needs | shape.may | _ALWAYS_MAY)
        zh, en = self.reason(value, place, shape)
        source = self.path(value, place, "from") or self.path(value, place, "at")
        target = None if op in ("rename", "split") else self.path(value, place, "to")
        if op == "rename":
            target = self.renamed(value, place, source)
        if op == "unknown":
            source, target = self.path(value, place, "keep"), source
            if source is None and "matches" in value:
                self.wrong(place + "/keep", "required")
        if op == "unknown" and target is not None and target[-1] == STAR:
            self.wrong(place + "/at", "lift.pointer")
        into = self.into(value, place, source)
        on, names_at = self.path(value, place, "on"), self.path(value, place, "names_at")
        for name, path in (("to" if op != "unknown" else "at", target), ("on", on), ("names_at", names_at)):
            if path is not None and source is not None:
                self.stars(path, source, join(place, name))
        return Step(
            op=op,
            pointer=place,
            source=source,
            target=target,
            into=into,
            table=self.table(value, place, tables),
            on=on,
            names=self.names(value, place, op, names_at),
            names_at=names_at,
            matches=self.pattern(value, place),
            when=self.expression(value, place, "when"),
            value=self.expression(value, place, "value"),
            otherwise=self.otherwise(value, place),
            zh=zh,
            en=en,
        )

    def reason(self, value: Mapping[str, Any], place: str, shape: Shape) -> tuple[str, str]:
        """Both languages or none; an operation that leaves something out must say why."""
        zh, en = self.text(value, place, "reason"), self.text(value, place, "reason_en")
        if (bool(zh) != bool(en)) or (shape.must_say_why and not zh):
            self.wrong(join(place, "reason_en" if zh else "reason"), "lift.reason")
        return zh, en

    def path(self, value: Mapping[str, Any], place: str, name: str) -> Path | None:
        if name not in value or (name == "to" and value.get("op") == "rename"):
            return None
        pointer = value[name]
        if isinstance(pointer, str) and _POINTER.fullmatch(pointer) and pointer.count("/") <= LONGEST_PATH:
            path = path_of(pointer)
            if all(isinstance(token, int) or token == STAR or is_key(token) for token in path):
                return path
        self.wrong(join(place, name), "lift.pointer")
        return None

    def renamed(self, value: Mapping[str, Any], place: str, source: Path | None) -> Path | None:
        name = value.get("to")
        if not isinstance(name, str) or not is_key(name):
            if "to" in value:
                self.wrong(place + "/to", "lift.name")
            return None
        if source is not None and (source[-1] == STAR or isinstance(source[-1], int)):
            self.wrong(place + "/at", "lift.pointer")
        return None if source is None else (*source[:-1], name)

    def into(self, value: Mapping[str, Any], place: str, source: Path | None) -> tuple[tuple[Path, str], ...]:
        if "into" not in value:
            return ()
        targets, out = value["into"], []
        if not isinstance(targets, dict) or not targets:
            self.wrong(place + "/into", "type", expected=["object"])
            return ()
        for pointer, column in targets.items():
            path = self.path({"into": pointer}, place, "into")
            if not isinstance(column, str):
                self.wrong(join(place, "into", pointer), "type", expected=["string"])
            elif path is not None:
                self.stars(path, source or (), join(place, "into", pointer))
                out.append((path, column))
        return tuple(out)

    def stars(self, target: Path, source: Path, place: str) -> None:
        """A target runs over the items its source runs over: fewer stars would put many into one place."""
        wanted, given = target.count(STAR), source.count(STAR)
        if wanted > given or (wanted < given and not place.endswith(("/on", "/names_at"))):
            self.wrong(place, "lift.stars", source=given, target=wanted)

    def table(
        self, value: Mapping[str, Any], place: str, tables: Mapping[str, tuple[Entry, ...]]
    ) -> tuple[Entry, ...]:
        if "table" not in value:
            return ()
        name = value["table"]
        if not isinstance(name, str) or name not in tables:
            self.wrong(place + "/table", "lift.table_missing", table=str(name)[:80])
            return ()
        return tables[name]

    def names(self, value: Mapping[str, Any], place: str, op: str, names_at: Path | None) -> tuple[str, ...]:
        if op != "key":
            return ()
        if ("names" in value) == ("names_at" in value):
            self.wrong(place + "/names", "required")
            return ()
        names = value.get("names", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.wrong(place + "/names", "type", expected=["array"])
            return ()
        return tuple(names)

    def pattern(self, value: Mapping[str, Any], place: str) -> str | None:
        if "matches" not in value:
            return None
        problem = check_pattern(value["matches"], place + "/matches")
        if problem is not None:
            self.problems.append(problem)
            return None
        return str(value["matches"])

    def expression(self, value: Mapping[str, Any], place: str, name: str) -> Expression | None:
        if name not in value:
            return None
        try:
            return compile_expression(
                value[name], names=NAMES, pointer=join(place, name), functions=frozenset(FUNCTIONS)
            )
        except Invalid as refused:
            self.problems.extend(refused.problems)
            return None

    def otherwise(self, value: Mapping[str, Any], place: str) -> str:
        found = value.get("otherwise", UNKNOWN)
        if found not in _OTHERWISE:
            self.wrong(place + "/otherwise", "enum", allowed=list(_OTHERWISE))
            return UNKNOWN
        return str(found)
