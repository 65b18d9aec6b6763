"""Checkpoints of the log as C2SP signed notes: making, signing, opening, and cosignatures of witnesses.

Decides the bytes of a checkpoint and which signature lines of it hold under which keys (C2SP signed-note,
tlog-checkpoint, tlog-cosignature). Never decides when to sign: a signer must refuse a smaller or different
tree than the last it signed, and only it knows that one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.trust import keys
from engine.trust.envelope import refuse
from engine.trust.strict_reader import MAX_INTEGER

TYPE_ED25519 = 0x01
TYPE_COSIGNATURE = 0x04
MAX_NOTE_BYTES = 65_536

_NAME = re.compile(r"[^\s+]{1,256}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A C2SP vkey: the name and key a signature line is checked with."""

    name: str
    type: int
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || newline || type || key), first four bytes."""
        return key_id(self.name, self.type, self.public_key)

    def text(self) -> str:
        """`name+hexid+base64(type || key)`."""
        encoded = base64.b64encode(bytes((self.type,)) + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature line of a note; `data` is everything after the key id."""

    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that was read, not yet believed: `text` is what signatures cover."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's line that holds; `time` is seconds since 1970 as the witness saw it."""

    name: str
    public_key: bytes
    time: int


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """The key id of a signature line (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes((kind,)) + public_key).digest()[:4]


def parse_vkey(text: str) -> VerifierKey:
    """Read a vkey; `Invalid` (`checkpoint.vkey`) when name, id and key do not belong together."""
    parts = text.split("+", 2)
    if len(parts) == 3 and _NAME.fullmatch(parts[0]):
        data = _decode(parts[2])
        if data is not None and len(data) == 33 and data[0] in (TYPE_ED25519, TYPE_COSIGNATURE):
            found = VerifierKey(parts[0], data[0], data[1:])
            if found.key_id.hex() == parts[1] and keys.is_acceptable(found.public_key):
                return found
    raise refuse("", "checkpoint.vkey")


def encode_checkpoint(origin: str, size: int, root: bytes) -> str:
    """The note text: three lines, no extension lines."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"


def signature_line(name: str, kind: int, public_key: bytes, data: bytes) -> str:
    """One signature line of a note, with its newline."""
    return f"— {name} {base64.b64encode(key_id(name, kind, public_key) + data).decode('ascii')}\n"


def sign(text: str, name: str, key: keys.SigningKey) -> str:
    """The signed note: `text`, a blank line and the Ed25519 line of `key` under `name` (the origin)."""
    return signed_note(text, name, key.public_key, keys.sign(key, text.encode()))


def signed_note(text: str, name: str, public_key: bytes, signature: bytes) -> str:
    """The same for a signature made elsewhere (the vault) over the bytes of `text`."""
    return f"{text}\n{signature_line(name, TYPE_ED25519, public_key, signature)}"


def cosign(note: str, name: str, key: keys.SigningKey, time: int) -> str:
    """The line a witness adds (cosignature/v1)."""
    text = note[: note.rindex("\n\n") + 1]
    signature = keys.sign(key, cosigned_message(text, time))
    return signature_line(name, TYPE_COSIGNATURE, key.public_key, time.to_bytes(8, "big") + signature)


def cosigned_message(text: str, time: int) -> bytes:
    """What a witness signs: two lines of its own, then the note text."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def open(note: str) -> Checkpoint:
    """Read a note as a checkpoint of three lines; `Invalid` (`checkpoint.format`). Verifies nothing."""
    if len(note) > MAX_NOTE_BYTES or _CONTROL.search(note) or "\n\n" not in note:
        raise refuse("", "checkpoint.format")
    # The text ends before the last empty line: its own newline belongs to it, the blank one does not.
    cut = note.rindex("\n\n") + 1
    text, tail = note[:cut], note[cut + 1 :]
    lines = text.split("\n")
    is_size = len(lines) == 4 and _SIZE.fullmatch(lines[1]) and int(lines[1]) <= MAX_INTEGER
    if not is_size or lines[3] or not lines[0]:
        raise refuse("", "checkpoint.format")
    root = _decode(lines[2])
    if root is None or len(root) != 32 or not tail.endswith("\n"):
        raise refuse("", "checkpoint.format")
    signed = tuple(_line(one) for one in tail[:-1].split("\n"))
    if len(signed) > 64:
        raise refuse("", "checkpoint.format")
    return Checkpoint(lines[0], int(lines[1]), root, text, signed)


def _line(line: str) -> SignatureLine:
    parts = line.split(" ")
    if len(parts) == 3 and parts[0] == "—" and _NAME.fullmatch(parts[1]):
        data = _decode(parts[2])
        if data is not None and len(data) > 4:
            return SignatureLine(parts[1], data[:4], data[4:])
    raise refuse("", "checkpoint.format")


def is_signed_by(note: Checkpoint, vkey: VerifierKey) -> bool:
    """Whether the note carries a valid line of this log key and no broken one."""
    lines = [one for one in note.signatures if one.name == vkey.name and one.key_id == vkey.key_id]
    if vkey.type != TYPE_ED25519 or not lines:
        return False
    return all(keys.is_valid(vkey.public_key, note.text.encode(), one.data) for one in lines)


def cosignatures(note: Checkpoint, witnesses: Iterable[VerifierKey]) -> tuple[Cosignature, ...]:
    """The cosignatures that hold, at most one for each known witness; unknown lines are ignored."""
    found: list[Cosignature] = []
    for witness in witnesses:
        for one in note.signatures:
            if one.name == witness.name and one.key_id == witness.key_id and len(one.data) == 72:
                time = int.from_bytes(one.data[:8], "big")
                if keys.is_valid(witness.public_key, cosigned_message(note.text, time), one.data[8:]):
                    found.append(Cosignature(witness.name, witness.public_key, time))
                    break
    return tuple(found)


def _decode(text: str) -> bytes | None:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None
