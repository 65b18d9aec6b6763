"""RFC 6962 hashing and the checking of proofs, for the log, the fields of a part, the people of a snapshot.

Decides whether a proof is exact for sizes and indexes. Never stores a tree (`engine.trust.log` does).

Size-0 rule (docs/format.md "Log"): the root of the empty tree is SHA-256 of nothing. A consistency proof
from size 0 holds if and only if the first root is that root and the proof is empty; from an equal size,
if and only if the roots are equal and the proof is empty. There is no inclusion in an empty tree.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """H(0x00 || data)."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """H(0x01 || left || right)."""
    return _sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        # An odd last node moves up unchanged: the same tree as RFC 6962's split at the largest power of two.
        paired = [_sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        if len(level) & 1:
            paired.append(level[-1])
        level = paired
    return level[0]


def proof_of(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The inclusion proof of one leaf of a small tree held as a list; ValueError when there is none."""
    if not 0 <= index < len(hashes):
        raise ValueError("no such leaf")
    proof: list[bytes] = []
    level = list(hashes)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        paired = [_sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        if len(level) & 1:
            paired.append(level[-1])
        level = paired
        index >>= 1
    return proof


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether leaf hash `leaf` is number `index` of the tree of `size` with `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != 32 or not _are_hashes(proof):
        return False
    node, last = index, size - 1
    hashed, sha256 = leaf, _sha256
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            hashed = sha256(b"\x01" + sibling + hashed).digest()
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            hashed = sha256(b"\x01" + hashed + sibling).digest()
        node >>= 1
        last >>= 1
    return last == 0 and hmac.compare_digest(hashed, root)


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> bool:
    """Whether the tree of `size2` with `root2` continues that of `size1` with `root1` (RFC 9162 2.1.4.2)."""
    if not 0 <= size1 <= size2 or not _are_hashes(proof) or len(root1) != 32 or len(root2) != 32:
        return False
    if size1 == size2:
        return not proof and root1 == root2 and (size1 > 0 or root1 == EMPTY_ROOT)
    if size1 == 0:
        return not proof and root1 == EMPTY_ROOT
    path = list(proof)
    if size1 & (size1 - 1) == 0:
        path.insert(0, root1)
    if not path:
        return False
    first, second = size1 - 1, size2 - 1
    while first & 1:
        first >>= 1
        second >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if second == 0:
            return False
        if first & 1 or first == second:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not first & 1 and first:
                first >>= 1
                second >>= 1
        else:
            new = node_hash(new, sibling)
        first >>= 1
        second >>= 1
    return second == 0 and hmac.compare_digest(old, root1) and hmac.compare_digest(new, root2)


def _are_hashes(proof: Sequence[bytes]) -> bool:
    return len(proof) <= 64 and (not proof or set(map(len, proof)) == {32})
