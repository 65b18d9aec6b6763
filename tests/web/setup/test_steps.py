"""Set-up does only what is not done, and says what is missing in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from web.setup import steps, system
from web.setup.progress import set_up
from web.setup.sentences import say
from web.setup.shell import SetupFailed
from web.setup.steps import Step


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / ".venv").mkdir()
    (tmp_path / "libraries.lock").write_text("one==1\n")
    return tmp_path


def _step(done: list[str], sentence: str | None = None) -> Step:
    def work(note: object) -> str | None:
        done.append("worked")
        Path("made").write_text("yes")
        return sentence

    return Step("libraries", "Libraries", (Path("libraries.lock"),), (Path("made"),), work)


def test_a_second_set_up_does_nothing_and_says_nothing(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    assert set_up([_step(done)]) == 0
    capsys.readouterr()
    assert set_up([_step(done)]) == 0
    assert (done, capsys.readouterr().out) == (["worked"], "")


def test_a_changed_lock_is_installed_again(checkout: Path) -> None:
    done: list[str] = []
    set_up([_step(done)])
    (checkout / "libraries.lock").write_text("one==2\n")
    set_up([_step(done)])
    assert done == ["worked", "worked"]


def test_a_lost_output_is_made_again(checkout: Path) -> None:
    done: list[str] = []
    set_up([_step(done)])
    (checkout / "made").unlink()
    set_up([_step(done)])
    assert done == ["worked", "worked"]


def test_a_checkout_that_moved_is_set_up_anew(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    set_up([_step(done)])
    moved = checkout.rename(checkout.with_name("moved"))
    monkeypatch.chdir(moved)
    set_up([_step(done)])
    assert done == ["worked", "worked"]


def test_what_stays_missing_is_said_each_time(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done: list[str] = []
    for _ in range(2):
        assert set_up([_step(done, "Note: a font is missing.")]) == 0
        assert "Note: a font is missing." in capsys.readouterr().out
    assert done == ["worked", "worked"]


def test_a_failure_is_one_sentence_and_exit_code_one(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def work(note: object) -> str | None:
        raise SetupFailed("libraries.failed", lock="libraries.lock")

    assert set_up([Step("libraries", "Libraries", (), (), work)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("Set-up stopped: pip could not install libraries.lock.")
    assert len(said) == 2


def test_an_interrupted_step_is_not_taken_for_done(checkout: Path) -> None:
    def work(note: object) -> str | None:
        raise SetupFailed("libraries.failed", lock="libraries.lock")

    assert set_up([Step("libraries", "Libraries", (), (), work)]) == 1
    done: list[str] = []
    assert set_up([_step(done)]) == 0
    assert done == ["worked"]


def test_a_damaged_stamp_counts_for_nothing(checkout: Path) -> None:
    done: list[str] = []
    set_up([_step(done)])
    steps.STAMP.write_text("{")
    set_up([_step(done)])
    assert done == ["worked", "worked"]


def test_test_libraries_serve_the_application_too(checkout: Path) -> None:
    Path("requirements.lock").write_text("one==1\n")
    Path("requirements-test.lock").write_text("one==1\n")
    tested = Step("test libraries", "Libraries", (steps.TEST_LOCK,), (), lambda note: None)
    running = Step("libraries", "Libraries", (steps.RUN_LOCK,), (), lambda note: None)
    assert steps.is_done(running, steps.write_stamp(tested))


def test_a_machine_without_print_libraries_or_apt_gets_the_command_for_its_administrator(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(checkout))
    monkeypatch.setattr(system, "_SHARED_OBJECTS", {"libpango-1.0-0": "libnot-there.so.0"})
    monkeypatch.setattr(system, "_FONT_FOLDERS", (str(checkout / "fonts"),))
    assert system.provide_print_libraries() == (
        "Note: libpango-1.0-0 fonts-noto-cjk missing and apt may not be used here. PDF output stays off "
        "until then, all else works. Have an administrator run: apt-get install -y --no-install-recommends "
        "libpango-1.0-0 fonts-noto-cjk"
    )


def test_set_up_speaks_chinese_on_a_chinese_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert say("stopped", sentence="磁盘已满") == "安装中止：磁盘已满"
