"""The report on four properties of a package (DA/T 70-2018): 真实性 完整性 可用性 安全性, by real checks.

Decides nothing about documents; reads a folder as anybody could who was handed it. A check that cannot be
made here is said to be `not_judged`, never to have passed. Steps for one document:
 1 authenticity  bundle and paper verify under the trust file; what is written is what was signed
 2 integrity     nothing is missing: files, digests, attachments, steps, elements of the metadata
 3 usability     every file opens without a key: JSON parses, the paper is PDF/A, formats are known
 4 safety        nothing active in the paper, nobody else may read the folder, no foreign file
"""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from engine.errors import Invalid
from engine.trust.commitments import flatten
from web.archive.metadata import MANDATORY
from web.security.sniff import sniff
from web.verification.judge import judge

PASSED, FAILED, NOT_JUDGED = "passed", "failed", "not_judged"
DOCUMENT, PAPER, BUNDLE, METADATA = "document.json", "document.pdf", "bundle.json", "metadata.json"
FILES: Final = "attachments"
PARTS: Final = (DOCUMENT, PAPER, BUNDLE, METADATA)
ACTIVE: Final = ("/JavaScript", "/JS", "/Launch", "/OpenAction", "/AA", "/RichMedia", "/XFA")
ENCLOSED: Final = ("bundle.json", "page.json")
SUFFIXES: Final = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class Check:
    """One check: of which property, its name, how it came out, and what is worth saying."""

    kind: str
    name: str
    result: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def check_document(folder: Path, trust: bytes, now: datetime) -> list[Check]:
    """All checks of one document's folder. Never raises for what stands in it."""
    found = {one: (folder / one).read_bytes() for one in PARTS if (folder / one).is_file()}
    missing = [one for one in PARTS if one not in found]
    checks = [_check("integrity", "parts", not missing, missing=missing)]
    if missing:
        return checks
    try:
        written, elements = json.loads(found[DOCUMENT]), json.loads(found[METADATA])
    except ValueError as fault:
        return [*checks, Check("usability", "json", FAILED, {"fault": type(fault).__name__})]
    checks.append(Check("usability", "json", PASSED))
    steps: tuple[Callable[[], Iterator[Check]], ...] = (
        lambda: _authentic(found, written, trust, now),
        lambda: _whole(folder, written, elements),
        lambda: _usable(folder, found),
        lambda: _safe(folder, found),
    )
    for step in steps:
        try:
            checks.extend(step())
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            checks.append(Check("integrity", "readable", FAILED, {"fault": type(fault).__name__}))
    return checks


def _check(kind: str, name: str, holds: bool, **facts: Any) -> Check:
    return Check(kind, name, PASSED if holds else FAILED, facts)


def _authentic(
    found: Mapping[str, bytes], written: Mapping[str, Any], trust: bytes, now: datetime
) -> Iterator[Check]:
    # 1
    proof = judge(found[BUNDLE], trust=trust, now=now)
    yield _check("authenticity", "bundle", proof.exit_code == 0, result=proof.result)
    paper = judge(found[PAPER], trust=trust, now=now)
    yield _check("authenticity", "paper", paper.exit_code == 0, result=paper.result)
    report = proof.report
    signed = {one.path: one.value for one in report.values} if report is not None else {}
    stated = dict(flatten(written["answers"]))
    wrong = sorted(path for path, value in stated.items() if signed.get(path) != value)
    yield _check("authenticity", "answers", not wrong and bool(stated), differing=len(wrong))
    events = [one.event for one in report.events] if report is not None else []
    same = [one["event"] for one in written["steps"]] == events and bool(events)
    yield _check("authenticity", "steps", same, steps=len(events))


def _whole(folder: Path, written: Mapping[str, Any], elements: Mapping[str, Any]) -> Iterator[Check]:
    # 2
    wrong = []
    for one in elements["计算机文件"]:
        file = folder / str(one["名称"])
        data = file.read_bytes() if file.is_file() and folder in file.resolve().parents else b""
        if len(data) != one["大小"] or f"SHA-256 {sha256(data).hexdigest()}" != one["数字摘要"]:
            wrong.append(str(one["名称"]))
    yield _check("integrity", "digests", not wrong, wrong=wrong)
    names = {str(one["名称"]) for one in elements["计算机文件"]} | {METADATA}
    there = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    yield _check("integrity", "listed", names == there, unlisted=sorted(there - names))
    empty = [name for name in MANDATORY if not elements.get(name)]
    yield _check("integrity", "metadata", not empty, empty=empty)
    order = [one["seq"] for one in written["steps"]]
    yield _check("integrity", "steps", order == list(range(1, len(order) + 1)), steps=len(order))
    digests = {sha256(file.read_bytes()).hexdigest() for file in _attachments(folder)}
    named = {one["sha256"] for one in _files_of(written["answers"])}
    yield _check("integrity", "attachments", named == digests, listed=len(named), there=len(digests))


def _files_of(answers: Any) -> Iterator[Mapping[str, Any]]:
    """Every attachment that the answers list, wherever the form keeps its list."""
    if isinstance(answers, dict):
        if {"file_id", "sha256"} <= answers.keys():
            yield answers
        for one in answers.values():
            yield from _files_of(one)
    elif isinstance(answers, list):
        for one in answers:
            yield from _files_of(one)


def _attachments(folder: Path) -> list[Path]:
    place = folder / FILES
    return sorted(place.iterdir()) if place.is_dir() else []


def _usable(folder: Path, found: Mapping[str, bytes]) -> Iterator[Check]:
    # 3
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(found[PAPER]))
    yield _check("usability", "paper_opens", not reader.is_encrypted and len(reader.pages) > 0)
    about = reader.xmp_metadata
    told = about.stream.get_data().decode("utf-8", "replace") if about is not None else ""
    yield _check("usability", "paper_is_pdf_a", "pdfaid:part" in told)
    text = "".join(page.extract_text() for page in reader.pages)
    yield _check("usability", "paper_has_text", len(text.strip()) > 0, characters=len(text))
    odd = []
    for file in _attachments(folder):
        try:
            suffix = SUFFIXES.get(sniff(file.read_bytes()), "")
        except Invalid:
            suffix = ""
        if suffix != file.suffix.removeprefix("."):
            odd.append(file.name)
    yield _check("usability", "attachments_open", not odd, unknown=odd)


def _safe(folder: Path, found: Mapping[str, bytes]) -> Iterator[Check]:
    # 4
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(found[PAPER]))
    root: Any = reader.trailer["/Root"].get_object()
    active = sorted({name for name in ACTIVE if name in root} | _active_on(reader))
    yield _check("safety", "paper_is_passive", not active, found=active)
    enclosed = sorted(reader.attachments)
    yield _check("safety", "paper_encloses_proof_only", enclosed == sorted(ENCLOSED), found=enclosed)
    allowed = ("json", "pdf", "png", "jpg")
    foreign = [file.name for file in folder.rglob("*") if file.is_file() and file.suffix[1:] not in allowed]
    yield _check("safety", "known_formats", not foreign, found=foreign)
    open_to = stat.S_IMODE(folder.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    yield _check("safety", "closed_to_others", not open_to, mode=oct(stat.S_IMODE(folder.stat().st_mode)))
    yield _scanned(folder, shutil.which)


def _active_on(reader: Any) -> set[str]:
    return {name for page in reader.pages for name in ACTIVE if name in page}


def _scanned(folder: Path, which: Callable[[str], str | None]) -> Check:
    """Whether a scanner for malware found the folder clean; not judged where none is installed."""
    import subprocess

    scanner = which("clamscan")
    if scanner is None:
        return Check("safety", "malware", NOT_JUDGED, {"reason": "no_scanner"})
    done = subprocess.run(
        [scanner, "--no-summary", "--recursive", str(folder)], capture_output=True, check=False, timeout=600
    )
    if done.returncode > 1:
        return Check("safety", "malware", NOT_JUDGED, {"reason": "scanner_failed"})
    return _check("safety", "malware", done.returncode == 0)
