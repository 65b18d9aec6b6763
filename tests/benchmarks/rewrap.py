"""Moving document keys into a new epoch: how long a million take, on one core, on this disk.

    python -m tests.benchmarks.rewrap [KEYS]        goal: 1,000,000 keys in 60 s

Through the desk, the vault of this process and the file of wraps: unwrapped, wrapped, logged with digests,
written twice and synced. The journal and the rows are the simulators': one event a batch. Memory does not
grow with the number of keys.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.desk import rewrapping
from engine.identity import base32
from engine.record import Erasable
from engine.trust.statement import CLASSES
from storage.passphrases import Passphrases, Strength
from storage.vault import create_vault
from storage.wraps import FileWraps
from tests.engine.desk.office import open_office

GOAL_KEYS, GOAL_SECONDS = 1_000_000, 60.0


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving took: seconds on the clock, and of processor time."""

    wall: float
    processor: float


def measure(count: int) -> Moved:
    """Time the moving of `count` keys (four a document)."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        quick = Passphrases(Strength(passes=1, memory=8192))
        vault = create_vault(folder / "vault", quick, unseal_folder=folder / "config").vault
        store = FileWraps(folder / "wraps")
        for n in range(count // len(CLASSES)):
            doc = base32(n.to_bytes(16, "big"))
            key = n.to_bytes(32, "big")
            wraps = tuple(vault.wrap(doc, one, f"310199.info_entry.{one}", key) for one in CLASSES)
            store.add(Erasable(doc, wraps, {"info_entry:/insured/id_no": "1a2b"}, "5e" * 240))
            if n % 2_000 == 0:
                store.flush()
        store.flush()
        office = open_office().desk
        both: Any = _Both(office.vault, vault)
        desk = replace(office, erasable=store, vault=both)
        rewrapping.turn(desk, vault.epochs())
        wall, processor = time.perf_counter(), time.process_time()
        done = rewrapping.run(desk)
        took = Moved(time.perf_counter() - wall, time.process_time() - processor)
        if done.moved != count // len(CLASSES) * len(CLASSES) or rewrapping.waiting(desk):
            raise SystemExit("not every key was moved")
        return took


class _Both:
    """The office's signer with the real vault's compartments."""

    def __init__(self, signer: object, keeper: object) -> None:
        self._signer, self._keeper = signer, keeper

    def __getattr__(self, name: str) -> object:
        of_epochs = name in ("epochs", "turn_epoch", "rewrap", "retire_epochs")
        return getattr(self._keeper if of_epochs else self._signer, name)


def main() -> None:
    """Print goal and measured side by side."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else GOAL_KEYS // 10
    took = measure(count)
    projected = took.wall * GOAL_KEYS / count
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("| rewrap | keys | wall | processor | most memory | 1,000,000 keys | goal |")
    print("|---|---:|---:|---:|---:|---:|---|")
    print(
        f"| one core | {count:,} | {took.wall:.1f} s | {took.processor:.1f} s | {most:.0f} MiB "
        f"| {projected:.1f} s | ≤ {GOAL_SECONDS:.0f} s |"
    )


if __name__ == "__main__":
    main()
