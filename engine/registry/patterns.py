"""Regular expressions of schemas, run in linear time (RE2), so that `^(a+)+$` cannot hang anything.

Decides which patterns a form may use: what RE2 and ECMA-262 both know. Never falls back to Python's `re`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import re2

from engine.errors import Problem

LONGEST: Final = 2_000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 8 << 20
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([pP])\{Script=|.)", re.DOTALL)


@lru_cache(maxsize=2_048)
def compile_pattern(pattern: str) -> Any:
    r"""The compiled pattern; ValueError (no text of the pattern in it) when it is not linear or not valid.

    ECMA-262 writes `\uXXXX` and `\p{Script=Han}` where RE2 writes `\x{XXXX}` and `\p{Han}`.
    """
    if len(pattern) > LONGEST:
        raise ValueError("too long")
    text = _ESCAPE.sub(_as_re2, pattern)
    try:
        return re2.compile(text, _OPTIONS)
    except re2.error as wrong:
        reason = wrong.args[0]
        raise ValueError(
            reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        ) from None


def _as_re2(found: re.Match[str]) -> str:
    """One escape of a pattern in the spelling of RE2; a doubled backslash stays what it is."""
    if found[1]:
        return f"\\x{{{found[1]}}}"
    return f"\\{found[2]}{{" if found[2] else found[0]


def matches(pattern: str, text: str) -> bool:
    """True when the pattern is found anywhere in `text` (JSON Schema patterns are not anchored)."""
    return compile_pattern(pattern).search(text) is not None


def check_pattern(pattern: Any, pointer: str) -> Problem | None:
    """`schema.pattern` when a pattern cannot run in linear time; the reason is among the facts."""
    if not isinstance(pattern, str):
        return Problem(pointer, "schema.pattern", {"reason": "not a string"})
    try:
        compile_pattern(pattern)
    except ValueError as wrong:
        return Problem(pointer, "schema.pattern", {"reason": str(wrong)})
    return None
