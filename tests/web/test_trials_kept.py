"""A trial run outlives the server: its result is shown again, that it was broken off, or is out of date."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.desk import people
from engine.version_ports import VersionDraft
from storage.trial_results import FileTrialResults
from tests.web.agency import Agency, Browser, open_agency
from tests.web.test_versions import ZHULIN, street, street_again, words
from web.demo.people import PEOPLE
from web.version_jobs import TrialJobs


@pytest.fixture(scope="module")
def kept_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory, kept_in: Path) -> Iterator[Agency]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        with open_agency(tmp_path_factory.mktemp("agency") / "data") as opened:
            people.enrol(
                opened.services.desk, [one.as_newcomer() for one in PEOPLE if one.staff_no == ZHULIN]
            )
            opened.services.trials.results = FileTrialResults(kept_in)
            opened.submitted()
            yield opened


@pytest.fixture
def zhu(agency: Agency) -> Browser:
    return agency.browser(ZHULIN)


def restart(agency: Agency) -> None:
    """What a new process remembers of trial runs: nothing but what is kept."""
    agency.services.trials._jobs.clear()


def tried(agency: Agency, zhu: Browser) -> VersionDraft:
    """A draft under which a name may have two characters, tried on every document."""
    draft = street(agency, "2.0.0", maxLength=2)
    run_to_its_end(agency, zhu, draft)
    return draft


def run_to_its_end(agency: Agency, zhu: Browser, draft: VersionDraft) -> None:
    """Start a trial run and wait for it."""
    assert zhu.post(f"/versions/drafts/{draft.id}/trial", most="0").status_code == 303
    job = agency.services.trials.of(draft.id)
    assert job is not None
    until = time.monotonic() + 60
    while not job.is_over and time.monotonic() < until:
        time.sleep(0.01)
    assert (job.is_over, job.failure) == (True, "")


def test_a_result_is_shown_after_a_restart_and_counts(agency: Agency, zhu: Browser) -> None:
    draft = tried(agency, zhu)
    at = f"/versions/drafts/{draft.id}"
    before = words(zhu, f"{at}/trial")
    restart(agency)
    assert words(zhu, f"{at}/trial") == before
    assert "检验完毕" in before and "姓名太长，最多 2 个字" in before
    assert "份在新版本下通不过。" in words(zhu, at)


def test_what_is_kept_says_nothing_of_a_document_but_its_id(
    agency: Agency, zhu: Browser, kept_in: Path
) -> None:
    draft = tried(agency, zhu)
    text = (kept_in / f"{draft.id}.json").read_text("utf-8")
    kept = json.loads(text)
    cause = next(one for one in kept["run"]["as_signed"]["causes"] if one["code"] == "max_length")
    assert (cause["pointer"], cause["count"]) == ("/insured/full_name", 1)
    assert sorted(cause) == ["code", "count", "documents", "pointer"]
    assert not any("一" <= character <= "鿿" for character in text)


def test_a_result_for_another_text_of_the_draft_is_out_of_date_and_does_not_count(
    agency: Agency, zhu: Browser
) -> None:
    draft = tried(agency, zhu)
    street_again(agency, draft)
    restart(agency)
    at = f"/versions/drafts/{draft.id}"
    said = words(zhu, f"{at}/trial")
    assert "草稿已改，试跑已过时" in said and "姓名太长" not in said
    steps = zhu.get(at).text.split('id="step-trial"')[1].split("</li>")[0]
    assert "已完成" not in steps and "试跑已过时" in steps


def test_a_run_under_way_when_the_server_ended_is_broken_off_and_offered_again(
    agency: Agency, zhu: Browser
) -> None:
    draft = tried(agency, zhu)
    results = agency.services.trials.results
    assert results is not None
    kept = results.get(draft.id)
    assert kept is not None
    results.keep(replace(kept, is_over=False, ended_at=""))
    restart(agency)
    at = f"/versions/drafts/{draft.id}"
    said = words(zhu, f"{at}/trial")
    assert "服务重启，试跑中断" in said and "重新试跑" in said
    assert "已完成" not in zhu.get(at).text.split('id="step-trial"')[1].split("</li>")[0]
    run_to_its_end(agency, zhu, draft)
    assert "检验完毕" in words(zhu, f"{at}/trial")


def test_a_locked_key_is_asked_for_before_anything_is_opened(agency: Agency) -> None:
    draft = street(agency)
    before = len(list(agency.services.desk.access.entries()))
    locked = agency.sign_in(ZHULIN, "")
    assert locked.post(f"/versions/drafts/{draft.id}/trial", most="0").status_code == 423
    assert agency.services.trials.of(draft.id) is None
    assert len(list(agency.services.desk.access.entries())) == before


def test_a_discarded_draft_leaves_no_result(agency: Agency, zhu: Browser, kept_in: Path) -> None:
    draft = tried(agency, zhu)
    assert (kept_in / f"{draft.id}.json").exists()
    assert zhu.post(f"/versions/drafts/{draft.id}/discard").status_code == 303
    assert not (kept_in / f"{draft.id}.json").exists()
    assert agency.services.trials.of(draft.id) is None


def test_a_kept_result_of_another_shape_is_none(tmp_path: Path) -> None:
    results = FileTrialResults(tmp_path)
    (tmp_path / "v1.json").write_text('{"draft": "v1"}')
    assert TrialJobs(results).of("v1") is None
