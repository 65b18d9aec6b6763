"""What every forms folder and every store of version drafts must do, on disk and in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import Conflict
from engine.version_ports import FormArchive, KeptTrial, TrialResults, VersionDraft, VersionDrafts
from storage.kept_forms import KeptForms
from storage.trial_results import FileTrialResults
from storage.version_drafts import FileVersionDrafts
from tests.schemas.reading import bundle, tables
from tests.simulators.memory_forms import MemoryForms, MemoryTrialResults, MemoryVersionDrafts

DRAFT = VersionDraft(
    id="v1", form="info_entry", version="1.1.0", follows="1.0.0", base_digest="ab" * 32, revision=1,
    files={"schema.json": "{", "CHANGES.md": "新增街道"}, created_by="p_zhu",
    created_at="2026-11-22T02:00:00Z",
    saved_by="p_zhu", saved_at="2026-11-22T02:00:00Z",
)  # fmt: skip


@pytest.fixture(params=[lambda _: MemoryForms(), lambda at: KeptForms(at / "forms")], ids=["memory", "disk"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> FormArchive:
    make: Callable[[Path], FormArchive] = request.param
    return make(tmp_path)


@pytest.fixture(
    params=[lambda _: MemoryVersionDrafts(), lambda at: FileVersionDrafts(at / "d")], ids=["memory", "disk"]
)
def drafts(request: pytest.FixtureRequest, tmp_path: Path) -> VersionDrafts:
    make: Callable[[Path], VersionDrafts] = request.param
    return make(tmp_path)


def test_a_bundle_comes_back_with_the_tables_it_pins(archive: FormArchive) -> None:
    archive.keep(bundle(), tables())

    found = archive.bundle(bundle().digest)

    pinned = {one["file"] for one in bundle().schema["x-tables"].values()}
    assert found == (bundle(), {name: tables()[name] for name in pinned})
    assert [one for one, _ in archive.all()] == [bundle()]
    assert archive.bundle("00" * 32) is None


def test_a_lift_is_kept_by_its_own_digest(archive: FormArchive) -> None:
    lift = {"from": "1.0.0", "to": "1.1.0", "steps": []}

    digest = archive.keep_lift(lift)

    assert (archive.lift(digest), archive.keep_lift(lift), archive.lift("00" * 32)) == (lift, digest, None)


def test_papers_beside_a_bundle_are_those_of_the_last_time(archive: FormArchive) -> None:
    archive.keep_papers("ab" * 32, {"CHANGES.md": b"one"})
    archive.keep_papers("ab" * 32, {"CHANGES.md": "二".encode()})

    assert archive.papers("ab" * 32) == {"CHANGES.md": "二".encode()}
    assert archive.papers("cd" * 32) == {}


def test_two_who_write_one_version_draft_do_not_overwrite_each_other(drafts: VersionDrafts) -> None:
    drafts.save(DRAFT, 0)
    drafts.save(replace(DRAFT, revision=2, saved_by="p_tang"), 1)

    with pytest.raises(Conflict) as late:
        drafts.save(replace(DRAFT, revision=2), 1)

    assert (late.value.code, late.value.facts["revision"]) == ("version_draft.revision", 2)
    found = drafts.get("v1")
    assert found is not None and (found.revision, found.saved_by) == (2, "p_tang")


def test_version_drafts_are_listed_newest_save_first_and_gone_when_discarded(drafts: VersionDrafts) -> None:
    drafts.save(DRAFT, 0)
    drafts.save(replace(DRAFT, id="v2", saved_at="2026-11-22T03:00:00Z"), 0)

    assert [one.id for one in drafts.all()] == ["v2", "v1"]
    drafts.discard("v1")
    assert (drafts.get("v1"), [one.id for one in drafts.all()]) == (None, ["v2"])


@pytest.fixture(
    params=[lambda _: MemoryTrialResults(), lambda at: FileTrialResults(at / "t")], ids=["memory", "disk"]
)
def results(request: pytest.FixtureRequest, tmp_path: Path) -> TrialResults:
    make: Callable[[Path], TrialResults] = request.param
    return make(tmp_path)


def test_the_newest_trial_of_a_draft_is_kept_until_it_is_forgotten(results: TrialResults) -> None:
    begun = KeptTrial(
        "v1", "info_entry", "ab" * 32, "", "cd" * 32, None, "p_zhu", "2026-11-22T02:00:00Z"
    )  # fmt: skip
    over = replace(begun, ended_at="2026-11-22T02:01:00Z", is_over=True, run={"population": 3})
    assert results.get("v1") is None
    results.keep(begun)
    assert results.get("v1") == begun
    results.keep(over)
    results.keep(replace(begun, draft="v2"))
    assert (results.get("v1"), results.get("v2")) == (over, replace(begun, draft="v2"))
    results.forget("v1")
    results.forget("v1")
    assert (results.get("v1"), results.get("v2")) == (None, replace(begun, draft="v2"))


def test_a_trial_that_cannot_be_read_is_none_and_nothing_lies_outside_the_folder(tmp_path: Path) -> None:
    results = FileTrialResults(tmp_path / "t")
    (tmp_path / "t" / "v1.json").write_bytes(b"{")
    (tmp_path / "t" / "v2.json").write_bytes(b'{"draft": "v2"}')
    (tmp_path / "v3.json").write_bytes(b"{}")
    assert [results.get(one) for one in ("v1", "v2", "../v3", "v4")] == [None] * 4
