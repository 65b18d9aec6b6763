"""`fengjian compare`: two schemas, two form version folders, or two published versions.

Decides how the two arguments are read: a folder is a form version, a file a JSON Schema, anything else
FORM@VERSION. Ends with 0 when there is an answer, whatever it is; 2 when an argument cannot be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import Invalid, Problem
from engine.registry.bundle import BUNDLE_FILES, FormBundle, parse_bundle
from engine.registry.check import surroundings_of
from engine.registry.compiled import CompiledForm, compile_bundle
from engine.registry.validate import validate
from engine.trust import canonical
from engine.versions.comparison import Comparison, Examples, compare, compare_schemas
from web.cli.speaking import catalogue, language, print_json, refusals, say, stop
from web.version_words import page_of_words, words_from

Contexts = Mapping[str, tuple[Any, Mapping[str, Any]]]
MOST_BYTES = 5 << 20
DEEPEST = 200
_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a schema, or a version with its examples (data by its context)."""

    schema: Any = None
    bundle: FormBundle | None = None
    contexts: Contexts = field(default_factory=dict)


def run_compare(old: str, new: str, as_json: bool) -> None:
    """Compare and print."""
    with refusals():
        compared = _compared(_read(old), _read(new))
    if as_json:
        print_json(compared.as_json(words_from(catalogue())))
        return
    for line in page_of_words(compared, language(), catalogue()):
        print(line)


def _compared(old: Side, new: Side) -> Comparison:
    if old.bundle is None or new.bundle is None:
        return compare_schemas(old.schema, new.schema)
    contexts = {id(data): context for side in (old, new) for data, context in side.contexts.values()}
    return compare(
        old.bundle,
        new.bundle,
        old_examples=_examples(old, old.bundle, contexts),
        new_examples=_examples(new, new.bundle, contexts),
    )


def _examples(side: Side, bundle: FormBundle, contexts: Mapping[int, Mapping[str, Any]]) -> Examples:
    """The examples of a version, and a judge by all its rules that is made only when it is asked."""
    made: list[CompiledForm | None] = []

    def accepts(data: Any) -> bool:
        if not made:
            made.append(_compiled(bundle))
        return made[0] is not None and _is_valid(made[0], data, contexts.get(id(data), {}))

    return Examples(tuple(data for data, _ in side.contexts.values()), accepts)


def _compiled(bundle: FormBundle) -> CompiledForm | None:
    from web.assemble import load_tables

    try:
        return compile_bundle(bundle, load_tables())
    except Invalid:
        # Rules that do not compile are the business of `fengjian check`; schemas are compared all the same.
        return None


def _is_valid(form: CompiledForm, data: Any, context: Mapping[str, Any]) -> bool:
    try:
        return not validate(form, data, surroundings_of(context)).errors
    except (Invalid, KeyError, TypeError, AttributeError):
        return False


def _read(named: str) -> Side:
    path = Path(named)
    if path.is_dir():
        return _read_folder(path)
    if path.is_file():
        return Side(schema=_parse_schema(path))
    form, at, version = named.partition("@")
    if not at:
        stop(say("cli.file", path=named))
    return _read_published(form, version)


def _read_folder(folder: Path) -> Side:
    if not (folder / "schema.json").is_file():
        stop(say("cli.check.no_schema", path=folder))
    files = {name: (folder / name).read_bytes() for name in BUNDLE_FILES if (folder / name).is_file()}
    bundle = parse_bundle(folder.resolve().parent.name, folder.resolve().name, files)
    examples = sorted((folder / "examples").glob("ok-*.json"))
    return Side(schema=bundle.schema, bundle=bundle, contexts=_contexts(examples))


def _read_published(form: str, version: str) -> Side:
    import schemas
    from web.assemble import bundle_files

    folder = schemas.root() / form / version
    if not folder.joinpath("schema.json").is_file():
        stop(say("cli.refused.form"))
    bundle = parse_bundle(form, version, bundle_files(folder))
    examples = folder / "examples"
    named = [one for one in examples.iterdir() if one.name.startswith("ok-")] if examples.is_dir() else []
    return Side(
        schema=bundle.schema, bundle=bundle, contexts=_contexts(sorted(named, key=lambda one: one.name))
    )


def _contexts(files: Any) -> dict[str, tuple[Any, Mapping[str, Any]]]:
    out: dict[str, tuple[Any, Mapping[str, Any]]] = {}
    for file in files:
        example = canonical.parse_bundle(file.read_bytes())
        if isinstance(example, dict) and "data" in example:
            out[file.name] = example["data"], example.get("context", {})
    return out


def _parse_schema(path: Path) -> Any:
    """A JSON Schema from a file.

    Raises Invalid: `json.syntax` (with line and column), `json.utf8`, `json.too_large`, `json.too_deep`,
    `json.number` (not finite), `type` (neither an object nor a boolean).
    """
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        raise Invalid("schema", problems=[Problem("", "json.too_large", {"limit": MOST_BYTES})])
    if _depth(data) > DEEPEST:
        raise Invalid("schema", problems=[Problem("", "json.too_deep", {"limit": DEEPEST})])
    try:
        found = json.loads(data, parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError:
        raise Invalid("schema", problems=[Problem("", "json.utf8", {})]) from None
    except json.JSONDecodeError as wrong:
        facts = {"line": wrong.lineno, "column": wrong.colno}
        raise Invalid("schema", problems=[Problem("", "json.syntax", facts)]) from None
    except ValueError:
        raise Invalid("schema", problems=[Problem("", "json.number", {})]) from None
    if not isinstance(found, dict | bool):
        raise Invalid("schema", problems=[Problem("", "type", {"expected": ["object", "boolean"]})])
    return found


def _depth(data: bytes) -> int:
    """How deep brackets nest, texts passed over."""
    deepest = depth = 0
    for bracket in _BRACKETS.findall(_TEXTS.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _no_constant(_name: str) -> Any:
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError
    return number
