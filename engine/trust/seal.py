"""Sealing: the encrypted parts of a document and its attachments.

Decides keys, nonces' use, padding and the order in which a sealed thing is opened (docs/format.md "Sealed
part", "Attachment"). Never decides who may open, and never makes randomness: keys and nonces are arguments
and a nonce must never come twice with one key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as encode_string
from typing import Any

from nacl import bindings

from engine.errors import Broken, Invalid
from engine.trust import canonical, commitments, merkle
from engine.trust.commitments import Field
from engine.trust.kdf import hkdf
from engine.trust.statement import PartRef

NONCE_BYTES = 24
KEY_BYTES = 32
PADDING_STEP = 256
CHUNK_BYTES = 65_536
ATTACHMENTS_PREFIX = "/_attachments/"
TRANSITION_PREFIX = "/transition/"
DERIVED_PREFIX = "/_derived/"

PART_LABEL = b"fengjian/part/v1\x00"
_ATTACHMENT_LABEL = b"fengjian/attachment/v1\x00"
_CHUNK_OVERHEAD = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_TAG_MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_TAG_FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


@dataclass(frozen=True, slots=True)
class PartPlace:
    """What a sealed part is bound to: it opens nowhere else."""

    suite: str
    origin: str
    agency: str
    doc: str
    seq: int
    form_sha256: str


@dataclass(frozen=True, slots=True)
class SealedPart:
    """`ref` goes into the statement; nonce and ciphertext are stored beside it, outside the signature."""

    ref: PartRef
    nonce: bytes
    ct: bytes


@dataclass(frozen=True, slots=True)
class OpenedPart:
    """The content of a part: the key of its salts and its fields, sorted by path."""

    salt_key: bytes
    fields: list[Field]


def part_header(place: PartPlace, n: int, klass: str, root: str, leaves: int) -> bytes:
    """What the ciphertext of a part is bound to, beside its key and nonce."""
    # The canonical JSON of one flat object, written out: the same bytes at a tenth of the time.
    agency, origin = encode_string(place.agency), encode_string(place.origin)
    doc, form = encode_string(place.doc), encode_string(place.form_sha256)
    return (
        f'{{"agency":{agency},"class":{encode_string(klass)},"doc":{doc},"form":{form},"kind":"part",'
        f'"leaves":{leaves},"n":{n},"origin":{origin},"root":{encode_string(root)},"seq":{place.seq},'
        f'"suite":{encode_string(place.suite)}}}'
    ).encode()


def seal_part(
    dk: bytes, salt_key: bytes, nonce: bytes, place: PartPlace, n: int, klass: str, fields: Sequence[Field]
) -> SealedPart:
    """Commit and seal `fields` (sorted by path) of one class under its document key.

    `dk` and `salt_key` have 32 bytes, `nonce` 24. Values outside the canonical profile: `Invalid`.
    """
    _lengths((dk, KEY_BYTES), (salt_key, KEY_BYTES), (nonce, NONCE_BYTES))
    values = commitments.encode_values(fields)
    root = merkle.root_of(commitments.hash_leaves(salt_key, fields, values)).hex()
    header = part_header(place, n, klass, root, len(fields))
    okm = hkdf(dk, nonce, PART_LABEL + hashlib.sha256(header).digest(), 64)
    plain = _plain(salt_key, fields, values)
    ct = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(pad(plain), header, nonce, okm[:32])
    digest = hashlib.sha256(nonce + ct).hexdigest()
    ref = PartRef(n, klass, root, len(fields), digest, NONCE_BYTES + len(ct), okm[32:].hex())
    return SealedPart(ref, nonce, ct)


def _plain(salt_key: bytes, fields: Sequence[Field], values: Sequence[bytes]) -> bytes:
    # The canonical JSON {"fields":[[path,value],...],"salt_key":hex}, put together from values encoded once.
    listed = [
        encode_string(path).encode() + b"," + value for (path, _), value in zip(fields, values, strict=True)
    ]
    body = b"],[".join(listed)
    return b'{"fields":[%b],"salt_key":"%b"}' % (
        b"[" + body + b"]" if listed else b"",
        salt_key.hex().encode(),
    )


def open_part(dk: bytes, place: PartPlace, ref: PartRef, nonce: bytes, ct: bytes) -> OpenedPart:
    """The content of a sealed part, whose statement's signatures the caller has already verified.

    1. digest and length of nonce and ciphertext are those the statement names
    2. the key commitment derived from `dk`, nonce and header equals the stated one (constant time)
    3. the AEAD opens
    4. the padding and the canonical JSON hold
    5. the recomputed root and number of leaves are those stated
    (The schema check, the sixth step, is the caller's: this package knows no schemas.)

    Each failure is the same `Broken("seal.broken")`; `step` is for the log, never for an answer.
    """
    # 1
    if not is_stored_part(ref, nonce, ct):
        raise Broken("seal.broken", step=1)
    # 2
    header = part_header(place, ref.n, ref.klass, ref.root, ref.leaves)
    okm = hkdf(dk, nonce, PART_LABEL + hashlib.sha256(header).digest(), 64)
    if not hmac.compare_digest(okm[32:].hex(), ref.kc):
        raise Broken("seal.broken", step=2)
    # 3
    try:
        padded = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ct, header, nonce, okm[:32])
    except Exception:
        raise Broken("seal.broken", step=3) from None
    # 4
    try:
        content = _content(unpad(padded))
    except (Invalid, ValueError):
        raise Broken("seal.broken", step=4) from None
    # 5
    if (
        len(content.fields) != ref.leaves
        or commitments.root(content.salt_key, content.fields).hex() != ref.root
    ):
        raise Broken("seal.broken", step=5)
    return content


def is_stored_part(ref: PartRef, nonce: bytes, ct: bytes) -> bool:
    """Whether stored bytes are those the statement names; needs no key."""
    return (
        len(nonce) == NONCE_BYTES
        and len(nonce) + len(ct) == ref.length
        and hashlib.sha256(nonce + ct).hexdigest() == ref.ct
    )


def _content(plain: bytes) -> OpenedPart:
    value: Any = canonical.parse(plain, max_bytes=16 * canonical.MAX_BYTES)
    if not isinstance(value, dict) or value.keys() != {"fields", "salt_key"}:
        raise ValueError("members")
    salt_key = bytes.fromhex(value["salt_key"])
    fields: list[Field] = []
    for one in value["fields"]:
        if not isinstance(one, list) or len(one) != 2 or not isinstance(one[0], str):
            raise ValueError("field")
        fields.append((one[0], one[1]))
    if len(salt_key) != KEY_BYTES or not canonical.is_canonical(plain, value):
        raise ValueError("form")
    return OpenedPart(salt_key, fields)


def pad(plain: bytes) -> bytes:
    """ISO/IEC 7816-4: 0x80, then zeros up to the next multiple of 256; at least one byte is added."""
    return plain + b"\x80" + bytes(-(len(plain) + 1) % PADDING_STEP)


def unpad(padded: bytes) -> bytes:
    """The bytes before the padding; ValueError when it is not the padding `pad` would have made."""
    plain = padded.rstrip(b"\x00")[:-1]
    if len(padded) % PADDING_STEP or pad(plain) != padded:
        raise ValueError("padding")
    return plain


@dataclass(frozen=True, slots=True)
class AttachmentPlace:
    """What a sealed file is bound to: it is sealed before its document exists, which names it later."""

    suite: str
    agency: str


@dataclass(frozen=True, slots=True)
class AttachmentSeal:
    """What the statement says of a sealed file: digest and length of the stored bytes, kc, commitment."""

    ct: str
    length: int
    kc: str
    commit: str


def _attachment_keys(key: bytes, nonce: bytes, place: AttachmentPlace) -> tuple[bytes, bytes, bytes, bytes]:
    header = canonical.dump({"agency": place.agency, "kind": "attachment", "suite": place.suite})
    digest = hashlib.sha256(header).digest()
    okm = hkdf(key, nonce, _ATTACHMENT_LABEL + digest, 96)
    return okm[:32], okm[32:64], okm[64:], digest


class SealingStream:
    """A file being sealed: iterate once for the stored bytes, then `seal()` is what the statement says."""

    def __init__(self, key: bytes, nonce: bytes, place: AttachmentPlace, data: Iterable[bytes]) -> None:
        _lengths((key, KEY_BYTES), (nonce, NONCE_BYTES))
        self._keys = _attachment_keys(key, nonce, place)
        self._nonce = nonce
        self._data = data
        self._seal: AttachmentSeal | None = None

    def __iter__(self) -> Iterator[bytes]:
        stream_key, kc, commit_key, digest = self._keys
        state = bindings.crypto_secretstream_xchacha20poly1305_state()
        # Setting up to pull with a given header is, in libsodium, the same state as pushing with that header,
        # and leaves the choice of the header to the caller.
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, self._nonce, stream_key)
        stored, plain, length = hashlib.sha256(self._nonce), hashlib.sha256(), NONCE_BYTES
        yield self._nonce
        for chunk, tag in _tagged(_rechunked(self._data, CHUNK_BYTES)):
            plain.update(chunk)
            piece = bindings.crypto_secretstream_xchacha20poly1305_push(state, chunk, digest, tag)
            stored.update(piece)
            length += len(piece)
            yield piece
        commit = hmac.digest(commit_key, plain.digest(), "sha256")
        self._seal = AttachmentSeal(stored.hexdigest(), length, kc.hex(), commit.hex())

    def seal(self) -> AttachmentSeal:
        """What the statement says of the file; ValueError before every byte has been taken."""
        if self._seal is None:
            raise ValueError("the stream has not been taken to its end")
        return self._seal


def seal_attachment(key: bytes, nonce: bytes, place: AttachmentPlace, data: Iterable[bytes]) -> SealingStream:
    """Seal a file under its own random `key` (32 bytes) and `nonce` (24).

    The stored bytes are a libsodium secretstream whose header is `nonce`, in chunks of 64 KiB of plaintext.
    """
    return SealingStream(key, nonce, place, data)


def _tagged(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    held = next(chunks, b"")
    for chunk in chunks:
        yield held, _TAG_MESSAGE
        held = chunk
    yield held, _TAG_FINAL


def open_attachment(
    key: bytes, place: AttachmentPlace, expected: AttachmentSeal, stored: Iterable[bytes]
) -> Iterator[bytes]:
    """The plaintext of a sealed file, piece by piece.

    1. the key commitment holds for the nonce that the stored bytes begin with
    2. every chunk opens, the last and only the last carries TAG_FINAL, nothing follows it
    3. digest and length of the stored bytes and the hiding commitment are those stated

    Raises `Broken("seal.broken")`. Only when the iterator ends without it is the file whole: a caller that
    passes pieces on before must be able to break off.
    """
    digest_all = hashlib.sha256()
    length = 0
    pieces = _rechunked(stored, CHUNK_BYTES + _CHUNK_OVERHEAD, first=NONCE_BYTES)
    nonce = next(pieces, b"")
    digest_all.update(nonce)
    length += len(nonce)
    # 1
    if len(nonce) != NONCE_BYTES or len(key) != KEY_BYTES:
        raise Broken("seal.broken", step=1)
    stream_key, kc, commit_key, digest = _attachment_keys(key, nonce, place)
    if not hmac.compare_digest(kc.hex(), expected.kc):
        raise Broken("seal.broken", step=1)
    # 2
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, nonce, stream_key)
    plain = hashlib.sha256()
    ended = False
    for piece in pieces:
        digest_all.update(piece)
        length += len(piece)
        if ended:
            raise Broken("seal.broken", step=2)
        try:
            chunk, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, piece, digest)
        except Exception:
            raise Broken("seal.broken", step=2) from None
        plain.update(chunk)
        ended = tag == _TAG_FINAL
        yield chunk
    if not ended:
        raise Broken("seal.broken", step=2)
    # 3
    commit = hmac.digest(commit_key, plain.digest(), "sha256").hex()
    if digest_all.hexdigest() != expected.ct or length != expected.length or commit != expected.commit:
        raise Broken("seal.broken", step=3)


def attachment_commitment(key: bytes, nonce: bytes, place: AttachmentPlace, plain_sha256: bytes) -> str:
    """The hiding commitment of a file, from its key, its nonce and the SHA-256 of its plaintext."""
    return hmac.digest(_attachment_keys(key, nonce, place)[2], plain_sha256, "sha256").hex()


def _rechunked(data: Iterable[bytes], size: int, first: int = 0) -> Iterator[bytes]:
    want = first or size
    buffer = bytearray()
    for piece in data:
        buffer += piece
        while len(buffer) >= want:
            yield bytes(buffer[:want])
            del buffer[:want]
            want = size
    if buffer:
        yield bytes(buffer)


def _lengths(*pairs: tuple[bytes, int]) -> None:
    if any(len(data) != length for data, length in pairs):
        raise ValueError("a key has 32 bytes and a nonce 24")
