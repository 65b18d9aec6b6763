"""What is handed to a person who asked: copies that prove themselves, nobody else in them; a correction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from engine.desk import attaching, deciding, people, reading, submitting
from tests.web.agency import WANGJU, XIAOLIN, ZHOUMIN, Agency, open_agency
from tests.web.scans import picture
from tests.web.test_archive import TICKS, ZHULIN
from web.demo.people import PASSPHRASE, PEOPLE
from web.pdf.renderer import Renderer
from web.verification.judge import judge


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    renderer = Renderer(processes=1)
    with open_agency(tmp_path_factory.mktemp("requests") / "data") as agency:
        agency.services = replace(agency.services, renderer=renderer)
        agency.app.state.services = agency.services
        people.enrol(agency.services.desk, [one.as_newcomer() for one in PEOPLE if one.staff_no == ZHULIN])
        yield agency
    renderer.close()


def _entry(agency: Agency) -> str:
    doc = agency.submitted().doc
    zhoumin = agency.browser(ZHOUMIN)
    for step, said in (("claim", {}), ("approve", TICKS), ("upload", {})):
        assert zhoumin.decide(doc, step, **said).status_code == 303
    return doc


def _unlock(agency: Agency, who: str) -> str:
    actor = agency.actor(who)
    return agency.services.desk.vault.unlock(actor.person, PASSPHRASE, actor.session)


def _request(agency: Agency, entry: str, kind: str) -> str:
    desk, actor = agency.services.desk, agency.actor(XIAOLIN)
    insured = reading.answers_of(desk, reading.row_of(desk, entry))["insured"]
    card = attaching.attach(desk, actor, picture("PNG"), "image/png")
    answers: dict[str, Any] = {
        "request": {
            "kind": kind, "received_on": "2026-03-05", "via": "counter", "detail": "本人到柜台提出请求。",
        },
        "subject": {"full_name": insured["full_name"], "id_no": insured["id_no"]},
        "requester": {"who": "self"},
        "identity": {"method": "original", "checked_on": "2026-03-05"},
        "files": [{"kind": "id_card", "file_id": "F-0201", "sha256": card.sha256}],
        "statement": {"truthful": True},
    }  # fmt: skip
    wanted = submitting.Submission("subject_request", answers, f"request:{kind}:{entry}")
    doc = submitting.submit(desk, actor, wanted, _unlock(agency, XIAOLIN)).wait().doc
    _decide(agency, doc, "accept", {"identity_proved": True})
    return doc


def _decide(agency: Agency, doc: str, step: str, answers: dict[str, Any]) -> None:
    desk, actor = agency.services.desk, agency.actor(ZHULIN)
    head = reading.row_of(desk, doc)["head"]
    wanted = deciding.Decision(doc, step, head, answers, f"{step}:{doc}", stepped_up=True)
    deciding.decide(desk, actor, wanted, _unlock(agency, ZHULIN)).wait()


def test_copies_prove_themselves_and_speak_of_nobody_else(agency: Agency) -> None:
    entry = _entry(agency)
    doc = _request(agency, entry, "copy")
    lin = agency.browser(XIAOLIN)
    assert lin.get(f"/documents/{doc}/copies").status_code == 409  # not answered yet
    _decide(agency, doc, "tell", {"comment": "复制件已备妥。"})
    assert "下载复制件" in lin.get(f"/documents/{doc}").text
    answer = lin.get(f"/documents/{doc}/copies")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    files = ZipFile(BytesIO(answer.content))
    desk, row = agency.services.desk, reading.row_of(agency.services.desk, entry)
    trust, now = files.read("trust.json"), agency.clock.now()
    for name in ("document.pdf", "bundle.json"):
        assert judge(files.read(f"{row['doc_id']}/{name}"), trust=trust, now=now).exit_code == 0
    written = json.loads(files.read(f"{row['doc_id']}/document.json"))
    whole = reading.answers_of(desk, row)
    assert written["answers"]["insured"] == whole["insured"]
    for part in ("full_name", "id_no", "mobile"):
        clear = whole["agent"][part]
        assert f"/agent/{part}" in written["masked"]
        assert not [one for one in files.namelist() if clear.encode() in files.read(one)]
    assert [one for one in files.namelist() if "/attachments/" in one] == []
    left = [one for one in desk.access.entries() if one.what == ("copy",)]
    request = reading.row_of(desk, doc)["doc_id"]
    assert [(one.doc, one.purpose, one.basis) for one in left] == [(entry, "subject_request", request)]


def test_copies_are_nobody_elses(agency: Agency) -> None:
    doc = _request(agency, _entry(agency), "copy")
    _decide(agency, doc, "tell", {"comment": "复制件已备妥。"})
    for who in (ZHOUMIN, WANGJU):
        assert agency.browser(who).get(f"/documents/{doc}/copies").status_code == 404


def test_a_granted_correction_begins_the_update_from_the_requests_page(agency: Agency) -> None:
    entry = _entry(agency)
    doc = _request(agency, entry, "correction")
    _decide(agency, doc, "grant_correction", {"comment": "准予更正，依法办理。"})
    lin = agency.browser(XIAOLIN)
    number = reading.row_of(agency.services.desk, entry)["doc_no"]
    assert f"更正 {number}" in lin.get(f"/documents/{doc}").text
    begun = lin.post(f"/documents/{doc}/corrections/{entry}")
    assert begun.status_code == 303 and begun.headers["location"].endswith("/changes")
    draft = lin.get(begun.headers["location"].removesuffix("/changes"))
    assert reading.row_of(agency.services.desk, doc)["doc_id"] in draft.text
