"""The status page says what was measured just now: fonts, calendar, clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.identity import SHANGHAI
from storage.calendar import StateCouncilCalendar
from tests.web.agency import Agency, open_agency
from web.pdf import fonts


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    place: Path = tmp_path_factory.mktemp("status")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(place / "configuration"))
        with open_agency(place / "data") as opened:
            calendar = StateCouncilCalendar()
            desk = replace(opened.services.desk, calendar=calendar)
            opened.app.state.services = replace(opened.services, desk=desk)
            yield opened


@contextmanager
def moved(agency: Agency, moment: datetime) -> Iterator[None]:
    """The clock at another moment for a while; `set` alone never goes back."""
    step = moment - agency.clock.now()
    agency.clock.move(step)
    yield
    agency.clock.move(-step)


def line(agency: Agency, label: str) -> tuple[str, str]:
    """Tone and answer of one line of the page."""
    page = TestClient(agency.app, base_url="https://testserver").get("/status").text
    cell = rf'<th scope="row">{label}</th><td><span class="tag tag-(\w+)">[^<]*</span> (.*?)</td>'
    found = re.search(cell, page)
    assert found is not None, page
    return found[1], found[2]


@pytest.mark.parametrize(
    ("day", "tone", "words"),
    [
        (datetime(2026, 3, 5, tzinfo=SHANGHAI), "positive", "2026 年按国务院放假通知。"),
        (datetime(2099, 3, 5, tzinfo=SHANGHAI), "negative", "没有 2099 年的放假通知"),
    ],
)
def test_the_calendar_line_names_the_years_it_knows(
    agency: Agency, day: datetime, tone: str, words: str
) -> None:
    with moved(agency, day):
        shown, answer = line(agency, "工作日历")
        assert (shown, words in answer) == (tone, True)


def test_the_end_of_the_last_known_year_is_announced_a_month_ahead(agency: Agency) -> None:
    last = max(year for year in range(2026, 2040) if StateCouncilCalendar().knows(year))
    with moved(agency, datetime(last, 12, 20, tzinfo=SHANGHAI)):
        tone, answer = line(agency, "工作日历")
        assert (tone, f"{last + 1} 年的安排还不在日历里" in answer) == ("attention", True)


def test_a_clock_behind_the_log_is_a_fault(agency: Agency) -> None:
    agency.submitted()
    assert line(agency, "时钟")[0] == "positive"
    with moved(agency, agency.clock.now() - timedelta(hours=3)):
        tone, answer = line(agency, "时钟")
        assert (tone, "早于日志的最后一条" in answer) == ("negative", True)


def test_missing_fonts_are_a_fault(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    assert line(agency, "打印字体")[0] in ("positive", "neutral")
    monkeypatch.setattr(fonts, "faces", tuple)
    assert line(agency, "打印字体") == ("negative", "没有中文字体，打印会停下并说明。安装 fonts-noto-cjk。")
