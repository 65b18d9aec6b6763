"""From what a browser sent to answers.

Decides how texts, ticks and marks become one JSON value; what cannot be read stays as typed, with a
problem. Pairs that belong to no control of the form are a problem, not data. Never judges whether the
document is valid (engine.registry.validate does) and never trusts a count: rows are bounded by the schema.

Control names are JSON pointers. Marks (`_as`): `empty P` a blank means "", `null P` a blank means null,
`array P` no row means [], `object P` no member means {}, `row P/3` the row exists though blank, `raw P`
the text is JSON, `order P [..]` the order of ticks. Buttons: `_add`, `_remove`, `_undo`, `_lookup`, and
plain words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import Problem
from forms.encode import AS, ROOT, name_of
from forms.model import MISSING, PICK, FormModel, Json, Missing, Node, Raw, escape
from forms.normalize import normalize, parse_json, same
from forms.unfold import folded, to_meant

BUTTONS = frozenset(
    {
        "_add",
        "_remove",
        "_undo",
        "_lift",
        "_lookup",
        "_upload",
        "_pick",
        "_check",
        "_save",
        "_submit",
        "_refresh",
        "_discard",
    }
)
_MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Action:
    """A button inside the form. `kind` is its name without the underscore; `pointer` and `index` where it
    stood."""

    kind: str
    pointer: str = ""
    index: int = -1


@dataclass(frozen=True, slots=True)
class Decoded:
    """Answers, what could not be read, which buttons were pressed, and the texts as typed where they
    differ."""

    answers: Json
    problems: tuple[Problem, ...] = ()
    actions: tuple[Action, ...] = ()
    echoes: Mapping[str, str] = field(default_factory=dict)


def decode(model: FormModel, pairs: Iterable[tuple[str, str]]) -> Decoded:
    """Read all pairs of a posted form. The result's answers are MISSING-free JSON ({} for a blank form of
    sections)."""
    reader = _Reading(model.folds)
    for name, text in pairs:
        reader.take(name, text)
    drawn = reader.value(model.root, "")
    reader.report_unknown()
    value = folded(model, drawn, reader.problems)
    if model.folds:
        reader.problems = [replace(p, pointer=to_meant(model, drawn, p.pointer)) for p in reader.problems]
    if value is MISSING:
        value = {} if model.root.kind == "object" else None
    return Decoded(value, tuple(reader.problems), tuple(reader.actions), reader.echoes)


def drop_blank_rows(model: FormModel, answers: Json) -> Json:
    """Without rows nobody filled, where an empty row could never be valid. For checking and submitting."""

    def clean(node: Node, value: Json) -> Json:
        if node.kind == "object" and isinstance(value, dict):
            members = dict(node.members)
            return {key: clean(members[key], part) if key in members else part for key, part in value.items()}
        if node.kind == "array" and isinstance(value, list) and node.item is not None:
            item = node.item
            kept = [clean(item, part) for part in value if not (part == {} and item.required)]
            return kept
        return value

    out = clean(model.root, answers)
    if isinstance(out, dict) and isinstance(answers, dict):
        return {key: part for key, part in out.items() if not (part == [] and answers[key] != [])}
    return out


class _Reading:
    """The pairs of one request, sorted by name; consumed by walking the tree."""

    def __init__(self, folds: bool) -> None:
        self._folds = folds
        self.texts: dict[str, list[str]] = {}
        self.marks: dict[str, str] = {}
        self.rows: dict[str, set[int]] = {}
        self.problems: list[Problem] = []
        self.actions: list[Action] = []
        self.echoes: dict[str, str] = {}
        self._used: set[str] = set()
        self._prefixes: set[str] = set()
        self._orders: dict[str, str] = {}

    def take(self, name: str, text: str) -> None:
        """Sort one pair."""
        if name == AS:
            word, _, target = text.partition(" ")
            if word == "row":
                base, _, index = target.rpartition("/")
                if index.isdigit() and len(index) <= 4:
                    self.rows.setdefault("" if base == ROOT else base, set()).add(int(index))
            elif word == "order":
                pointer, _, order = target.rpartition("\t")
                self._orders[pointer] = order
            else:
                self.marks[target] = word
        elif name in BUTTONS:
            self.actions.append(_action(name, text))
        elif name.startswith(("/", "_root", "_key/", "_val/", "_key", "_val")):
            self.texts.setdefault(name, []).append(text)
            bare = name[4:] if name.startswith(("_key", "_val")) else name
            steps = bare.split("/")
            for end in range(2, len(steps) + 1):
                if steps[end - 1].isdigit() and len(steps[end - 1]) <= 4 and self._counts(name, text):
                    self.rows.setdefault(
                        ("_key" if name != bare else "") + "/".join(steps[: end - 1]), set()
                    ).add(int(steps[end - 1]))

    @staticmethod
    def _counts(name: str, text: str) -> bool:
        return text.strip() != ""

    def value(self, node: Node, pointer: str) -> Json | Missing:
        """The value of one node."""
        name = name_of(pointer)
        mark = self.marks.get(name, "")
        if mark == "raw" and name in self.texts:
            self._used.add(name)
            return self._raw(node, pointer, self.texts[name][-1])
        if node.kind == "object":
            found = self._object(node, pointer)
        elif node.kind == "array":
            found = self._array(node, pointer)
        elif node.kind == "fixed":
            found = self._fixed(node, pointer)
        elif node.reading == "set":
            found = self._set(node, pointer)
        else:
            found = self._leaf(node, pointer)
        if found is MISSING and mark:
            blank: dict[str, Json] = {"empty": "", "null": None, "array": [], "object": {}}
            if mark in blank and _may_be(node, mark):
                return blank[mark]
        return found

    def _leaf(self, node: Node, pointer: str) -> Json | Missing:
        name = name_of(pointer)
        texts = self.texts.get(name)
        self._used.add(name)
        if not texts:
            return MISSING
        text = next((typed for typed in reversed(texts) if typed.strip()), texts[-1])
        result = normalize(node, text, pointer)
        if result.problem is not None:
            self.problems.append(result.problem)
            self.echoes[pointer] = text
        return result.value

    def _raw(self, node: Node, pointer: str, text: str) -> Json | Missing:
        if not text.strip():
            return MISSING
        try:
            value = parse_json(text)
            return Raw(value) if self._folds and node.kind in ("object", "array", "fixed") else value
        except ValueError as error:
            self.problems.append(
                Problem(
                    pointer,
                    "json.unreadable",
                    {"line": getattr(error, "lineno", 1), "column": getattr(error, "colno", 1)},
                )
            )
            self.echoes[pointer] = text
            return text

    def _object(self, node: Node, pointer: str) -> Json | Missing:
        out: dict[str, Json] = {}
        for name, member in node.members:
            before = len(self.problems)
            value = self.value(member, f"{pointer}/{escape(name)}")
            if value is MISSING:
                continue
            if node.widget == "either" and PICK in out and name not in (PICK, f"~{out[PICK]}"):
                del self.problems[before:]  # what stands in an alternative that was not chosen
                continue
            out[name] = value
        if node.extra is not None:
            self._extras(pointer, out, {name for name, _ in node.members})
        if out or not pointer:
            # Must be said and may be nothing: left blank, it says nothing.
            blank = [name for name, member in node.members if member.kind == "leaf" and member.nullable]
            out |= {name: None for name in blank if name in node.required and name not in out}
        return out or MISSING

    def _extras(self, pointer: str, out: dict[str, Json], known: set[str]) -> None:
        for index in sorted(self.rows.get("_key" + pointer, ()))[:_MOST_ROWS]:
            key_name, value_name = f"_key{pointer}/{index}", f"_val{pointer}/{index}"
            self._used |= {key_name, value_name}
            key = (self.texts.get(key_name) or [""])[-1].strip()
            text = (self.texts.get(value_name) or [""])[-1]
            if not key:
                if text.strip():
                    self.problems.append(Problem(pointer, "extra.no_name", {"row": index + 1}))
                continue
            if key.startswith('"'):
                try:
                    parsed = parse_json(key)
                except ValueError:
                    parsed = key
                key = parsed if isinstance(parsed, str) else key
            if key in out or key in known:
                self.problems.append(Problem(pointer, "extra.twice", {"row": index + 1}))
                continue
            try:
                out[key] = parse_json(text)
            except ValueError:
                out[key] = text

    def _array(self, node: Node, pointer: str) -> Json | Missing:
        found = sorted(self.rows.get(pointer, ()))
        if len(found) > min(node.max_items, _MOST_ROWS):
            self.problems.append(
                Problem(pointer, "max_items", {"limit": node.max_items, "found": len(found)})
            )
            for index in found[min(node.max_items, _MOST_ROWS) :]:
                self._prefixes.add(f"{pointer}/{index}")
            found = found[: min(node.max_items, _MOST_ROWS)]
        out: list[Json] = []
        assert node.item is not None
        for index in found:
            before = len(self.problems)
            value = self.value(node.item, f"{pointer}/{index}")
            if index != len(out):
                self._renumber(before, pointer, index, len(out))
            out.append(_blank(node.item) if value is MISSING else value)
        return out if out else MISSING

    def _renumber(self, before: int, pointer: str, old: int, new: int) -> None:
        """Rows are counted anew from 0; problems and echoes move along."""
        start, goal = f"{pointer}/{old}", f"{pointer}/{new}"
        for at in range(before, len(self.problems)):
            problem = self.problems[at]
            if problem.pointer == start or problem.pointer.startswith(start + "/"):
                self.problems[at] = Problem(
                    goal + problem.pointer[len(start) :], problem.code, problem.facts, problem.level
                )
        for key in [k for k in self.echoes if k == start or k.startswith(start + "/")]:
            self.echoes[goal + key[len(start) :]] = self.echoes.pop(key)

    def _fixed(self, node: Node, pointer: str) -> Json | Missing:
        values = [self.value(member, f"{pointer}/{name}") for name, member in node.members]
        if all(value is MISSING for value in values):
            return MISSING
        while values and values[-1] is MISSING:
            values.pop()
        return [
            _blank(member) if value is MISSING else value
            for (_, member), value in zip(node.members, values, strict=False)
        ]

    def _set(self, node: Node, pointer: str) -> Json | Missing:
        name = name_of(pointer)
        self._used.add(name)
        texts = [text for text in self.texts.get(name, []) if text]
        out = [choice.value for choice in node.choices if choice.text in texts]
        known = {choice.text for choice in node.choices}
        for text in texts:
            if text not in known:
                self.problems.append(Problem(pointer, "enum", {"found": text[:60]}))
        wanted = self._orders.get(name)
        if wanted:
            try:
                order = json.loads(wanted)
            except (ValueError, RecursionError):
                order = None
            if (
                isinstance(order, list)
                and len(order) == len(out)
                and all(any(same(o, v) for v in out) for o in order)
            ):
                return order
        return out or MISSING

    def report_unknown(self) -> None:
        """Controls that belong to no field of this form."""
        for name in self.texts:
            if name in self._used or any(name.startswith(prefix) for prefix in self._prefixes):
                continue
            if name.startswith("/") and any(text.strip() for text in self.texts[name]):
                self.problems.append(Problem(name[:200], "unknown_field"))


def _blank(node: Node) -> Json:
    """What stands at a place of a list that nobody filled."""
    blank: dict[str, Json] = {"object": {}, "array": [], "fixed": []}
    return blank.get(node.kind, [] if node.reading == "set" else "")


def _may_be(node: Node, mark: str) -> bool:
    if mark == "null":
        return True
    if mark == "array":
        return node.kind in ("array", "fixed") or node.reading == "set"
    if mark == "object":
        return node.kind == "object"
    return node.kind == "leaf" and node.reading != "set"


def _action(name: str, text: str) -> Action:
    if name == "_remove":
        pointer, _, index = text.rpartition("/")
        return Action("remove", pointer, int(index) if index.isdigit() and len(index) < 5 else -1)
    return Action(name[1:], text)


def as_actions(actions: Iterable[Action]) -> dict[str, Any]:
    """The pressed buttons by kind; of several of a kind the last."""
    return {action.kind: action for action in actions}
