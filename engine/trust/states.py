"""The few words of a form version's states.json that a verifier needs: who may take which transition.

Decides nothing about guards, rules or deadlines: they look at sealed answers and cannot be judged outside;
`unchecked` names them. The complete workflow is engine.lifecycle's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.trust import canonical
from engine.trust.envelope import refuse
from engine.trust.statement import SYSTEM_ROLE


@dataclass(frozen=True, slots=True)
class Move:
    """One transition: from which states to which, who may, who may not.

    `unit` is the department the actor must belong to (`document` is the document's own, "" any); `holder`
    says whether the step takes the document for its actor (`takes`, `take`) or ends that (any other word).
    """

    name: str
    sources: frozenset[str]
    target: str
    roles: frozenset[str]
    unit: str
    same_as: str
    holder: str
    not_by: tuple[str, ...]
    step_up: bool
    unchecked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateTable:
    """The transitions of one form version by name; a name may stand for several."""

    initial: str
    moves: Mapping[str, tuple[Move, ...]]

    def find(self, name: str, source: str, target: str) -> tuple[Move, ...]:
        """The transitions of this name that lead from `source` to `target`."""
        return tuple(
            one for one in self.moves.get(name, ()) if source in one.sources and one.target == target
        )


@lru_cache(maxsize=16)
def read_table(bundle: bytes) -> StateTable:
    """The table in the canonical bytes of a form bundle, whose digest the caller has checked; `Invalid`."""
    value = canonical.parse_bundle(bundle)
    states = value.get("states") if isinstance(value, dict) else None
    if not isinstance(states, dict) or not isinstance(states.get("initial"), str):
        raise refuse("/states", "form.states")
    return table_of(states)


def table_of(states: Mapping[str, Any]) -> StateTable:
    """The table of a parsed states.json; `Invalid` (`form.states`) when it has not the expected shape."""
    moves: dict[str, tuple[Move, ...]] = {}
    for group, is_system in (("transitions", False), ("system", True)):
        listed = states.get(group, [])
        if not isinstance(listed, list):
            raise refuse(f"/states/{group}", "form.states")
        for at, one in enumerate(listed):
            move = _move(one, f"/states/{group}/{at}", is_system)
            moves[move.name] = (*moves.get(move.name, ()), move)
    return StateTable(str(states["initial"]), moves)


def _move(value: Any, pointer: str, is_system: bool) -> Move:
    if not isinstance(value, dict):
        raise refuse(pointer, "form.states")
    by = value.get("by") or {}
    if not isinstance(by, dict):
        raise refuse(f"{pointer}/by", "form.states")
    roles = set(_texts(by.get("roles", []), f"{pointer}/by/roles"))
    if is_system:
        roles.add(SYSTEM_ROLE)
    name = value.get("name")
    if not isinstance(name, str) or not isinstance(value.get("to"), str):
        raise refuse(pointer, "form.states")
    looks_inside = [f"{name}: by.{key}" for key in ("rule",) if by.get(key)]
    looks_inside += [f"{name}: {key}" for key in ("guards", "second", "when") if value.get(key)]
    return Move(
        name=name,
        sources=frozenset(_texts(value.get("from", []), f"{pointer}/from")),
        target=value["to"],
        roles=frozenset(roles),
        unit=_text(by.get("department") or by.get("head_of"), f"{pointer}/by"),
        same_as=_text(by.get("same_as"), f"{pointer}/by"),
        holder=_text(value.get("holder") or value.get("holds"), pointer),
        not_by=tuple(_texts(value.get("not_by", []), f"{pointer}/not_by")),
        step_up=value.get("signing") == "step_up",
        unchecked=tuple(looks_inside),
    )


def _texts(value: Any, pointer: str) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise refuse(pointer, "form.states")
    return value


def _text(value: Any, pointer: str) -> str:
    if value and not isinstance(value, str):
        raise refuse(pointer, "form.states")
    return value or ""
