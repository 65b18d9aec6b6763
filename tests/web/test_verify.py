"""郑老师 verifies from outside: each way a file can be wrong gets its own sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from starlette.testclient import TestClient

from engine.desk import people, proving
from engine.trust import canonical
from tests.web.conftest import NOON, DemoAgency
from tests.web.office import token_in
from web.app import create_app
from web.assemble import create_agency, open_desk
from web.demo.clock import SettableClock
from web.demo.people import AGENCY, PASSWORD, ROLES
from web.verification.judge import Current, Verification, judge

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Outside:
    """郑老师's desk: the trust file he pinned, nothing else."""

    trust: bytes | None

    def judge(self, data: bytes, current: Current | None = None) -> Verification:
        return judge(data, trust=self.trust, now=NOW, current=lambda doc: current)


@pytest.fixture(scope="module")
def outside(demo: DemoAgency) -> Outside:
    return Outside(demo.services.desk.trust.root_chain())


@pytest.fixture(scope="module")
def bundle(demo: DemoAgency) -> bytes:
    desk = demo.services.desk
    return proving.bundle_of(desk, demo.first(), proving.all_fields)


def enclosures(paper: bytes) -> dict[str, bytes]:
    return {name: files[0] for name, files in PdfReader(BytesIO(paper)).attachments.items()}


def rewritten(paper: bytes, *, without: tuple[str, ...] = (), **replaced: bytes) -> bytes:
    """The same pages in a new file, with attachments left out or replaced (`bundle`, `page`)."""
    reader = PdfReader(BytesIO(paper))
    writer = PdfWriter()
    for page in reader.pages:
        writer.add_page(page)
    for name, data in enclosures(paper).items():
        if name not in without:
            writer.add_attachment(name, replaced.get(name.removesuffix(".json"), data))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def with_edited_page(paper: bytes, number: int) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(paper))
    contents: Any = writer.pages[number]["/Contents"].get_object()
    contents.set_data(contents.get_data() + b"\nq 1 1 1 rg 60 600 200 40 re f Q\n")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def answers_of(case: Verification) -> dict[str, str]:
    return {one.name: one.answer for one in case.questions}


def test_a_genuine_paper_is_genuine_on_every_question(outside: Outside, genuine_paper: bytes) -> None:
    case = outside.judge(genuine_paper)
    assert (case.result, case.exit_code) == ("genuine", 0)
    assert answers_of(case) == {"who": "yes", "changed": "no", "when": "yes", "valid": "yes"}
    assert case.facts["agency_zh"] == AGENCY.name


def test_a_bundle_alone_is_genuine_and_shows_its_values(outside: Outside, bundle: bytes) -> None:
    case = outside.judge(bundle)
    assert (case.result, case.exit_code) == ("genuine", 0)
    assert case.report is not None
    assert {one.path: one.value for one in case.report.values}["/insured/full_name"] == "张文兰"


def test_an_edited_page_is_altered_for_one_who_knows_no_agency_too(genuine_paper: bytes) -> None:
    stranger = Outside(None)
    case = stranger.judge(with_edited_page(genuine_paper, 1))
    assert (case.result, case.facts["where"], case.pages, case.exit_code) == ("altered", "pages", (2,), 1)
    bare = stranger.judge(rewritten(genuine_paper, without=("page.json",)))
    assert (bare.result, answers_of(bare)["changed"]) == ("unknown_seal", "unknown")
    assert stranger.judge(genuine_paper).result == "unknown_seal"


@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_edited_page_is_named(outside: Outside, genuine_paper: bytes, number: int) -> None:
    case = outside.judge(with_edited_page(genuine_paper, number))
    assert (case.result, case.facts["where"], case.pages) == ("altered", "pages", (number + 1,))
    assert case.exit_code == 1


def test_a_page_left_out_is_altered(outside: Outside, genuine_paper: bytes) -> None:
    writer = PdfWriter(clone_from=BytesIO(genuine_paper))
    writer.remove_page(2)
    out = BytesIO()
    writer.write(out)
    case = outside.judge(out.getvalue())
    assert (case.result, case.pages) == ("altered", (3,))


def test_the_same_pages_in_a_rewritten_file_are_still_what_was_sealed(
    outside: Outside, genuine_paper: bytes
) -> None:
    assert outside.judge(rewritten(genuine_paper)).result == "genuine"


def test_something_appended_to_the_file_is_altered(outside: Outside, genuine_paper: bytes) -> None:
    writer = PdfWriter(BytesIO(genuine_paper), incremental=True)
    writer.add_metadata({"/Title": "别的"})
    out = BytesIO()
    writer.write(out)
    case = outside.judge(out.getvalue())
    assert (case.result, case.facts["where"]) == ("altered", "appended")


def test_without_its_proof_a_paper_has_no_seal(outside: Outside, genuine_paper: bytes) -> None:
    case = outside.judge(rewritten(genuine_paper, without=("bundle.json", "page.json")))
    assert (case.result, case.exit_code) == ("unsealed", 2)


def test_without_its_page_seal_nobody_vouches_for_the_pages(outside: Outside, genuine_paper: bytes) -> None:
    case = outside.judge(rewritten(genuine_paper, without=("page.json",)))
    assert (case.result, case.exit_code) == ("page_unsealed", 2)
    assert answers_of(case)["changed"] == "unknown"


def test_another_documents_proof_in_the_paper_is_altered(
    outside: Outside, genuine_paper: bytes, demo: DemoAgency
) -> None:
    other = proving.bundle_of(demo.services.desk, demo.rows()[1], proving.all_fields)
    case = outside.judge(rewritten(genuine_paper, bundle=other))
    assert (case.result, case.facts["where"]) == ("altered", "data")


def test_an_edited_bundle_is_altered(outside: Outside, bundle: bytes) -> None:
    value = canonical.parse_bundle(bundle)
    for disclosure in value["disclosures"]:
        if disclosure["path"] == "/insured/full_name":
            disclosure["value"] = "张文英"
    case = outside.judge(canonical.encode_bundle(value))
    assert (case.result, case.exit_code) == ("altered", 1)


def test_one_changed_byte_anywhere_in_a_bundle_is_never_good(outside: Outside, bundle: bytes) -> None:
    for place in range(7, len(bundle), len(bundle) // 60):
        damaged = bytearray(bundle)
        damaged[place] ^= 0x01
        assert outside.judge(bytes(damaged)).result in {"altered", "unreadable", "unknown_seal"}, place


def test_a_foreign_agencys_seal_is_unknown_here(bundle: bytes, tmp_path: Path) -> None:
    create_agency(tmp_path / "other", AGENCY)
    opened = open_desk(tmp_path / "other", clock=SettableClock(NOON))
    try:
        people.found(opened.desk, ROLES)
        elsewhere = Outside(opened.desk.trust.root_chain())
    finally:
        opened.close()
    case = elsewhere.judge(bundle)
    assert (case.result, case.exit_code) == ("unknown_seal", 2)
    assert answers_of(case)["who"] == "unknown"


def test_without_a_trust_file_nobody_is_known(bundle: bytes) -> None:
    assert Outside(None).judge(bundle).result == "unknown_seal"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 cut", b"{}", b"\xff\xfe", b"hello" * 1000], ids=range(5))
def test_what_cannot_be_opened_is_not_judged(outside: Outside, data: bytes) -> None:
    case = outside.judge(data)
    assert (case.result, case.exit_code) == ("unreadable", 2)


def test_a_cut_paper_is_not_judged_good(outside: Outside, genuine_paper: bytes) -> None:
    for part in (10, 50, 90, 99):
        assert outside.judge(genuine_paper[: len(genuine_paper) * part // 100]).result in {
            "unreadable", "unsealed", "altered",
        }  # fmt: skip


def test_the_live_log_knows_that_a_document_was_replaced(outside: Outside, genuine_paper: bytes) -> None:
    later = Current(5, "superseded", "2026-06-10T02:00:00Z", "LTCI-UPD-310104-20260610-000045-9")
    case = outside.judge(genuine_paper, later)
    assert (case.result, case.facts["by"]) == ("replaced", later.by)
    assert answers_of(case)["valid"] == "no"


def test_a_document_on_its_way_is_genuine_but_not_in_force(outside: Outside, demo: DemoAgency) -> None:
    waiting = next(row for row in demo.rows() if row["state"] == "submitted")
    case = outside.judge(proving.bundle_of(demo.services.desk, waiting, proving.nothing))
    assert (case.result, answers_of(case)["valid"]) == ("pending", "no")


@pytest.fixture(scope="module")
def visitor(demo: DemoAgency) -> Iterator[TestClient]:
    with TestClient(create_app(demo.services), base_url="https://testserver") as client:
        yield client


class TestPage:
    """The public page."""

    def upload(self, visitor: TestClient, data: bytes, name: str = "a.pdf") -> str:
        token = token_in(visitor.get("/verify").text)
        answer = visitor.post("/verify", data={"_csrf": token}, files={"file": (name, data)})
        assert answer.status_code == 200
        return answer.text

    def test_a_stranger_reads_the_result_in_one_sentence(
        self, visitor: TestClient, genuine_paper: bytes
    ) -> None:
        text = self.upload(visitor, genuine_paper)
        assert "这份文件由〔示范区医疗保障服务中心〕于 2026-03-06" in text
        assert "此后没有改动，目前有效。" in text

    def test_an_edited_page_is_said_with_its_number(self, visitor: TestClient, genuine_paper: bytes) -> None:
        text = self.upload(visitor, with_edited_page(genuine_paper, 1))
        assert "文件内容与盖章时不一致。不要使用，向出具机构索取原件。（改动在：第 2 页）" in text

    def test_in_english_too(self, visitor: TestClient, genuine_paper: bytes) -> None:
        token = token_in(visitor.get("/verify").text)
        visitor.post("/language", data={"_csrf": token, "lang": "en", "next": "/verify"})
        try:
            assert "it has not been changed since and is in force" in self.upload(visitor, genuine_paper)
        finally:
            visitor.post("/language", data={"_csrf": token, "lang": "zh-CN", "next": "/verify"})

    def test_nothing_is_kept(self, visitor: TestClient, genuine_paper: bytes, demo: DemoAgency) -> None:
        before = {path: path.stat().st_size for path in demo.data.rglob("*") if path.is_file()}
        self.upload(visitor, genuine_paper)
        assert {path: path.stat().st_size for path in demo.data.rglob("*") if path.is_file()} == before

    def test_a_file_is_asked_for(self, visitor: TestClient) -> None:
        token = token_in(visitor.get("/verify").text)
        answer = visitor.post("/verify", data={"_csrf": token})
        assert answer.status_code == 422
        assert "还没有选择文件" in answer.text

    def test_a_code_on_paper_is_explained(self, visitor: TestClient, demo: DemoAgency) -> None:
        code = proving.verification_code(demo.first())
        assert "本身不证明内容" in visitor.get(f"/verify?code={code}").text
        assert "不是完整的核验码" in visitor.get("/verify?code=12").text

    def test_the_trust_file_and_the_checkpoint_are_public(
        self, visitor: TestClient, demo: DemoAgency
    ) -> None:
        desk = demo.services.desk
        assert visitor.get("/log/trust.json").content == desk.trust.root_chain()
        assert visitor.get("/log/checkpoint").text == desk.journal.checkpoint()[2]


def test_a_printed_paper_holds_no_masked_value_anywhere(demo: DemoAgency) -> None:
    paper = demo.paper("SH000102")
    reader = PdfReader(BytesIO(paper))
    text = "".join(page.extract_text() for page in reader.pages) + json.dumps(dict(reader.metadata or {}))
    proof = enclosures(paper)["bundle.json"].decode()
    for secret in ("31019919420315026X", "19900000012", "示范路88弄6号302室"):
        assert secret not in text
        assert secret not in proof
    assert "310199********026X" in text


def test_the_same_revision_printed_at_one_moment_is_the_same_file(demo: DemoAgency) -> None:
    assert demo.paper(clock=SettableClock(NOW)) == demo.paper(clock=SettableClock(NOW))


def test_another_moment_changes_nothing_but_the_print_line(demo: DemoAgency) -> None:
    early, late = (
        demo.paper(clock=SettableClock(NOW)),
        demo.paper(clock=SettableClock(NOW + timedelta(hours=2))),
    )
    lines = [
        [page.extract_text().replace(moment, "") for page in PdfReader(BytesIO(paper)).pages]
        for paper, moment in ((early, "2026-11-22 17:00"), (late, "2026-11-22 19:00"))
    ]
    assert lines[0] == lines[1]


def test_printing_is_in_the_access_log(demo: DemoAgency) -> None:
    demo.paper()
    last = list(demo.services.desk.access.entries())[-1]
    assert (last.purpose, last.doc, last.what[0]) == ("print", demo.first()["doc"], "print:form")


def test_the_papers_of_a_document_are_linked_and_print_as_genuine(
    demo: DemoAgency, visitor: TestClient, outside: Outside
) -> None:
    token = token_in(visitor.get("/sign-in").text)
    pairs = {"_csrf": token, "staff_no": "YW000231", "password": PASSWORD, "passphrase": ""}
    visitor.post("/sign-in", data=pairs)
    shown = visitor.get(f"/documents/{demo.first()['doc']}").text
    links = sorted(set(re.findall(r'href="(/documents/[a-z2-7]+/papers/[0-9]+/[a-z_]+)"', shown)))
    assert [link.rpartition("/")[2] for link in links] == [
        "acceptance_receipt",
        "review_record",
        "upload_record",
    ]
    for link in links:
        answer = visitor.get(link)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["content-security-policy"] == "sandbox"
        assert outside.judge(answer.content).result == "genuine"
