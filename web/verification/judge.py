"""From bytes to one result: a PDF with its bundle, or a bundle alone.

Decides in this order, and stops at the first that applies:
 1 can the file be read at all                    -> unreadable
 2 does it carry a bundle                         -> unsealed
 3 do content, order or disclosed values disagree -> altered
 4 is the sealer known to this verifier           -> unknown_seal, or altered when its own page seal does not
                                                     fit its pages; known, but a foreign key signed -> altered
 5 could the signer take that step                -> unauthorised
 6 do the pages show what was sealed              -> altered, or page_unsealed without a page seal
 7 where the document stands now                  -> replaced, pending, genuine
Never raises for any bytes. What a later event did is known only as far as the bundle, or a live log, can say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from engine.errors import Invalid
from engine.trust import bundle as bundles
from engine.trust import root as roots
from engine.trust.page_seal import PageSeal, differing_pages, open_sealed
from engine.trust.verdicts import Report
from engine.trust.verify import verify
from web.pdf.pades import NO_SEAL, FileSeal
from web.pdf.reading import PdfFile, Unreadable, is_pdf, read_pdf

Result = Literal[
    "genuine", "pending", "replaced", "altered", "unauthorised", "unknown_seal", "page_unsealed", "unsealed",
    "unreadable",
]  # fmt: skip
Answer = Literal["yes", "no", "unknown"]

# Words of domain.md C.7; a state that is in neither set is "on its way".
ENDED = frozenset({"superseded", "voided", "withdrawn", "rejected", "revoked", "expired", "destroyed"})
IN_FORCE = frozenset(
    {"effective", "applied", "archived", "issued", "published", "sealed", "delivered", "closed"}
)
_FORMAT_MARK = b'"format":"fengjian-bundle/'


@dataclass(frozen=True, slots=True)
class Current:
    """What a live log knows beyond the bundle: the number of the last event, its state, when, and the
    document that took this one's place, if any."""

    seq: int
    state: str
    at: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One of the four questions: its name, the answer, what the answer's sentence needs."""

    name: str
    answer: Answer
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verification:
    """The result with everything shown beside it. `pages` are the numbers of the pages that differ."""

    result: Result
    facts: Mapping[str, Any]
    questions: tuple[Question, ...]
    is_pdf: bool
    report: Report | None = None
    page_seal: PageSeal | None = None
    pages: tuple[int, ...] = ()
    proof: bytes | None = field(default=None, repr=False)
    file_seal: FileSeal = NO_SEAL

    @property
    def exit_code(self) -> int:
        """0 all verdicts good, 1 something is wrong, 2 cannot be judged (architecture §6)."""
        if self.result in ("altered", "unauthorised"):
            return 1
        if self.result in ("genuine", "pending", "replaced"):
            return 0 if self.report is not None and self.report.outcome == "good" else 2
        return 2

    def as_json(self) -> dict[str, Any]:
        """The verification as a JSON object, for `fengjian verify --json`."""
        seal = self.page_seal
        return {
            "result": self.result,
            "exit_code": self.exit_code,
            "facts": dict(self.facts),
            "questions": {one.name: one.answer for one in self.questions},
            "kind": "pdf" if self.is_pdf else "bundle",
            "pages_changed": list(self.pages),
            "file_seal": self.file_seal.as_json(),
            "page_seal": None if seal is None else {
                "kind": seal.kind, "copy": seal.copy, "printed_at": seal.printed_at,
            },
            "report": self.report.as_json() if self.report is not None else None,
        }  # fmt: skip


def judge(
    data: bytes,
    *,
    trust: bytes | None,
    now: datetime,
    read: Callable[[bytes], PdfFile] = read_pdf,
    current: Callable[[str], Current | None] = lambda doc: None,
) -> Verification:
    """Judge a file. `trust` is a pinned trust.json (None: nobody is known), `read` how PDFs are read,
    `current` asks a live log where a document stands now. What is found of a seal over the whole file is told
    beside the result and changes none."""
    found = NO_SEAL

    def reading(handed_in: bytes) -> PdfFile:
        nonlocal found
        paper = read(handed_in)
        found = paper.seal
        return paper

    return replace(_judged(data, trust, now, reading, current), file_seal=found)


def _judged(
    data: bytes,
    trust: bytes | None,
    now: datetime,
    read: Callable[[bytes], PdfFile],
    current: Callable[[str], Current | None],
) -> Verification:
    is_paper = is_pdf(data)
    # 1, 2
    if is_paper:
        try:
            paper = read(data)
        except Unreadable:
            return _without_report("unreadable", is_paper)
        proof = paper.enclosures.get("bundle.json")
        if proof is None:
            return _without_report("unsealed", is_paper)
    else:
        paper, proof = None, data
        if _FORMAT_MARK not in data[:4096] and _FORMAT_MARK not in data:
            return _without_report("unreadable", is_paper)
    report = verify(proof, trust, now=now)
    case = _Case(report, proof, is_paper, current(report.doc) if report.doc else None)
    # 3
    if report.verdict("integrity").status == "bad":
        return case.result("altered", where="data")
    if report.verdict("order").status == "bad":
        return case.result("altered", where="order")
    # 4
    if report.verdict("identity").status != "good":
        if report.pinned:
            return case.result("altered", where="signature")
        stopped = case.check_pages(paper, None) if paper is not None else None
        return stopped if stopped is not None and stopped.result == "altered" else case.result("unknown_seal")
    # 5
    if report.verdict("authority").status == "bad":
        return case.result("unauthorised")
    if report.verdict("integrity").status != "good":
        return case.result("unreadable")
    # 6
    if paper is not None:
        stopped = case.check_pages(paper, trust)
        if stopped is not None:
            return stopped
    # 7
    return case.standing()


def _without_report(result: Result, is_paper: bool) -> Verification:
    questions = tuple(Question(name, "unknown") for name in ("who", "changed", "when", "valid"))
    return Verification(result, {}, questions, is_paper)


def _newest_root(proof: bytes, trust: bytes | None) -> roots.TrustRoot:
    """The newest root of the two chains; step 4 has shown that one begins the other."""
    carried = roots.walk(bundles.read(proof).trust)
    pinned = roots.walk(roots.read_trust_file(trust)) if trust is not None else ()
    return max((*carried, *pinned), key=lambda one: one.version)


class _Case:
    """One file being judged: the report on its bundle and what has been found out about its pages."""

    def __init__(self, report: Report, proof: bytes, is_paper: bool, current: Current | None) -> None:
        self._report = report
        self._proof = proof
        self._is_paper = is_paper
        self._current = current if current is not None and current.seq >= report.seq else None
        self._seal: PageSeal | None = None
        self._pages: tuple[int, ...] = ()
        self._lacks_page_seal = False

    def check_pages(self, paper: PdfFile, trust: bytes | None) -> Verification | None:
        """Step 6: None when every page shows what the platform sealed for this document and this bundle."""
        sealed = paper.enclosures.get("page.json")
        if sealed is None:
            self._lacks_page_seal = True
            return self.result("page_unsealed")
        try:
            self._seal = open_sealed(sealed, _newest_root(self._proof, trust))
        except Invalid:
            return self.result("altered", where="page_seal")
        seal = self._seal
        if seal is None:
            return self.result("altered", where="page_seal")
        belongs = (
            seal.doc == self._report.doc
            and seal.bundle == hashlib.sha256(self._proof).hexdigest()
            and any(one.event == seal.event and one.index == seal.index for one in self._report.events)
        )
        if not belongs:
            return self.result("altered", where="data")
        self._pages = differing_pages(seal, paper.drawn)
        if self._pages:
            return self.result("altered", where="pages", pages=self._pages)
        if paper.is_appended:
            return self.result("altered", where="appended")
        return None

    def standing(self) -> Verification:
        """Step 7: where the document stands, by the live log where there is one."""
        state = self._state()
        if state in ENDED:
            return self.result("replaced")
        return self.result("genuine" if state in IN_FORCE else "pending")

    def result(self, result: Result, **more: Any) -> Verification:
        """The verification with its four answers."""
        report = self._report
        agency = report.trust.get("agency", {})
        at = report.events[-1].received_at if report.events else ""
        facts: dict[str, Any] = {
            "agency_zh": agency.get("name_zh", ""),
            "agency_en": agency.get("name_en", ""),
            "at": at,
            "doc_id": report.header.get("doc_id", ""),
            "doc_no": report.header.get("doc_no", ""),
            "state": self._state(),
            "state_at": self._current.at if self._current else at,
            "by": self._current.by if self._current else "",
            "is_live": self._current is not None,
            **more,
        }
        return Verification(
            result, facts, self._questions(result, facts), self._is_paper, report, self._seal, self._pages,
            self._proof,
        )

    def _state(self) -> str:
        return self._current.state if self._current else self._report.state

    def _questions(self, result: Result, facts: Mapping[str, Any]) -> tuple[Question, ...]:
        report = self._report
        known = report.verdict("identity").status == "good"
        who: Answer = "yes" if known else "unknown"
        changed: Answer = "no"
        if result == "altered":
            changed = "yes"
        elif (
            result == "unreadable" or self._lacks_page_seal or report.verdict("integrity").status != "good"
        ):
            changed = "unknown"
        when: Answer = "yes" if known and result != "altered" and facts["at"] else "unknown"
        valid: Answer = "unknown"
        if known and result != "altered":
            if result in ("replaced", "unauthorised", "pending"):
                valid = "no"
            elif result == "genuine":
                is_fresh = report.verdict("freshness").status == "good" or facts["is_live"]
                valid = "yes" if is_fresh else "unknown"
        return (
            Question("who", who, facts), Question("changed", changed, facts), Question("when", when, facts),
            Question("valid", valid, facts),
        )  # fmt: skip
