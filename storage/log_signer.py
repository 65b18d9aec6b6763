"""Checkpoints of our own log: signing a tree head and reading one back.

Decides nothing about when to sign: the journal does, and the signer's memory stands in last_signed.py.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import Invalid
from engine.trust import checkpoint
from storage.last_signed import Signed


class LogSigner:
    """The log key by its use: `sign` gives a C2SP signed note, `open` believes only this key's notes."""

    def __init__(self, origin: str, public_key: bytes, sign: Callable[[bytes], bytes]) -> None:
        """`sign` makes the raw Ed25519 signature over the note's text (the vault's `sign_log`)."""
        self._origin, self._sign = origin, sign
        self._key = checkpoint.VerifierKey(origin, checkpoint.TYPE_ED25519, public_key)

    def sign(self, head: Signed) -> str:
        """The signed note of a tree head."""
        text = checkpoint.encode_checkpoint(self._origin, head.size, head.root)
        signature = self._sign(text.encode("utf-8"))
        return checkpoint.signed_note(text, self._origin, self._key.public_key, signature)

    def open(self, note: str) -> Signed | None:
        """The tree head of a note of this log, or None when the key did not sign it."""
        try:
            read = checkpoint.open(note)
        except Invalid:
            return None
        is_ours = read.origin == self._origin and checkpoint.is_signed_by(read, self._key)
        return Signed(read.size, read.root) if is_ours else None
