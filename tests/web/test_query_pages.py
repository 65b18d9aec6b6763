"""小林 asks, 王局 unticks what is not needed, the result stands as a table with a proof for each document."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from engine.desk import proving, querying, reading, submitting, timekeeping
from engine.desk.desk import Receipt
from tests.regulation.querying import asked
from tests.web.agency import WANGJU, XIAOLIN, ZHOUMIN, Agency, Browser, open_agency
from tests.web.office import token_in
from web.demo.people import PASSPHRASE
from web.pdf.renderer import Renderer

FIELDS = ["/insured/full_name", "/insured/id_no", "/insured/mobile", "/insured/gender"]
TICKS = {"accuracy": "true", "completeness": "true", "no_interest": "true"}


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    folder: Path = tmp_path_factory.mktemp("agency")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        with open_agency(folder / "data") as opened:
            renderer = Renderer(processes=1)
            object.__setattr__(opened.services, "renderer", renderer)
            yield opened
            renderer.close()


def effective(agency: Agency) -> tuple[str, str]:
    """A document of 小林's in force: its key and the id number in it."""
    doc, auditor = agency.submitted().doc, agency.browser(ZHOUMIN)
    for step, ticks in (("claim", {}), ("approve", TICKS), ("upload", {})):
        assert auditor.decide(doc, step, **ticks).status_code == 303
    page = agency.browser(XIAOLIN).get(f"/documents/{doc}").text
    found = re.search(r"\b31019919420315\d{3}[\dX]\b", page)
    assert found is not None
    return doc, found[0]


def applied(agency: Agency, id_no: str) -> Receipt:
    answers = asked(scope={"subject_keys": [id_no]})
    answers["applicant"] = {"name": "林小燕", "post": "受理经办", "contact": "021-50000000"}
    actor = agency.actor(XIAOLIN)
    wanted = submitting.Submission("info_query", answers, f"query-{id_no}")
    return submitting.submit(agency.services.desk, actor, wanted, agency._unlocked[XIAOLIN]).wait()


def approve(browser: Browser, doc: str, granted: list[str], **more: str) -> int:
    client: TestClient = browser.client
    data = {"_csrf": token_in(client.get("/unlock").text), **browser.seen(doc), "valid_days": "7", **more}
    address = f"/documents/{doc}/transitions/approve"
    return client.post(address, data={**data, "granted_fields": granted}, follow_redirects=False).status_code


def verified(file: Path, trust: Path) -> dict[str, Any]:
    """What `fengjian verify` says of a file that is good."""
    command = [sys.executable, "-m", "web.cli", "verify", str(file), "--trust", str(trust), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)["report"]
    return report


def test_whom_a_query_is_about_is_said_in_words_not_by_the_index_kept(agency: Agency) -> None:
    _, id_no = effective(agency)
    doc = applied(agency, id_no).doc
    wang = agency.browser(WANGJU)
    opened = reading.open_document(agency.services.desk, agency.actor(WANGJU), doc)
    (kept,) = opened.answers["scope"]["subject_keys"]
    words = f"已登记一人，不显示是谁（索引 {kept[:8]}）"
    printed = wang.client.get(f"/documents/{doc}/print")
    paper = "".join(one.extract_text() for one in PdfReader(BytesIO(printed.content)).pages)

    for text in (wang.get(f"/documents/{doc}").text, wang.get(f"/documents/{doc}/review").text, paper):
        assert kept not in text and id_no not in text
        assert words in text.replace("\n", "")


def test_the_head_finds_every_field_ticked_and_unticks_what_is_not_needed(agency: Agency) -> None:
    _, id_no = effective(agency)
    doc, head = applied(agency, id_no).doc, agency.browser(WANGJU)

    page = head.get(f"/documents/{doc}").text
    assert re.findall(r'name="granted_fields" value="([^"]+)"[^>]* checked', page) == FIELDS
    assert 'name="granted_unmask"' not in page
    assert id_no not in page and "参保人·姓名" in page
    assert approve(head, doc, ["/insured/gender"]) == 403
    assert approve(head, doc, ["/insured/gender", "/insured/id_no"], comment="姓名与手机号码无须输出") == 303

    clerk = agency.browser(XIAOLIN)
    assert clerk.decide(doc, "execute").status_code == 423
    assert clerk.decide(doc, "execute", _passphrase=PASSPHRASE).status_code == 303
    link = re.search(r'href="(/documents/\w+)">查询结果', clerk.get(f"/documents/{doc}").text)
    assert link is not None
    result = clerk.get(link[1]).text
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", result)
    assert {"参保人·性别", "女", "参保人·证件号码", f"{id_no[:6]}********{id_no[-4:]}"} <= set(cells)
    assert id_no not in result and "张文兰" not in result
    proof = re.search(r'href="([^"]+/proofs/[^"]+)"', result)
    assert proof is not None
    bundle = json.loads(clerk.get(proof[1]).text)
    proved = sorted(one["path"] for one in bundle["disclosures"])
    assert proved == ["/_derived/insured/id_no", "/insured/gender"]
    assert head.get(proof[1]).status_code == 403


def test_a_second_run_is_refused_in_words(agency: Agency) -> None:
    _, id_no = effective(agency)
    doc = applied(agency, id_no).doc
    assert approve(agency.browser(WANGJU), doc, FIELDS) == 303
    clerk = agency.browser(XIAOLIN)
    assert clerk.decide(doc, "execute", _passphrase=PASSPHRASE).status_code == 303

    again = clerk.decide(doc, "execute", _passphrase=PASSPHRASE)
    assert again.status_code == 409
    refused = [one for one in agency.services.desk.access.entries() if one.purpose == "refused"]
    assert refused and refused[-1].doc == doc


def test_the_paper_carries_watermark_and_code_and_a_stranger_verifies_it_and_each_value(
    agency: Agency, tmp_path: Path
) -> None:
    _, id_no = effective(agency)
    doc, clerk, desk = applied(agency, id_no).doc, agency.browser(XIAOLIN), agency.services.desk
    assert approve(agency.browser(WANGJU), doc, FIELDS) == 303
    assert clerk.decide(doc, "execute", _passphrase=PASSPHRASE).status_code == 303
    made = querying.run_of(desk, reading.row_of(desk, doc))
    assert made is not None
    row = reading.row_of(desk, made["doc"])
    trust = tmp_path / "trust.json"
    trust.write_bytes(desk.trust.root_chain())

    paper = tmp_path / "result.pdf"
    paper.write_bytes(clerk.get(f"/documents/{row['doc']}/print?copy=01").content)
    said = "".join(page.extract_text() for page in PdfReader(paper).pages)
    assert f"{id_no[:6]}********{id_no[-4:]}" in said and id_no not in said and "张文兰" not in said
    assert proving.verification_code(row) in said and "林小燕" in said and "女" in said
    told = verified(paper, trust)
    assert {verdict["status"] for verdict in told["verdicts"]} == {"good"}

    links = re.findall(r'href="([^"]+/proofs/[^"]+)"', clerk.get(f"/documents/{row['doc']}").text)
    assert len(links) == 1
    proof = tmp_path / "proof.json"
    proof.write_bytes(clerk.get(links[0]).content)
    told = verified(proof, trust)
    assert {verdict["status"] for verdict in told["verdicts"]} == {"good"}
    shown = {one["path"]: one["value"] for one in told["values"]}
    assert shown["/insured/gender"] == "2"
    assert shown["/_derived/insured/id_no"] == f"{id_no[:6]}********{id_no[-4:]}"


def test_what_is_due_prints_no_value_any_more_and_its_destruction_is_on_paper(agency: Agency) -> None:
    _, id_no = effective(agency)
    doc, clerk, desk = applied(agency, id_no).doc, agency.browser(XIAOLIN), agency.services.desk
    assert approve(agency.browser(WANGJU), doc, FIELDS) == 303
    assert clerk.decide(doc, "execute", _passphrase=PASSPHRASE).status_code == 303
    made = querying.run_of(desk, reading.row_of(desk, doc))
    assert made is not None
    result = made["doc"]
    received = {"received_by": "林小燕", "_passphrase": PASSPHRASE}
    assert clerk.decide(result, "deliver", **received).status_code == 303
    assert clerk.get(f"/documents/{result}/papers/2/receipt").status_code == 200
    agency.clock.move(timedelta(days=30))
    timekeeping.run(desk)

    due = agency.sign_in(XIAOLIN, PASSPHRASE)
    page = due.get(f"/documents/{result}").text
    assert f"{id_no[:6]}********{id_no[-4:]}" not in page and "应销毁" in page
    assert due.get(f"/documents/{result}/print").status_code == 200
    assert due.decide(result, "destroy", method="erased", copies="1").status_code == 303
    row = reading.row_of(desk, result)
    assert row["state"] == "destroyed"
    assert due.get(f"/documents/{result}/papers/{row['seq']}/destruction_record").status_code == 200
