"""An agency starts over its data folder: what the release brings along is recorded once, and handed over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

import schemas
from engine.desk import shipping
from engine.errors import Broken
from tests.web.test_audit import found
from tests.web.test_revision import ZHU, opened_agency
from web import assemble as assembling
from web.assemble import OpenDesk, assemble, open_desk
from web.settings import Settings

SETTINGS = Settings(mode="demo", hosts=("testserver",))


@contextmanager
def started(data: Path) -> Iterator[OpenDesk]:
    """A start of the application over a folder, to its end."""
    _, opened = assemble(data, SETTINGS)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of before there was such a record."""
    with opened_agency(tmp_path / "data", is_new=True):
        pass
    return tmp_path / "data"


def test_the_first_start_records_what_is_shipped_the_next_ones_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(data) as opened:
        before = opened.desk.journal.durable_size
        recorded = shipping.recorded(opened.desk)
        shipped = {(form, span.form.version) for form in opened.desk.registry.forms()
                   for span in opened.desk.registry.spans(form)}  # fmt: skip
        assert {(one.form, one.version) for one in recorded} == shipped

    (data / "projection.json").unlink()
    with started(data) as again:
        assert (again.desk.journal.durable_size, shipping.recorded(again.desk)) == (before, recorded)
    assert found(data, 10**9, monkeypatch) == []
    assert found(data, 1, monkeypatch) == []


def test_a_folder_of_schemas_that_was_changed_stops_the_start_with_a_sentence(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with started(data):
        pass
    moved = {schemas.root().joinpath("info_entry", "1.0.0"): "2021-01-01"}

    def first_day(version: Traversable) -> date:
        return date.fromisoformat(moved.get(version, "2020-01-01"))

    monkeypatch.setattr(assembling, "_first_day", first_day)

    with pytest.raises(Broken, match=r"form\.shipped_differs"):
        open_desk(data)
    assert found_said(data, capsys).startswith("数据不可信，已停止：随系统带来的表单版本 info_entry 1.0.0")


def found_said(data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What `fengjian audit` says over a folder it cannot open."""
    from web.cli.auditing import run_audit

    with pytest.raises(SystemExit) as ended:
        run_audit(data, None, False)
    assert ended.value.code == 3
    return capsys.readouterr().err


def test_an_administrator_hands_over_a_shipped_version_from_its_page(data: Path) -> None:
    with started(data):
        pass
    with opened_agency(data) as agency:
        zhu = agency.browser(ZHU)
        shown = zhu.get("/versions/info_entry/1.0.0")
        handed = zhu.get("/versions/info_entry/1.0.0/export")

    assert 'href="/versions/info_entry/1.0.0/export"' in shown.text
    assert (handed.status_code, handed.json()["version"]) == (200, "1.0.0")
