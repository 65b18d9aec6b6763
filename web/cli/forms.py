"""`fengjian validate`, `check` and `render`: form versions and answers, without a data folder.

Decides only how files become arguments and problems become lines. Ends with 1 when there are errors.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.desk.indexing import collected_at
from engine.errors import Invalid, Problem
from engine.identity import local_date, local_day, parse_utc
from engine.registry.check import check_folder, surroundings_of
from engine.registry.compiled import CompiledForm
from engine.registry.validate import Surroundings, validate
from engine.trust import canonical
from web.assemble import load_registry, load_tables
from web.cli.speaking import language, print_json, refusals, say, stop

EXAMPLE = frozenset({"data", "context", "problem", "why"})
"""What an example of a form version holds; `problem` is what a bad one must raise."""


def run_validate(form: str, file: Path, as_json: bool) -> None:
    """Judge answers, as of the moment they were collected; one JSON line per document with `--json`."""
    with refusals():
        name, _, version = form.partition("@")
        registry = load_registry()
        now = datetime.now(UTC)
        compiled = registry.get(name, version) if version else registry.in_force(name, local_date(now))
        has_errors = False
        for number, data in _documents(file):
            problems = _judge(compiled, data, now)
            has_errors = has_errors or any(one.level == "error" for one in problems)
            _report(problems, as_json, number, compiled)
    raise SystemExit(1 if has_errors else 0)


def _judge(form: CompiledForm, data: bytes, now: datetime) -> tuple[Problem, ...]:
    try:
        answers = canonical.parse(data)
    except Invalid as refused:
        return refused.problems
    if not isinstance(answers, dict):
        return (Problem("", "type", {"expected": ["object"]}),)
    if {"data", "context"} <= answers.keys() <= EXAMPLE:
        # An example as form versions carry it: judged in the surroundings it names.
        return validate(form, answers["data"], surroundings_of(answers["context"])).problems
    collected = collected_at(form, answers)
    at = parse_utc(collected) if collected else now
    around = Surroundings(now=at, today=local_day(at), document={}, actor={}, facts={})
    return validate(form, answers, around).problems


def _documents(file: Path) -> Iterator[tuple[int, bytes]]:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError:
        stop(say("cli.file", path=file))
    if file.suffix == ".jsonl":
        yield from ((n, line) for n, line in enumerate(data.splitlines(), start=1) if line.strip())
    else:
        yield 0, data


def _report(problems: tuple[Problem, ...], as_json: bool, number: int, form: CompiledForm | None) -> None:
    if as_json:
        print_json({"line": number or None, "problems": [one.as_json() for one in problems]})
        return
    prefix = f"{number}: " if number else ""
    for one in problems:
        print(f"{prefix}{one.pointer or '/'}  {one.code}  {_sentence(one, form)}".rstrip())
    if not problems:
        print(prefix + say("cli.validate.good"))


def _sentence(problem: Problem, form: CompiledForm | None) -> str:
    from forms.messages import sentence

    def label(pointer: str) -> str:
        found = form.field(pointer) if form is not None else None
        if found is None:
            return pointer
        return (found.title_en if language() == "en" else "") or found.title

    return sentence(problem, language(), label)


def run_check(folder: Path, as_json: bool) -> None:
    """Check one form version folder."""
    import schemas

    if not (folder / "schema.json").is_file():
        stop(say("cli.check.no_schema", path=folder))
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    meta = {
        one.name.partition(".")[0]: canonical.parse_bundle(one.read_bytes())
        for one in (schemas.root() / "_meta").iterdir()
        if one.name.endswith(".schema.json")
    }
    with refusals():
        problems = check_folder(files, load_tables(), meta)
    if as_json:
        print_json({"folder": str(folder), "problems": [one.as_json() for one in problems]})
    else:
        for one in problems:
            print(f"{one.facts.get('file', '')}  {one.pointer or '/'}  {one.code}  {_facts(one)}".rstrip())
        print(say("cli.check.good" if not problems else "cli.check.bad", path=folder, count=len(problems)))
    raise SystemExit(1 if any(one.level == "error" for one in problems) else 0)


def _facts(problem: Problem) -> str:
    return " ".join(f"{name}={value}" for name, value in problem.facts.items() if name != "file")


def run_render(schema: Path, layout: Path | None, data: Path | None) -> None:
    """A form for any schema on standard output."""
    from forms.reading import read_json
    from web.render import render_schema

    def parsed(path: Path | None) -> Any:
        if path is None:
            return None
        try:
            return read_json(path.read_bytes())
        except OSError:
            stop(say("cli.file", path=path))

    with refusals():
        sys.stdout.write(render_schema(parsed(schema), parsed(layout), parsed(data), lang=language()))
