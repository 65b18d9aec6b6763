"""The virtual environment: makes it, fills it from a lock file with hashes, adds our own command.

Never installs a library without a hash, and never resolves versions: that is done by `make lock`.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from web.setup import system
from web.setup.shell import SetupFailed, run_logged

ENVIRONMENT = Path(".venv")
PYTHON = ENVIRONMENT / "bin/python"
PIP = (str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input")


def make_environment() -> None:
    """Create .venv afresh; where Debian split off ensurepip, fetch it by apt when that is allowed."""
    if importlib.util.find_spec("ensurepip") is None and not system.install((_venv_package(),)):
        raise SetupFailed("environment.no_venv")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if not run_logged((sys.executable, "-m", "venv", str(ENVIRONMENT))):
        raise SetupFailed("environment.failed")


def install_libraries(lock: Path) -> None:
    """Install what the lock file names; every file is checked against its hash."""
    if not run_logged((*PIP, "install", "--require-hashes", "--requirement", str(lock))):
        raise SetupFailed("libraries.failed", lock=lock)


def install_command() -> None:
    """Install this checkout itself, editable, with the build backend of the lock and no network."""
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--editable", ".")
    if not run_logged((*PIP, "install", *options)):
        raise SetupFailed("command.failed")


def count_libraries(lock: Path) -> int:
    """How many libraries a lock file names."""
    return sum("==" in line and not line.startswith(" ") for line in lock.read_text("utf-8").splitlines())


def _venv_package() -> str:
    on_debian = Path(sys.executable).resolve().parent == Path("/usr/bin")
    return f"python{sys.version_info.major}.{sys.version_info.minor}-venv" if on_debian else "python3-venv"
