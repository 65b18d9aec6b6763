"""The conditions of a schema in words, and which fields they hang on.

Decides for the page only: which answers, when changed, may show or hide other parts (the page then asks the
server again), and what stands beside a part that is not needed now (如选"代理"则填写). What is required or
forbidden in a given document is the engine's to say (engine.registry.effective), never decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from forms.model import Node, escape
from forms.normalize import same


class _Flattener(Protocol):
    def flat(self, schema: Any, seen: tuple[str, ...] = ()) -> tuple[dict[str, Any], tuple[str, ...]]: ...


def steering_fields(schema: Any, reader: _Flattener, nodes: Mapping[str, Node]) -> frozenset[str]:
    """Patterns of the fields that an `if` or a `dependent*` looks at."""
    out: set[str] = set()
    for base, condition, _, _ in _conditionals(schema, reader, "", nodes):
        out |= {base + pointer for pointer, _ in _tests(condition)}
    return frozenset(out)


def needed_when(schema: Any, reader: _Flattener, nodes: Mapping[str, Node]) -> Mapping[str, tuple[str, str]]:
    """For each part that some condition requires: the condition in words, Chinese and English."""
    found: dict[str, dict[str, list[str]]] = {}
    labels: dict[str, tuple[str, str]] = {}
    for base, condition, then, otherwise in _conditionals(schema, reader, "", nodes):
        tests = [(nodes.get(base + pointer), values) for pointer, values in _tests(condition)]
        steer, values = tests[0] if len(tests) == 1 else (None, [])
        if steer is None:
            continue
        for branch, holds in ((then, True), (otherwise, False)):
            for pointer in _required(branch):
                chosen = [c for c in steer.choices if any(same(c.value, v) for v in values) is holds]
                known = found.setdefault(base + pointer, {}).setdefault(steer.pattern, [])
                known += [c.text for c in chosen if c.text not in known]
    for pattern, by_field in found.items():
        zh, en = [], []
        for steer_pattern, texts in by_field.items():
            node = nodes[steer_pattern]
            chosen = [c for c in node.choices if c.text in texts]
            if chosen and len(chosen) < len(node.choices):
                zh.append(f"{node.title}为" + "、".join(f"“{c.label}”" for c in chosen))
                en.append(
                    f"{node.title_en or node.title} is "
                    + " or ".join(f"“{c.label_en or c.label}”" for c in chosen)
                )
        if zh:
            labels[pattern] = ("，或".join(zh), ", or ".join(en))
    return labels


def _conditionals(
    schema: Any, reader: _Flattener, base: str, nodes: Mapping[str, Node], depth: int = 0
) -> Iterator[tuple[str, Mapping[str, Any], Any, Any]]:
    if not isinstance(schema, Mapping) or depth > 6:
        return
    for part in [schema, *[p for p in schema.get("allOf", []) if isinstance(p, Mapping)]]:
        condition = part.get("if")
        if isinstance(condition, Mapping):
            yield base, condition, part.get("then", {}), part.get("else", {})
            for branch in (part.get("then"), part.get("else")):
                yield from _conditionals(branch, reader, base, nodes, depth + 1)
    flat, _ = reader.flat(schema)
    for name, member in (flat.get("properties") or {}).items():
        here = f"{base}/{escape(name)}"
        if here in nodes and nodes[here].kind == "object":  # below what is not drawn nothing can be steered
            yield from _conditionals(member, reader, here, nodes, depth + 1)


def _tests(condition: Mapping[str, Any], base: str = "") -> Iterator[tuple[str, list[Any]]]:
    for name, part in (condition.get("properties") or {}).items():
        if not isinstance(part, Mapping):
            continue
        here = f"{base}/{escape(name)}"
        if "const" in part:
            yield here, [part["const"]]
        elif "enum" in part:
            yield here, list(part["enum"])
        elif "properties" in part:
            yield from _tests(part, here)
        elif part:
            yield here, []
    for word in ("allOf", "anyOf", "oneOf"):
        for part in condition.get(word, []):
            if isinstance(part, Mapping):
                yield from _tests(part, base)
    if isinstance(condition.get("not"), Mapping):
        yield from ((pointer, []) for pointer, _ in _tests(condition["not"], base))


def _required(branch: Any, base: str = "") -> Iterator[str]:
    if not isinstance(branch, Mapping):
        return
    for name in branch.get("required", []):
        yield f"{base}/{escape(str(name))}"
    for name, part in (branch.get("properties") or {}).items():
        yield from _required(part, f"{base}/{escape(name)}")
