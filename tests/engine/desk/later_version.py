"""A later version of the shipped form for the tests of reading and trying: the address has another name.

2.0.0 comes into force in June 2026; the office's clock stands in March.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from engine.registry.bundle import parse_bundle
from engine.registry.compiled import CompiledForm, compile_bundle
from engine.registry.registry import build_registry
from engine.versions.lift import Lift, parse_lift
from tests.engine.desk.office import Office
from tests.schemas.reading import FILES, compiled, folder, tables

OLD_NAME, NEW_NAME = "residence_address", "dwelling"
WHY = {"reason": "旧表没有街道", "reason_en": "The older form has no street"}


def later(version: str = "2.0.0") -> CompiledForm:
    """The shipped form with the address renamed."""
    files = {name: folder().joinpath(name).read_text("utf-8") for name in FILES}
    renamed = {name: text.replace(OLD_NAME, NEW_NAME).encode() for name, text in files.items()}
    return compile_bundle(parse_bundle("info_entry", version, renamed), tables())


def lift(*more: Mapping[str, object]) -> Lift:
    """How the older address is read."""
    steps = [{"op": "rename", "at": f"/insured/{OLD_NAME}", "to": NEW_NAME}, *more]
    return parse_lift({"form": "info_entry", "from": "1.0.0", "to": "2.0.0", "steps": steps})


def with_later(office: Office) -> Office:
    """The office with both versions published."""
    both = build_registry([(compiled(), date(2020, 1, 1)), (later(), date(2026, 6, 1))])
    office.desk = replace(office.desk, registry=both)
    return office


def said(value: object) -> str:
    """Everything a reading says, as one text."""
    return json.dumps(value, ensure_ascii=False)
