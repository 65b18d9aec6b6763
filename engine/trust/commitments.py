"""Field commitments: answers as (path, value) leaves, hidden by a salt, under one RFC 6962 root per part.

Decides how answers become leaves and how one leaf is disclosed and checked (docs/format.md "Commitments").
Never seals: the salt key travels inside the sealed part and dies with it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as encode_string
from typing import Any

from engine.trust import canonical, merkle
from engine.trust.envelope import refuse
from engine.trust.kdf import hmac_pads
from engine.trust.strict_reader import (
    DOCUMENT,
    FORBIDDEN_OR_SURROGATE,
    MAX_INTEGER,
    child,
    first_problem_of_value,
)

Field = tuple[str, Any]

_sha256 = hashlib.sha256
_is_key = DOCUMENT.key.fullmatch
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One field of a part, opened: `salt` is HMAC(salt key, path), `proof` leads from leaf to root."""

    path: str
    value: Any
    salt: bytes
    index: int
    proof: tuple[bytes, ...]


def flatten(answers: Mapping[str, Any]) -> list[Field]:
    """Every leaf of `answers` with its RFC 6901 pointer, sorted by pointer (by code point).

    A leaf is a scalar, an empty list or an empty object. Object keys made of digits only are refused
    (`commitment.digit_key`), since their pointers could not be told from places in a list.
    """
    out: list[Field] = []
    _collect(answers, "", out)
    out.sort(key=_path)
    return out


def _path(one: Field) -> str:
    return one[0]


def _collect(value: Any, pointer: str, out: list[Field]) -> None:
    if isinstance(value, Mapping) and value:
        for key, member in value.items():
            if key.isdigit():
                raise refuse(child(pointer, key), "commitment.digit_key")
            # Keys of the document profile hold neither ~ nor /: nothing to escape.
            if isinstance(member, (dict, list)):
                _collect(member, f"{pointer}/{key}", out)
            else:
                out.append((f"{pointer}/{key}", member))
    elif isinstance(value, list) and value:
        for index, element in enumerate(value):
            _collect(element, f"{pointer}/{index}", out)
    else:
        out.append((pointer, value))


def unflatten(fields: Iterable[Field]) -> dict[str, Any]:
    """The answers that flatten to `fields`. Places of a list that are not among them become null.

    Raises `Invalid` (`commitment.paths`) when two paths contradict each other.
    """
    root: dict[str, Any] = {}
    for path, value in fields:
        if path == "":
            continue
        node = root
        steps = path.split("/")[1:]
        for step in steps[:-1]:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise refuse(path, "commitment.paths")
        if steps[-1] in node:
            raise refuse(path, "commitment.paths")
        # Wrapped, so that an empty object given as a value is told from one that is still being filled.
        node[steps[-1]] = (value,)
    built = _rebuild(root)
    return built if isinstance(built, dict) else {}


def _rebuild(node: Any) -> Any:
    if isinstance(node, tuple):
        return node[0]
    if node and all(map(_DIGITS.fullmatch, node)):
        places = {int(step): _rebuild(member) for step, member in node.items()}
        if max(places) >= 10_000:
            raise refuse("", "commitment.paths")
        return [places.get(index) for index in range(max(places) + 1)]
    return {step: _rebuild(member) for step, member in node.items()}


def leaf_data(salt: bytes, path: str, value: Any) -> bytes:
    """What is hashed for one field: salt(32) || len16(path) || path || canonical value."""
    name = path.encode()
    # A text is its own escaping: no encoder is made for it.
    encoded = encode_string(value).encode() if type(value) is str else canonical.dump(value)
    return b"%b%b%b%b" % (salt, len(name).to_bytes(2, "big"), name, encoded)


def leaves(salt_key: bytes, fields: Sequence[Field]) -> list[bytes]:
    """The leaf hashes of `fields`, which are sorted by path. `salt_key` has 32 bytes.

    Values outside the canonical profile are refused by `Invalid`.
    """
    return hash_leaves(salt_key, fields, encode_values(fields))


def encode_values(fields: Iterable[Field]) -> list[bytes]:
    """The canonical bytes of the value of each field; `Invalid` for one outside the profile."""
    out: list[bytes] = []
    for path, value in fields:
        if type(value) is str and (
            (value.isascii() and "\x00" not in value) or FORBIDDEN_OR_SURROGATE.search(value) is None
        ):
            out.append(encode_string(value).encode())
        elif type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER:
            out.append(b"%d" % value)
        elif type(value) is bool:
            out.append(b"true" if value else b"false")
        elif type(value) is dict and _is_plain(value):
            out.append(_plain_object(value))
        else:
            out.append(_encoded(path, value))
    return out


def _is_plain(value: dict[Any, Any]) -> bool:
    """Whether an object of ASCII texts and whole numbers is plainly inside the profile."""
    for key, member in value.items():
        if type(key) is not str or _is_key(key) is None:
            return False
        if type(member) is str:
            if not member.isascii() or "\x00" in member:
                return False
        elif type(member) is not int or not -MAX_INTEGER <= member <= MAX_INTEGER:
            return False
    return True


def _plain_object(value: dict[str, Any]) -> bytes:
    # The canonical form spelled out, at a third of the time: an entry for each attached file.
    members = [
        f'"{key}":{encode_string(member) if type(member) is str else member}'
        for key, member in sorted(value.items())
    ]
    return f"{{{','.join(members)}}}".encode("ascii")


def _encoded(path: str, value: Any) -> bytes:
    problem = first_problem_of_value(value, DOCUMENT)
    if problem is not None:
        raise refuse(path + problem.pointer, problem.code, **problem.facts)
    return canonical.dump(value)


def hash_leaves(salt_key: bytes, fields: Sequence[Field], values: Sequence[bytes]) -> list[bytes]:
    """The leaf hashes of fields whose values are encoded already."""
    inner, outer = hmac_pads(salt_key)
    sha256 = _sha256
    names = [path.encode() for path, _ in fields]
    salts = [sha256(outer + sha256(inner + name).digest()).digest() for name in names]
    return [
        sha256(b"\x00%b%b%b%b" % (salt, len(name).to_bytes(2), name, encoded)).digest()
        for salt, name, encoded in zip(salts, names, values, strict=True)
    ]


def root(salt_key: bytes, fields: Sequence[Field]) -> bytes:
    """The root that the statement names for a part."""
    return merkle.root_of(leaves(salt_key, fields))


def disclose(salt_key: bytes, fields: Sequence[Field], paths: Iterable[str]) -> list[Disclosure]:
    """The disclosures of `paths`, in the order of the leaves; paths not among `fields` are left out."""
    wanted = set(paths)
    hashes = leaves(salt_key, fields)
    return [
        Disclosure(
            path,
            value,
            hmac.digest(salt_key, path.encode(), "sha256"),
            index,
            tuple(merkle.proof_of(hashes, index)),
        )
        for index, (path, value) in enumerate(fields)
        if path in wanted
    ]


def is_disclosed(disclosure: Disclosure, size: int, expected_root: bytes) -> bool:
    """Whether the disclosure proves its value at its path, given root and number of leaves of a part."""
    if len(disclosure.salt) != 32 or len(disclosure.path.encode()) > 0xFFFF:
        return False
    hashed = merkle.leaf_hash(leaf_data(disclosure.salt, disclosure.path, disclosure.value))
    return merkle.verify_inclusion(hashed, disclosure.index, size, disclosure.proof, expected_root)
