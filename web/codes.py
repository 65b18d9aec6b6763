"""Finding a code by its number, its name or the initials of its pinyin.

Decides the order of what is found: code, then beginning of the name, then within it, then initials (bjdc
finds 北京市东城区: words like 市 and 区 may be left out). Tables are those pinned by a form version; the
initials are made once per table. Never guesses a code: a text stands for one only when it is the whole
name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.errors import NotFound
from engine.registry.compiled import CompiledForm

MOST = 30
_OFTEN_LEFT_OUT = frozenset("省市区县盟旗州族自治壮回维吾尔")


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code table, with the initials it is found by."""

    code: str
    name: str
    short: str
    initials: str
    brief: str


@lru_cache(maxsize=64)
def _index(form: CompiledForm, table: str, lang: str) -> tuple[tuple[Code, ...], Mapping[str, str]]:
    from pypinyin import Style, lazy_pinyin  # its dictionary takes 0.2 s: no start of a command waits for it

    content: Mapping[str, Any] | None = form.tables.get(table)
    if content is None or "entries" not in content:
        raise NotFound("table.not_found")
    rows: list[Code] = []
    by_name: dict[str, str] = {}
    twice: set[str] = set()
    for entry in content["entries"]:
        full = str(entry.get("full") or entry["name"])
        letters = [part[:1].lower() for part in lazy_pinyin(full, style=Style.FIRST_LETTER)]
        brief = "".join(
            letter for char, letter in zip(full, letters, strict=False) if char not in _OFTEN_LEFT_OUT
        )
        shown = full if lang == "zh-CN" else str(entry.get("name_en") or full)
        rows.append(Code(str(entry["code"]), shown, str(entry["name"]), "".join(letters), brief))
        for name in {full, str(entry["name"]), shown}:
            if name in by_name and by_name[name] != str(entry["code"]):
                twice.add(name)
            by_name[name] = str(entry["code"])
    return tuple(rows), {name: code for name, code in by_name.items() if name not in twice}


def find_codes(form: CompiledForm, table: str, text: str, lang: str) -> tuple[Code, ...]:
    """At most 30 entries that fit a typed text, the nearest first. NotFound for a table the form does not
    have."""
    wanted = "".join(text.split()).lower()
    if not wanted:
        return ()
    ranked = []
    for place, row in enumerate(_index(form, table, lang)[0]):
        rank = _rank(row, wanted)
        if rank is not None:
            ranked.append((rank, len(row.name), place, row))
    ranked.sort(key=lambda found: found[:3])
    return tuple(found[3] for found in ranked[:MOST])


def code_of(form: CompiledForm, table: str, text: str, lang: str) -> str | None:
    """The code whose whole name a text is, when it is the name of only one."""
    try:
        return _index(form, table, lang)[1].get("".join(text.split()))
    except NotFound:
        return None


def _rank(row: Code, wanted: str) -> int | None:
    name = row.name.lower()
    if row.code.lower().startswith(wanted):
        return 0
    if name.startswith(wanted) or row.short.startswith(wanted):
        return 1
    if wanted in name:
        return 2
    if wanted.isascii() and wanted.isalpha():
        if wanted in (row.brief, row.initials):
            return 3
        if row.brief.startswith(wanted) or row.initials.startswith(wanted):
            return 4
        if wanted in row.initials or wanted in row.brief:
            return 5
    return 6 if _in_order(wanted, row.name) else None


def _in_order(wanted: str, name: str) -> bool:
    """Whether all characters of a Chinese text stand in the name in this order: 上海徐汇 for 上海市徐汇区."""
    if wanted.isascii():
        return False
    rest = iter(name)
    return all(char in rest for char in wanted)
