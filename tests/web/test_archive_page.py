"""The archive page: for managers of information, with the passphrase, written beside and never handed out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.desk import people
from tests.web.agency import WANGJU, XIAOLIN, ZHOUMIN, Agency, open_agency
from tests.web.test_archive import TICKS, ZHULIN
from web.demo.people import PASSPHRASE, PEOPLE
from web.pdf.renderer import Renderer


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    place = tmp_path_factory.mktemp("archive_page")
    renderer = Renderer(processes=1)
    with open_agency(place / "data") as agency:
        settings = agency.services.settings.model_copy(update={"archive": place / "archive"})
        agency.services = replace(agency.services, renderer=renderer, settings=settings)
        agency.app.state.services = agency.services
        newcomers = [one.as_newcomer() for one in PEOPLE if one.staff_no == ZHULIN]
        people.enrol(agency.services.desk, newcomers)
        yield agency
    renderer.close()


def _folder(agency: Agency) -> Path:
    folder = agency.services.settings.archive
    assert folder is not None
    return folder


def test_only_managers_of_information_find_the_page(agency: Agency) -> None:
    for who in (XIAOLIN, ZHOUMIN, WANGJU):
        assert agency.browser(who).get("/archive").status_code == 404
    assert agency.browser(ZHULIN).get("/archive").status_code == 200


def test_a_package_is_written_with_the_passphrase_and_lies_in_the_archive_folder(agency: Agency) -> None:
    zhulin, zhoumin = agency.browser(ZHULIN), agency.browser(ZHOUMIN)
    assert "没有已办结的文档" in zhulin.get("/archive").text
    doc = agency.submitted().doc
    for step, said in (("claim", {}), ("approve", TICKS), ("upload", {})):
        assert zhoumin.decide(doc, step, **said).status_code == 303
    assert "已办结 1 份" in zhulin.get("/archive").text
    asked = zhulin.post("/archive", form="info_entry")
    assert asked.status_code != 303 and not _folder(agency).exists()  # the passphrase is asked for first
    assert zhulin.post("/archive", form="info_entry", _passphrase=PASSPHRASE).status_code == 303
    job = agency.services.archiving.newest
    assert job is not None
    while not job.is_over:
        time.sleep(0.05)
    assert (job.failure, job.made is not None) == ("", True)
    shown = zhulin.get("/archive").text
    assert f"归档包 {job.name} 已写成，共 1 份文档" in shown and "没有不符合的项目" in shown
    names = json.loads((_folder(agency) / job.name / "data" / "catalogue.json").read_bytes())["documents"]
    assert len(names) == 1


def test_a_form_without_closed_documents_is_refused(agency: Agency) -> None:
    answer = agency.browser(ZHULIN).post("/archive", form="opinion", _passphrase=PASSPHRASE)
    assert answer.status_code == 409
