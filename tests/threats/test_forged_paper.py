"""Row "holder of a forged PDF": everything a holder of genuine papers can make of them, told from outside.

The holder has two genuine papers, any program for PDFs, and an agency of his own invention with keys of his
own. 郑老师 has the trust file that he pinned, and the paper that is put before him.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from engine.identity import parse_utc
from engine.trust import canonical, identifiers, page_seal
from engine.trust import keys as trust_keys
from engine.trust.envelope import PAGE, Envelope, Signature
from tests.simulators.surroundings import FixedClock
from tests.threats.conftest import NOON, House
from tests.web.conftest import DemoAgency
from tests.web.test_verify import enclosures, rewritten, with_edited_page
from web.assemble import assemble
from web.demo.seed import seed
from web.pdf.drawn import drawn_pages
from web.pdf.prints import print_form
from web.settings import Settings
from web.verification.judge import Verification, judge

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Papers:
    """Two genuine papers of the agency, one of the holder's own agency, and what 郑老师 has pinned."""

    first: bytes
    second: bytes
    own: bytes
    trust: bytes

    def judge(self, paper: bytes) -> Verification:
        """What he is told."""
        return judge(paper, trust=self.trust, now=NOW)


def printed(house: House, count: int) -> Iterator[bytes]:
    services, opened = assemble(house.data, Settings(mode="demo"))
    try:
        desk = DemoAgency(services, house.data)
        for row in desk.rows()[:count]:
            maker = services.desk.directory.by_person(row["created_by"])
            assert maker is not None
            then = FixedClock(parse_utc(row["state_since"]))  # while it was still the maker's own work
            yield print_form(
                replace(services, desk=replace(services.desk, clock=then)),
                desk.session(maker.staff_no), row["doc"], "01", "zh-CN",
            ).data  # fmt: skip
    finally:
        opened.close()


@pytest.fixture(scope="module")
def papers(
    seeded: House, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Papers]:
    place = tmp_path_factory.mktemp("papers")
    with pytest.MonkeyPatch.context() as patch:
        house = seeded.copy(place / "agency")
        patch.setenv("XDG_CONFIG_HOME", str(house.configuration))
        first, second = printed(house, 2)
        # The same name, code and people: only the keys are the holder's.
        own = House(place / "own" / "data", place / "own" / "configuration")
        patch.setenv("XDG_CONFIG_HOME", str(own.configuration))
        seed(own.data, NOON)
        (third,) = printed(own, 1)
    yield Papers(first, second, third, (house.data / "trust" / "trust.json").read_bytes())


def resealed(paper: bytes, bundle: bytes, pages: tuple[str, ...]) -> bytes:
    """A page seal that fits, signed with a key of the holder's under the name of the platform's."""
    old = Envelope.from_json(json.loads(enclosures(paper)["page.json"]))
    said = json.loads(old.payload)
    said |= {"pages": list(pages), "bundle": sha256(bundle).hexdigest()}
    payload, key = canonical.encode(said), trust_keys.signing_key(b"h" * 32)
    signature = trust_keys.sign(key, identifiers.pae(PAGE, payload))
    mine = Signature(identifiers.kid(key.public_key), key.public_key, signature)
    return canonical.encode(Envelope(PAGE, payload, (mine,)).to_json())


def with_pages_of(paper: bytes, other: bytes) -> bytes:
    """The pages of one paper with the enclosures of the other."""
    writer = PdfWriter()
    for page in PdfReader(BytesIO(paper)).pages:
        writer.add_page(page)
    for name, data in enclosures(other).items():
        writer.add_attachment(name, data)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_genuine_papers_are_told_as_such_or_nothing_below_could_fail(papers: Papers) -> None:
    assert papers.judge(papers.first).result in ("genuine", "pending")
    assert papers.judge(papers.second).result in ("genuine", "pending")


def test_edited_pages_are_named(papers: Papers) -> None:
    found = papers.judge(with_edited_page(papers.first, 0))
    assert (found.result, found.facts["where"], found.pages) == ("altered", "pages", (1,))


def test_an_edited_page_with_a_page_seal_of_his_own_is_altered(papers: Papers) -> None:
    edited = with_edited_page(papers.first, 0)
    bundle = enclosures(papers.first)["bundle.json"]
    own_seal = resealed(papers.first, bundle, drawn_pages(edited))
    found = papers.judge(rewritten(edited, page=own_seal))
    assert (found.result, found.facts["where"]) == ("altered", "page_seal")
    # The seal that he made does fit the pages: what gives it away is whose key it is.
    seal = page_seal.read(Envelope.from_json(json.loads(own_seal)).payload)
    assert page_seal.differing_pages(seal, drawn_pages(edited)) == ()


def test_pages_of_one_document_with_the_proof_of_another_are_altered(papers: Papers) -> None:
    found = papers.judge(with_pages_of(papers.first, papers.second))
    assert (found.result, found.facts["where"]) == ("altered", "pages")
    mixed = rewritten(papers.first, bundle=enclosures(papers.second)["bundle.json"])
    assert (papers.judge(mixed).result, papers.judge(mixed).facts["where"]) == ("altered", "data")


def test_a_disclosed_value_rewritten_in_the_bundle_is_altered(papers: Papers) -> None:
    value: dict[str, Any] = json.loads(enclosures(papers.first)["bundle.json"])
    shown = next(one for one in value["disclosures"] if isinstance(one["value"], str))
    shown["value"] = "另一个人"
    found = papers.judge(rewritten(papers.first, bundle=canonical.encode(value)))
    assert (found.result, found.facts["where"]) == ("altered", "data")


def test_a_paper_without_its_proof_is_never_genuine(papers: Papers) -> None:
    bare = rewritten(papers.first, without=("bundle.json", "page.json"))
    assert papers.judge(bare).result == "unsealed"
    no_seal = rewritten(with_edited_page(papers.first, 0), without=("page.json",))
    found = papers.judge(no_seal)
    # The data are genuine, the pages unproved: told apart, and the values of the proof are shown to compare.
    assert found.result == "page_unsealed" and found.report is not None and found.report.values
    assert found.exit_code != 0


def test_an_agency_of_his_own_with_the_same_name_is_not_this_one(papers: Papers) -> None:
    found = papers.judge(papers.own)
    assert (found.result, found.exit_code) == ("unknown_seal", 2) and found.report is not None
    verdict = found.report.verdict("identity")
    assert (verdict.status, verdict.code) == ("bad", "identity.other_root")
    known_to_nobody = judge(papers.own, trust=None, now=NOW)
    assert (known_to_nobody.result, known_to_nobody.exit_code) == ("unknown_seal", 2)


def test_an_update_appended_to_the_file_is_told(papers: Papers) -> None:
    writer = PdfWriter(BytesIO(papers.first), incremental=True)
    writer.add_metadata({"/Title": "经核准"})
    out = BytesIO()
    writer.write(out)
    found = papers.judge(out.getvalue())
    assert (found.result, found.facts["where"]) == ("altered", "appended")
