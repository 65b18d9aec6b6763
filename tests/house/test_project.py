"""The two commands, the locks and the READMEs say the same thing everywhere."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house import sources

LOCKS = ("requirements.lock", "requirements-test.lock", "web/setup/node.lock")
READMES = ("README.md", "README.zh-CN.md")
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+)", re.MULTILINE)


def _read(name: str) -> str:
    return (sources.ROOT / name).read_text("utf-8")


def _pins(lock: str) -> dict[str, str]:
    return {_plain(found[1]): found[2] for found in PIN.finditer(_read(lock))}


def _plain(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _wanted(requirements: list[str]) -> set[str]:
    return {_plain(re.split(r"[\s<>=!~\[;]", requirement, maxsplit=1)[0]) for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_library_carries_hashes_and_no_address(lock: str) -> None:
    text = _read(lock)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    bare = [block.splitlines()[0] for block in blocks if block.strip() and "--hash=sha256:" not in block]
    assert bare == []
    assert re.findall(r"\w+://\S+|^--\S+", text, re.MULTILINE) == []


def test_the_locks_hold_every_library_the_project_names() -> None:
    project = tomllib.loads(_read("pyproject.toml"))["project"]
    running, testing = _pins("requirements.lock"), _pins("requirements-test.lock")
    assert _wanted(project["dependencies"]) - set(running) == set()
    assert _wanted(project["optional-dependencies"]["test"]) - set(testing) == set()


def test_tests_run_on_the_very_libraries_that_are_shipped() -> None:
    running, testing = _pins("requirements.lock"), _pins("requirements-test.lock")
    assert {name: (v, testing.get(name)) for name, v in running.items() if testing.get(name) != v} == {}


def test_the_npm_lock_keeps_integrity_and_no_address() -> None:
    packages = json.loads(_read("package-lock.json"))["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert [name for name, package in fetched.items() if "integrity" not in package] == []
    assert [name for name, package in fetched.items() if "resolved" in package] == []


def test_the_build_server_runs_what_a_person_runs() -> None:
    assert [line for line in _read(".ci/run").splitlines() if line.startswith("exec")] == [
        "exec make test < /dev/null"
    ]


@pytest.mark.parametrize("readme", READMES)
def test_both_commands_stand_at_the_top(readme: str) -> None:
    top = "\n".join(_read(readme).splitlines()[:25])
    assert [command for command in ("make run", "make test") if command not in top] == []


def test_the_readmes_have_the_same_parts() -> None:
    english, chinese = (_read(name) for name in READMES)
    shape = [re.findall(r"^(#+) ", text, re.MULTILINE) for text in (english, chinese)]
    assert shape[0] == shape[1]
    links = [sorted(re.findall(r"\]\(([^)]+)\)", text)) for text in (english, chinese)]
    assert [link for link in links[0] if link not in READMES] == [x for x in links[1] if x not in READMES]


@pytest.mark.parametrize("paper", [*READMES, "CONTRIBUTING.md", "docs/adr/README.md"])
def test_every_link_in_the_first_papers_leads_somewhere(paper: str) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", _read(paper))
    folder = (sources.ROOT / paper).parent
    assert [target for target in targets if not Path(folder / target).exists()] == []


def test_no_library_brings_a_package_with_one_of_our_names() -> None:
    """What would make docs/adr/0001 move the five packages under one name."""
    brought = packages_distributions()
    others = {name: [d for d in brought.get(name, ()) if d != "fengjian"] for name in sources.PACKAGES}
    assert {name: found for name, found in others.items() if found} == {}
