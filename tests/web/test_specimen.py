"""朱琳 prints a specimen of the version she is writing: marked on every page, unsigned, kept nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from engine.desk import version_drafts
from tests.engine.desk.revising import STREET
from tests.web.agency import XIAOLIN, Agency
from tests.web.test_print_again import pressed
from tests.web.test_revision import ZHU
from web.app import create_app
from web.verification.judge import judge


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    place: Path = tmp_path_factory.mktemp("specimen")
    with pressed(place / "data", is_new=True) as opened:
        opened.app = create_app(opened.services)
        yield opened


def begun(agency: Agency) -> str:
    """A draft that follows the entry form in force."""
    return version_drafts.begin(agency.services.desk, agency.actor(ZHU), "info_entry").id


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_page_of_a_specimen_says_so_and_none_proves_anything(agency: Agency, lang: str) -> None:
    zhu, desk = agency.browser(ZHU), agency.services.desk
    at = f"/versions/drafts/{begun(agency)}"
    before = (desk.journal.durable_size, len(list(desk.store.rows())))

    shown = zhu.get(f"{at}/preview?show=paper").text
    printed = zhu.get(f"{at}/preview.pdf?lang={lang}")

    assert f"{at}/preview.pdf?example=examples/ok-" in shown
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    reader = PdfReader(BytesIO(printed.content))
    texts = ["".join(page.extract_text().split()) for page in reader.pages]
    assert texts and all("样张SPECIMEN" in text for text in texts)
    assert dict(reader.attachments) == {}
    assert judge(printed.content, trust=desk.trust.root_chain(), now=desk.clock.now()).exit_code != 0
    assert (desk.journal.durable_size, len(list(desk.store.rows()))) == before


def test_only_those_who_write_versions_print_specimens(agency: Agency) -> None:
    draft = begun(agency)
    assert agency.browser(XIAOLIN).get(f"/versions/drafts/{draft}/preview.pdf").status_code == 403


def test_a_draft_that_takes_nothing_new_has_no_witness_to_print(agency: Agency) -> None:
    answer = agency.browser(ZHU).get(f"/versions/drafts/{begun(agency)}/preview.pdf?example=witness")
    assert answer.status_code == 404
    assert "没有只有新版才收的单据可作样张" in answer.text


def test_the_document_that_only_the_new_version_takes_fills_a_specimen(agency: Agency) -> None:
    desk, zhu = agency.services.desk, agency.actor(ZHU)
    draft = version_drafts.begin(desk, zhu, "info_entry")
    schema, layout = json.loads(draft.files["schema.json"]), json.loads(draft.files["layout.json"])
    schema["properties"]["statement"]["properties"]["street_name"] = STREET
    section = next(one for one in layout["sections"] if one["pointer"] == "/statement")
    section["rows"].append([{"p": "/statement/street_name", "w": 12, "widget": "text"}])
    locale = json.loads(draft.files["locale/en.json"]) | {"/statement/street_name": "street"}
    files = {"schema.json": schema, "layout.json": layout, "locale/en.json": locale}
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in files.items()}
    version_drafts.save(desk, zhu, draft.id, draft.revision, texts)

    browser = agency.browser(ZHU)
    compared = browser.get(f"/versions/drafts/{draft.id}/compare").text
    printed = browser.get(f"/versions/drafts/{draft.id}/preview.pdf?example=witness")

    assert f"/versions/drafts/{draft.id}/preview.pdf?example=witness" in compared
    assert printed.status_code == 200
    assert "样张" in "".join(PdfReader(BytesIO(printed.content)).pages[0].extract_text().split())
