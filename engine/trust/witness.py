"""Witnessing: what a log asks of a witness, what a witness answers, and which lines a note may carry on.

Decides the bytes of C2SP tlog-witness `add-checkpoint` and the answer to a request, given what the witness
remembers. Never remembers anything itself: whoever judges holds a lock over remembering, judging and
remembering anew, and has the new checkpoint on its disk before it answers.

A request is judged in the order of the specification:
 1  It reads as a request, and its checkpoint as one of three lines            else 400
 2  The origin is of a log this witness knows                                   else 404
 3  A known key of that log has signed it                                       else 403
 4  The old size is not beyond the checkpoint's                                 else 400
 5  The old size is the remembered one                                          else 409 and that size
 6  At equal sizes the roots are equal                                          else 409 and that size
 7  The consistency proof holds                                                 else 422
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import Invalid
from engine.trust import checkpoint, merkle
from engine.trust.checkpoint import Checkpoint, VerifierKey
from engine.trust.envelope import decode_base64, encode_base64, refuse

MAX_PROOF_LINES = 63
MAX_REQUEST_BYTES = checkpoint.MAX_NOTE_BYTES + 4096

BEHIND, FORK, UNPROVEN = "behind", "fork", "unproven"
"""Kinds of evidence: a smaller tree than the log had shown before; two roots at one size; no proof that the
larger tree continues the remembered one."""

_OLD = re.compile(r"old (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Request:
    """An `add-checkpoint` request that was read, not yet believed."""

    old: int
    proof: tuple[bytes, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Head:
    """A tree head: number of leaves and root hash (32 bytes)."""

    size: int
    root: bytes


NOTHING_SEEN = Head(0, merkle.EMPTY_ROOT)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer to a request: HTTP status, the head the witness remembers, and a kind of evidence or "".

    `read` is the checkpoint when the log's key has signed it, else None. Status 200 means: remember it, then
    cosign.
    """

    status: int
    last: Head = NOTHING_SEEN
    read: Checkpoint | None = None
    evidence: str = ""


def encode_request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """The body a log sends: old size, consistency proof from it, an empty line, the signed checkpoint."""
    lines = [f"old {old}", *(encode_base64(one) for one in proof)]
    return ("\n".join(lines) + "\n\n" + note).encode("utf-8")


def parse_request(body: bytes) -> Request:
    """Read a request body; `Invalid` (`witness.request`). Verifies nothing."""
    if len(body) > MAX_REQUEST_BYTES:
        raise refuse("", "witness.request")
    try:
        head, blank, note = body.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise refuse("", "witness.request") from None
    lines = head.split("\n")
    found = _OLD.fullmatch(lines.pop(0))
    if not blank or found is None or len(lines) > MAX_PROOF_LINES:
        raise refuse("", "witness.request")
    proof = tuple(decode_base64(line) for line in lines)
    if any(len(one) != 32 for one in proof):
        raise refuse("", "witness.request")
    return Request(int(found[1]), proof, note)


def judge(
    request: Request, logs: Mapping[str, Sequence[VerifierKey]], remembered: Callable[[str], Head]
) -> Judgement:
    """The answer to a request, by the steps above. `logs` are the keys of each origin this witness knows."""
    # 1
    try:
        read = checkpoint.open(request.note)
    except Invalid:
        return Judgement(400)
    # 2
    keys = logs.get(read.origin, ())
    if not keys:
        return Judgement(404)
    # 3
    if not any(checkpoint.is_signed_by(read, key) for key in keys):
        return Judgement(403)
    # 4
    if request.old > read.size:
        return Judgement(400)
    # 5
    last = remembered(read.origin)
    if request.old != last.size:
        return Judgement(409, last, read, _conflict(read, last))
    # 6
    if read.size == last.size and read.root != last.root:
        return Judgement(409, last, read, FORK)
    # 7
    if not merkle.verify_consistency(last.size, read.size, request.proof, last.root, read.root):
        # With the right root there is nothing to hold against the log: the proof was spoilt on the way.
        return Judgement(422, last, read, UNPROVEN if read.size > last.size else "")
    return Judgement(200, last, read)


def _conflict(read: Checkpoint, last: Head) -> str:
    if read.size < last.size:
        return BEHIND
    return FORK if read.size == last.size and read.root != last.root else ""


def encode_size(size: int) -> bytes:
    """The body of a 409 (`text/x.tlog.size`)."""
    return f"{size}\n".encode("ascii")


def parse_size(body: bytes) -> int | None:
    """The size in a 409's body, or None."""
    found = re.fullmatch(rb"(0|[1-9][0-9]{0,15})\n", body)
    return int(found[1]) if found else None


def lines_of(body: bytes) -> str:
    """The signature lines of a 200, as text; `Invalid` (`witness.answer`) when they are none."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise refuse("", "witness.answer") from None
    if not text.startswith("— ") or not text.endswith("\n") or "\n\n" in text:
        raise refuse("", "witness.answer")
    return text


def carry(note: str, log: VerifierKey, witnesses: Iterable[VerifierKey]) -> str:
    """The note with the log's line and one valid line of each of these witnesses, and nothing else.

    Given several lines of one witness the latest time counts. `Invalid` when the log's line does not hold.
    """
    read = checkpoint.open(note)
    if not checkpoint.is_signed_by(read, log):
        raise refuse("", "checkpoint.signature")
    own = next(one for one in read.signatures if one.name == log.name and one.key_id == log.key_id)
    kept = [checkpoint.signature_line(log.name, log.type, log.public_key, own.data)]
    for witness in witnesses:
        lines = [
            one
            for one in read.signatures
            if one.name == witness.name
            and one.key_id == witness.key_id
            and checkpoint.cosignatures(_alone(read, one), [witness])
        ]
        if lines:
            newest = max(lines, key=lambda one: one.data[:8])
            kept.append(
                checkpoint.signature_line(witness.name, witness.type, witness.public_key, newest.data)
            )
    return f"{read.text}\n{''.join(kept)}"


def _alone(read: Checkpoint, line: checkpoint.SignatureLine) -> Checkpoint:
    return Checkpoint(read.origin, read.size, read.root, read.text, (line,))
