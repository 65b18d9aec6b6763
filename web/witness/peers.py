"""The witnesses an agency has chosen, and the only connections this application opens by itself.

Decides which addresses may be asked: exactly the configured ones, over TLS or on this machine. No proxy of
the environment is used, no redirect followed, no answer longer than a few lines read.

    agency.json   "witnesses": [{"url": "https://witness.example/w1", "vkey": "witness.example/w1+…"}]
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from engine.errors import Invalid
from engine.trust.checkpoint import TYPE_COSIGNATURE, VerifierKey, parse_vkey

SECONDS = 5.0
_LONGEST_ANSWER = 65_536


@dataclass(frozen=True, slots=True)
class Peer:
    """A witness: where it takes checkpoints (C2SP submission prefix) and the key it cosigns with."""

    url: str
    vkey: VerifierKey


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answered."""

    status: int
    body: bytes


def read_peers(value: Any) -> tuple[Peer, ...]:
    """The `witnesses` of agency.json. `Invalid` (`witness.settings`, `witness.url`, `checkpoint.vkey`)."""
    if not isinstance(value, list):
        raise Invalid("witness.settings")
    return tuple(_read_peer(one) for one in value)


def _read_peer(value: Any) -> Peer:
    if not isinstance(value, Mapping) or set(value) != {"url", "vkey"}:
        raise Invalid("witness.settings")
    url, vkey = value["url"].rstrip("/"), parse_vkey(value["vkey"])
    parts = urlsplit(url)
    plain_here = parts.scheme == "http" and _is_this_machine(parts.hostname or "")
    if vkey.type != TYPE_COSIGNATURE or not (parts.scheme == "https" or plain_here):
        raise Invalid("witness.url", url=url)
    if not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise Invalid("witness.url", url=url)
    return Peer(url, vkey)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def ask(peer: Peer, path: str, body: bytes | None = None) -> Reply:
    """POST `body` (GET without) to a path below the witness's address. `OSError` when it cannot be reached.
    """
    parts = urlsplit(peer.url)
    assert parts.hostname is not None
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=SECONDS)
    try:
        method = "GET" if body is None else "POST"
        headers = {"Content-Type": "text/plain; charset=utf-8"} if body is not None else {}
        connection.request(method, parts.path + path, body, headers)
        answer = connection.getresponse()
        return Reply(answer.status, answer.read(_LONGEST_ANSWER))
    except http.client.HTTPException as fault:
        raise OSError(type(fault).__name__) from fault
    finally:
        connection.close()
