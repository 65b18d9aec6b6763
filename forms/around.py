"""What a page of a form depends on beside the answers: language, judgement, marks of earlier typing.

Plain frozen values; decides nothing. Made by the caller for one request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.errors import Problem

CodeNames = Mapping[str, Mapping[str, str]]


class EffectiveParts(Protocol):
    """What the engine says of these answers: pointers required now, pointers refused now."""

    @property
    def required(self) -> frozenset[str]: ...
    @property
    def forbidden(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Around:
    """Everything about a page that is not the answers. `texts` are raw texts of values that could not be
    read."""

    lang: str = "zh-CN"
    mode: str = "entry"
    effective: EffectiveParts | None = None
    problems: tuple[Problem, ...] = ()
    masked: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    marked: Mapping[str, str] = field(default_factory=dict)
    codes: CodeNames = field(default_factory=dict)
