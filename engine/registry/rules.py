"""The expressions a form carries: rules, computed fields, lookups, compiled once per version.

Decides where they may stand and that each has what it needs. Never evaluates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.registry.expressions import Expression, compile_expression
from engine.registry.fields import FieldInfo
from engine.registry.plain import compile_plain
from engine.registry.plain_terms import Env
from engine.registry.pointers import ITEM, join, split
from engine.registry.schema_walk import resolve

LEVELS: Final = ("error", "warning")
DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence that must be true whenever the object at `host` (`path` its tokens) is there.

    Its problem stands at `at`. `is_plainly_true` spares asking the engine (see plain).
    """

    id: str
    host: str
    path: tuple[str, ...]
    expression: Expression
    is_plainly_true: Callable[[Env], bool]
    message: str
    message_en: str
    at: str
    level: str


@dataclass(frozen=True, slots=True)
class Computed:
    """A field the server computes when the object around it is there; null means it has no value."""

    pointer: str
    path: tuple[str, ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Lookup:
    """Other documents that rules look at, bound as `facts.<name>`.

    `by` is {"blind": pointer}, {"doc_ids": pointer}, {"facet": {"pointer", "equals"}} (their facet is our
    value at `equals`), {"own": pointer} (their facet is our document id) or {"measured": pointer} (one
    finding: what the records say of the sample); only documents in `states`, equal in the fields `same`, are
    found; `open` are the fields opened for the rules. With `when`, only if that holds.
    """

    name: str
    by: Mapping[str, Any]
    form: str
    states: tuple[str, ...]
    same: tuple[str, ...]
    open: tuple[str, ...]
    exclude_self: bool
    when: Expression | None

    @property
    def blind(self) -> str | None:
        """The field whose blind index is compared, when the lookup goes by one."""
        return self.by.get("blind")

    @property
    def measured(self) -> str | None:
        """The field that holds the seed, when the lookup asks what the records say of the documents drawn."""
        return self.by.get("measured")

    @property
    def doc_ids(self) -> str | None:
        """The field that lists document ids, when the lookup goes by them."""
        return self.by.get("doc_ids")

    @property
    def own(self) -> str | None:
        """Their facet that holds the id of this document, when the lookup goes by that."""
        return self.by.get("own")

    @property
    def facet(self) -> tuple[str, str] | None:
        """(their facet, our field) that must be equal, when the lookup goes by one."""
        named = self.by.get("facet")
        return (named["pointer"], named["equals"]) if named else None


@dataclass(frozen=True, slots=True)
class Carried:
    """Everything gathered from one schema, with what is wrong in it."""

    rules: tuple[Rule, ...]
    computed: tuple[tuple[Computed, ...], ...]
    lookups: tuple[Lookup, ...]
    problems: tuple[Problem, ...]


def gather(
    schema: Mapping[str, Any],
    fields: Mapping[str, FieldInfo],
    locale: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
) -> Carried:
    """Compile what the schema carries. `computed` comes in layers: each reads only the layers before it.

    Problem codes: those of compile_expression; `rule.place` (rules inside a list), `rule.id`, `rule.at`,
    `rule.level`, `rule.message`, `computed.place`, `computed.cycle`, `lookup.name`.
    """
    problems: list[Problem] = []
    rules: list[Rule] = []
    for host, place, declared in _declared_rules(schema, schema, "", "", 0):
        rule = _rule(host, place, declared, fields, locale, functions, problems)
        if rule is not None:
            if rule.id in {other.id for other in rules}:
                problems.append(Problem(place, "rule.id", {"id": rule.id}))
            rules.append(rule)
    computed = [
        made
        for info in fields.values()
        if info.is_computed and (made := _computed(info, problems)) is not None
    ]
    lookups = tuple(_lookups(schema.get("x-lookups", ()), problems))
    return Carried(tuple(rules), _layers(computed, problems), lookups, tuple(problems))


def _declared_rules(
    raw: Any, root: Mapping[str, Any], host: str, pointer: str, depth: int
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(pattern of the object, pointer in the file, declaration) for every x-rules entry."""
    schema = resolve(raw, root)
    if not isinstance(schema, dict) or depth > DEEPEST:
        return
    for number, declared in enumerate(schema.get("x-rules", ())):
        if isinstance(declared, dict):
            yield host, join(pointer, "x-rules", number), declared
    for name, part in schema.get("properties", {}).items():
        yield from _declared_rules(part, root, join(host, name), join(pointer, "properties", name), depth + 1)
    if isinstance(schema.get("items"), dict):
        yield from _declared_rules(
            schema["items"], root, host + "/" + ITEM, join(pointer, "items"), depth + 1
        )


def _rule(
    host: str,
    place: str,
    declared: Mapping[str, Any],
    fields: Mapping[str, FieldInfo],
    locale: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    problems: list[Problem],
) -> Rule | None:
    rule_id = declared.get("id")
    if not isinstance(rule_id, str) or not rule_id:
        problems.append(Problem(place, "rule.id", {}))
        return None
    if ITEM in split(host):
        problems.append(Problem(place, "rule.place", {"id": rule_id, "host": host}))
        return None
    level, message, at = declared.get("level", "error"), declared.get("message", ""), declared.get("at", host)
    if level not in LEVELS:
        problems.append(Problem(place + "/level", "rule.level", {"id": rule_id}))
    if not message:
        problems.append(Problem(place + "/message", "rule.message", {"id": rule_id}))
    if not _is_place(at, fields):
        problems.append(Problem(place + "/at", "rule.at", {"id": rule_id, "at": at}))
    try:
        expression = compile_expression(declared.get("rule", ""), pointer=place + "/rule")
    except Invalid as refused:
        problems.extend(refused.problems)
        return None
    english = locale.get(f"#/rules/{rule_id}", "")
    return Rule(
        id=rule_id,
        host=host,
        path=split(host),
        expression=expression,
        is_plainly_true=compile_plain(expression.text, functions),
        message=str(message),
        message_en=str(english),
        at=str(at),
        level=str(level),
    )


def _is_place(at: Any, fields: Mapping[str, FieldInfo]) -> bool:
    """True for the pointer of a field or of anything around fields."""
    return isinstance(at, str) and (
        at == "" or at in fields or any(pattern.startswith(at + "/") for pattern in fields)
    )


def _computed(info: FieldInfo, problems: list[Problem]) -> Computed | None:
    path = split(info.pattern)
    if ITEM in path:
        problems.append(Problem(info.pattern, "computed.place"))
        return None
    try:
        expression = compile_expression(info.schema["x-computed"], pointer=info.pattern)
    except Invalid as refused:
        problems.extend(refused.problems)
        return None
    return Computed(info.pattern, path, expression)


def _layers(computed: list[Computed], problems: list[Problem]) -> tuple[tuple[Computed, ...], ...]:
    """Computed fields in the order they can be computed."""
    waiting, layers = list(computed), []
    while waiting:
        ready = [
            one
            for one in waiting
            if not any(other is not one and _reads(one, other) for other in waiting) and not _reads(one, one)
        ]
        if not ready:
            problems.extend(Problem(one.pointer, "computed.cycle") for one in waiting)
            break
        layers.append(tuple(ready))
        waiting = [one for one in waiting if one not in ready]
    return tuple(layers)


def _reads(one: Computed, other: Computed) -> bool:
    data = one.expression.reads.get("data")
    return data is not None and not data.whole and data.touches(other.path)


def _lookups(declared: Any, problems: list[Problem]) -> Iterator[Lookup]:
    seen: set[str] = set()
    for number, one in enumerate(declared):
        place = f"/x-lookups/{number}"
        name = one.get("name")
        if not isinstance(name, str) or not name.isidentifier() or name in seen:
            problems.append(Problem(place + "/name", "lookup.name"))
            continue
        seen.add(name)
        when = None
        if "when" in one:
            try:
                when = compile_expression(one["when"], pointer=place + "/when")
            except Invalid as refused:
                problems.extend(refused.problems)
                continue
        yield Lookup(
            name=name,
            by=dict(one.get("by", {})),
            form=str(one.get("form", "")),
            states=tuple(one.get("states", ())),
            same=tuple(one.get("same", ())),
            open=tuple(one.get("open", ())),
            exclude_self=bool(one.get("exclude_self", True)),
            when=when,
        )
