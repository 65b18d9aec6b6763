"""What a key of the English labels stands for: a field, a rule's message, the number on the printed page.

Decides the kind of element and its words in the version's own files, so that nobody has to read a pointer.
Keys are those of schemas/README.md; one that names nothing is given back as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.registry.bundle import FormBundle
from engine.registry.pointers import ABSENT, look, split
from engine.registry.schema_walk import resolve, subschemas
from engine.versions.changes import Label, Term

PRINTED: Final = {"blocks": "title", "signatures": "label", "notes": ""}
"""Lists on the printed page and the member with their words ("": the entry itself)."""
_BESIDE: Final = ("help", "unit", "placeholder")


def element_of(key: str, bundle: FormBundle) -> tuple[Term, Label]:
    """The kind of element (a word of the catalogue) and its words."""
    kind, text = _element(key, bundle)
    return Term(f"element.{kind}"), Label(str(text or key), str(bundle.locale.get(key, "")))


def _element(key: str, bundle: FormBundle) -> tuple[str, Any]:
    if not key.startswith("#/"):
        return _of_field(key, bundle.schema)
    group, *rest = split(key[1:].partition("#")[0])
    name = rest[0] if rest else ""
    if group == "title":
        return "form", bundle.schema.get("title")
    if group == "layout":
        sections = (one for one in bundle.layout.get("sections", ()) if isinstance(one, dict))
        return "section", next((one.get("title") for one in sections if one.get("letter") == name), "")
    if group == "print":
        return _of_page(rest, bundle.layout)
    if group == "transitions":
        return _of_transition(key, rest, bundle.states)
    if group == "rules":
        rules = (rule for _, part in subschemas(bundle.schema) for rule in part.get("x-rules", ()))
        return "rule", next((one.get("message") for one in rules if one.get("id") == name), "")
    if group == "guards":
        steps = [*bundle.states.get("transitions", ()), *bundle.states.get("system", ())]
        guards = (guard for step in steps for guard in step.get("guards", ()) if isinstance(guard, dict))
        return "guard", next((one.get("message") for one in guards if one.get("id") == name), "")
    places: Mapping[str, tuple[Any, str]] = {
        "states": (bundle.states, f"/states/{name}/title"),
        "records": (bundle.states, f"/kinds_of_record/{name}/title"),
        "guided": (bundle.layout, f"/guided/{name}/title"),
    }
    if group not in places:
        return "text", ""
    text = look(*places[group])
    return group.removesuffix("s"), "" if text is ABSENT else text


def _of_field(key: str, schema: Mapping[str, Any]) -> tuple[str, Any]:
    pointer, _, beside = key.partition("?")
    pointer, _, option = pointer.partition("#")
    part: Any = schema
    for token in split(pointer):
        part = resolve(part, schema)
        known = part.get("items") if token == "*" else part.get("properties", {}).get(token)
        part = known if isinstance(known, dict) else {}
    part = resolve(part, schema)
    if beside:
        return (beside if beside in _BESIDE else "text"), part.get("title")
    if option:
        words = [one.get("x-enum", {}).get(option) for one in (part, resolve(part.get("items", {}), schema))]
        return "option", next((one for one in words if one), "")
    return "field", part.get("title")


def _of_page(rest: list[str], layout: Mapping[str, Any]) -> tuple[str, Any]:
    page = layout.get("print", {})
    part = rest[0] if rest else ""
    if part == "total_label":
        groups = page.get("scores", {}).get("groups", ())
        return "print_total_label", next((one.get("total_label") for one in groups), "")
    if part not in PRINTED:
        return f"print_{part}", page.get(part, "")
    found = look(page, "/" + "/".join(rest))
    word = PRINTED[part]
    return f"print_{part}", found.get(word) if word and isinstance(found, dict) else found


def _of_transition(key: str, rest: list[str], states: Mapping[str, Any]) -> tuple[str, Any]:
    steps = [*states.get("transitions", ()), *states.get("system", ())]
    step: Mapping[str, Any] = next((one for one in steps if rest and one.get("name") == rest[0]), {})
    if len(rest) < 2:
        return "transition", step.get("title")
    answer = (step.get("answers") or {}).get("properties", {}).get(rest[1], {})
    option = key[1:].partition("#")[2]
    return ("option", answer.get("x-enum", {}).get(option)) if option else ("answer", answer.get("title"))
