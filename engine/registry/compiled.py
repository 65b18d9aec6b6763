"""A form version made ready for work: everything parsed, compiled and indexed once.

Decides that a version is usable at all; a version that is not is refused with every reason.
Never changes after it is made (the caches inside only remember).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.lifecycle.workflow import Workflow, parse_workflow
from engine.registry.bundle import FormBundle, digest_of
from engine.registry.conditions import Node, compile_conditions
from engine.registry.expressions import FILL_NAMES, Bench, Expression, compile_expression, merge_reads
from engine.registry.fields import FieldInfo, collect_fields
from engine.registry.functions import Table, functions_for
from engine.registry.plain import compile_plain
from engine.registry.plain_terms import Env
from engine.registry.pointers import join, parent_of, pattern_of
from engine.registry.reads import Reads
from engine.registry.rules import Carried, Computed, Lookup, Rule, gather
from engine.registry.schema_walk import subschemas
from engine.registry.shape import Shape, compile_shape

# fmt: off
ANNOTATIONS: Final = frozenset((
    "x-class", "x-codes", "x-computed", "x-derive", "x-enum", "x-facets", "x-files", "x-fill", "x-form",
    "x-header", "x-index", "x-legal-basis", "x-lookups", "x-mask", "x-order", "x-rules", "x-seal",
    "x-sensitivity", "x-summary", "x-tables", "x-unit", "x-version", "x-widget-ref",
))
# fmt: on
_ALWAYS: Final = ("0001-01-01", "9999-12-31")
_MOST_PLANS: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class CompiledForm:
    """One form version, ready. `fields` are leaves (an array of scalars is one), `groups` objects and lists.

    `tables` are the pinned code tables by name, each an object with its `digest` added. `computed` comes in
    layers. `fills` maps a source field to what it fills: (target pointer, expression over `value`).
    """

    bundle: FormBundle
    workflow: Workflow
    tables: Mapping[str, Any]
    fields: Mapping[str, FieldInfo]
    groups: Mapping[str, FieldInfo]
    lookups: tuple[Lookup, ...]
    facets: tuple[str, ...]
    summary: tuple[str, ...]
    header: Mapping[str, Any]
    rules: tuple[Rule, ...]
    hosts: tuple[tuple[str, tuple[str, ...]], ...]
    computed: tuple[tuple[Computed, ...], ...]
    fills: Mapping[str, tuple[tuple[str, Expression], ...]]
    shape: Shape
    conditions: Node
    functions: Mapping[str, Callable[..., Any]]
    bench: Bench
    _plans: dict[tuple[str, ...], tuple[Rule, ...]] = field(default_factory=dict, repr=False)
    _reads: dict[tuple[str, ...], Mapping[str, Reads]] = field(default_factory=dict, repr=False)
    _plain: dict[str, Callable[[Env], bool]] = field(default_factory=dict, repr=False)

    def is_plainly(self, text: str, env: Env) -> bool:
        """Whether an expression of this form is plainly true (see plain); False also means "ask the engine".

        `env` holds the bindings, the form's tables and a MEMO.
        """
        test = self._plain.get(text)
        if test is None:
            test = self._plain[text] = compile_plain(text, self.functions)
        return test(env)

    @property
    def form(self) -> str:
        return self.bundle.form

    @property
    def version(self) -> str:
        return self.bundle.version

    @property
    def digest(self) -> str:
        return self.bundle.digest

    def field(self, pointer: str) -> FieldInfo | None:
        """What the form says about the place of a concrete pointer (or a pattern); None when it has none.

        An item of an array of scalars has the array's own.
        """
        for pattern in (pointer, pattern_of(pointer), parent_of(pattern_of(pointer))):
            found = self.fields.get(pattern) or self.groups.get(pattern)
            if found is not None and (pattern != parent_of(pattern_of(pointer)) or found.is_array):
                return found
        return None

    def rules_for(self, present: tuple[str, ...]) -> tuple[Rule, ...]:
        """The rules whose host is the whole or one of the `present` hosts."""
        rules = self._plans.get(present)
        if rules is None:
            rules = tuple(rule for rule in self.rules if rule.host == "" or rule.host in present)
            if len(self._plans) < _MOST_PLANS:
                self._plans[present] = rules
        return rules

    def reads_of(self, rules: tuple[Rule, ...]) -> Mapping[str, Reads]:
        """What the rules read together; remembered, since documents of a kind ask the same ones."""
        key = tuple([rule.id for rule in rules])
        reads = self._reads.get(key)
        if reads is None:
            reads = merge_reads(rule.expression for rule in rules)
            if len(self._reads) < _MOST_PLANS:
                self._reads[key] = reads
        return reads


def compile_bundle(bundle: FormBundle, tables: Mapping[str, Any]) -> CompiledForm:
    """Compile a form version with the code tables it pins.

    `tables` holds parsed code tables by the file name that `x-tables` uses (`codes/regions.json`).
    Raises Invalid with every problem found; pointers are into the file named by the fact `file`.
    Codes: those of compile_shape, compile_expression and parse_workflow, and `annotation.unknown`,
    `table.missing`, `table.digest`, `field.unknown`, `rule.*`, `computed.*`, `lookup.*`.
    """
    schema = bundle.schema
    problems: list[Problem] = list(_unknown_annotations(schema))
    shape: Shape | None = None
    workflow: Workflow | None = None
    try:
        shape = compile_shape(schema)
    except Invalid as refused:
        problems.extend(refused.problems)
    problems = [in_file(problem, "schema.json") for problem in problems]
    try:
        workflow = parse_workflow(bundle.states)
    except Invalid as refused:
        problems.extend(in_file(problem, "states.json") for problem in refused.problems)
    if shape is None or workflow is None:
        raise Invalid("form", problems=problems)
    pinned, rows, wrong = _pin_tables(schema.get("x-tables", {}), tables)
    fields, groups = collect_fields(schema, bundle.layout, bundle.locale)
    functions = functions_for(rows)
    carried = gather(schema, fields, bundle.locale, functions)
    facets, summary = tuple(schema.get("x-facets", ())), tuple(schema.get("x-summary", ()))
    wrong += [*carried.problems, *_unknown_fields({"x-facets": facets, "x-summary": summary}, fields)]
    fills, not_compiled = _fills(fields)
    problems.extend(in_file(problem, "schema.json") for problem in [*wrong, *not_compiled])
    if problems:
        raise Invalid("form", problems=problems)
    return CompiledForm(
        bundle=bundle,
        workflow=workflow,
        tables=pinned,
        fields=fields,
        groups=groups,
        lookups=carried.lookups,
        facets=facets,
        summary=summary,
        header=schema.get("x-header", {}),
        rules=carried.rules,
        hosts=tuple(dict.fromkeys((rule.host, rule.path) for rule in carried.rules if rule.host)),
        computed=carried.computed,
        fills=fills,
        shape=shape,
        conditions=compile_conditions(schema),
        functions=functions,
        bench=Bench(functions, pinned, _tables_read(carried, workflow)),
    )


def _tables_read(carried: Carried, workflow: Workflow) -> Reads:
    """What any expression of the form reads of its tables."""
    transitions = (*workflow.transitions.values(), *workflow.system.values())
    expressions = [
        *(rule.expression for rule in carried.rules),
        *(one.expression for layer in carried.computed for one in layer),
        *(lookup.when for lookup in carried.lookups if lookup.when is not None),
        *(expression for one in transitions for expression in one.expressions()),
    ]
    return merge_reads(expressions).get("tables", Reads())


def in_file(problem: Problem, file: str) -> Problem:
    """The problem with the name of the file its pointer is into, unless it has one already."""
    return Problem(
        problem.pointer, problem.code, {"file": file, **problem.facts}, problem.level, problem.message
    )


def _unknown_annotations(schema: Mapping[str, Any]) -> Iterator[Problem]:
    """An x- key we do not know would be a promise nobody keeps."""
    for pointer, part in subschemas(schema):
        for key in part:
            if key.startswith("x-") and key not in ANNOTATIONS:
                yield Problem(join(pointer, key), "annotation.unknown", {"name": key})


def _unknown_fields(
    lists: Mapping[str, tuple[str, ...]], fields: Mapping[str, FieldInfo]
) -> Iterator[Problem]:
    for key, pointers in lists.items():
        for place, pointer in enumerate(pointers):
            if pointer not in fields:
                yield Problem(f"/{key}/{place}", "field.unknown", {"pointer": pointer})


def _pin_tables(
    declared: Mapping[str, Any], tables: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Table], list[Problem]]:
    """The tables by name with their digests, their rows for in_table, and what does not fit the pins."""
    pinned: dict[str, Any] = {}
    rows: dict[str, Table] = {}
    problems: list[Problem] = []
    for name, pin in declared.items():
        place, file = join("/x-tables", name), pin.get("file", "")
        table = tables.get(file)
        if not isinstance(table, dict):
            problems.append(Problem(place, "table.missing", {"table": file}))
            continue
        digest = digest_of(table)
        if digest != pin.get("sha256"):
            problems.append(Problem(place + "/sha256", "table.digest", {"table": file, "actual": digest}))
            continue
        pinned[name] = {**table, "digest": digest}
        rows[name] = _rows(table)
    return pinned, rows, problems


def _rows(table: Mapping[str, Any]) -> dict[str, tuple[tuple[str, str], ...]]:
    out: dict[str, tuple[tuple[str, str], ...]] = {}
    for entry in table.get("entries", ()):
        span = (entry.get("valid_from") or _ALWAYS[0], entry.get("valid_to") or _ALWAYS[1])
        out[entry["code"]] = (*out.get(entry["code"], ()), span)
    return out


def _fills(
    fields: Mapping[str, FieldInfo],
) -> tuple[dict[str, tuple[tuple[str, Expression], ...]], list[Problem]]:
    out: dict[str, tuple[tuple[str, Expression], ...]] = {}
    problems: list[Problem] = []
    for info in fields.values():
        if info.fill is None:
            continue
        source = info.fill.get("from", "")
        if source not in fields:
            problems.append(Problem(info.pattern, "field.unknown", {"pointer": source}))
            continue
        try:
            rule = compile_expression(info.fill.get("rule", ""), names=FILL_NAMES, pointer=info.pattern)
        except Invalid as refused:
            problems.extend(refused.problems)
            continue
        out[source] = (*out.get(source, ()), (info.pattern, rule))
    return out, problems
