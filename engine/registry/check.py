"""Everything that must hold of a form version folder before it may be published (`fengjian check`).

Decides by the meta-schemas, the compiler, the graph of states, the coverage of layout and labels, and the
folder's own examples. Never reads files: it is given their bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.lifecycle.deadlines import SHANGHAI
from engine.lifecycle.graph import check_workflow
from engine.lifecycle.people import ROLES
from engine.registry.bundle import BUNDLE_FILES, LAYOUT, LOCALE, SCHEMA, STATES, parse_bundle
from engine.registry.check_coverage import check_fields, check_layout, check_locale
from engine.registry.compiled import CompiledForm, compile_bundle, in_file
from engine.registry.formats import parse_date_time
from engine.registry.shape import compile_shape
from engine.registry.validate import Surroundings, validate
from engine.trust import canonical

CHANGES: Final = "CHANGES.md"
_META: Final = {SCHEMA: "annotations", STATES: "states", LAYOUT: "layout"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def check_folder(
    files: Mapping[str, bytes],
    tables: Mapping[str, Any],
    meta: Mapping[str, Mapping[str, Any]],
    *,
    form: str = "form",
    version: str = "0.0.0",
    roles: Iterable[str] = ROLES,
) -> list[Problem]:
    """Every problem of a form version folder; [] when it may be published. The fact `file` names the file.

    `files` maps paths inside the folder to bytes, `tables` code table files to parsed tables, `meta` the
    names annotations, states and layout to their meta-schemas.
    """
    problems = [] if CHANGES in files else [Problem("", "file.missing", {"file": CHANGES})]
    try:
        bundle = parse_bundle(form, version, {name: files[name] for name in BUNDLE_FILES if name in files})
    except Invalid as refused:
        return [*problems, *refused.problems]
    parts = {SCHEMA: bundle.schema, STATES: bundle.states, LAYOUT: bundle.layout}
    for name, known_as in _META.items():
        if known_as in meta:
            shape = compile_shape(meta[known_as])
            problems.extend(in_file(problem, name) for problem in shape.problems(parts[name]))
    is_shaped = not problems
    try:
        compiled = compile_bundle(bundle, tables)
        problems.extend(_compiled_problems(compiled, files, roles))
    except Invalid as refused:
        return [*problems, *refused.problems]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        # What has not the shape of its meta-schema cannot always be read further; that it has not is said.
        if is_shaped:
            raise
    return problems


def _compiled_problems(
    compiled: CompiledForm, files: Mapping[str, bytes], roles: Iterable[str]
) -> Iterator[Problem]:
    yield from (in_file(problem, STATES) for problem in check_workflow(compiled.workflow, roles))
    yield from (in_file(problem, SCHEMA) for problem in check_fields(compiled))
    yield from (in_file(problem, LAYOUT) for problem in check_layout(compiled))
    yield from (in_file(problem, LOCALE) for problem in check_locale(compiled))
    yield from check_examples(compiled, files)


def check_examples(form: CompiledForm, files: Mapping[str, bytes]) -> Iterator[Problem]:
    """Judge the examples in their own context.

    `example.none` (no ok example), `example.malformed`, `example.not_ok` (an ok example with errors, in the
    facts), `example.not_raised` (a bad one that does not raise what it names; what it did is in the facts),
    `example.rule_untested` (a rule no bad example names).
    """
    names = sorted(name for name in files if name.startswith("examples/") and name.endswith(".json"))
    if not any(_is_ok(name) for name in names):
        yield Problem("", "example.none", {"file": "examples"})
    raised: set[str] = set()
    for name in names:
        try:
            example = canonical.parse_bundle(files[name])
            judgement = validate(form, example["data"], surroundings_of(example.get("context", {})))
        except Invalid as refused:
            yield from (in_file(problem, name) for problem in refused.problems)
            continue
        except (KeyError, TypeError, AttributeError):
            yield Problem("", "example.malformed", {"file": name})
            continue
        found = [[problem.pointer, problem.code] for problem in judgement.problems]
        if _is_ok(name):
            if judgement.errors:
                yield Problem("", "example.not_ok", {"file": name, "found": found})
            continue
        named = example.get("problem", {})
        wanted = [named.get("pointer"), named.get("code")]
        raised.add(str(wanted[1]))
        if wanted not in found:
            yield Problem("", "example.not_raised", {"file": name, "wanted": wanted, "found": found})
    for rule in form.rules:
        if rule.id not in raised:
            yield Problem(rule.at, "example.rule_untested", {"file": "examples", "rule": rule.id})


def _is_ok(name: str) -> bool:
    return name.rpartition("/")[2].startswith("ok-")


def surroundings_of(context: Mapping[str, Any]) -> Surroundings:
    """The surroundings an example brings: `now` (ISO 8601), `document`, `actor`, `facts`, `today`."""
    now = (parse_date_time(context["now"]) if "now" in context else None) or _EPOCH
    return Surroundings(
        now=now.astimezone(UTC),
        today=context.get("today") or now.astimezone(SHANGHAI).date().isoformat(),
        document=context.get("document", {}),
        actor=context.get("actor", {}),
        facts=context.get("facts", {}),
    )
