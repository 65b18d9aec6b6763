"""Which forms, states and tests carry out which clause: written out as docs/traceability.md.

`python -m tests.regulation.traceability` writes the page anew; a test fails while it differs.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "traceability.md"
TEXT = ROOT / "schemas" / "regulation" / "1.0.0.json"
HEAD = """# Which clause is carried out where

Made by `python -m tests.regulation.traceability` from `schemas/regulation`, the shipped forms and the names
of the tests; do not edit. A test is counted for a clause when its name begins with the clause's id.

"""


@dataclass(frozen=True, slots=True)
class Told:
    """One test: the clause its name begins with, its file, and its name without the clause."""

    clause: str
    file: str
    words: str


def clauses() -> list[dict[str, object]]:
    """The clauses of the regulation in their order."""
    found: list[dict[str, object]] = json.loads(TEXT.read_text("utf-8"))["clauses"]
    return found


def told(names: list[str]) -> Iterator[Told]:
    """Every test under tests/ that is named after one of the clauses `names`."""
    spelled = {name.replace(".", "_"): name for name in names}
    longest = "|".join(sorted(spelled, key=len, reverse=True))
    pattern = re.compile(f"test_({longest})_(.+)")
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found = pattern.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
            if found:
                yield Told(spelled[found[1]], path.relative_to(ROOT).as_posix(), found[2].replace("_", " "))


def page() -> str:
    """The whole page."""
    rows = clauses()
    tests: dict[str, list[Told]] = {}
    for one in told([str(row["clause"]) for row in rows]):
        tests.setdefault(one.clause, []).append(one)
    parts = [HEAD, "| Clause | Forms and states | Tests |\n|---|---|---|\n"]
    for row in rows:
        name = str(row["clause"])
        parts.append(
            f"| [{name}](#{name.replace('.', '').lower()}) | {_forms(row)} | {len(tests.get(name, []))} |\n"
        )
    for row in rows:
        name = str(row["clause"])
        parts.append(f"\n## {name}\n\n{row['text']}\n\n{row['gloss_en']}\n\n")
        if row.get("forms"):
            parts.append(f"Carried out by: {_forms(row)}\n\n")
        files = dict.fromkeys(one.file for one in tests.get(name, []))
        for file in files:
            parts.append(f"- [{file}](../{file})\n")
            parts += [f"  - {one.words}\n" for one in tests[name] if one.file == file]
    return "".join(parts)


def _forms(row: dict[str, object]) -> str:
    forms = row.get("forms", [])
    assert isinstance(forms, list)
    return "; ".join(f"`{one['form']}` {', '.join(one['states'])}" for one in forms) or "–"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
