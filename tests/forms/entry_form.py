"""The entry form as the tests of this folder see it: its model, and its filled examples."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from forms.compile import compile_schema
from forms.model import FormModel

FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "info_entry" / "1.0.0"
EXAMPLES = tuple(sorted(file.stem for file in (FOLDER / "examples").glob("ok-*.json")))


@cache
def entry_model() -> FormModel:
    return compile_schema(
        *(
            json.loads((FOLDER / name).read_bytes())
            for name in ("schema.json", "layout.json", "locale/en.json")
        )
    )


def example(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / "examples" / f"{name}.json").read_bytes())["data"]
    return data
