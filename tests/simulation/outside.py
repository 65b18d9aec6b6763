"""Verifying from outside: `python -I -S tests/simulation/outside.py ROOT LIBRARIES FOLDER DAY`.

Runs with nothing but Python, PyNaCl and the published trust file: every other library is out of reach.
Decides nothing; prints how many bundles were judged good, and the names of those that were not.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path


def main(root: str, libraries: str, folder: str, day: str) -> int:
    """Judge every bundle of a folder; 0 when all verdicts of all are good."""
    sys.path[:0] = [root, libraries]
    from engine.trust.verify import verify  # found only now

    place, now = Path(folder), datetime.fromisoformat(day).replace(tzinfo=UTC)
    trust = (place / "trust.json").read_bytes()
    good, bad = 0, []
    for file in sorted(place.glob("*.bundle.json")):
        report = verify(file.read_bytes(), trust, now=now)
        found = {verdict.status for verdict in report.verdicts}
        if found == {"good"}:
            good += 1
        else:
            told = [f"{one.name}: {one.status}" for one in report.verdicts]
            bad.append({"file": file.name, "verdicts": told})
    used = {
        name.partition(".")[0]
        for name, one in sys.modules.items()
        if libraries in str(getattr(one, "__file__", ""))
    }
    print(json.dumps({"good": good, "bad": bad, "libraries": sorted(used)}))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
