"""The codes on paper: what the QR says, and the identifier of a print.

Decides their bytes (trust.md §1.9; docs: "Code on paper"). Nothing in them is personal: a log name, an index,
two digests, a signature. Never decides whether a code is genuine; a phone or a verifier does that.

v1 | origin | index | event id (32) | content (32) | platform signature (64) | key hint (4)
"""

from __future__ import annotations

from hashlib import sha256

from engine.ports import Vault
from engine.projection import DocumentRow
from engine.trust import identifiers

CODE_TYPE = "application/vnd.fengjian.code.v1"


def code_content(origin: str, row: DocumentRow) -> bytes:
    """The signed part: where the last event stands, its id, and the id of the event that carries the answers.
    """
    content_index = row["contents"][-1][1]
    content = next(step["event"] for step in row["steps"] if step["index"] == content_index)
    head = row["steps"][-1]
    place = f"v1|{origin}|{head['index']}|".encode()
    return place + bytes.fromhex(row["head"]) + bytes.fromhex(content)


def signed_code(vault: Vault, origin: str, row: DocumentRow) -> bytes:
    """The bytes of the QR, about 190."""
    content = code_content(origin, row)
    signature = vault.sign_platform(identifiers.pae(CODE_TYPE, content))
    return content + signature.signature + bytes.fromhex(signature.kid)[:4]


def print_identifier(row: DocumentRow, kind: str) -> bytes:
    """16 bytes for the PDF's /ID: the same paper of the same event has the same."""
    return sha256(f"fengjian/print/v1\x00{row['head']}\x00{kind}".encode()).digest()[:16]


def data_version(row: DocumentRow) -> str:
    """Revision and the first eight digits of its digest, as the print line shows it."""
    content_index = row["contents"][-1][1]
    content = next(step["event"] for step in row["steps"] if step["index"] == content_index)
    return f"{row['revision']}-{content[:8]}"
