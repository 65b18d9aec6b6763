"""What every test may rely on: the root of the checkout, the third-party vectors, and the browser's path."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# The same examples on every machine: what one sees fail, all see. Deeper: --hypothesis-profile=deep.
settings.register_profile(
    "usual",
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", max_examples=2_000, deadline=None)
settings.load_profile("usual")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def third_party_vectors() -> Path:
    """The folder of published test vectors beside the checkout; skips, saying so, where it is absent."""
    folder = ROOT.parent / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip("the third-party vectors (../shared/vectors) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium in place of a downloaded one; root may not use its sandbox."""
    arguments = [*browser_type_launch_args.get("args", ()), "--font-render-hinting=none"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    chromium = os.environ.get("FENGJIAN_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is not installed; make test installs it")
    return {**browser_type_launch_args, "executable_path": chromium, "args": arguments}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test belongs to the kind its folder names."""
    for item in items:
        top = Path(item.path).relative_to(ROOT).parts
        if len(top) > 2 and top[1] in {"browser", "crash"}:
            item.add_marker(top[1])
