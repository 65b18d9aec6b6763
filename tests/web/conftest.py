"""The demo's agency on disk for tests that need whole documents; made once per test process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.desk import people
from engine.ports import Clock
from engine.projection import DocumentRow
from web.assemble import assemble
from web.demo.people import PASSPHRASE
from web.demo.seed import seed
from web.pdf.prints import print_form
from web.security.session import Session
from web.services import Services
from web.settings import Settings

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@dataclass
class DemoAgency:
    """The running demo: its services, its folder, and its people's sessions."""

    services: Services
    data: Path

    def session(self, staff_no: str) -> Session:
        """Somebody signed in with the key opened."""
        desk = self.services.desk
        account = desk.directory.by_staff_no(staff_no)
        assert account is not None
        session = staff_no.ljust(64, "0")
        unlock = desk.vault.unlock(account.person, PASSPHRASE, session)
        return Session(
            id_hash=session,
            actor=people.actor_of(account, session, "password"),
            unlock=unlock,
            csrf="c" * 32,
            lang="zh-CN",
            name=account.name,
            staff_no=account.staff_no,
            title=account.title,
            left=timedelta(minutes=20),
        )

    def rows(self) -> list[DocumentRow]:
        """All documents, oldest first."""
        return sorted(self.services.desk.store.rows(), key=lambda row: row["submitted_at"])

    def first(self) -> DocumentRow:
        """Example 1 of domain.md C.5, in effect."""
        return self.rows()[0]

    def paper(self, staff_no: str = "YW000231", clock: Clock | None = None) -> bytes:
        """The form of example 1 as somebody prints it, at the moment of `clock`."""
        desk = self.services.desk
        services = replace(self.services, desk=replace(desk, clock=clock or desk.clock))
        return print_form(services, self.session(staff_no), self.first()["doc"], "01", "zh-CN").data


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A seeded data folder; its unseal file lies in a configuration folder beside it."""
    place = tmp_path_factory.mktemp("demo")
    before = os.environ.get("XDG_CONFIG_HOME")
    os.environ["XDG_CONFIG_HOME"] = str(place / "configuration")
    seed(place / "data", NOON)
    # The signer's memory as it is now: the demo at work goes on from here, and copies do not.
    shutil.copytree(place / "configuration", place / "configuration at birth")
    yield place / "data"
    if before is None:
        del os.environ["XDG_CONFIG_HOME"]
    else:
        os.environ["XDG_CONFIG_HOME"] = before


@pytest.fixture(scope="session")
def demo(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoAgency]:
    """The demo at work on a copy of its folder."""
    data = tmp_path_factory.mktemp("running") / "data"
    shutil.copytree(demo_folder, data)
    services, opened = assemble(data, Settings(mode="demo", hosts=("testserver", "localhost")))
    yield DemoAgency(services, data)
    opened.close()


@pytest.fixture(scope="session")
def genuine_paper(demo: DemoAgency) -> bytes:
    """The printed form of example 1."""
    return demo.paper()


@pytest.fixture
def copy_of_demo(demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Makes a fresh copy of the seeded folder, for tests that damage it."""

    def copy() -> Path:
        shutil.copytree(demo_folder.parent / "configuration at birth", tmp_path / "configuration")
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
        return Path(shutil.copytree(demo_folder, tmp_path / "data"))

    return copy
