"""The official JSON Schema test suite as set-up left it; without it a run fails, and passes nothing over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.dialects.inventing import DRAFT_07, DRAFT_2020_12
from web.setup.suite import TESTS

FOLDER: Final = Path(__file__).resolve().parents[2] / TESTS
DIALECTS: Final = {"draft7": DRAFT_07, "draft2020-12": DRAFT_2020_12}
OBJECT_WORDS: Final = frozenset(
    {
        "properties",
        "patternProperties",
        "additionalProperties",
        "required",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
        "unevaluatedProperties",
    }
)


@dataclass(frozen=True, slots=True)
class Group:
    """One schema of the suite with its documents: (description, document, is valid)."""

    dialect: str
    keyword: str
    title: str
    schema: Any
    cases: tuple[tuple[str, Any, bool], ...]

    @property
    def name(self) -> str:
        return f"{self.dialect}/{self.keyword}: {self.title}"

    @property
    def describes_objects(self) -> bool:
        """Whether the schema itself, or one part it is put together from, speaks about objects."""
        return _speaks_of_objects(self.schema)


def _speaks_of_objects(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    if schema.get("type") == "object" or OBJECT_WORDS & schema.keys():
        return True
    return any(
        _speaks_of_objects(part) for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, ())
    )


def groups() -> Iterator[Group]:
    """Every schema of draft-07 and 2020-12, the optional ones too, each naming its dialect."""
    for dialect, address in DIALECTS.items():
        files = sorted((FOLDER / dialect).rglob("*.json"))
        assert len(files) > 40, f"{FOLDER / dialect}: run `make test`, which fetches the suite"
        for file in files:
            keyword = file.relative_to(FOLDER / dialect).with_suffix("").as_posix()
            for group in json.loads(file.read_bytes()):
                schema = group["schema"]
                if isinstance(schema, dict):
                    schema = {"$schema": address, **schema}
                cases = tuple((one["description"], one["data"], one["valid"]) for one in group["tests"])
                yield Group(dialect, keyword, group["description"], schema, cases)
