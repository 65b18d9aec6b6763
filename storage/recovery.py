"""What is on the disk after a start: which records stand, what may be cut, and when trust is lost.

Decides between three answers: whole; whole after cutting a torn tail beyond the last checkpoint; or a
fault, upon which the journal opens read-only and nothing is cut. Never writes: the journal does what the
plan says.

 1  List the segments; the first begins at record 0.
 2  Read the last segment whole: every frame's digest, every checkpoint's size. Without a checkpoint in it,
    read the one before too. Earlier records come from the side file; without it, read everything.
 3  The last checkpoint must carry the log key's signature, and its root must be the root of the leaves.
    When the side file was used and disagrees, forget it and read everything.
 4  The last tree head the signer remembers must be a prefix of that checkpoint.
 5  Whatever lies beyond the last checkpoint was never acknowledged: it may be cut.

A damaged byte looks like a torn tail. Step 4 tells them apart: an acknowledged batch has been remembered,
so damage in it leaves fewer records than the signer knows of.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine import record as records
from engine.errors import Broken
from engine.trust.log import Tree
from engine.trust.merkle import EMPTY_ROOT
from storage import segments
from storage.last_signed import EMPTY, LastSigned, Signed
from storage.leaves import Leaves, leaf_hash_of, load_leaves
from storage.log_signer import LogSigner
from storage.segments import Segment


@dataclass(frozen=True, slots=True)
class Recovered:
    """The journal as found. `fault` is a code, or None. `keep` is the length the last segment may be cut to.

    `leaves` and `tree` hold exactly the records under the last checkpoint; `note` is its text ("" for none).
    `side_entries` is how many entries of the side file are right.
    """

    segments: tuple[Segment, ...]
    leaves: Leaves
    tree: Tree
    note: str
    root: bytes
    keep: int
    cut_bytes: int
    side_entries: int
    fault: str | None


@dataclass(slots=True)
class _Reading:
    """What reading segments from one on has found so far."""

    leaves: Leaves
    note: str = ""
    size: int = 0
    checkpoint_end: int = 0
    file_bytes: int = 0
    is_damaged: bool = False


def recover(folder: Path, signer: LogSigner, last_signed: LastSigned | None) -> Recovered:
    """Judge the journal in `folder`; `last_signed` None when the signer's memory is not at hand (audit)."""
    found = segments.list_segments(folder)
    side = load_leaves(folder / "leaves")
    if not found:
        return _empty(last_signed)
    if found[0].first != 0:
        return _nothing(found, "journal.segment_missing")
    result = _judge(found, side, signer, last_signed)
    if result.fault is not None and len(side):
        result = _judge(found, Leaves(), signer, last_signed)
    return result


def _judge(
    found: tuple[Segment, ...], side: Leaves, signer: LogSigner, last_signed: LastSigned | None
) -> Recovered:
    reading = _read_end(found, side)
    head = EMPTY
    if reading.note:
        opened = signer.open(reading.note)
        if opened is None or opened.size != reading.size:
            return _nothing(found, "journal.checkpoint_signature")
        head = opened
    known = min(len(side), reading.size)
    reading.leaves.cut(reading.size)
    tree = Tree(reading.leaves.hashes)
    if tree.root() != head.root:
        return _nothing(found, "journal.root_mismatch")
    fault = "journal.damaged" if reading.is_damaged else _check_memory(tree, head, last_signed)
    return Recovered(
        segments=found,
        leaves=reading.leaves,
        tree=tree,
        note=reading.note,
        root=head.root,
        keep=reading.checkpoint_end,
        cut_bytes=reading.file_bytes - reading.checkpoint_end,
        side_entries=known,
        fault=fault,
    )


def _read_end(found: tuple[Segment, ...], side: Leaves) -> _Reading:
    """Read from as late a segment as the side file allows."""
    place = len(found) - 1 if len(side) >= found[-1].first else 0
    while True:
        reading = _read_from(found, place, side)
        if reading.note or place == 0:
            return reading
        # A segment begun right before the crash holds no checkpoint yet: its predecessor's counts.
        place = place - 1 if len(side) >= found[place - 1].first else 0


def _read_from(found: tuple[Segment, ...], place: int, side: Leaves) -> _Reading:
    leaves = Leaves()
    for n in range(found[place].first):
        leaves.add(side.hashes[n], side.offsets[n], side.lengths[n])
    reading = _Reading(leaves, size=0)
    for segment in found[place:]:
        if segment.first != len(leaves):
            reading.is_damaged = True
            return reading
        data = segments.read_segment(segment.path)
        reading.file_bytes, reading.checkpoint_end = len(data), 0
        end = 0
        for frame in segments.frames(data):
            end = frame.end
            if frame.magic == segments.RECORD:
                _add_record(leaves, frame, side)
            else:
                reading.note = frame.payload.decode("utf-8", "replace")
                reading.size, reading.checkpoint_end = len(leaves), frame.end
        if segment is not found[-1] and (end != len(data) or end != reading.checkpoint_end):
            reading.is_damaged = True  # only the last segment may have a torn end
            return reading
    return reading


def _add_record(leaves: Leaves, frame: segments.Frame, side: Leaves) -> None:
    index = len(leaves)
    length = frame.end - frame.start
    if index < len(side) and side.offsets[index] == frame.start and side.lengths[index] == length:
        leaves.add(side.hashes[index], frame.start, length)
        return
    try:
        hashed = leaf_hash_of(records.decode(frame.payload))
    except (Broken, ValueError, KeyError):
        hashed = bytes(32)  # a whole frame that is no record: the root will not fit
    leaves.add(hashed, frame.start, length)


def _check_memory(tree: Tree, head: Signed, last_signed: LastSigned | None) -> str | None:
    if last_signed is None:
        return None
    known = last_signed.read()
    if known is None:
        return "journal.last_signed_missing"
    if known.size > head.size:
        return "journal.behind_checkpoint"
    return None if tree.root(known.size) == known.root else "journal.forked"


def _empty(last_signed: LastSigned | None) -> Recovered:
    fault = None
    if last_signed is not None:
        known = last_signed.read()
        if known is not None and known.size > 0:
            fault = "journal.behind_checkpoint"
    return Recovered((), Leaves(), Tree(), "", EMPTY_ROOT, 0, 0, 0, fault)


def _nothing(found: tuple[Segment, ...], fault: str) -> Recovered:
    """Read-only, and nothing vouched for: no record is given out under a checkpoint that does not hold."""
    return Recovered(found, Leaves(), Tree(), "", EMPTY_ROOT, 0, 0, 0, fault)
