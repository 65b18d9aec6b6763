"""Contents of many documents on their way to the vault process and back, as bytes beside the JSON.

Decides the bytes. A trial run moves megabytes a second: base64 in JSON would cost more than the opening.

    asked     u16 documents, each: text doc | text agency.form | u8 pieces, each:
              u8 class | u32 epoch | nonce 24 | wrap 64 | kc 32 | nonce 24 | u16 | header | u32 | ciphertext
    answered  per document, per piece in the order asked: u32 | plain bytes      text = u8 length | bytes
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from engine.errors import Refused
from engine.ports import MOST_CONTENTS, SealedContent, SealedPiece
from engine.trust.statement import CLASSES
from engine.trust.wrap import ALG, Wrap

_COUNT = struct.Struct(">H")
_PIECE = struct.Struct(">BI24s64s32s24sH")
_LENGTH = struct.Struct(">I")


def encode(contents: Sequence[SealedContent]) -> bytes:
    """The bytes of a question. `Refused` for pieces that are not of one document and form."""
    out = [_COUNT.pack(len(contents))]
    for one in contents:
        prefix = one.pieces[0].wrap.compartment.rpartition(".")[0] if one.pieces else ""
        out += [_text(one.doc), _text(prefix), bytes([len(one.pieces)])]
        for piece in one.pieces:
            wrap = piece.wrap
            if wrap.alg != ALG or wrap.doc != one.doc or wrap.compartment != f"{prefix}.{wrap.klass}":
                raise Refused("vault.question")
            head = _PIECE.pack(
                CLASSES.index(wrap.klass), wrap.epoch, wrap.nonce, wrap.ct, piece.kc, piece.nonce,
                len(piece.header),
            )  # fmt: skip
            out += [head, piece.header, _LENGTH.pack(len(piece.ct)), piece.ct]
    return b"".join(out)


def decode(data: bytes) -> tuple[SealedContent, ...]:
    """The contents of a question; ValueError, struct.error, IndexError when the bytes are none."""
    (count,) = _COUNT.unpack_from(data)
    if count > MOST_CONTENTS:
        raise ValueError("too many")
    place, contents = _COUNT.size, []
    for _ in range(count):
        doc, place = _read_text(data, place)
        prefix, place = _read_text(data, place)
        pieces, many = [], data[place]
        place += 1
        for _ in range(many):
            klass, epoch, wrap_nonce, wrap_ct, kc, nonce, length = _PIECE.unpack_from(data, place)
            place += _PIECE.size
            header = data[place : place + length]
            place += length
            (length,) = _LENGTH.unpack_from(data, place)
            place += _LENGTH.size
            ct = data[place : place + length]
            place += length
            name = CLASSES[klass]
            wrap = Wrap(doc, name, f"{prefix}.{name}", epoch, ALG, wrap_nonce, wrap_ct)
            pieces.append(SealedPiece(wrap, header, kc, nonce, ct))
        contents.append(SealedContent(doc, tuple(pieces)))
    if place != len(data):
        raise ValueError("length")
    return tuple(contents)


def encode_plain(opened: Sequence[Sequence[bytes]]) -> bytes:
    """The bytes of an answer."""
    return b"".join([piece for one in opened for plain in one for piece in (_LENGTH.pack(len(plain)), plain)])


def decode_plain(data: bytes, asked: Sequence[SealedContent]) -> tuple[tuple[bytes, ...], ...]:
    """The plain bytes by document and piece; ValueError, struct.error when they do not fit the question."""
    place, opened = 0, []
    for one in asked:
        plains = []
        for _ in one.pieces:
            (length,) = _LENGTH.unpack_from(data, place)
            place += _LENGTH.size
            plains.append(data[place : place + length])
            place += length
        opened.append(tuple(plains))
    if place != len(data):
        raise ValueError("length")
    return tuple(opened)


def _text(text: str) -> bytes:
    data = text.encode("ascii")
    return bytes([len(data)]) + data


def _read_text(data: bytes, place: int) -> tuple[str, int]:
    end = place + 1 + data[place]
    return data[place + 1 : end].decode("ascii"), end
