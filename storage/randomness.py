"""Random bytes from the operating system.

Never used inside engine or forms, which are given bytes.
"""

from __future__ import annotations

import os
import threading

_STOCK = 8192


class SystemRandomness:
    """Behind the Randomness port: drawn from the system in stocks, since each call costs a turn of the lock
    that all threads share. No byte is given out twice, and none outlives its turn in the stock."""

    def __init__(self) -> None:
        self._stock, self._place = b"", 0
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)

    def bytes(self, n: int) -> bytes:
        """`n` bytes fit for keys, salts, nonces and ids."""
        if n > _STOCK // 4:
            return os.urandom(n)
        with self._lock:
            if self._place + n > len(self._stock):
                self._stock, self._place = os.urandom(_STOCK), 0
            begin, self._place = self._place, self._place + n
            return self._stock[begin : self._place]

    def _forget(self) -> None:
        """A child process must not give out what its parent gives out."""
        self._stock, self._place, self._lock = b"", 0, threading.Lock()
