"""A part that does not open says nothing of why."""

from __future__ import annotations

import os

import pytest

from engine.errors import Broken
from engine.trust import opening


def test_a_wrong_key_and_a_cut_ciphertext_are_told_from_nothing() -> None:
    for ct in (b"", os.urandom(40)):
        with pytest.raises(Broken) as broken:
            opening.open_plain(bytes(32), b"{}", bytes(32), bytes(24), ct)
        assert broken.value.code == "seal.broken"
