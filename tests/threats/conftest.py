"""The demo's agency as an attacker finds it: a running one, and copies of its folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from engine.desk import people, proving
from engine.desk.desk import Desk
from engine.lifecycle.people import Actor
from engine.projection import DocumentRow
from engine.trust import verify
from engine.trust.verdicts import Report
from web.assemble import open_desk
from web.demo.people import PASSPHRASE
from web.demo.seed import seed

SESSION = sha256(b"threat").hexdigest()
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
CLERK, AUDITOR, SECOND_AUDITOR = "YW000231", "SH000101", "SH000102"
HEAD, MANAGER, SECURITY, SYSTEM = "YW000001", "XX000002", "XX000008", "IT000009"


@dataclass
class House:
    """An agency's two folders: data, and what lies in the user's configuration."""

    data: Path
    configuration: Path
    desk: Desk | None = field(default=None)
    recovery_secret: bytes = field(default=b"", repr=False)
    """Shown once when the agency was founded; only for tests whose attacker has come by it."""

    @contextmanager
    def open(self) -> Iterator[House]:
        """The agency at work."""
        before = os.environ.get("XDG_CONFIG_HOME")
        os.environ["XDG_CONFIG_HOME"] = str(self.configuration)
        try:
            opened = open_desk(self.data)
            self.desk = opened.desk
            try:
                yield self
            finally:
                self.desk = None
                opened.close()
        finally:
            os.environ.pop("XDG_CONFIG_HOME")
            if before is not None:
                os.environ["XDG_CONFIG_HOME"] = before

    @property
    def at_work(self) -> Desk:
        assert self.desk is not None
        return self.desk

    def actor(self, who: str) -> tuple[Actor, str]:
        """Somebody signed in, with the signing key open."""
        desk = self.at_work
        account = desk.directory.by_staff_no(who)
        assert account is not None
        return (
            people.actor_of(account, SESSION, "password"),
            desk.vault.unlock(account.person, PASSPHRASE, SESSION),
        )

    def rows(self) -> list[DocumentRow]:
        """All entries, oldest first: what holds most about people."""
        entries = (row for row in self.at_work.store.rows() if row["form"] == "info_entry")
        return sorted(entries, key=lambda row: row["submitted_at"])

    def copy(self, place: Path, *, with_configuration: bool = True) -> House:
        """What a thief of the folders has."""
        shutil.copytree(self.data, place / "data")
        if with_configuration:
            shutil.copytree(self.configuration, place / "configuration")
        return House(place / "data", place / "configuration", recovery_secret=self.recovery_secret)

    def files(self) -> Iterator[tuple[Path, bytes]]:
        """Every file of both folders."""
        for folder in (self.data, self.configuration):
            yield from ((path, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file())

    def bundle(self, doc: str) -> bytes:
        """The proof bundle of a document as it stands."""
        row = self.at_work.store.get(doc)
        assert row is not None
        return proving.bundle_of(self.at_work, row, proving.nothing)

    def report(self, bundle: bytes) -> Report:
        """What 郑老师 outside hears, who has pinned trust.json."""
        trust = (self.data / "trust" / "trust.json").read_bytes()
        return verify.verify(bundle, trust, now=datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The demo with its three documents, shut."""
    place = tmp_path_factory.mktemp("agency")
    before = os.environ.get("XDG_CONFIG_HOME")
    os.environ["XDG_CONFIG_HOME"] = str(place / "configuration")
    try:
        secret = seed(place / "data", NOON)
    finally:
        os.environ.pop("XDG_CONFIG_HOME")
        if before is not None:
            os.environ["XDG_CONFIG_HOME"] = before
    return House(place / "data", place / "configuration", recovery_secret=secret)


@pytest.fixture
def house(seeded: House, tmp_path: Path) -> House:
    """A copy of the agency that a test may change."""
    return seeded.copy(tmp_path / "house")


@pytest.fixture
def another(tmp_path: Path) -> Callable[[str], Path]:
    """A place for one more copy."""
    return lambda name: tmp_path / name
