"""Random bytes from the operating system.

Never used inside engine or forms, which are given bytes.
"""

from __future__ import annotations

import os


class SystemRandomness:
    """Behind the Randomness port."""

    def bytes(self, n: int) -> bytes:
        """`n` bytes fit for keys, salts, nonces and ids."""
        return os.urandom(n)
