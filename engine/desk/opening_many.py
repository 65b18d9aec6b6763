"""Opening the last answers of many documents at once, for a trial run alone.

Decides which sealed parts are asked of the vault; keys stay there (ADR 0022). Never writes the access log and
never asks for a right: the caller has done both. What is checked of a part says engine.trust.opening.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.desk import sealing
from engine.desk.desk import Desk
from engine.errors import Broken, NotFound
from engine.ports import SealedContent, SealedPiece
from engine.projection import DocumentRow
from engine.trust import opening, seal


def scope_of(desk: Desk, form: str) -> str:
    """What a permit of the vault is for: a form of this agency."""
    return sealing.compartment(desk, form, "").removesuffix(".")


def content_of(desk: Desk, row: DocumentRow) -> SealedContent | None:
    """The sealed parts of a document's last revision; None when their keys were destroyed."""
    index = next((at for number, at in row["contents"] if number == row["revision"]), None)
    if index is None:
        raise NotFound("revision.not_found")
    record = desk.journal.read(index)
    wraps = sealing.wraps_of(desk, row, record)
    if not wraps:
        return None
    statement = record.statement()
    place = sealing.place_of(desk, statement["doc"], statement["seq"], statement["form"]["sha256"])
    stored = {part.n: part for part in record.parts}
    pieces = []
    for one in statement["parts"]:
        part = stored.get(one["n"])
        if part is None or one["class"] not in wraps:
            raise Broken("part.missing", index=index, n=one["n"])
        header = seal.part_header(place, one["n"], one["class"], one["root"], one["leaves"])
        kc = bytes.fromhex(one["kc"])
        pieces.append(SealedPiece(wraps[one["class"]], header, kc, part.nonce, part.ct))
    return SealedContent(row["doc"], tuple(pieces))


_answers = opening.Answers(sealing.RESERVED)


def answers_in(plains: Sequence[bytes]) -> dict[str, Any]:
    """The answers in the plain bytes of a document's parts."""
    return _answers.of([field for plain in plains for field in opening.fields_in(plain)])
