"""What may be known of a document without opening it: facets, blind index bits, a sealed summary, a header.

Decides by the form's annotations alone. Nothing personal leaves this module in clear.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.desk.desk import Desk
from engine.desk.lookups import SUMMARY, index_name
from engine.identity import SHANGHAI
from engine.registry.compiled import CompiledForm
from engine.registry.masks import mask
from engine.registry.pointers import ABSENT, look
from engine.trust.blind import normalize_for_index

RETENTION_YEARS = {"Y10": 10, "Y30": 30, "Y50": 50, "Y100": 100}


def facets(form: CompiledForm, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The non-personal values that lists and filters use, by pointer."""
    found = ((pointer, look(answers, pointer)) for pointer in form.facets)
    return {pointer: value for pointer, value in found if value is not ABSENT}


def indexed_values(form: CompiledForm, answers: Mapping[str, Any]) -> dict[str, str]:
    """`{index name: normalized value}` of every blind-indexed field that has one; for the vault alone."""
    out = {}
    for pointer, name in _blind_fields(form):
        value = look(answers, pointer)
        if isinstance(value, str) and value:
            out[name] = normalize_for_index(value)
    return out


_fields: dict[str, tuple[tuple[str, str], ...]] = {}


def _blind_fields(form: CompiledForm) -> tuple[tuple[str, str], ...]:
    """(pointer, index name) of blind-indexed fields; a memo by digest, one entry a form version.

    An index holds one value a document: of a repeated field, the first.
    """
    known = _fields.get(form.bundle.digest)
    if known is None:
        known = tuple(
            (info.pattern.replace("*", "0"), index_name(form.bundle.form, info.pattern))
            for info in form.fields.values()
            if info.index == "blind"
        )
        _fields[form.bundle.digest] = known
    return known


def summary_note(form: CompiledForm, answers: Mapping[str, Any]) -> bytes:
    """The masked values that lists show, to be sealed; base of nothing else. Empty when there are none."""
    shown = {}
    for pointer in form.summary:
        value, info = look(answers, pointer), form.field(pointer)
        if value is not ABSENT and info is not None:
            shown[pointer] = mask(info.mask, value) if info.mask else value
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode() if shown else b""


def open_summary(desk: Desk, doc: str, sealed: str) -> dict[str, str]:
    """The masked values of a row, by pointer."""
    if not sealed:
        return {}
    opened: dict[str, str] = json.loads(desk.vault.open_note(SUMMARY, bytes.fromhex(sealed), doc.encode()))
    return opened


def collector_of(desk: Desk, form: CompiledForm, answers: Mapping[str, Any]) -> str:
    """The pseudonym of the person who collected, when the form says where that stands and we know them."""
    pointer = form.header.get("collector")
    staff_no = look(answers, pointer) if pointer else ABSENT
    account = desk.directory.by_staff_no(staff_no) if isinstance(staff_no, str) else None
    return account.person if account else ""


def unit_of(form: CompiledForm, answers: Mapping[str, Any] | None, maker: str) -> str:
    """The document's department: what the form's own field names, else its maker's."""
    pointer = form.header.get("unit")
    named = look(answers or {}, pointer) if pointer else ABSENT
    return named if isinstance(named, str) else maker


def collected_at(form: CompiledForm, answers: Mapping[str, Any]) -> str:
    """When the information was collected (ISO 8601 with offset), "" when the form has no such field."""
    pointer = form.header.get("collected_at")
    value = look(answers, pointer) if pointer else ABSENT
    return value if isinstance(value, str) else ""


def header(form: CompiledForm, answers: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The members of the document header (K11) that follow from the form and the answers."""
    rules = form.header
    basis, named = rules["legal_basis"], rules.get("info_categories")
    legal = look(answers, basis["pointer"]) if "pointer" in basis else ABSENT
    categories = look(answers, named) if isinstance(named, str) else named
    retention = rules["retention_class"]
    years = RETENTION_YEARS.get(retention)
    out: dict[str, Any] = {
        "data_level": rules["data_level"],
        "legal_basis": legal if isinstance(legal, str) else basis["default"],
        "retention_class": retention,
        "retain_until": _retain_until(now, years) if years else "",
    }
    if isinstance(categories, list):
        out["info_categories"] = categories
    return out


def _retain_until(now: datetime, years: int) -> str:
    """Counted from 1 January after the year (domain B.10)."""
    return f"{now.astimezone(SHANGHAI).year + 1 + years:04d}-01-01"
