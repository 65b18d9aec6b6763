"""`fengjian bundle`: the proof bundle of a document, for the person who holds the data folder.

Decides which row a number names and that disclosing values is written to the access log. Never discloses more
than it was asked for.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine.desk import proving
from engine.desk.desk import Desk
from engine.errors import NotFound
from engine.identity import utc_text
from engine.ports import Access
from engine.projection import DocumentRow
from web.assemble import open_desk
from web.cli.speaking import refusals, say


def run_bundle(document: str, disclose: str, out: Path | None, data: Path) -> None:
    """Write the bundle to `out` or to standard output."""
    with refusals():
        opened = open_desk(data)
        try:
            made = _bundle(opened.desk, document, disclose)
        finally:
            opened.close()
    if out is None:
        sys.stdout.buffer.write(made)
        return
    out.write_bytes(made)
    print(say("cli.bundle.written", path=out, size=len(made)))


def _bundle(desk: Desk, document: str, disclose: str) -> bytes:
    row = find_row(desk, document)
    if disclose == "none":
        return proving.bundle_of(desk, row, proving.nothing)
    pointers = tuple(disclose.split(","))
    wish = proving.all_fields if disclose == "all" else proving.these(pointers)
    desk.access.write(
        Access(utc_text(desk.clock.now()), "command-line", "operator", row["doc"], pointers, "bundle")
    )
    return proving.bundle_of(desk, row, wish)


def find_row(desk: Desk, document: str) -> DocumentRow:
    """The row a document id, official number or technical id names. Raises NotFound."""
    found = desk.store.get(document) or desk.store.by_doc_id(document) or desk.store.by_doc_no(document)
    if found is None:
        raise NotFound("document.not_found")
    return found
