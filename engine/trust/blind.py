"""Blind index values: a few bits of a keyed hash, by which sealed fields are found without being readable.

Decides how a text is normalised for searching and which bits stand for it (docs/format.md "Blind index").
Never normalises what is signed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from engine.trust import canonical
from engine.trust.kdf import hkdf, hmac_pads

# Zero-width and joining characters, soft hyphen, byte order mark, variation selectors.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACE = re.compile(r"\s+")
_sha256 = hashlib.sha256
INDEX_BITS = 15
"""How many bits stand for a value in an index: more would identify, fewer would find all (trust.md §3)."""
_NOT_DIGITS = re.compile(r"[^0-9]+")


def index_key(root_key: bytes, *, agency: str, form: str, field: str, index: str, epoch: int) -> bytes:
    """The key of one index of one field in one epoch, from the index root key (32 bytes)."""
    place = canonical.dump({"agency": agency, "epoch": epoch, "form": form, "field": field, "index": index})
    return hkdf(root_key, b"", b"fengjian/blind/v1\x00" + place, 32)


def normalize_for_index(text: str) -> str:
    """NFKC, without invisible characters and white space, letters in upper case (the X of an id number)."""
    if text.isascii():  # nothing to fold and nothing invisible
        return "".join(text.split()).upper()
    return _SPACE.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).upper()


def normalize_phone_for_index(text: str) -> str:
    """The digits of a telephone or card number."""
    return _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", text))


def keyed_hash(key: bytes, normalized: str) -> bytes:
    """HMAC-SHA256 of a normalized value. Who has it can tell the value from any other: it stays sealed."""
    inner, outer = hmac_pads(key)
    return _sha256(outer + _sha256(inner + normalized.encode()).digest()).digest()


def blind(key: bytes, normalized: str, bits: int) -> str:
    """The first `bits` (1 to 64) bits of the keyed hash, as a number in hex of ceil(bits / 4) digits."""
    return first_bits(keyed_hash(key, normalized), bits)


def first_bits(digest: bytes, bits: int) -> str:
    """The first `bits` (1 to 64) of a keyed hash, as `blind` gives them."""
    if not 1 <= bits <= 64:
        raise ValueError("an index value has 1 to 64 bits")
    value = int.from_bytes(digest[:8], "big") >> (64 - bits)
    return f"{value:0{(bits + 3) // 4}x}"
