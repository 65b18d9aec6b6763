"""The Merkle tree of the log in memory: append, roots, proofs and tiles at any size it has had.

Decides nothing about what a leaf means or when a checkpoint is signed. Never reads or writes a disk: a
caller feeds it leaf hashes in order, at start from its own side file.

Every complete subtree is kept (64 bytes a leaf in all), so that appending is O(1) amortised and any proof
is a walk of the height of the tree: about 400 hashes at most at 1,000,000 leaves.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.trust import merkle
from engine.trust.merkle import node_hash, verify_consistency, verify_inclusion

TILE_WIDTH = 256

__all__ = ["TILE_WIDTH", "Tree", "tile_path", "verify_consistency", "verify_inclusion"]


class Tree:
    """An append-only RFC 6962 tree over leaf hashes of 32 bytes. Not safe for two writers."""

    __slots__ = ("_levels",)

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        # _levels[k] holds, one after the other, the roots of the complete subtrees of 2**k leaves.
        self._levels: list[bytearray] = [bytearray()]
        for one in leaf_hashes:
            self.append(one)

    def __len__(self) -> int:
        return len(self._levels[0]) >> 5

    def append(self, leaf_hash: bytes) -> int:
        """Add a leaf; the result is its index."""
        if len(leaf_hash) != 32:
            raise ValueError("a leaf hash has 32 bytes")
        index = len(self._levels[0]) >> 5
        level = 0
        node = leaf_hash
        while True:
            if level == len(self._levels):
                self._levels.append(bytearray())
            row = self._levels[level]
            row += node
            if (len(row) >> 5) & 1:
                return index
            node = node_hash(bytes(row[-64:-32]), bytes(row[-32:]))
            level += 1

    def leaf(self, index: int) -> bytes:
        """The leaf hash at `index`."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._node(0, index)

    def root(self, size: int | None = None) -> bytes:
        """The root at `size` (default: now). ValueError for a size the tree never had."""
        size = self._known(len(self) if size is None else size)
        return merkle.EMPTY_ROOT if size == 0 else self._range(0, size)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """The audit path of leaf `index` in the tree of `size` (RFC 6962 section 2.1.1)."""
        size = self._known(len(self) if size is None else size)
        if not 0 <= index < size:
            raise ValueError("no such leaf at this size")
        proof: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            split = start + _largest_power_below(end - start)
            if index < split:
                proof.append(self._range(split, end))
                end = split
            else:
                proof.append(self._range(start, split))
                start = split
        proof.reverse()
        return proof

    def consistency_proof(self, size1: int, size2: int | None = None) -> list[bytes]:
        """The proof that the tree of `size2` continues that of `size1` (RFC 6962 section 2.1.2)."""
        size2 = self._known(len(self) if size2 is None else size2)
        if not 0 <= size1 <= size2:
            raise ValueError("sizes are not in order")
        if size1 in (0, size2):
            return []
        proof: list[bytes] = []
        start, end, whole = 0, size2, True
        while size1 != end:
            split = start + _largest_power_below(end - start)
            if size1 <= split:
                proof.append(self._range(split, end))
                end = split
            else:
                proof.append(self._range(start, split))
                start, whole = split, False
        if not whole:
            proof.append(self._range(start, end))
        proof.reverse()
        return proof

    def tile(self, level: int, number: int, width: int = TILE_WIDTH) -> bytes:
        """The bytes of a C2SP tile: `width` hashes of subtrees of 256**level leaves, from number * 256 on."""
        row = self._levels[8 * level] if 8 * level < len(self._levels) else bytearray()
        start = number * TILE_WIDTH * 32
        data = bytes(row[start : start + width * 32])
        if not 1 <= width <= TILE_WIDTH or len(data) != width * 32:
            raise ValueError("no such tile at this size")
        return data

    def _known(self, size: int) -> int:
        if not 0 <= size <= len(self):
            raise ValueError("the tree never had this size")
        return size

    def _node(self, level: int, index: int) -> bytes:
        return bytes(self._levels[level][index << 5 : (index + 1) << 5])

    def _range(self, start: int, end: int) -> bytes:
        # `start` is a multiple of the largest power of two in the length: whole subtrees fold from the right.
        pieces: list[bytes] = []
        while start < end:
            level = (end - start).bit_length() - 1
            pieces.append(self._node(level, start >> level))
            start += 1 << level
        root = pieces.pop()
        while pieces:
            root = node_hash(pieces.pop(), root)
        return root


def _largest_power_below(length: int) -> int:
    return 1 << ((length - 1).bit_length() - 1)


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """The C2SP path of a tile: `tile/0/x001/x234/067`, with `.p/W` for a partial one."""
    digits = f"{number % 1000:03d}"
    number //= 1000
    while number:
        digits = f"x{number % 1000:03d}/{digits}"
        number //= 1000
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{digits}{partial}"
