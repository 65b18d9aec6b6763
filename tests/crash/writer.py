"""A process that appends records as fast as it can and prints what was acknowledged; to be killed."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from engine import projection
from engine.ports import Committed
from engine.trust import identifiers
from storage.journal import FileJournal
from storage.last_signed import LastSigned
from storage.projection import TinyStore
from tests.simulators.samples import record, signer


def main(base: Path) -> None:
    """Append with eight threads until killed; one line for each acknowledged record."""
    last_signed = LastSigned(base / "config" / "last-signed")
    last_signed.create()
    journal = FileJournal(base / "journal", signer(), last_signed, segment_bytes=40_000)
    store = TinyStore(base / "projection", journal)

    def acknowledge(committed: Committed) -> None:
        sys.stdout.write(f"{committed.index} {committed.size} {committed.leaf_hash.hex()}\n")
        sys.stdout.flush()

    def append_for_ever() -> None:
        while True:
            with journal.sequencing():
                made = record(journal.next_index)
                future = journal.append(made, acknowledge)
                event = identifiers.event_id(made.envelope.pae())
                store.apply(made.index, projection.project(None, made, event, made.statement()))
            if made.index % 50 == 0:
                store.save()
            future.result(30)

    for _ in range(8):
        threading.Thread(target=append_for_ever).start()


main(Path(sys.argv[1]))
