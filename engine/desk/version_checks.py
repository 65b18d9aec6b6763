"""Whether a version may be published at all, and the smallest number it may have.

Decides by the checks of a folder, by its lift, and by the comparison with the version it follows. Pure work
over values: the same candidate gets the same answer, so the last few answers are remembered.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final, TypeVar

from engine.desk.counting import standing_in
from engine.desk.desk import Desk
from engine.errors import Invalid, NotFound, Problem
from engine.registry.bundle import BUNDLE_FILES, LAYOUT, LOCALE, SCHEMA, STATES, FormBundle, digest_of
from engine.registry.check import check_folder, surroundings_of
from engine.registry.compiled import CompiledForm, compile_bundle
from engine.registry.validate import validate
from engine.trust import canonical
from engine.versions.comparison import Comparison, Examples, compare
from engine.versions.lift import parse_lift
from engine.versions.lift_check import check_lift
from engine.versions.numbering import MAJOR, is_understated

SEMANTIC: Final = "semantic"
LIFT_FILE: Final = "lift.json"
T = TypeVar("T")
_MOST_REMEMBERED: Final = 32
_remembered: OrderedDict[str, Any] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that somebody wants to publish, with the one it follows (None for a new form)."""

    bundle: FormBundle
    tables: Mapping[str, Any]
    papers: Mapping[str, bytes]
    lift: Any | None
    base: FormBundle | None
    is_semantic: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate against the version it follows; `smallest` is the least step its number may make."""

    comparison: Comparison
    smallest: str


def check_candidate(desk: Desk, found: Candidate) -> tuple[Problem, ...]:
    """Every problem of its files; () when they may be published.

    Codes: those of check_folder, of parse_lift and check_lift, and `lift.versions` (its lift is between
    others than these two).
    """
    return once(_key("folder", found), partial(_check, desk, found))


def judge_candidate(desk: Desk, found: Candidate) -> Judged | None:
    """The comparison with the version it follows, with the documents that stand now; None for a new form.

    A change of meaning that the editor declares is major whatever the comparison says.
    """
    base = found.base
    if base is None:
        return None
    standing = standing_in(desk, base.form).get(base.digest, {})
    key = _key("compare", found, base=base.digest, standing=standing)
    comparison = once(key, partial(_compare, desk, found, base, standing))
    return Judged(comparison, MAJOR if found.is_semantic else comparison.smallest_version)


def smallest_of(desk: Desk, found: Candidate, at: str) -> list[Problem]:
    """`version.understated` with the smallest step that would do, `version.unread`, or []."""
    try:
        judged = judge_candidate(desk, found)
    except Invalid as refused:
        return [Problem(at, "version.unread", {"reason": refused.code})]
    if judged is None or found.base is None:
        return []
    before, number = found.base.version, found.bundle.version
    if not is_understated(before, number, judged.smallest):
        return []
    facts = {"version": number, "follows": before, "smallest": judged.smallest}
    return [Problem(at, "version.understated", {**facts, "least": least_number(before, judged.smallest)})]


def least_number(before: str, step: str) -> str:
    """The number one step after another: 1.2.3 and minor give 1.3.0."""
    major, minor, patch = (int(part) for part in before.split("."))
    if step == MAJOR:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if step == "minor" else f"{major}.{minor}.{patch + 1}"


def _check(desk: Desk, found: Candidate) -> tuple[Problem, ...]:
    files = {**found.papers, **_files_of(found.bundle)}
    form, version = found.bundle.form, found.bundle.version
    problems = check_folder(files, found.tables, desk.workshop.meta, form=form, version=version)
    return (*problems, *_check_lift(desk, found))


def _check_lift(desk: Desk, found: Candidate) -> Iterator[Problem]:
    if found.lift is None:
        return
    file = {"file": LIFT_FILE}
    try:
        lift = parse_lift(found.lift)
    except Invalid as refused:
        yield from (Problem(one.pointer, one.code, {**one.facts, **file}) for one in refused.problems)
        return
    base = found.base
    wanted = (found.bundle.form, base.version if base is not None else "", found.bundle.version)
    if base is None or (lift.form, lift.old, lift.new) != wanted:
        yield Problem("", "lift.versions", {**file, "expected": list(wanted)})
        return
    documents = [(name, one["data"]) for name, one in _examples(desk, base)]
    for one in check_lift(base.schema, found.bundle.schema, lift, documents):
        yield Problem(one.pointer, one.code, {**one.facts, **file})


def _compare(desk: Desk, found: Candidate, base: FormBundle, standing: Mapping[str, int]) -> Comparison:
    before, after = _held(desk, base), compiled_of(found)
    shown = [one for _, one in _examples(desk, base)]
    return compare(
        base,
        found.bundle,
        standing=standing,
        old_examples=_with_rules(before, shown),
        new_examples=_with_rules(after, shown),
    )


def compiled_of(found: Candidate) -> CompiledForm:
    """A candidate ready for work; the last ones are remembered. Raises Invalid as compile_bundle."""
    return once(f"ready {found.bundle.digest}", partial(compile_bundle, found.bundle, found.tables))


def _held(desk: Desk, base: FormBundle) -> CompiledForm:
    """The version before, as the registry holds it; compiled where it was only kept."""
    try:
        return desk.registry.by_digest(base.digest)
    except NotFound:
        kept = desk.workshop.archive.bundle(base.digest)
        return compile_bundle(base, kept[1] if kept is not None else desk.workshop.tables)


def _with_rules(form: CompiledForm, shown: list[dict[str, Any]]) -> Examples:
    """The examples as documents, and a judge by this version's rules, each in its own context."""
    contexts = {_text(one["data"]): one.get("context", {}) for one in shown}

    def accepts(document: Any) -> bool:
        around = surroundings_of(contexts.get(_text(document), {}))
        return not validate(form, document, around).errors

    return Examples(tuple(one["data"] for one in shown), accepts)


def _examples(desk: Desk, bundle: FormBundle) -> Iterator[tuple[str, dict[str, Any]]]:
    """The documents that hold under a kept version, by name, each with its context."""
    for name, data in sorted(desk.workshop.archive.papers(bundle.digest).items()):
        if name.startswith("examples/ok-"):
            example = canonical.parse_bundle(data)
            if isinstance(example, dict) and isinstance(example.get("data"), dict):
                yield name, example


def once(key: str, make: Callable[[], T]) -> T:
    """What was made for this key (which names everything it depends on), or what is made now; bounded."""
    known: T | None = _remembered.get(key)
    if known is not None:
        return known
    made = make()
    _remembered[key] = made
    while len(_remembered) > _MOST_REMEMBERED:
        _remembered.popitem(last=False)
    return made


def _key(kind: str, found: Candidate, **more: Any) -> str:
    papers = {name: sha256(data).hexdigest() for name, data in found.papers.items()}
    base = found.base.digest if found.base is not None else ""
    parts = {"kind": kind, "bundle": found.bundle.digest, "papers": papers, "lift": found.lift, "base": base}
    return digest_of({**parts, "more": _text(more)})


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _files_of(bundle: FormBundle) -> dict[str, bytes]:
    parts = {SCHEMA: bundle.schema, STATES: bundle.states, LAYOUT: bundle.layout, LOCALE: bundle.locale}
    return {name: canonical.encode_bundle(parts[name]) for name in BUNDLE_FILES}
