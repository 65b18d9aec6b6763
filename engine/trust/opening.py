"""Opening many sealed parts to count with them, never to show or prove: what is checked, what is not.

 1  the key commitment derived from the document key, nonce and header is the stated one (constant time)
 2  the AEAD opens; header, nonce and every byte of the ciphertext hang on it
 3  the padding holds

Left out, and done where a document is shown, proved or audited (seal.open_part): the digest of the stored
bytes (2 finds what it finds), the canonical form, and the recomputed root of the leaves. Whoever knows the
document's key could have sealed leaves that are not those committed to; a count is no evidence of them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Final

import orjson
from nacl import bindings

from engine.errors import Broken
from engine.trust import seal
from engine.trust.commitments import unflatten
from engine.trust.kdf import hkdf

MOST_SHAPES: Final = 4_096


def open_plain(dk: bytes, header: bytes, kc: bytes, nonce: bytes, ct: bytes) -> bytes:
    """The plain bytes of a part; `Broken("seal.broken")` with the step that failed."""
    # 1
    okm = hkdf(dk, nonce, seal.PART_LABEL + hashlib.sha256(header).digest(), 64)
    if not hmac.compare_digest(okm[32:], kc):
        raise Broken("seal.broken", step=1)
    # 2
    try:
        padded = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ct, header, nonce, okm[:32])
    except Exception:
        raise Broken("seal.broken", step=2) from None
    # 3
    plain = padded.rstrip(b"\x00")
    if plain[-1:] != b"\x80":
        raise Broken("seal.broken", step=3)
    return plain[:-1]


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
    """Puts leaves back into answers, as commitments.unflatten does, at a fifth of its time.

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
