"""Shares of one as percentages, as people read them.

Decides the spelling only; a share is a decimal text from 0 to 1 and is never rounded.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


def percent(share: str) -> str:
    """`0.9348` → 93.48%, `1` → 100%. A text that is no number is given back."""
    try:
        return f"{(Decimal(share) * 100).normalize():f}%"
    except InvalidOperation:
        return share
