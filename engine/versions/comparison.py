"""Two versions compared: what changed, what stays valid, what can finish, and the least number.

Decides how the three answers stand together (forms.md §6). A rule that is new or changed is outside the
proof: then old documents are at best `unknown`, unless an example shows the break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.registry.bundle import FormBundle
from engine.registry.schema_walk import subschemas
from engine.versions.changes import Change, changes, place_in_bundle
from engine.versions.changes_schema import schema_changes
from engine.versions.inclusion_atoms import frozen
from engine.versions.inclusion_work import STEPS
from engine.versions.numbering import smallest_version
from engine.versions.process import ProcessVerdict, process_verdict
from engine.versions.verdict import COMPATIBLE, INCOMPATIBLE, UNKNOWN, Judges, Verdict, documents_verdict

Words = Callable[[Change, str], str]
ByRules = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole answer. `pointers_in_bundle` when whole versions were compared, not two schemas."""

    changes: tuple[Change, ...]
    old_documents: Verdict
    new_documents: Verdict
    process: ProcessVerdict = field(default_factory=ProcessVerdict)
    smallest_version: str = "major"
    pointers_in_bundle: bool = False

    def as_json(self, words: Words) -> dict[str, Any]:
        """The answer as `fengjian compare --json` prints it; `words` says a change in zh-CN or en."""
        return {
            "changes": [
                {
                    "pointer": place_in_bundle(one) if self.pointers_in_bundle else one.pointer,
                    "kind": one.kind,
                    "words_zh": words(one, "zh-CN"),
                    "words_en": words(one, "en"),
                }
                for one in self.changes
            ],
            "old_documents": self.old_documents.as_json(),
            "new_documents": self.new_documents.as_json(),
            "process": self.process.as_json(),
            "smallest_version": self.smallest_version,
        }


@dataclass(frozen=True, slots=True)
class Examples:
    """Documents of a version to try first, and how its rules judge them (None: rules are not run)."""

    documents: tuple[Any, ...] = ()
    accepts: ByRules | None = None


_NO_EXAMPLES: Final = Examples()


def compare_schemas(old: Any, new: Any, *, seeds: Iterable[Any] = (), budget: int = STEPS) -> Comparison:
    """Compare two JSON Schemas (objects or booleans). Raises Invalid when one is no schema."""
    known, judges = tuple(seeds), Judges()
    old_documents = documents_verdict(old, new, budget=budget, seeds=known, judges=judges)
    new_documents = documents_verdict(new, old, budget=budget, seeds=known, judges=judges)
    found = schema_changes(old, new)
    process = ProcessVerdict()
    return Comparison(
        changes=found,
        old_documents=old_documents,
        new_documents=new_documents,
        process=process,
        smallest_version=smallest_version(found, old_documents, process),
    )


def compare(
    old: FormBundle,
    new: FormBundle,
    *,
    standing: Mapping[str, int] | None = None,
    old_examples: Examples = _NO_EXAMPLES,
    new_examples: Examples = _NO_EXAMPLES,
    budget: int = STEPS,
) -> Comparison:
    """Compare two form versions. `standing` counts the documents of the old one by state.

    Raises Invalid when a schema is no schema or a states file cannot be read.
    """
    shown = {id(one): one for one in (*old_examples.documents, *new_examples.documents)}
    both, judges = tuple(shown.values()), Judges()
    forward = documents_verdict(old.schema, new.schema, budget=budget, seeds=both, judges=judges)
    backward = documents_verdict(new.schema, old.schema, budget=budget, seeds=both, judges=judges)
    found = changes(old, new)
    old_documents = with_rules(forward, old.schema, new.schema, old_examples, new_examples.accepts)
    process = process_verdict(old.states, new.states, standing)
    return Comparison(
        changes=found,
        old_documents=old_documents,
        new_documents=with_rules(backward, new.schema, old.schema, new_examples, old_examples.accepts),
        process=process,
        smallest_version=smallest_version(found, old_documents, process),
        pointers_in_bundle=True,
    )


def with_rules(
    verdict: Verdict,
    old_schema: Mapping[str, Any],
    new_schema: Mapping[str, Any],
    examples: Examples = _NO_EXAMPLES,
    accepts_newly: ByRules | None = None,
) -> Verdict:
    """The verdict where rules count too: `compatible` stands only when no rule asks for more than before."""
    asks = stricter_rules(old_schema, new_schema)
    if verdict.verdict != COMPATIBLE or not asks:
        return verdict
    if examples.accepts is not None and accepts_newly is not None:
        for document in examples.documents:
            if examples.accepts(document) and not accepts_newly(document):
                facts = {"rules": asks}
                return Verdict(INCOMPATIBLE, document, has_witness=True, reason="rules_changed", facts=facts)
    return Verdict(UNKNOWN, reason="rules_changed", facts={"rules": asks})


def stricter_rules(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Which rules of the new schema may refuse more: error rules and computed values, new or changed."""
    before, after = _rules(old), _rules(new)
    tables = _changed_tables(old, new)
    return tuple(
        name
        for name, rule in after.items()
        if rule != before.get(name) or any(f"tables.{table}" in rule[0] for table in tables)
    )


def _rules(schema: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    out: dict[str, tuple[str, str]] = {}
    for place, part in subschemas(schema):
        for rule in part.get("x-rules", ()):
            if isinstance(rule, dict) and rule.get("level", "error") == "error":
                out[str(rule.get("id", frozen(rule)))] = str(rule.get("rule")), place
        if "x-computed" in part:
            out[place] = str(part["x-computed"]), place
    return out


def _changed_tables(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    before, after = old.get("x-tables", {}), new.get("x-tables", {})
    return [name for name, entry in after.items() if frozen(before.get(name)) != frozen(entry)]
