"""How a value looks to someone without the clear-text right (domain B.11).

Decides masked forms only. Masking happens before a value leaves the trust boundary; a masked value is
never accepted back as input, and equality of masked values proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

HIDDEN = "〔已隐藏〕"
_STREET_END = re.compile(r"^(.*?(?:街道|镇|乡|路|街|道|村|弄|巷))")
_DATE = re.compile(r"^([0-9]{4})-[0-9]{2}-[0-9]{2}")


def mask_id_no(text: str) -> str:
    """First six and last four: `110101********1234`; short numbers keep two on each side."""
    if len(text) >= 15:
        return text[:6] + "*" * (len(text) - 10) + text[-4:]
    return text[:2] + "*" * max(len(text) - 4, 1) + text[-2:] if len(text) > 4 else "*" * len(text)


def mask_name(text: str) -> str:
    """张* · 张*三 · 欧**华; of a name with a middle dot only the first part stands."""
    for dot in ("·", "•", "・"):
        if dot in text:
            return text.split(dot, 1)[0] + "·**"
    if len(text) <= 1:
        return "*"
    if len(text) == 2:
        return text[0] + "*"
    return text[0] + "*" * (len(text) - 2) + text[-1]


def mask_phone(text: str) -> str:
    """199****0012 for a mobile, 021-****0000 for a landline."""
    if len(text) == 11 and text.isdigit() and text[0] == "1":
        return text[:3] + "****" + text[-4:]
    area, dash, rest = text.partition("-")
    return f"{area}-****{rest[-4:]}" if dash else "****" + text[-4:]


def mask_bank(text: str) -> str:
    """The last four digits: `**** 3459`."""
    return "**** " + text[-4:]


def mask_card(text: str) -> str:
    """A social security card: first two and last two."""
    return text[:2] + "*" * max(len(text) - 4, 1) + text[-2:]


def mask_address(text: str) -> str:
    """To the street, then stars; an address without a street word keeps nothing."""
    found = _STREET_END.match(text)
    return (found[1] if found else "") + "****"


def mask_date(text: str) -> str:
    """The year stands: `1942年**月**日`."""
    found = _DATE.match(text)
    return f"{found[1]}年**月**日" if found else HIDDEN


_RULES: dict[str, Callable[[str], str]] = {
    "id_no": mask_id_no,
    "name": mask_name,
    "phone": mask_phone,
    "bank": mask_bank,
    "card": mask_card,
    "address": mask_address,
    "date": mask_date,
}


def mask(rule: str | None, value: Any) -> str:
    """The masked form of a value under an `x-mask` rule; anything without a rule is hidden whole."""
    change = _RULES.get(rule or "")
    return change(value) if change is not None and isinstance(value, str) else HIDDEN
