"""The event statement: what a person and the platform sign when something happens to a document.

Decides the members of the payload of an event envelope and the shape of each (docs/format.md "Statement").
Holds no personal information: commitments, digests, pseudonyms, ids. Never decides whether the event was
permitted, and never signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.trust import canonical
from engine.trust.envelope import refuse
from engine.trust.identifiers import is_digest

VERSION = 1
SUITES = ("L1",)
CLASSES = ("identity", "health", "finance", "other")
SYSTEM_ROLE = "system"

HEADER_TEXTS = (
    "doc_id", "doc_no", "region_code", "dept_code", "source_channel", "data_level", "legal_basis",
    "retention_class", "retain_until", "created_at", "submitted_at", "collector",
)  # fmt: skip

_TIME = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
)
_WORD = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_HEX32 = re.compile(r"[0-9a-f]{32}")

_MEMBERS = frozenset(
    ["v", "suite", "origin", "agency", "doc", "seq", "prev", "type", "form", "from", "to", "transition", "actor", "auth", "purpose", "header", "parts", "attachments", "saw", "anchor", "body", "time", "nonce"]
)


@dataclass(frozen=True, slots=True)
class FormRef:
    """The form version a statement was made under; `sha256` is the digest of its bundle."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ActorRef:
    """Who acted, as what: pseudonym, role, unit, key id and the id of the grant that allowed it."""

    person: str
    role: str
    unit: str
    key: str
    grant: str


@dataclass(frozen=True, slots=True)
class PartRef:
    """One sealed part: number, class, root and number of leaves, digest and length of the sealed bytes, kc."""

    n: int
    klass: str
    root: str
    leaves: int
    ct: str
    length: int
    kc: str


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """One sealed file: id, class, digest and length of the sealed bytes, key commitment, hiding commitment."""

    id: str
    klass: str
    ct: str
    length: int
    kc: str
    commit: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One event of one document. Times are `YYYY-MM-DDTHH:MM:SSZ`; digests are lower-case hex.

    `prev` is the event id of the event before, "" for the first. `body` is for events that are not
    transitions (`trust.*`, `reseal`, `shred`, `issue`); it holds non-personal facts only.
    """

    origin: str
    agency: str
    doc: str
    seq: int
    prev: str
    type: str
    form: FormRef
    source: str
    target: str
    transition: str
    actor: ActorRef
    auth: Mapping[str, str]
    purpose: Mapping[str, str]
    header: Mapping[str, Any]
    parts: tuple[PartRef, ...]
    attachments: tuple[AttachmentRef, ...]
    saw: Mapping[str, Any]
    anchor: Mapping[str, Any]
    time: str
    nonce: str
    body: Mapping[str, Any] = field(default_factory=dict)
    suite: str = "L1"


def build(statement: Statement) -> bytes:
    """The payload: canonical JSON. Raises `Invalid` when a member is malformed, as `read` would."""
    value = _as_value(statement)
    _check(value)
    return canonical.dump(value)


@lru_cache(maxsize=256)
def read(payload: bytes) -> Statement:
    """The statement in a payload; `Invalid` unless exact and canonical. Verifies no signature.

    Remembered by the bytes, since a leaf, a signature and a chain each ask for the same statement.
    """
    value = canonical.parse(payload)
    _check(value)
    if not canonical.is_canonical(payload, value):
        raise refuse("", "statement.not_canonical")
    form, actor = value["form"], value["actor"]
    return Statement(
        origin=value["origin"], agency=value["agency"], doc=value["doc"], seq=value["seq"], prev=value["prev"],
        type=value["type"], form=FormRef(form["id"], form["version"], form["sha256"]),
        source=value["from"], target=value["to"], transition=value["transition"],
        actor=ActorRef(actor["person"], actor["role"], actor["unit"], actor["key"], actor["grant"]),
        auth=value["auth"], purpose=value["purpose"], header=value["header"],
        parts=tuple(
            PartRef(one["n"], one["class"], one["root"], one["leaves"], one["ct"], one["len"], one["kc"])
            for one in value["parts"]
        ),
        attachments=tuple(
            AttachmentRef(one["id"], one["class"], one["ct"], one["len"], one["kc"], one["commit"])
            for one in value["attachments"]
        ),
        saw=value["saw"], anchor=value["anchor"], time=value["time"], nonce=value["nonce"],
        body=value["body"], suite=value["suite"],
    )  # fmt: skip


def _as_value(one: Statement) -> dict[str, Any]:
    return {
        "v": VERSION, "suite": one.suite, "origin": one.origin, "agency": one.agency, "doc": one.doc,
        "seq": one.seq, "prev": one.prev, "type": one.type,
        "form": {"id": one.form.id, "version": one.form.version, "sha256": one.form.sha256},
        "from": one.source, "to": one.target, "transition": one.transition,
        "actor": {
            "person": one.actor.person, "role": one.actor.role, "unit": one.actor.unit,
            "key": one.actor.key, "grant": one.actor.grant,
        },
        "auth": dict(one.auth), "purpose": dict(one.purpose), "header": dict(one.header),
        "parts": [
            {"n": part.n, "class": part.klass, "root": part.root, "leaves": part.leaves,
             "ct": part.ct, "len": part.length, "kc": part.kc}
            for part in one.parts
        ],
        "attachments": [
            {"id": file.id, "class": file.klass, "ct": file.ct, "len": file.length,
             "kc": file.kc, "commit": file.commit}
            for file in one.attachments
        ],
        "saw": dict(one.saw), "anchor": dict(one.anchor), "body": dict(one.body),
        "time": one.time, "nonce": one.nonce,
    }  # fmt: skip


def is_time(text: object) -> bool:
    """Whether `text` is a UTC second of the form used in signed data."""
    return isinstance(text, str) and _TIME.fullmatch(text) is not None


def is_word(text: object) -> bool:
    """Whether `text` is a plain name: 1 to 64 of `A-Z a-z 0-9 _ . -`."""
    return isinstance(text, str) and _WORD.fullmatch(text) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 256


def _is_origin(value: object) -> bool:
    return _is_text(value) and bool(value) and not set(str(value)) & set(" +\n\t\r")


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_positive(value: object) -> bool:
    return type(value) is int and value >= 1


def _is_digest_or_empty(value: object) -> bool:
    return value == "" or is_digest(value)


def _is_word_or_empty(value: object) -> bool:
    return value == "" or is_word(value)


def _is_nonce(value: object) -> bool:
    return isinstance(value, str) and _HEX32.fullmatch(value) is not None


def _is_class(value: object) -> bool:
    return isinstance(value, str) and value in CLASSES


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _are_digests(value: object) -> bool:
    return isinstance(value, list) and all(map(is_digest, value))


def _are_words(value: object) -> bool:
    return isinstance(value, list) and all(map(is_word, value))


Shape = Mapping[str, Callable[[object], bool]]

_TOP: Shape = {
    "v": lambda value: type(value) is int and value == VERSION,
    "suite": lambda value: isinstance(value, str) and value in SUITES,
    "origin": _is_origin, "agency": is_word, "doc": is_word, "seq": _is_positive, "prev": _is_digest_or_empty,
    "type": is_word, "from": _is_word_or_empty, "to": _is_word_or_empty, "transition": _is_word_or_empty,
    "time": is_time, "nonce": _is_nonce, "body": _is_object,
}  # fmt: skip
_FORM: Shape = {"id": is_word, "version": is_word, "sha256": is_digest}
_ACTOR: Shape = {
    "person": is_word,
    "role": is_word,
    "unit": _is_word_or_empty,
    "key": _is_nonce,
    "grant": _is_text,
}
_PART: Shape = {"n": _is_count, "class": _is_class, "root": is_digest, "leaves": _is_count, "ct": is_digest,
                "len": _is_positive, "kc": is_digest}  # fmt: skip
_ATTACHMENT: Shape = {"id": is_word, "class": _is_class, "ct": is_digest, "len": _is_positive, "kc": is_digest,
                      "commit": is_digest}  # fmt: skip
# Optional members of these: absent means "not said".
_AUTH: Shape = {"method": is_word, "session": is_digest, "tier": is_word}
_PURPOSE: Shape = {"basis": is_word, "code": is_word}
_SAW: Shape = {"events": _are_digests, "report": is_digest}
_ANCHOR: Shape = {"size": _is_count, "root": is_digest}
_HEADER: Shape = {
    **dict.fromkeys(HEADER_TEXTS, _is_text),
    "revision": _is_positive,
    "info_categories": _are_words,
}


def _check(value: object) -> None:
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        found = value.keys() ^ _MEMBERS if isinstance(value, dict) else _MEMBERS
        raise refuse("", "statement.members", differing=sorted(map(str, found))[:8])
    for name, holds in _TOP.items():
        if not holds(value[name]):
            raise refuse(f"/{name}", "statement.value")
    _check_object(value["form"], "/form", _FORM)
    _check_object(value["actor"], "/actor", _ACTOR)
    _check_optional(value["auth"], "/auth", _AUTH)
    _check_optional(value["purpose"], "/purpose", _PURPOSE)
    _check_optional(value["saw"], "/saw", _SAW)
    _check_optional(value["anchor"], "/anchor", _ANCHOR)
    _check_optional(value["header"], "/header", _HEADER)
    _check_list(value["parts"], "/parts", _PART)
    _check_list(value["attachments"], "/attachments", _ATTACHMENT)
    if [part["n"] for part in value["parts"]] != list(range(len(value["parts"]))):
        raise refuse("/parts", "statement.part_numbers")
    if (value["seq"] == 1) != (value["prev"] == ""):
        raise refuse("/prev", "statement.value")
    if value["body"]:
        canonical.encode(value["body"])


def _check_object(value: object, pointer: str, shape: Shape) -> None:
    if not isinstance(value, dict) or value.keys() != shape.keys():
        raise refuse(pointer, "statement.members", expected=sorted(shape))
    _check_members(value, pointer, shape)


def _check_optional(value: object, pointer: str, shape: Shape) -> None:
    if not isinstance(value, dict) or not value.keys() <= shape.keys():
        raise refuse(pointer, "statement.members", known=sorted(shape))
    _check_members(value, pointer, shape)


def _check_members(value: Mapping[str, Any], pointer: str, shape: Shape) -> None:
    for name, member in value.items():
        if not shape[name](member):
            raise refuse(f"{pointer}/{name}", "statement.value")


def _check_list(value: object, pointer: str, shape: Shape) -> None:
    if not isinstance(value, list) or len(value) > 512:
        raise refuse(pointer, "statement.value")
    for index, one in enumerate(value):
        _check_object(one, f"{pointer}/{index}", shape)
