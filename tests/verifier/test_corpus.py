"""Every folder of the corpus gets exactly the expected verdicts from both verifiers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.make import all_cases, files_of
from tests.verifier.asking import (
    CORPUS,
    codes,
    first_says,
    folders,
    needs_node,
    question_of,
    second_says,
)  # fmt: skip


@pytest.mark.parametrize("folder", folders(), ids=lambda one: one.name)
def test_the_first_verifier_says_what_the_folder_expects(folder: Path) -> None:
    question, said = question_of(folder)
    report = first_says(question)
    assert (report["outcome"], codes(report)) == (said["outcome"], said["verdicts"])


@needs_node
def test_the_second_verifier_says_the_same_of_every_folder() -> None:
    asked = [(folder.name, *question_of(folder)) for folder in folders()]
    reports = second_says(question for _, question, _ in asked)
    found = {name: (one["outcome"], codes(one)) for (name, _, _), one in zip(asked, reports, strict=True)}
    assert found == {name: (said["outcome"], said["verdicts"]) for name, _, said in asked}


def test_the_corpus_is_what_its_script_makes() -> None:
    on_disk = {
        one.parent.name: {file.name: file.read_bytes() for file in one.parent.iterdir()}
        for one in CORPUS.glob("*/expected.json")
    }
    assert on_disk == {one.folder(): dict(files_of(one)) for one in all_cases()}


def test_the_corpus_holds_many_bad_bundles_and_some_good_ones() -> None:
    ends = [folder.name.rsplit("_", 1)[1] for folder in folders()]
    assert (ends.count("fail") >= 80, ends.count("pass") >= 8, set(ends)) == (
        True, True, {"fail", "pass", "unknown"},
    )  # fmt: skip


def test_every_readme_has_two_lines() -> None:
    long = [one.name for one in folders() if (one / "README.md").read_text("utf-8").count("\n") != 2]
    assert long == []
