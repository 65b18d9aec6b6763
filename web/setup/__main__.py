"""`python3 -m web.setup [--for-tests]`: brings this checkout into working order, quietly when it is."""

import os
import shutil
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)


def main(arguments: list[str]) -> int:
    """Do the steps that are not done; 0 when all is in place, 1 after saying what stopped it."""
    os.chdir(Path(__file__).resolve().parents[2])
    if sys.version_info < OLDEST_PYTHON:
        return _start_again_with_newer_python(arguments)
    # Only now: these modules are written for the Python this application needs.
    from web.setup.progress import set_up
    from web.setup.steps import plan_for_running, plan_for_testing

    return set_up(plan_for_testing() if "--for-tests" in arguments else plan_for_running())


def _start_again_with_newer_python(arguments: list[str]) -> int:
    for minor in (11, 12, 13, 14):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, "-m", "web.setup", *arguments])
    from web.setup.sentences import say

    found = ".".join(str(part) for part in sys.version_info[:3])
    print(say("stopped", sentence=say("python.old", found=found)), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
