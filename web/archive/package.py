"""Writing an archive package: a BagIt folder (RFC 8493) of opened documents with proof and report.

Decides the layout of the package. Sealing protects storage; what is archived has to open without a key
(DA/T 70-2018), so a package is clear text and is written only into the archive boundary, for its owner alone.

    data/<document id>/document.json  document.pdf (PDF/A)  bundle.json  metadata.json  attachments/
    data/trust.json                   what the bundles are verified with
    data/catalogue.json               one line a document
    data/four-properties.json         the report
    bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt

Steps for each document:
 1 the access log knows that it leaves whole
 2 document, paper, bundle, attachments, metadata
 3 the four properties are judged from what lies in the folder
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import bagit

from engine.desk import as_of, attaching, leaving, proving, retention
from engine.desk.grounds import Ground
from engine.errors import Conflict, Invalid
from engine.identity import local_day
from engine.projection import DESTROYED, DocumentRow
from web.archive import bagging, metadata, properties
from web.archive.properties import BUNDLE, DOCUMENT, FILES, METADATA, PAPER, SUFFIXES, Check
from web.archive.results import Package, Progress
from web.pdf.prints import Printer, PrintServices, print_opened

TRUST, CATALOGUE, REPORT = "trust.json", "catalogue.json", "four-properties.json"
KINDS: Final = ("authenticity", "integrity", "usability", "safety")
FORMAT: Final = "fengjian-archive/1"


def ripe(services: PrintServices, rows: Sequence[DocumentRow]) -> tuple[DocumentRow, ...]:
    """The documents of these that may be archived: closed, and not destroyed."""
    known = retention.standing(services.desk)
    return tuple(
        row
        for row in rows
        if DESTROYED not in row["flags"] and retention.kept(services.desk, row, known).closed_on
    )


def write(
    services: PrintServices,
    who: Printer,
    rows: Sequence[DocumentRow],
    folder: Path,
    tell: Callable[[Progress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Package:
    """Write one package into `folder`, which must not be there yet.

    Raises Conflict: `archive.there` (the folder exists), `archive.nothing`, `archive.open` (a document is not
    closed), `archive.destroyed`, `archive.cancelled`; what printing raises.
    """
    desk = services.desk
    if not rows:
        raise Conflict("archive.nothing")
    for row in rows:
        if DESTROYED in row["flags"]:
            raise Conflict("archive.destroyed", doc_no=row["doc_no"])
        if not retention.kept(desk, row).closed_on:
            raise Conflict("archive.open", doc_no=row["doc_no"])
    if folder.exists():
        raise Conflict("archive.there", path=str(folder))
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # what a crash left; it is clear text
    _make(part)
    try:
        checks = _fill(services, who, rows, part, folder.name, tell, is_cancelled)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return Package(
        folder, tuple(checks), _those(checks, properties.FAILED), _those(checks, properties.NOT_JUDGED)
    )


def _fill(
    services: PrintServices,
    who: Printer,
    rows: Sequence[DocumentRow],
    part: Path,
    name: str,
    tell: Callable[[Progress], None],
    is_cancelled: Callable[[], bool],
) -> dict[str, list[Check]]:
    """Every document and the bag around them; the checks by document."""
    desk = services.desk
    now, trust = desk.clock.now(), desk.trust.root_chain()
    lines: list[dict[str, Any]] = []
    checks: dict[str, list[Check]] = {}
    for number, row in enumerate(rows):
        if is_cancelled():
            raise Conflict("archive.cancelled")
        tell(Progress(number, len(rows)))
        place = part / row["doc_id"]
        lines.append(_write_document(services, who, row, place))
        # 3
        checks[row["doc_id"]] = properties.check_document(place, trust, now)
    tell(Progress(len(rows), len(rows)))
    _put(part / TRUST, trust)
    _put(part / CATALOGUE, _json({"format": FORMAT, "documents": lines}))
    _put(part / REPORT, _json(report_of(checks, now)))
    info = {
        "Source-Organization": desk.agency.name,
        "Organization-Identifier": desk.agency.uscc,
        "External-Identifier": name,
        "Bagging-Date": local_day(now),
        "Bag-Software-Agent": metadata.SYSTEM,
        "Internal-Sender-Description": FORMAT,
    }
    bagging.make(part, info)
    for one in part.rglob("*"):
        os.chmod(one, 0o700 if one.is_dir() else 0o600)
    return checks


def report_of(checks: dict[str, list[Check]], now: datetime) -> dict[str, Any]:
    """The report on four properties as JSON: the result of each, then every check of every document."""
    everything = [one for found in checks.values() for one in found]
    return {
        "format": "fengjian-four-properties/1",
        "judged_on": local_day(now),
        "standard": "DA/T 70-2018",
        "properties": {kind: _result(kind, everything) for kind in KINDS},
        "documents": {doc_id: [one.as_json() for one in found] for doc_id, found in checks.items()},
    }


def _result(kind: str, checks: Sequence[Check]) -> str:
    found = {one.result for one in checks if one.kind == kind}
    if properties.FAILED in found or not found:
        return properties.FAILED
    return properties.NOT_JUDGED if properties.NOT_JUDGED in found else properties.PASSED


def _those(checks: dict[str, list[Check]], result: str) -> tuple[tuple[str, Check], ...]:
    return tuple((doc_id, one) for doc_id, found in checks.items() for one in found if one.result == result)


def _write_document(
    services: PrintServices, who: Printer, row: DocumentRow, place: Path
) -> dict[str, Any]:
    desk, ground = services.desk, Ground(leaving.ARCHIVE)
    # 1
    role = next(iter(who.actor.roles(local_day(desk.clock.now()))), "")
    leaving.note(desk, who.actor.person, role, row, ("whole",), leaving.ARCHIVE, str(ground))
    # 2
    opened = leaving.opened_whole(desk, row, ground)
    moment = as_of.newest(desk, [step["index"] for step in row["steps"]])
    wanted = leaving.discloses(opened)
    files = {
        BUNDLE: proving.bundle_of(desk, row, wanted.__contains__),
        DOCUMENT: _json(written := leaving.written(desk, opened)),
        PAPER: print_opened(
            services, who, opened, moment, partial(proving.bundle_of, desk, row), "", "zh-CN"
        ).data,
    }
    for file_id in leaving.file_ids(opened, desk):
        kind, data = attaching.read_attachment(desk, row, file_id)
        files[f"{FILES}/{file_id}.{SUFFIXES.get(kind, 'bin')}"] = data
    kept = retention.kept(desk, row)
    files[METADATA] = _json(metadata.describe(desk, opened, kept, dict(files), written["steps"]))
    _make(place)
    for name, data in files.items():
        _put(place / name, data)
    line = {"doc_id": row["doc_id"], "doc_no": row["doc_no"], "title": written["title"]}
    return {**line, "period": kept.period, "closed_on": kept.closed_on, "retain_until": kept.until}


def check(folder: Path, trust: bytes | None, now: datetime) -> dict[str, Any]:
    """Judge a package as anybody may who was handed it: the bag, then every document anew.

    `trust` is the verifier's own trust file; without one the package's own is taken, and the report says so.
    Raises Invalid("archive.not_a_bag").
    """
    try:
        bag = bagit.Bag(str(folder))
    except (bagit.BagError, OSError) as fault:
        raise Invalid("archive.not_a_bag") from fault
    try:
        bag.validate(processes=1)
        whole = Check("integrity", "bag", properties.PASSED)
    except bagit.BagError as fault:
        whole = Check("integrity", "bag", properties.FAILED, {"fault": type(fault).__name__})
    payload = folder / "data"
    known = trust if trust is not None else (payload / TRUST).read_bytes()
    listed = [one["doc_id"] for one in json.loads((payload / CATALOGUE).read_bytes())["documents"]]
    there = sorted(one.name for one in payload.iterdir() if one.is_dir())
    is_listed = properties.PASSED if sorted(listed) == there else properties.FAILED
    checks = {"": [whole, Check("integrity", "catalogue", is_listed)]}
    for name in there:
        checks[name] = properties.check_document(payload / name, known, now)
    return {**report_of(checks, now), "trust_is_own": trust is not None}


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)


def _put(file: Path, data: bytes) -> None:
    file.parent.mkdir(exist_ok=True, mode=0o700)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
