"""The trust root: the one thing a verifier must already hold, and how it is replaced.

Decides which root a chain leads to (docs/format.md "Trust root"): version n+1 must carry the threshold of
valid signatures of version n and of itself, counted by unique raw keys (TUF specification, 5.3). Never
fetches a newer one, and never decides whether the first of a chain is the right one: that is what pinning is.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.trust import canonical, checkpoint, keys, policy
from engine.trust.envelope import PAYLOAD_TYPES, TRUST_ROOT, Envelope, exact_members, refuse
from engine.trust.statement import SUITES, is_time, is_word

FORMAT = "fengjian-trust/v1"
MAX_ROOTS = 256

_HEX64 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Threshold:
    """How many of which raw keys must sign."""

    threshold: int
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open interval of log indexes; `to_index` None means "until further notice"."""

    from_index: int
    to_index: int | None

    def contains(self, index: int) -> bool:
        """Whether the interval holds at this log index."""
        return self.from_index <= index and (self.to_index is None or index < self.to_index)


@dataclass(frozen=True, slots=True)
class LogKey:
    """A log key and the indexes of the last leaves of checkpoints it signs."""

    vkey: checkpoint.VerifierKey
    valid: Interval


@dataclass(frozen=True, slots=True)
class PlatformKey:
    """A key of the platform and the log indexes at which it attests events."""

    key: bytes
    suite: str
    valid: Interval


@dataclass(frozen=True, slots=True)
class TrustRoot:
    """One version of the trust root. Times are UTC seconds; `digest` is that of its signed bytes."""

    version: int
    agency: Mapping[str, str]
    origin: str
    issued_at: str
    expires: str
    root: Threshold
    registrar: Threshold
    log: tuple[LogKey, ...]
    platform: tuple[PlatformKey, ...]
    witness_policy: str
    suites: tuple[str, ...]
    payload_types: tuple[str, ...]
    roles: Mapping[str, Mapping[str, str]]

    def log_key(self, size: int) -> checkpoint.VerifierKey | None:
        """The key that signs checkpoints of this size (of at least one leaf)."""
        for one in self.log:
            if one.valid.contains(size - 1):
                return one.vkey
        return None

    def platform_key(self, public_key: bytes, index: int) -> PlatformKey | None:
        """The platform key with these raw bytes, when it is valid at this log index."""
        for one in self.platform:
            if one.key == public_key and one.valid.contains(index):
                return one
        return None


_MEMBERS = (
    "v",
    "agency",
    "origin",
    "version",
    "issued_at",
    "expires",
    "root",
    "registrar",
    "log",
    "platform",
    "witness_policy",
    "suites",
    "payload_types",
    "roles",
)


def payload(value: Mapping[str, Any]) -> bytes:
    """The canonical payload of a trust root given as a JSON object; `Invalid` when it does not hold."""
    data = canonical.encode(value)
    read(data)
    return data


def read(data: bytes) -> TrustRoot:
    """The root in a payload; `Invalid` unless exact and canonical. Verifies no signature."""
    value = canonical.parse(data)
    got = exact_members(value, "", _MEMBERS)
    if not canonical.is_canonical(data, value) or got["v"] != 1 or type(got["v"]) is not int:
        raise refuse("", "root.format")
    agency = exact_members(got["agency"], "/agency", ("code", "name_zh", "name_en"))
    if not all(isinstance(one, str) and 1 <= len(one) <= 200 for one in agency.values()) or not is_word(
        agency["code"]
    ):
        raise refuse("/agency", "root.format")
    origin = got["origin"]
    if not isinstance(origin, str) or not re.fullmatch(r"[^\s+]{1,200}", origin):
        raise refuse("/origin", "root.format")
    if type(got["version"]) is not int or got["version"] < 1:
        raise refuse("/version", "root.format")
    if not is_time(got["issued_at"]) or not is_time(got["expires"]) or not got["issued_at"] < got["expires"]:
        raise refuse("/expires", "root.format")
    if not isinstance(got["witness_policy"], str):
        raise refuse("/witness_policy", "root.format")
    policy.parse(got["witness_policy"])
    return TrustRoot(
        version=got["version"],
        agency=agency,
        origin=origin,
        issued_at=got["issued_at"],
        expires=got["expires"],
        root=_threshold(got["root"], "/root"),
        registrar=_threshold(got["registrar"], "/registrar"),
        log=tuple(_log_key(one, f"/log/{at}", origin) for at, one in enumerate(_list(got["log"], "/log"))),
        platform=tuple(
            _platform_key(one, f"/platform/{at}")
            for at, one in enumerate(_list(got["platform"], "/platform"))
        ),
        witness_policy=got["witness_policy"],
        suites=_chosen(got["suites"], "/suites", SUITES),
        payload_types=_chosen(got["payload_types"], "/payload_types", PAYLOAD_TYPES),
        roles=_roles(got["roles"]),
    )


def _list(value: Any, pointer: str) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= 64:
        raise refuse(pointer, "root.format")
    return value


def read_key(value: Any, pointer: str) -> bytes:
    """A raw public key written as 64 hex digits; small-order and malformed points are refused."""
    key = bytes.fromhex(value) if isinstance(value, str) and _HEX64.fullmatch(value) else b""
    if not keys.is_acceptable(key):
        raise refuse(pointer, "key.unacceptable")
    return key


def read_interval(start: Any, end: Any, pointer: str) -> Interval:
    """A log index interval `[from, to)`; `to` null means open."""
    if type(start) is not int or start < 0 or not (end is None or (type(end) is int and end >= start)):
        raise refuse(pointer, "root.interval")
    return Interval(start, end)


def _threshold(value: Any, pointer: str) -> Threshold:
    got = exact_members(value, pointer, ("threshold", "keys"))
    rows = [
        exact_members(one, f"{pointer}/keys", ("key", "suite"))
        for one in _list(got["keys"], f"{pointer}/keys")
    ]
    found = tuple(read_key(one["key"], f"{pointer}/keys/{at}") for at, one in enumerate(rows))
    # One key listed twice would count twice towards the threshold it is meant to share.
    if len(set(found)) != len(found) or any(one["suite"] not in SUITES for one in rows):
        raise refuse(f"{pointer}/keys", "root.duplicate_key")
    if type(got["threshold"]) is not int or not 1 <= got["threshold"] <= len(found):
        raise refuse(f"{pointer}/threshold", "root.threshold")
    return Threshold(got["threshold"], found)


def _log_key(value: Any, pointer: str, origin: str) -> LogKey:
    got = exact_members(value, pointer, ("vkey", "from_index", "to_index"))
    vkey = checkpoint.parse_vkey(got["vkey"]) if isinstance(got["vkey"], str) else None
    if vkey is None or vkey.type != checkpoint.TYPE_ED25519 or vkey.name != origin:
        raise refuse(f"{pointer}/vkey", "checkpoint.vkey")
    return LogKey(vkey, read_interval(got["from_index"], got["to_index"], pointer))


def _platform_key(value: Any, pointer: str) -> PlatformKey:
    got = exact_members(value, pointer, ("key", "suite", "from_index", "to_index"))
    if got["suite"] not in SUITES:
        raise refuse(f"{pointer}/suite", "root.format")
    interval = read_interval(got["from_index"], got["to_index"], pointer)
    return PlatformKey(read_key(got["key"], f"{pointer}/key"), got["suite"], interval)


def _chosen(value: Any, pointer: str, known: Sequence[str]) -> tuple[str, ...]:
    if any(one not in known for one in _list(value, pointer)):
        raise refuse(pointer, "root.format")
    return tuple(value)


def _roles(value: Any) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(value, dict) or len(value) > 256 or not all(map(is_word, value)):
        raise refuse("/roles", "root.format")
    for role, titles in value.items():
        got = exact_members(titles, f"/roles/{role}", ("title_zh", "title_en"))
        if not all(isinstance(one, str) for one in got.values()):
            raise refuse(f"/roles/{role}", "root.format")
    return value


def meets(envelope: Envelope, threshold: Threshold) -> bool:
    """Whether enough different raw keys of `threshold` have validly signed the envelope."""
    message = envelope.pae()
    allowed = set(threshold.keys)
    signed: set[bytes] = set()
    for one in envelope.signatures:
        counts = one.public_key in allowed and one.public_key not in signed and one.suite in SUITES
        if counts and keys.is_valid(one.public_key, message, one.signature):
            signed.add(one.public_key)
    return len(signed) >= threshold.threshold


def trust_file(chain: Sequence[Envelope]) -> bytes:
    """The bytes of trust.json: the whole chain of roots, first version first."""
    return canonical.encode({"format": FORMAT, "chain": [one.to_json() for one in chain]})


def read_trust_file(data: bytes) -> tuple[Envelope, ...]:
    """The envelopes of a trust.json; `Invalid` when it is not one. Verifies nothing."""
    value = canonical.parse(data, max_bytes=canonical.BUNDLE_MAX_BYTES)
    return chain_of(value)


def chain_of(value: Any) -> tuple[Envelope, ...]:
    """The envelopes in a parsed trust.json."""
    got = exact_members(value, "", ("format", "chain"))
    chain = got["chain"]
    if got["format"] != FORMAT or not isinstance(chain, list) or not 1 <= len(chain) <= MAX_ROOTS:
        raise refuse("/chain", "root.format")
    return tuple(Envelope.from_json(one) for one in chain)


@lru_cache(maxsize=8)
def walk(chain: tuple[Envelope, ...]) -> tuple[TrustRoot, ...]:
    """Every root of a chain that holds; `Invalid` (`root.chain`, facts: version) where it does not.

    1. the payload is a trust root of the next version, for the same origin
    2. the threshold of the version before is met (not for the first)
    3. its own threshold is met
    """
    found: list[TrustRoot] = []
    for envelope in chain:
        before = found[-1] if found else None
        # 1
        if envelope.payload_type != TRUST_ROOT:
            raise refuse("/chain", "root.chain", step=1)
        one = read(envelope.payload)
        if before is not None and (one.version != before.version + 1 or one.origin != before.origin):
            raise refuse("/chain", "root.chain", step=1, version=one.version)
        # 2
        if before is not None and not meets(envelope, before.root):
            raise refuse("/chain", "root.chain", step=2, version=one.version)
        # 3
        if not meets(envelope, one.root):
            raise refuse("/chain", "root.chain", step=3, version=one.version)
        found.append(one)
    return tuple(found)


def fingerprint(trust: bytes) -> str:
    """What is printed on paper: 20 base32 letters in groups of four over the first root of a trust.json."""
    return fingerprint_of(read_trust_file(trust)[0])


def fingerprint_of(first: Envelope) -> str:
    """The same from the first envelope of the chain."""
    digest = hashlib.sha256(b"fengjian/fingerprint/v1\x00" + first.pae()).digest()
    letters = base64.b32encode(digest).decode("ascii")[:20]
    return "-".join(letters[at : at + 4] for at in range(0, 20, 4))
