"""The text of an offline proof that a leaf is in the log: C2SP tlog-proof@v1.

Decides the bytes of the text and how it is read. Never says that the checkpoint inside may be believed
(`engine.trust.checkpoint`, `engine.trust.policy`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.trust import checkpoint, merkle
from engine.trust.envelope import decode_base64, encode_base64, refuse
from engine.trust.strict_reader import MAX_INTEGER

HEADER = "c2sp.org/tlog-proof@v1"

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})")
_MAX_EXTRA = 4096


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An index, its inclusion proof (leaf's sibling first) and the checkpoint note verbatim."""

    index: int
    proof: tuple[bytes, ...]
    note: str
    extra: bytes = b""


def encode(index: int, proof: Sequence[bytes], note: str, extra: bytes = b"") -> str:
    """The proof text. `extra` is not authenticated by anything."""
    lines = [HEADER]
    if extra:
        lines.append(f"extra {encode_base64(extra)}")
    lines.append(f"index {index}")
    lines.extend(encode_base64(one) for one in proof)
    return "\n".join(lines) + "\n\n" + note


def parse(text: str) -> TlogProof:
    """Read a proof text; `Invalid` (`tlogproof.format`). Verifies nothing."""
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or lines.pop(0) != HEADER or not lines:
        raise refuse("", "tlogproof.format")
    extra = b""
    if lines[0].startswith("extra "):
        encoded = lines.pop(0)[6:]
        if len(encoded) > _MAX_EXTRA:
            raise refuse("", "tlogproof.format")
        extra = decode_base64(encoded)
    found = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if found is None or int(found.group(1)) > MAX_INTEGER or len(lines) > 64:
        raise refuse("", "tlogproof.format")
    proof = tuple(decode_base64(line) for line in lines)
    if any(len(one) != 32 for one in proof):
        raise refuse("", "tlogproof.format")
    return TlogProof(int(found.group(1)), proof, note, extra)


def is_included(one: TlogProof, leaf_hash: bytes, head: checkpoint.Checkpoint) -> bool:
    """Whether the leaf is at the stated index of the tree that `head` (the opened note) names."""
    return merkle.verify_inclusion(leaf_hash, one.index, head.size, one.proof, head.root)
