"""The recovery key of a new agency: shown once, kept nowhere, and it does open the key ring."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.disk import Disk
from storage.keyring import RingFile
from web.assemble import create_agency
from web.cli.running import in_groups
from web.demo.people import AGENCY


def test_the_recovery_key_opens_the_ring_and_lies_in_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    secret = create_agency(tmp_path / "data", AGENCY).recovery_secret
    copied = bytes.fromhex(in_groups(secret))
    _, ring = RingFile.recover(tmp_path / "data" / "vault" / "ring", Disk(), copied)
    assert (len(ring.platform), ring.recovery_public == b"") == (32, False)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert [one for one in (secret, secret.hex().encode()) if one in written] == []


def test_the_recovery_key_is_shown_in_groups_of_four() -> None:
    assert in_groups(bytes(range(6))) == "0001 0203 0405"
