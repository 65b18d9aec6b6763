"""Debian packages: decides which are missing by trying what they give, and installs them when it may.

May means root, or sudo without a password. Never asks for a password, never removes a package.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from web.setup.sentences import say
from web.setup.shell import LOG, SetupFailed, run_logged

PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0")
SUBSET = "libharfbuzz-subset0"
FONT = "fonts-noto-cjk"
_SHARED_OBJECTS = {
    "libpango-1.0-0": "libpango-1.0.so.0",
    "libpangoft2-1.0-0": "libpangoft2-1.0.so.0",
    SUBSET: "libharfbuzz-subset.so.0",
}
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_FONT_FILES = "NotoSansCJK-Regular.*"


def missing_for_print() -> list[str]:
    """Debian packages the written output needs and this machine lacks."""
    missing = [package for package, name in _SHARED_OBJECTS.items() if not _loads(name)]
    return missing if _has_font() else [*missing, FONT]


def missing_for_tests() -> list[str]:
    """Debian packages only the tests need and this machine lacks."""
    wanted = {"chromium": "chromium", "poppler-utils": "pdftotext"}
    return [package for package, program in wanted.items() if shutil.which(program) is None]


def provide_print_libraries() -> str | None:
    """Install what the written output needs; a sentence for the person when something stays missing."""
    missing = missing_for_print()
    if not missing:
        return None
    tried = install(missing)
    missing = missing_for_print()
    if not missing:
        return None
    key = "system.refused" if tried or may_use_apt() else "system.missing"
    return say(key, packages=" ".join(missing), effect=_effect(missing), log=LOG)


def provide_test_programs() -> None:
    """Install the browser and the PDF tools; without them the tests cannot run."""
    missing = missing_for_tests()
    if missing:
        install(missing)
        missing = missing_for_tests()
    if missing:
        raise SetupFailed("browser.missing", packages=" ".join(missing))


def install(packages: Sequence[str]) -> bool:
    """Install Debian packages; the package lists are fetched only when the first try fails."""
    apt = _apt()
    if apt is None:
        return False
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    options = ("-o", "DPkg::Lock::Timeout=120", "-y", "-q")
    command = (*apt, *options, "--no-install-recommends", "install", *packages)
    return run_logged(command, quiet) or (
        run_logged((*apt, *options, "update"), quiet) and run_logged(command, quiet)
    )


def may_use_apt() -> bool:
    """Whether packages can be installed without asking anyone."""
    return _apt() is not None


def _apt() -> tuple[str, ...] | None:
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ("apt-get",)
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(("sudo", "-n", "true"), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return ("sudo", "-n", "apt-get") if asked.returncode == 0 else None


def _loads(shared_object: str) -> bool:
    try:
        ctypes.CDLL(shared_object)
    except OSError:
        return False
    return True


def _has_font() -> bool:
    folders = (Path(folder).expanduser() for folder in _FONT_FOLDERS)
    return any(next(folder.rglob(_FONT_FILES), None) is not None for folder in folders if folder.is_dir())


def _effect(missing: Sequence[str]) -> str:
    if any(package in missing for package in PANGO):
        return say("effect.pdf")
    slower = say("effect.subset") if SUBSET in missing else ""
    other_font = say("effect.font") if FONT in missing else ""
    return slower + other_font
