"""The steps of set-up in order, and the stamp that says which are done.

A step is done when its inputs have the digest noted in the stamp and its outputs exist. The stamp
lives inside .venv, so that removing the environment forgets all. Never decides how a step works.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from web.setup import assets, environment, suite, system
from web.setup.sentences import say

STAMP = environment.ENVIRONMENT / "fengjian-setup.json"
COMMAND = environment.ENVIRONMENT / "bin/fengjian"
RUN_LOCK = Path("requirements.lock")
TEST_LOCK = Path("requirements-test.lock")

Note = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One step: its title, what it reads, what it leaves, and the work. Work returns a note, or None.

    A step that ends with a note is not finished: it is looked at again next time.
    """

    name: str
    title: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    work: Callable[[Note], str | None]


def plan_for_running() -> list[Step]:
    """What the application needs."""
    return [_environment(), _libraries("libraries", RUN_LOCK), _system(), _assets(), _verifier(), _command()]


def plan_for_testing() -> list[Step]:
    """What the application and its tests need."""
    libraries = _libraries("test libraries", TEST_LOCK)
    before = [_environment(), libraries, _system(), _browser(), _assets(), _verifier()]
    return [*before, _suite(), _command()]


def is_done(step: Step, stamp: dict[str, str]) -> bool:
    """Whether nothing that the step depends on has changed since it was stamped."""
    return stamp.get(step.name) == _digest(step) and all(output.exists() for output in step.outputs)


def read_stamp() -> dict[str, str]:
    """What was done before; nothing when there is no stamp or it belongs to another place."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(step: Step) -> dict[str, str]:
    """Note the step as done; returns the whole stamp. A remade environment has lost the earlier notes."""
    noted = {**read_stamp(), step.name: _digest(step)}
    if step.name == "test libraries":
        # The test lock holds every library of the run lock: one set-up serves both commands.
        noted["libraries"] = _digest_of((RUN_LOCK,))
    STAMP.write_text(json.dumps(noted, indent=1) + "\n", "utf-8")
    return noted


def _digest(step: Step) -> str:
    return _digest_of(step.inputs)


def _digest_of(files: tuple[Path, ...]) -> str:
    # The folder is part of it: scripts in a virtual environment name the place they were made in.
    digest = hashlib.sha256(str(Path.cwd()).encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _environment() -> Step:
    title, outputs = say("step.environment"), (environment.PYTHON,)
    return Step("environment", title, (), outputs, lambda note: environment.make_environment())


def _libraries(name: str, lock: Path) -> Step:
    title = say("step.libraries", count=environment.count_libraries(lock))
    return Step(name, title, (lock,), (), lambda note: environment.install_libraries(lock))


def _system() -> Step:
    return Step("system", say("step.system"), (), (), lambda note: system.provide_print_libraries())


def _browser() -> Step:
    return Step("browser", say("step.browser"), (), (), lambda note: system.provide_test_programs())


def _suite() -> Step:
    inputs = (suite.ARCHIVE_LOCK, suite.BUILDER_LOCK, Path("web/setup/suite.py"))
    return Step("suite", say("step.suite"), inputs, (suite.TESTS,), lambda note: suite.fetch_suite())


def _assets() -> Step:
    inputs = (Path("package-lock.json"), Path("web/setup/assets.py"))
    outputs = tuple(assets.VENDOR / name for name in assets.FILES)
    return Step("assets", say("step.assets"), inputs, outputs, assets.fetch_assets)


def _verifier() -> Step:
    words = (Path("engine/trust/sentences.py"), *sorted(Path("web/messages").glob("verify.*.json")))
    sources = (*sorted(Path("web/verifier").glob("*.*")), *sorted(Path("web/static/css").glob("*.css")))
    inputs = (Path("package-lock.json"), *words, *sources)
    outputs = tuple(assets.VENDOR / name for name in assets.BUILT)
    return Step("verifier", say("step.verifier"), inputs, outputs, lambda note: assets.build_verifier())


def _command() -> Step:
    title, inputs = say("step.command"), (Path("pyproject.toml"),)
    return Step("command", title, inputs, (COMMAND,), lambda note: environment.install_command())
