"""Any JSON text as a value: schemas and data brought from elsewhere, which need not keep our own profile.

Decides size and depth; numbers with a point and names in any script are let through, a name that stands
twice is not. Never used for documents that are signed: those are read by the profile of the trust format.
"""

from __future__ import annotations

import json
from typing import Any, Final

from engine.errors import Invalid, Problem
from forms.model import Json

MOST_BYTES: Final = 8 << 20
DEEPEST: Final = 256


def read_json(data: bytes) -> Json:
    """The value of a JSON text. Raises Invalid with one problem: `json.too_large`, `json.utf8`,
    `json.syntax` (line, column), `json.duplicate_key`, `json.too_deep` (more than DEEPEST levels)."""
    if len(data) > MOST_BYTES:
        raise _invalid("json.too_large", bytes=len(data), max_bytes=MOST_BYTES)
    try:
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise _invalid("json.utf8", offset=error.start) from None
    except json.JSONDecodeError as error:
        raise _invalid("json.syntax", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise _invalid("json.too_deep", max_depth=DEEPEST) from None
    except _TwiceError as twice:
        raise _invalid("json.duplicate_key", key=str(twice)[:60]) from None
    except ValueError:
        raise _invalid("json.syntax", line=1, column=1) from None
    if not _is_shallow(value):
        raise _invalid("json.too_deep", max_depth=DEEPEST)
    return value


class _TwiceError(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return out


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _invalid(code: str, **facts: Any) -> Invalid:
    return Invalid(problems=[Problem("", code, facts)])


def _is_shallow(value: Json) -> bool:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = (
            [
                part
                for one in level
                for part in (one.values() if isinstance(one, dict) else one)
                if isinstance(part, dict | list)
            ]
            if isinstance(value, dict | list)
            else []
        )
        if not level:
            return True
    return False
