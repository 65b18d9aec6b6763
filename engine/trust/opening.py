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

from nacl import bindings

from engine.errors import Broken
from engine.trust import seal
from engine.trust.kdf import hkdf


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
