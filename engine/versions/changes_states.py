"""What changed between two states files: states, ways, who may take them, what they ask, when they are due.

Decides by names: a state or transition of another name is another one. Never decides who is stuck (process).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.registry.bundle import STATES
from engine.registry.pointers import join
from engine.versions.changes import Change, Label
from engine.versions.inclusion_atoms import frozen

Labels = tuple[Mapping[str, Any], Mapping[str, Any]]
# Keys of a transition whose change is one change of that kind; the others are compared part by part.
_TRANSITION: Final = {
    "from": "transition_from", "to": "transition_to", "not_by": "transition_not_by",
    "comment": "transition_comment", "fields": "transition_fields", "due": "transition_due",
    "signing": "transition_signing", "makes": "transition_makes", "answers": "transition_answers",
    "validates": "transition_validates", "holder": "transition_holder", "own_work": "transition_own_work",
    "when": "transition_when", "on": "transition_when",
}  # fmt: skip


def states_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], labels: Labels = ({}, {})
) -> Iterator[Change]:
    """What changed from one parsed states.json to another."""
    if frozen(old) == frozen(new):
        return
    if old.get("initial") != new.get("initial"):
        yield _change("/initial", "initial", old=old.get("initial"), new=new.get("initial"))
    yield from _states(_object(old, "states"), _object(new, "states"), labels)
    for kind in ("transitions", "system"):
        yield from _transitions(old.get(kind), new.get(kind), kind, labels)
    for word, kind in (("retention", "retention"), ("seal", "sealing"), ("access", "access")):
        if frozen(old.get(word)) != frozen(new.get(word)):
            yield _change("/" + word, kind, old=_short(old.get(word)), new=_short(new.get(word)))
    if frozen(old.get("kinds_of_record")) != frozen(new.get("kinds_of_record")):
        yield _change("/kinds_of_record", "records")


def _change(pointer: str, kind: str, **facts: Any) -> Change:
    return Change(pointer, kind, STATES, facts)


def _object(states: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = states.get(key)
    return found if isinstance(found, dict) else {}


def _states(old: Mapping[str, Any], new: Mapping[str, Any], labels: Labels) -> Iterator[Change]:
    for name, one in new.items():
        at, label = join("/states", name), _label(one, name, "#/states/", labels[1])
        if name not in old:
            yield _change(at, "state_added", label=label)
            continue
        before = old[name]
        if before.get("title") != one.get("title"):
            yield _change(
                at, "state_title", old=before.get("title", name), new=one.get("title", name), label=label
            )
        if before.get("tone") != one.get("tone"):
            yield _change(at, "state_look", label=label)
        if bool(before.get("final")) != bool(one.get("final")):
            yield _change(at, "state_final" if one.get("final") else "state_not_final", label=label)
    for name, one in old.items():
        if name not in new:
            yield _change(
                join("/states", name), "state_removed", label=_label(one, name, "#/states/", labels[0])
            )


def _transitions(old: Any, new: Any, kind: str, labels: Labels) -> Iterator[Change]:
    one, other = _by_name(old), _by_name(new)
    for name, (place, now) in other.items():
        at, label = join("/" + kind, place), _label(now, name, "#/transitions/", labels[1])
        if name not in one:
            yield _change(at, "transition_added", label=label)
        else:
            yield from _transition(one[name][1], now, at, label)
    for name, (place, was) in one.items():
        if name not in other:
            label = _label(was, name, "#/transitions/", labels[0])
            yield _change(join("/" + kind, place), "transition_removed", label=label)


def _transition(was: Mapping[str, Any], now: Mapping[str, Any], at: str, label: Label) -> Iterator[Change]:
    if was.get("title") != now.get("title"):
        yield _change(
            at + "/title", "transition_title", label=label, old=was.get("title"), new=now.get("title")
        )
    for word, kind in _TRANSITION.items():
        if frozen(was.get(word)) != frozen(now.get(word)):
            before, after = _short(was.get(word)), _short(now.get(word))
            yield _change(join(at, word), kind, label=label, old=before, new=after)
    yield from _by(was.get("by") or {}, now.get("by") or {}, at, label)
    one, other = _guards(was), _guards(now)
    for name, (place, guard) in other.items():
        here = join(at, "guards", place)
        facts = {"label": label, "guard": name, "message": str(guard.get("message", ""))}
        if name not in one:
            yield _change(here, "guard_added", **facts)
        elif one[name][1].get("rule") != guard.get("rule"):
            yield _change(here, "guard_changed", **facts)
        elif one[name][1].get("message") != guard.get("message"):
            yield _change(here, "guard_message", **facts)
    for name, (place, guard) in one.items():
        if name not in other:
            facts = {"label": label, "guard": name, "message": str(guard.get("message", ""))}
            yield _change(join(at, "guards", place), "guard_removed", **facts)


def _by(was: Mapping[str, Any], now: Mapping[str, Any], at: str, label: Label) -> Iterator[Change]:
    before, after = list(was.get("roles", ())), list(now.get("roles", ()))
    for role in after:
        if role not in before:
            yield _change(at + "/by/roles", "role_added", label=label, role=role)
    for role in before:
        if role not in after:
            yield _change(at + "/by/roles", "role_removed", label=label, role=role)
    rest = [{key: value for key, value in one.items() if key != "roles"} for one in (was, now)]
    if frozen(rest[0]) != frozen(rest[1]):
        yield _change(at + "/by", "who_changed", label=label)


def _guards(transition: Mapping[str, Any]) -> dict[str, tuple[int, Mapping[str, Any]]]:
    listed = enumerate(transition.get("guards") or ())
    return {str(one.get("id", one.get("rule", n))): (n, one) for n, one in listed if isinstance(one, dict)}


def _by_name(transitions: Any) -> dict[str, tuple[int, Mapping[str, Any]]]:
    listed = enumerate(transitions) if isinstance(transitions, list) else ()
    return {str(one.get("name", n)): (n, one) for n, one in listed if isinstance(one, dict)}


def _label(one: Any, name: str, prefix: str, locale: Mapping[str, Any]) -> Label:
    title = one.get("title", name) if isinstance(one, dict) else name
    return Label(str(title), str(locale.get(prefix + name, "")))


def _short(value: Any) -> Any:
    """A value as a fact: a list or plain value itself; of an object its `key value` pairs."""
    if isinstance(value, dict):
        return [f"{key} {part}" for key, part in value.items() if not isinstance(part, dict | list)]
    return value if value is not None else []
