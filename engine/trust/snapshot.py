"""The trust snapshot: which person may sign with which key, and which roles were granted, by log index.

Decides the bytes of a snapshot and of a person's entry, and what was valid at an index (docs/format.md
"Trust snapshot"). A snapshot names the root of a Merkle tree over the people, so that a proof bundle carries
only the entries of those involved. Never decides who should have a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.trust import canonical, merkle
from engine.trust.envelope import decode_base64, encode_base64, exact_members, refuse
from engine.trust.identifiers import is_digest
from engine.trust.root import Interval, read_interval, read_key
from engine.trust.statement import SUITES, is_time, is_word

LOG_DOC = "trust.snapshot"
LOG_TYPE = "trust.snapshot"

_MEMBERS = ("v", "origin", "version", "prev", "issued_at", "expires", "root_version", "people")
_KEY = ("key", "suite", "tier", "valid_from_index", "valid_to_index", "reason", "suspect_since_index")
_GRANT = ("id", "role", "unit", "region", "valid_from_index", "valid_to_index")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the registrar signed. `prev` is the event id of the snapshot before, "" for the first."""

    origin: str
    version: int
    prev: str
    issued_at: str
    expires: str
    root_version: int
    people_size: int
    people_root: bytes


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person's key. `suspect_since_index`: events from there on may be somebody else's (compromise)."""

    key: bytes
    suite: str
    tier: str
    valid: Interval
    reason: str
    suspect_since_index: int | None


@dataclass(frozen=True, slots=True)
class GrantEntry:
    """A role given to a person in a unit and a region."""

    id: str
    role: str
    unit: str
    region: str
    valid: Interval


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of the people tree. A pseudonym, keys and grants: no name."""

    person: str
    keys: tuple[PersonKey, ...]
    grants: tuple[GrantEntry, ...]


@dataclass(frozen=True, slots=True)
class ProvenPerson:
    """An entry with its place in the people tree, as a bundle carries it."""

    entry: Mapping[str, Any]
    index: int
    proof: tuple[bytes, ...]

    def to_json(self) -> dict[str, Any]:
        """The JSON object of docs/format.md "Proof bundle"."""
        return {
            "entry": dict(self.entry),
            "index": self.index,
            "proof": [encode_base64(one) for one in self.proof],
        }


def payload(
    *,
    origin: str,
    version: int,
    prev: str,
    issued_at: str,
    expires: str,
    root_version: int,
    people: Sequence[Mapping[str, Any]],
) -> bytes:
    """The canonical payload of a snapshot over `people` (in any order); `Invalid` if one is malformed."""
    hashes = people_leaves(people)
    value = {
        "v": 1,
        "origin": origin,
        "version": version,
        "prev": prev,
        "issued_at": issued_at,
        "expires": expires,
        "root_version": root_version,
        "people": {"size": len(hashes), "root": merkle.root_of(hashes).hex()},
    }
    data = canonical.encode(value)
    read(data)
    return data


def read(data: bytes) -> Snapshot:
    """The snapshot in a payload; `Invalid` unless exact and canonical. Verifies no signature."""
    value = canonical.parse(data)
    got = exact_members(value, "", _MEMBERS)
    people = exact_members(got["people"], "/people", ("size", "root"))
    whole = (got["v"], got["version"], got["root_version"], people["size"])
    if (
        any(type(one) is not int for one in whole)
        or got["v"] != 1
        or got["version"] < 1
        or people["size"] < 0
    ):
        raise refuse("", "snapshot.format")
    if not isinstance(got["origin"], str) or not is_digest(people["root"]):
        raise refuse("", "snapshot.format")
    if (got["version"] == 1) != (got["prev"] == "") or not (got["prev"] == "" or is_digest(got["prev"])):
        raise refuse("/prev", "snapshot.format")
    if not is_time(got["issued_at"]) or not is_time(got["expires"]) or not got["issued_at"] < got["expires"]:
        raise refuse("/expires", "snapshot.format")
    if not canonical.is_canonical(data, value):
        raise refuse("", "snapshot.format")
    return Snapshot(
        got["origin"],
        got["version"],
        got["prev"],
        got["issued_at"],
        got["expires"],
        got["root_version"],
        people["size"],
        bytes.fromhex(people["root"]),
    )


def read_person(value: Any) -> Person:
    """One person's entry; `Invalid` for anything missing, unknown or malformed, and for small-order keys."""
    got = exact_members(value, "", ("person", "keys", "grants"))
    if not is_word(got["person"]) or not isinstance(got["keys"], list) or not isinstance(got["grants"], list):
        raise refuse("", "snapshot.person")
    return Person(
        got["person"],
        tuple(_key(one, f"/keys/{at}") for at, one in enumerate(got["keys"])),
        tuple(_grant(one, f"/grants/{at}") for at, one in enumerate(got["grants"])),
    )


def _key(value: Any, pointer: str) -> PersonKey:
    got = exact_members(value, pointer, _KEY)
    suspect = got["suspect_since_index"]
    if got["suite"] not in SUITES or not is_word(got["tier"]) or not isinstance(got["reason"], str):
        raise refuse(pointer, "snapshot.person")
    if not (suspect is None or (type(suspect) is int and suspect >= 0)) or not re.fullmatch(
        r"[A-Za-z0-9_.\-]{0,64}", got["reason"]
    ):
        raise refuse(pointer, "snapshot.person")
    valid = read_interval(got["valid_from_index"], got["valid_to_index"], pointer)
    return PersonKey(
        read_key(got["key"], f"{pointer}/key"), got["suite"], got["tier"], valid, got["reason"], suspect
    )


def _grant(value: Any, pointer: str) -> GrantEntry:
    got = exact_members(value, pointer, _GRANT)
    texts = (got["id"], got["role"], got["unit"], got["region"])
    if (
        not all(isinstance(one, str) and len(one) <= 128 for one in texts)
        or not got["id"]
        or not is_word(got["role"])
    ):
        raise refuse(pointer, "snapshot.person")
    valid = read_interval(got["valid_from_index"], got["valid_to_index"], pointer)
    return GrantEntry(got["id"], got["role"], got["unit"], got["region"], valid)


def sorted_people(people: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Entries in the order of the tree: by person id, each person once (`Invalid` otherwise)."""
    ordered = sorted(people, key=lambda one: str(one.get("person")))
    names = [one.get("person") for one in ordered]
    if len(set(names)) != len(names):
        raise refuse("/people", "snapshot.duplicate_person")
    return ordered


def people_leaves(people: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """The leaf hashes of the people tree, in order."""
    out: list[bytes] = []
    for one in sorted_people(people):
        read_person(one)
        out.append(merkle.leaf_hash(canonical.encode(one)))
    return out


def prove_people(people: Sequence[Mapping[str, Any]], wanted: Iterable[str]) -> list[ProvenPerson]:
    """The entries of `wanted` persons with their proofs, by person id; unknown persons are left out."""
    names = set(wanted)
    ordered = sorted_people(people)
    hashes = people_leaves(ordered)
    return [
        ProvenPerson(one, index, tuple(merkle.proof_of(hashes, index)))
        for index, one in enumerate(ordered)
        if one["person"] in names
    ]


def read_proven_person(value: Any, snapshot: Snapshot) -> Person:
    """A person's entry from a bundle, proved against the snapshot's people tree; `Invalid` otherwise."""
    got = exact_members(value, "", ("entry", "index", "proof"))
    if type(got["index"]) is not int or not isinstance(got["proof"], list):
        raise refuse("", "snapshot.person")
    proof = [decode_base64(one) for one in got["proof"]]
    leaf = merkle.leaf_hash(canonical.dump(got["entry"]))
    if not merkle.verify_inclusion(leaf, got["index"], snapshot.people_size, proof, snapshot.people_root):
        raise refuse("", "snapshot.person_proof")
    return read_person(got["entry"])
