"""How commands speak: language, sentences of the catalogue, refusals in one line.

Decides the language from FENGJIAN_LANG, else the locale; zh-CN unless that says English. Never prints
personal data that the command was not asked for.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NoReturn

from engine.errors import Broken, Invalid, Refused
from web.messages import Catalogue, read_catalogue

CANNOT = 2
BROKEN = 3


def language() -> str:
    """The language of this terminal."""
    wanted = os.environ.get("FENGJIAN_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if wanted.lower().startswith("en") else "zh-CN"


def say(key: str, **facts: Any) -> str:
    """A sentence of the catalogue in the terminal's language."""
    return catalogue().say(language(), key, **facts)


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue, read at first use."""
    return read_catalogue()


def print_json(value: Any) -> None:
    """A JSON value on standard output, indented when a person looks at it."""
    indent = 2 if sys.stdout.isatty() else None
    print(json.dumps(value, ensure_ascii=False, indent=indent))


def stop(sentence: str, code: int = CANNOT) -> NoReturn:
    """End the command with a sentence on standard error."""
    print(sentence, file=sys.stderr)
    raise SystemExit(code)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn refusals into a sentence and exit code 2, broken trust into exit code 3."""
    try:
        yield
    except Refused as refusal:
        key = f"cli.refused.{refusal.code}"
        known = catalogue().knows(key)
        if isinstance(refusal, Invalid) and refusal.problems and not known:
            from forms.messages import sentence

            for one in refusal.problems:
                said = sentence(one, language(), lambda pointer: pointer)
                print(f"{one.pointer or '/'}  {one.code}  {said}", file=sys.stderr)
            stop(say("cli.refused.unreadable"))
        stop(say(key, **refusal.facts) if known else _refusal(refusal))
    except Broken as fault:
        own = f"error.{fault.code}.title"
        words = f"{say(own, **fault.facts)} ({fault.code})" if catalogue().knows(own) else fault.code
        stop(say("cli.broken", code=words), BROKEN)


def _refusal(refusal: Refused) -> str:
    """What the pages say of this refusal, on one line; its code where they say nothing."""
    own, act = (f"error.{refusal.code}.{part}" for part in ("title", "do"))
    if not catalogue().knows(own):
        return say("cli.refused", code=refusal.code)
    todo = f"{say('shell.sentence_end')}{say(act, **refusal.facts)}" if catalogue().knows(act) else ""
    return say(own, **refusal.facts) + todo
