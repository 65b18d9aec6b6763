"""The official JSON Schema test suite, out of the source archive of jsonschema on the Python package index.

Decides only where it comes from (an archive named by hash) and where it lies; nothing of it is kept in the
repository. pip wants to look at an archive before it hands it over, so the builder it needs is fetched by
hash as well, and thrown away.
"""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from web.setup.environment import PIP
from web.setup.shell import SetupFailed, run_logged

SUITE = Path("build/json-schema-test-suite")
ARCHIVE_LOCK = Path("web/setup/suite.lock")
BUILDER_LOCK = Path("web/setup/suite_builder.lock")
TESTS = SUITE / "tests"
_KEPT = ("tests/draft7/", "tests/draft2020-12/", "LICENSE")


def fetch_suite() -> None:
    """Fetch the archive, check its hash, and unpack the parts of the suite that our tests read."""
    with tempfile.TemporaryDirectory(prefix="fengjian-suite-") as folder:
        builder = Path(folder) / "builder"
        by_hash = ("--require-hashes", "--no-deps")
        wanted = ("--target", str(builder), "--requirement", str(BUILDER_LOCK))
        if not run_logged((*PIP, "install", *by_hash, "--only-binary", ":all:", *wanted)):
            raise SetupFailed("suite.failed")
        wanted = ("--dest", folder, "--requirement", str(ARCHIVE_LOCK))
        options = ("--no-binary", ":all:", "--no-build-isolation")
        if not run_logged((*PIP, "download", *by_hash, *options, *wanted), _with_path(builder)):
            raise SetupFailed("suite.failed")
        shutil.rmtree(SUITE, ignore_errors=True)
        for archive in Path(folder).glob("*.tar.gz"):
            _unpack(archive)
    if not TESTS.is_dir():
        raise SetupFailed("suite.failed")


def _with_path(builder: Path) -> dict[str, str]:
    path = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": f"{builder}{os.pathsep}{path}" if path else str(builder)}


def _unpack(archive: Path) -> None:
    """Write the files of the suite, and only plain files below its own folder."""
    with tarfile.open(archive) as packed:
        for member in packed:
            inside = member.name.partition("/json/")[2]
            if not member.isfile() or not inside.startswith(_KEPT) or ".." in inside.split("/"):
                continue
            goal = SUITE / inside
            goal.parent.mkdir(parents=True, exist_ok=True)
            content = packed.extractfile(member)
            if content is not None:
                goal.write_bytes(content.read())
