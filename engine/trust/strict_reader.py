"""Where and why a JSON text, or a value, is outside the canonical profile.

Decides the first problem and its exact JSON pointer. Slow and careful: used only after the fast path of
`engine.trust.canonical` has refused, and to check values before they are encoded. Never returns a value.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from engine.errors import Problem

MAX_INTEGER = 2**53 - 1

# NUL and the bidirectional controls: they change what a person sees without changing what is signed.
FORBIDDEN = re.compile("[\x00\u202a-\u202e\u2066-\u2069]")
FORBIDDEN_OR_SURROGATE = re.compile("[\x00\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"-?[A-Za-z]+")
_WORDS = {"true", "false", "null"}
_CONSTANTS = {"NaN", "Infinity", "-Infinity"}


@dataclass(frozen=True, slots=True)
class Profile:
    """Which object keys are allowed; everything else is the same in every profile."""

    name: str
    key: re.Pattern[str]


DOCUMENT = Profile("document", re.compile(r"[A-Za-z0-9_.\-]{1,64}"))
FORM_BUNDLE = Profile("form bundle", re.compile(r"[\x20-\x7e]{1,256}"))


class _FoundError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.code)


def first_problem(text: str, profile: Profile, max_depth: int) -> Problem:
    """The first thing wrong with `text`; for a text with nothing wrong, `json.syntax` at its start."""
    reader = _Reader(text, profile, max_depth)
    try:
        end = reader.value(reader.space(0), "", 0)
        end = reader.space(end)
        if end != len(text):
            reader.fail_syntax(end, "")
    except _FoundError as found:
        return found.problem
    return Problem("", "json.syntax", {"line": 1, "column": 1})


def child(pointer: str, key: str | int) -> str:
    """The RFC 6901 pointer of a member or an element of what `pointer` names."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


class _Reader:
    """One pass over one text; positions are offsets in characters."""

    def __init__(self, text: str, profile: Profile, max_depth: int) -> None:
        self.text = text
        self.profile = profile
        self.max_depth = max_depth

    def space(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def fail(self, pointer: str, code: str, **facts: Any) -> None:
        raise _FoundError(Problem(pointer, code, facts))

    def fail_syntax(self, at: int, pointer: str) -> None:
        line = self.text.count("\n", 0, at) + 1
        column = at - (self.text.rfind("\n", 0, at) + 1) + 1
        self.fail(pointer, "json.syntax", line=line, column=column)

    def value(self, at: int, pointer: str, depth: int) -> int:
        mark = self.text[at : at + 1]
        if mark == "{":
            return self.members(at + 1, pointer, depth + 1)
        if mark == "[":
            return self.elements(at + 1, pointer, depth + 1)
        if mark == '"':
            end, content = self.string(at, pointer)
            self.check_string(content, pointer)
            return end
        word = _WORD.match(self.text, at)
        if word is not None:
            if word.group() in _CONSTANTS:
                self.fail(pointer, "json.constant", constant=word.group())
            if word.group() not in _WORDS:
                self.fail_syntax(at, pointer)
            return word.end()
        return self.number(at, pointer)

    def number(self, at: int, pointer: str) -> int:
        found = _NUMBER.match(self.text, at)
        if found is None:
            self.fail_syntax(at, pointer)
            return at
        token = found.group()
        if found.group(1) is not None or found.group(2) is not None:
            self.fail(pointer, "json.float")
        if len(token) > 17 or abs(int(token)) > MAX_INTEGER:
            self.fail(pointer, "json.number_range", max=MAX_INTEGER)
        return found.end()

    def string(self, at: int, pointer: str) -> tuple[int, str]:
        found = _STRING.match(self.text, at)
        if found is None:
            self.fail_syntax(at, pointer)
            return at, ""
        content: str = json.loads(found.group())
        return found.end(), content

    def check_string(self, content: str, pointer: str) -> None:
        problem = _problem_of_string(content, pointer)
        if problem is not None:
            raise _FoundError(problem)

    def enter(self, pointer: str, depth: int) -> None:
        if depth > self.max_depth:
            self.fail(pointer, "json.too_deep", max_depth=self.max_depth)

    def members(self, at: int, pointer: str, depth: int) -> int:
        self.enter(pointer, depth)
        seen: set[str] = set()
        at = self.space(at)
        if self.text[at : at + 1] == "}":
            return at + 1
        while True:
            if self.text[at : at + 1] != '"':
                self.fail_syntax(at, pointer)
            at, key = self.string(at, pointer)
            place = child(pointer, key)
            # An unprintable key is not repeated in a pointer: the object that holds it is the place.
            self.check_string(key, pointer)
            if key in seen:
                self.fail(place, "json.duplicate_key")
            if self.profile.key.fullmatch(key) is None:
                self.fail(place, "json.key")
            seen.add(key)
            at = self.space(at)
            if self.text[at : at + 1] != ":":
                self.fail_syntax(at, place)
            at = self.space(self.value(self.space(at + 1), place, depth))
            mark = self.text[at : at + 1]
            if mark == "}":
                return at + 1
            if mark != ",":
                self.fail_syntax(at, pointer)
            at = self.space(at + 1)

    def elements(self, at: int, pointer: str, depth: int) -> int:
        self.enter(pointer, depth)
        at = self.space(at)
        if self.text[at : at + 1] == "]":
            return at + 1
        index = 0
        while True:
            at = self.space(self.value(at, child(pointer, index), depth))
            mark = self.text[at : at + 1]
            if mark == "]":
                return at + 1
            if mark != ",":
                self.fail_syntax(at, pointer)
            at = self.space(at + 1)
            index += 1


def _problem_of_string(content: str, pointer: str) -> Problem | None:
    if content.isascii() and "\x00" not in content:
        return None
    surrogate = _SURROGATE.search(content)
    if surrogate is not None:
        return Problem(pointer, "json.surrogate")
    control = FORBIDDEN.search(content)
    if control is not None:
        return Problem(pointer, "json.control_character", {"character": f"U+{ord(control.group()):04X}"})
    return None


def first_problem_of_value(value: Any, profile: Profile) -> Problem | None:
    """The first thing in a Python value that has no canonical form in this profile, or None."""
    return _of_value(value, "", 0, profile)


def _of_value(value: Any, pointer: str, depth: int, profile: Profile) -> Problem | None:
    kind = type(value)
    if kind is str:
        return _problem_of_string(value, pointer)
    if kind is int:
        if -MAX_INTEGER <= value <= MAX_INTEGER:
            return None
        return Problem(pointer, "json.number_range", {"max": MAX_INTEGER})
    if kind is bool or value is None:
        return None
    if kind is float:
        return Problem(pointer, "json.float")
    if depth >= 64:
        return Problem(pointer, "json.too_deep", {"max_depth": 64})
    if kind is dict:
        matches = profile.key.fullmatch
        for key, member in value.items():
            if type(key) is not str or matches(key) is None:
                return Problem(pointer, "json.key")
            found = _of_value(
                member, child(pointer, key) if type(member) in (dict, list) else pointer, depth + 1, profile
            )
            if found is not None:
                return (
                    found
                    if type(member) in (dict, list)
                    else Problem(child(pointer, key), found.code, found.facts)
                )
        return None
    if kind is list or kind is tuple:
        for index, element in enumerate(value):
            found = _of_value(element, child(pointer, index), depth + 1, profile)
            if found is not None:
                return found
        return None
    return Problem(pointer, "json.type", {"type": kind.__name__})
