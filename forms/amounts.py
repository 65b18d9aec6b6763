"""Amounts of money in Chinese capitals 大写金额, as vouchers and forms write them.

Decides the spelling of 支付结算办法 annex 1 (中国人民银行, 1997), rules for 零 and 整. Never rounds: the
amount comes as text with at most two decimals.
"""

from __future__ import annotations

import re

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,2}))?\Z")


def in_capitals(amount: str) -> str:
    """`1820.00` → 壹仟捌佰贰拾元整. An empty string for a text that is no amount."""
    found = _AMOUNT.match(amount)
    if found is None:
        return ""
    yuan, fraction = found[1], (found[2] or "").ljust(2, "0")
    words = "" if yuan == "0" else _whole(yuan) + "元"
    jiao, fen = int(fraction[0]), int(fraction[1])
    if not jiao and not fen:
        return (words or "零元") + "整"
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif words:
        words += "零"
    return words + (_DIGITS[fen] + "分" if fen else "整")


def _whole(digits: str) -> str:
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)]
    words, is_gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if int(group) == 0:
            is_gap = bool(words)
            continue
        if words and (is_gap or group[0] == "0"):
            words += _DIGITS[0]
        words += _group(group.lstrip("0")) + _GROUPS[place]
        is_gap = False
    return words


def _group(digits: str) -> str:
    words, is_gap = "", False
    for index, char in enumerate(digits):
        if char == "0":
            is_gap = True
            continue
        words += (_DIGITS[0] if is_gap else "") + _DIGITS[int(char)] + _PLACES[len(digits) - 1 - index]
        is_gap = False
    return words
