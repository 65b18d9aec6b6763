"""What goes over the vault's socket: frames, values, refusals. Both ends use this and nothing else.

Decides the bytes. Never acts on a message. JSON with one tag for each kind of value that JSON has not;
nothing received can name a class or a function outside of this file's tables.

    frame     length (4 bytes, big-endian, at most 8 MiB) | JSON
    bytes     follow a frame whose JSON has {"raw": count}; count is at most 8 MiB, what they are is the
              operation's to say (content_bytes.py)
    question  {"op": name, "args": [value, ...], "for": person}
    answer    {"is": value} | {"refused": [family, code, facts, problems]} | {"broken": [code, facts]}
    value     null, true, number, text, [value, ...]
              | {"b": base64} bytes | {"m": {text: value}} mapping | {"s": [...]} Signature
              | {"w": {...}} Wrap | {"k": [...]} KeyToWrap | {"p": [...]} Prepared
"""

from __future__ import annotations

import binascii
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from engine.errors import (
    Broken,
    Conflict,
    Invalid,
    NeedsUnlock,
    NotAllowed,
    NotFound,
    Problem,
    Refused,
    TooMany,
    Unavailable,
)
from engine.ports import KeyToWrap, Prepared
from engine.trust.envelope import Signature
from engine.trust.wrap import Wrap

MOST_BYTES = 8 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_PIECE = 64 * 1024
_FAMILIES: Mapping[str, type[Refused]] = {
    one.__name__: one
    for one in (Conflict, Invalid, NeedsUnlock, NotAllowed, NotFound, Refused, TooMany, Unavailable)
}


def send(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Send one message; bytes under "raw" go after its JSON.

    Raises ValueError for one that is too large, OSError when nobody takes it.
    """
    raw = message.get("raw", b"")
    said = {name: value for name, value in message.items() if name != "raw"}
    data = orjson.dumps({**said, "raw": len(raw)} if raw else said)
    if len(data) > MOST_BYTES or len(raw) > MOST_BYTES:
        raise ValueError("message too large")
    connection.sendall(_LENGTH.pack(len(data)) + data)
    if raw:
        connection.sendall(raw)


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message; None when the other end has closed. Raises ValueError for anything else."""
    head = _read(connection, _LENGTH.size)
    if not head:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MOST_BYTES:
        raise ValueError("message too large")
    body = _read(connection, length)
    message = orjson.loads(body)
    if not isinstance(message, dict):
        raise ValueError("not a message")
    if "raw" in message:
        count = message["raw"]
        if type(count) is not int or not 0 < count <= MOST_BYTES:
            raise ValueError("not a message")
        message["raw"] = _read(connection, count)
        if not message["raw"]:
            raise ValueError("message cut off")
    return message


def _read(connection: socket.socket, count: int) -> bytes:
    data = connection.recv(min(count, _PIECE))
    if not data or len(data) == count:
        return data
    whole = bytearray(count)
    whole[: len(data)] = data
    rest = memoryview(whole)[len(data) :]
    while rest:
        taken = connection.recv_into(rest)
        if not taken:
            raise ValueError("message cut off")
        rest = rest[taken:]
    return bytes(whole)


def pack(value: Any) -> Any:
    """A value as JSON."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, bytes):
        return {"b": binascii.b2a_base64(value, newline=False).decode("ascii")}
    if isinstance(value, Signature):
        return {"s": [value.kid, pack(value.public_key), pack(value.signature), value.suite]}
    if isinstance(value, Wrap):
        return {"w": value.to_json()}
    if isinstance(value, KeyToWrap):
        return {"k": [value.klass, value.compartment, pack(value.dk)]}
    if isinstance(value, Prepared):
        return {"p": [pack(value.wraps), pack(value.bits), pack(value.note)]}
    if isinstance(value, Mapping):
        return {"m": {name: pack(one) for name, one in value.items()}}
    if isinstance(value, tuple | list):
        return [pack(one) for one in value]
    raise ValueError(f"no message holds a {type(value).__name__}")


def unpack(value: Any) -> Any:
    """The value of its JSON; lists become tuples. Raises ValueError, Invalid."""
    if isinstance(value, list):
        return tuple(unpack(one) for one in value)
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        raise ValueError("not a value")
    ((tag, inner),) = value.items()
    reader = _READERS.get(tag)
    if reader is None:
        raise ValueError("not a value")
    return reader(inner)


def _bytes(inner: Any) -> bytes:
    return binascii.a2b_base64(inner, strict_mode=True)


def _mapping(inner: Any) -> dict[str, Any]:
    return {name: unpack(one) for name, one in inner.items()}


def _prepared(inner: Any) -> Prepared:
    wraps, bits, note = (unpack(one) for one in inner)
    return Prepared(wraps, bits, note)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "b": _bytes,
    "m": _mapping,
    "s": lambda inner: Signature(inner[0], unpack(inner[1]), unpack(inner[2]), inner[3]),
    "w": Wrap.from_json,
    "k": lambda inner: KeyToWrap(inner[0], inner[1], unpack(inner[2])),
    "p": _prepared,
}


def refusal(fault: Refused | Broken) -> dict[str, Any]:
    """The answer that carries a refusal, with its facts and without anything else."""
    if isinstance(fault, Broken):
        return {"broken": [fault.code, fault.facts]}
    family = type(fault).__name__ if type(fault).__name__ in _FAMILIES else "Refused"
    return {"refused": [family, fault.code, fault.facts, [one.as_json() for one in fault.problems]]}


def result(answer: Mapping[str, Any]) -> Any:
    """The value of an answer, or the refusal it carries, raised here."""
    if "is" in answer:
        return unpack(answer["is"])
    if "refused" in answer:
        family, code, facts, problems = answer["refused"]
        listed = [Problem(one["pointer"], one["code"], one.get("facts", {})) for one in problems]
        raise _FAMILIES[family](code, problems=listed, **facts)
    code, facts = answer["broken"]
    raise Broken(code, **facts)
