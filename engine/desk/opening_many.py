"""Opening the last answers of many documents at once, for a trial run alone.

Decides which sealed parts are asked of the vault; keys stay there (ADR 0023). Never writes the access log and
never asks for a right: the caller has done both. What is checked of a part says engine.trust.opening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Final

import orjson

from engine.desk import sealing
from engine.desk.desk import Desk
from engine.errors import Broken, NotFound
from engine.ports import SealedContent, SealedPiece
from engine.projection import DocumentRow
from engine.trust import seal
from engine.trust.commitments import unflatten

MOST_SHAPES: Final = 4_096


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


def fields_in(plain: bytes) -> list[list[Any]]:
    """The [path, value] pairs of a part's plain bytes; `Broken("seal.broken")` when there are none in it."""
    try:
        fields: list[list[Any]] = orjson.loads(plain)["fields"]
    except (ValueError, KeyError, TypeError):
        raise Broken("seal.broken", step=4) from None
    return fields


_Taker = Callable[[list[Any]], Sequence[Any]]
_Step = tuple[tuple[str, ...] | None, _Taker]


class Answers:
    """Puts leaves back into answers, as engine.trust.commitments.unflatten does, at a fifth of its time.

    Documents of a form have few different lists of paths; how the values of one stand in the answers is found
    once. `reserved` are the beginnings of paths that are no answers.
    """

    def __init__(self, reserved: tuple[str, ...]) -> None:
        self._reserved = reserved
        self._shapes: dict[tuple[str, ...], tuple[_Step, ...]] = {}

    def of(self, fields: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """The answers of [path, value] pairs, in any order."""
        listed = list(fields)
        paths = tuple([one[0] for one in listed])
        steps = self._shapes.get(paths)
        if steps is None:
            steps = self._steps(paths)
            if len(self._shapes) < MOST_SHAPES:
                self._shapes[paths] = steps
        values = [one[1] for one in listed]
        values.append(None)  # what stands in a place of a list that has no leaf
        for names, take in steps:
            taken = take(values)
            values.append(list(taken) if names is None else dict(zip(names, taken, strict=True)))
        return values[-1] if steps else {}

    def _steps(self, paths: tuple[str, ...]) -> tuple[_Step, ...]:
        """From the inside out: which places of the values make the next object (or, nameless, list)."""
        nest = unflatten((path, at) for at, path in enumerate(paths) if not path.startswith(self._reserved))
        steps: list[_Step] = []

        def place_of(node: Any) -> int:
            if node is None:
                return len(paths)
            if type(node) is int:
                return node
            members = list(node.values()) if type(node) is dict else node
            places = [place_of(one) for one in members]
            steps.append((tuple(node) if type(node) is dict else None, _taker(places)))
            return len(paths) + len(steps)

        if nest:
            place_of(nest)
        return tuple(steps)


def _taker(places: list[int]) -> _Taker:
    if len(places) > 1:
        return itemgetter(*places)
    (place,) = places
    return lambda values: (values[place],)


_answers = Answers(sealing.RESERVED)


def answers_in(plains: Sequence[bytes]) -> dict[str, Any]:
    """The answers in the plain bytes of a document's parts."""
    return _answers.of([field for plain in plains for field in fields_in(plain)])
