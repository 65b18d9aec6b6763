"""Makes a folder a bag, in a process of its own: the library changes the working folder while it works.

Decides nothing; `make` asks, `main` answers. What is written into bag-info.txt comes on standard input.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.errors import Unavailable


def make(folder: Path, info: Mapping[str, str]) -> None:
    """Make the folder a bag with SHA-256 manifests. Raises Unavailable("archive.bagging")."""
    done = subprocess.run(
        [sys.executable, "-m", "web.archive.bagging", str(folder)],
        input=json.dumps(dict(info)).encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise Unavailable("archive.bagging")


def main() -> None:
    """Make the folder of the command line a bag."""
    import bagit

    bagit.make_bag(sys.argv[1], json.load(sys.stdin), processes=1, checksums=["sha256"])


if __name__ == "__main__":
    main()
