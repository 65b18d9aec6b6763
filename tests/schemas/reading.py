"""Reads the real files of `schemas/` once, as the application does, for the tests beside it."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from importlib.resources.abc import Traversable
from typing import Any
from zoneinfo import ZoneInfo

import schemas
from engine.registry.bundle import FormBundle, parse_bundle
from engine.registry.compiled import CompiledForm, compile_bundle
from engine.registry.validate import Judgement, Surroundings, validate

FILES = ("schema.json", "states.json", "layout.json", "locale/en.json")
VERSIONS = (
    ("info_entry", "1.0.0"),
    ("regulation_revision", "1.0.0"),
    ("info_update", "1.0.0"),
    ("permission_review", "1.0.0"),
    ("info_query", "1.0.0"),
    ("query_result", "1.0.0"),
    ("inspection_report", "1.0.0"),
    ("rectification", "1.0.0"),
    ("opinion", "1.0.0"),
    ("feedback_report", "1.0.0"),
    ("interpretation", "1.0.0"),
    ("legal_hold", "1.0.0"),
    ("appraisal", "1.0.0"),
    ("subject_request", "1.0.0"),
    ("monthly_report", "1.0.0"),
)


def folder(form: str = "info_entry", version: str = "1.0.0") -> Traversable:
    return schemas.root().joinpath(form, version)


def read(*path: str) -> Any:
    return json.loads(schemas.root().joinpath(*path).read_text("utf-8"))


@lru_cache
def tables() -> dict[str, Any]:
    found = schemas.root().joinpath("codes").iterdir()
    return {f"codes/{file.name}": json.loads(file.read_text("utf-8")) for file in found}


@lru_cache
def bundle(form: str = "info_entry", version: str = "1.0.0") -> FormBundle:
    return parse_bundle(
        form, version, {name: folder(form, version).joinpath(name).read_bytes() for name in FILES}
    )


@lru_cache
def compiled(form: str = "info_entry", version: str = "1.0.0") -> CompiledForm:
    return compile_bundle(bundle(form, version), tables())


@lru_cache
def examples() -> dict[str, Any]:
    found = folder().joinpath("examples").iterdir()
    return {
        file.name.removesuffix(".json"): json.loads(file.read_text("utf-8"))
        for file in sorted(found, key=str)
    }


def around(context: dict[str, Any]) -> Surroundings:
    now = datetime.fromisoformat(context["now"])
    return Surroundings(
        now=now,
        today=now.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat(),
        document=context["document"],
        actor=context["actor"],
        facts=context["facts"],
    )


def judge(example: dict[str, Any]) -> Judgement:
    return validate(compiled(), example["data"], around(example["context"]))
