"""The copies a person asked for, as one ZIP: each document as PDF and JSON with its proof.

Decides what is in it: nothing personal of somebody else (those parts masked or left out, scans then stay
out), and the trust file with a note on how to verify. Every document is written to the access log before it
leaves.
"""

from __future__ import annotations

import json
from functools import partial
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from engine.desk import as_of, attaching, holdings, leaving, proving
from engine.desk.grounds import Ground
from engine.identity import local_day
from web.archive.properties import BUNDLE, DOCUMENT, FILES, PAPER, SUFFIXES
from web.pdf.prints import Printer, PrintServices, print_opened

NOTE: Final = "README.txt"
TRUST: Final = "trust.json"


def pack(services: PrintServices, who: Printer, doc: str, lang: str) -> bytes:
    """The ZIP for an answered request. Raises as `holdings.copies`, and what printing raises."""
    desk = services.desk
    request, found = holdings.copies(desk, who.actor, doc)
    ground = Ground(holdings.PURPOSE, request.row["doc_id"])
    role = next(iter(who.actor.roles(local_day(desk.clock.now()))), "")
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as out:
        for row, others in found:
            leaving.note(
                desk, who.actor.person, role, row, ("copy",), holdings.PURPOSE, request.row["doc_id"]
            )
            opened = leaving.opened_whole(desk, row, ground, others)
            moment = as_of.newest(desk, [step["index"] for step in row["steps"]])
            wanted = leaving.discloses(opened)
            place = row["doc_id"]
            paper = print_opened(
                services, who, opened, moment, partial(proving.bundle_of, desk, row), "", lang
            )
            out.writestr(f"{place}/{PAPER}", paper.data)
            written = json.dumps(leaving.written(desk, opened), ensure_ascii=False, indent=1)
            out.writestr(f"{place}/{DOCUMENT}", written)
            out.writestr(f"{place}/{BUNDLE}", proving.bundle_of(desk, row, wanted.__contains__))
            for file_id in leaving.file_ids(opened, desk):
                kind, data = attaching.read_attachment(desk, row, file_id)
                out.writestr(f"{place}/{FILES}/{file_id}.{SUFFIXES.get(kind, 'bin')}", data)
        out.writestr(TRUST, desk.trust.root_chain())
        out.writestr(NOTE, services.catalogue.say(lang, "request.note", number=request.row["doc_no"]))
    return made.getvalue()
