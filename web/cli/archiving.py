"""`fengjian archive make` and `fengjian archive check`: packages for the archive.

Decides which documents go in and where the package is written: never inside the data folder, and readable for
nobody but its owner. Exit codes of `check`: 0 all four properties hold, 1 something is wrong, 2 something
could not be judged here.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from web.cli.speaking import print_json, refusals, say, stop


@dataclass(frozen=True, slots=True)
class Operator:
    """Who prints at the command line: the platform, by the hand of whoever holds the data folder."""

    actor: Any
    name: str
    staff_no: str


def run_make(documents: list[str], form: str, out: Path, data: Path, as_json: bool) -> None:
    """Write the package and say what its checks found."""
    from engine.desk import people, retention
    from web.archive import package
    from web.assemble import open_desk
    from web.cli.bundling import find_row
    from web.pdf.renderer import Renderer
    from web.services import build_services
    from web.settings import Settings

    if data.resolve() in (out.resolve(), *out.resolve().parents):
        stop(say("cli.archive.inside"))
    with refusals():
        opened, renderer = open_desk(data), Renderer(processes=1)
        try:
            desk = opened.desk
            services = build_services(desk, Settings(), renderer=renderer, data=data)
            rows = [find_row(desk, one) for one in documents]
            if form:
                rows.extend(package.ripe(services, list(retention.every(desk, form))))
            operator = Operator(people.system_actor(desk), say("cli.archive.operator"), "")
            made = package.write(services, operator, rows, out, _tell)
        finally:
            renderer.close()
            opened.close()
    if as_json:
        failed = [[doc_id, one.as_json()] for doc_id, one in made.failed]
        print_json({"folder": str(out), "documents": list(made.documents), "failed": failed})
    else:
        print(say("cli.archive.made", path=out, count=len(made.documents)))
        _print_checks([(doc_id, one.as_json()) for doc_id, one in (*made.failed, *made.not_judged)])
    raise SystemExit(1 if made.failed else 0)


def run_check(folder: Path, trust: Path | None, as_json: bool) -> None:
    """Judge the package and end with the code of what was found."""
    from web.archive import package

    with refusals():
        pinned = trust.read_bytes() if trust is not None else None
        report = package.check(folder, pinned, datetime.now(UTC))
    results = report["properties"]
    if as_json:
        print_json(report)
    else:
        for kind, result in results.items():
            print(f"{say(f'archive.property.{kind}')}  {say(f'archive.result.{result}')}")
        found = [(doc_id, one) for doc_id, every in report["documents"].items() for one in every]
        _print_checks([(doc_id, one) for doc_id, one in found if one["result"] != "passed"])
        if pinned is None:
            print(say("cli.archive.own_trust"))
    if "failed" in results.values():
        raise SystemExit(1)
    raise SystemExit(2 if "not_judged" in results.values() else 0)


def _tell(progress: Any) -> None:
    if sys.stderr.isatty():
        print(f"\r{progress.done}/{progress.of}", end="" if progress.done < progress.of else "\n",
              file=sys.stderr, flush=True)  # fmt: skip


def _print_checks(found: list[tuple[str, dict[str, Any]]]) -> None:
    for doc_id, one in found:
        what = say(f"archive.check.{one['kind']}.{one['name']}")
        result = say(f"archive.result.{one['result']}")
        print("  ".join(("", *([doc_id] if doc_id else []), what, result)))
