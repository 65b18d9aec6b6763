"""Which checkpoints may be believed: C2SP tlog-policy texts with logs, witnesses, groups and a quorum.

Decides whether a set of cosignatures is strong enough. Never reads signatures itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.errors import Invalid
from engine.trust.checkpoint import TYPE_COSIGNATURE, TYPE_ED25519, VerifierKey, parse_vkey
from engine.trust.envelope import refuse

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Group:
    """At least `threshold` of `members` (names of witnesses or groups)."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """A tlog-policy: logs by key, witnesses by policy name, groups, and the name that must be satisfied."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str


def parse(text: str) -> WitnessPolicy:
    """Read a policy text; `Invalid` (`policy.line`, facts: line number) or (`policy.quorum`)."""
    reader = _Reader()
    if _CONTROL.search(text):
        raise refuse("", "policy.line", line=0)
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            holds = reader.take(words)
        except Invalid:
            holds = False
        if not holds:
            raise refuse("", "policy.line", line=number)
    if reader.quorum is None:
        raise refuse("", "policy.quorum")
    return WitnessPolicy(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)


class _Reader:
    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.members: set[str] = set()
        self.quorum: str | None = None

    def take(self, words: list[str]) -> bool:
        kind, count = words[0], len(words)
        if kind == "log" and count in (2, 3):
            vkey = parse_vkey(words[1])
            fresh = all(one.public_key != vkey.public_key for one in self.logs)
            self.logs.append(vkey)
            return fresh and vkey.type == TYPE_ED25519
        if kind == "witness" and count in (3, 4):
            vkey = parse_vkey(words[2])
            fresh = all(one.public_key != vkey.public_key for one in self.witnesses.values())
            return fresh and vkey.type == TYPE_COSIGNATURE and self._name(words[1], vkey)
        if kind == "group" and count >= 4:
            return self._group(words[1], words[2], words[3:])
        if kind == "quorum" and count == 2 and self.quorum is None:
            self.quorum = words[1]
            return words[1] == "none" or self._is_known(words[1])
        return False

    def _is_known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _name(self, name: str, vkey: VerifierKey) -> bool:
        if name == "none" or self._is_known(name):
            return False
        self.witnesses[name] = vkey
        return True

    def _group(self, name: str, amount: str, members: list[str]) -> bool:
        if name == "none" or self._is_known(name) or not all(map(self._is_known, members)):
            return False
        # A name counts in one group only, once: one witness may not be counted twice on the way up.
        if len(set(members)) != len(members) or self.members & set(members):
            return False
        self.members |= set(members)
        words = {"any": 1, "all": len(members)}
        threshold = words.get(amount) or (int(amount) if re.fullmatch("[1-9][0-9]{0,3}", amount) else 0)
        self.groups[name] = Group(threshold, tuple(members))
        return 1 <= threshold <= len(members)


def is_satisfied(policy: WitnessPolicy, cosigner_keys: Iterable[bytes]) -> bool:
    """Whether the witnesses whose raw keys are given make up the quorum."""
    present = set(cosigner_keys)

    def has(name: str) -> bool:
        witness = policy.witnesses.get(name)
        if witness is not None:
            return witness.public_key in present
        group = policy.groups[name]
        return sum(map(has, group.members)) >= group.threshold

    return policy.quorum == "none" or has(policy.quorum)
