"""朱琳 proposes a version on a real data folder; heads agree, two publish, the server restarts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from engine.desk import deciding, people, reading, submitting, version_drafts
from engine.errors import Broken
from tests.engine.desk.revising import REVISION, STREET, line, proposal
from tests.web.agency import THURSDAY, XIAOLIN, Agency
from tests.web.test_audit import found
from web.app import create_app
from web.assemble import create_agency, open_desk
from web.demo.clock import SettableClock
from web.demo.people import AGENCY, PASSPHRASE, PEOPLE, ROLES
from web.pdf import prints
from web.security import Session
from web.services import build_services
from web.settings import Settings

ZHU, SHEN, XU, WANG, ZHAO = "XX000002", "XX000004", "XX000001", "YW000001", "SH000001"
TOMORROW = (THURSDAY + timedelta(days=1)).date()


@contextmanager
def opened_agency(data: Path, *, is_new: bool = False) -> Iterator[Agency]:
    """The agency over a folder; a second time is a restart of the server."""
    if is_new:
        create_agency(data, AGENCY)
    clock = SettableClock(THURSDAY - timedelta(days=30) if is_new else THURSDAY)
    opened = open_desk(data, clock=clock)
    try:
        if is_new:
            chosen = {XIAOLIN, ZHU, SHEN, XU, WANG, ZHAO}
            people.found(opened.desk, ROLES)
            people.enrol(opened.desk, [one.as_newcomer() for one in PEOPLE if one.staff_no in chosen])
            clock.set(THURSDAY)
        services = build_services(opened.desk, Settings(hosts=("testserver",), mode="demo"))
        yield Agency(create_app(services), services, clock)
    finally:
        opened.close()


def publish_street(agency: Agency) -> str:
    """An optional field more in the entry form, from tomorrow on; the revision's document."""
    desk, zhu = agency.services.desk, agency.actor(ZHU)
    draft = version_drafts.begin(desk, zhu, "info_entry")
    schema, layout = json.loads(draft.files["schema.json"]), json.loads(draft.files["layout.json"])
    schema["properties"]["statement"]["properties"]["street_name"] = STREET
    section = next(one for one in layout["sections"] if one["pointer"] == "/statement")
    section["rows"].append([{"p": "/statement/street_name", "w": 12, "widget": "text"}])
    locale = json.loads(draft.files["locale/en.json"]) | {"/statement/street_name": "street"}
    files = {"schema.json": schema, "layout.json": layout, "locale/en.json": locale}
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in files.items()}
    draft = version_drafts.save(desk, zhu, draft.id, draft.revision, texts)
    answers = proposal(line(draft), effective_on=TOMORROW.isoformat())
    wanted = submitting.Submission(REVISION, answers, "propose")
    doc = submitting.submit(desk, zhu, wanted, agency._unlocked[ZHU]).wait().doc
    steps = (
        (ZHU, "send"),
        (WANG, "agree"),
        (ZHAO, "agree_last"),
        (XU, "order_publication"),
        (SHEN, "publish"),
    )
    for who, verb in steps:
        head = reading.row_of(desk, doc)["head"]
        decision = deciding.Decision(doc, verb, head, {}, f"{who}-{verb}", stepped_up=True)
        actor = agency.actor(who)
        deciding.decide(desk, actor, decision, agency._unlocked[who]).wait()
    return doc


def test_a_published_version_outlives_the_server_and_old_papers_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prints, "_press", lambda services, session, row, about, html, *rest: html)
    with opened_agency(tmp_path / "data", is_new=True) as agency:
        old = agency.submitted().doc
        before = _paper(agency, old)
        publish_street(agency)
        held = agency.services.desk.registry.span("info_entry", "1.1.0")

    with opened_agency(tmp_path / "data") as again:
        registry = again.services.desk.registry
        span = registry.span("info_entry", "1.1.0")
        assert (span.first, span.published, span.form.digest) == (TOMORROW, held.published, held.form.digest)
        assert registry.in_force("info_entry", TOMORROW - timedelta(days=1)).version == "1.0.0"
        again.clock.set(THURSDAY)
        assert _paper(again, old) == before
        again.clock.set(THURSDAY + timedelta(hours=15))
        again.numbers = count(200, 2)
        assert again.submitted().version == "1.1.0"

    assert found(tmp_path / "data", 10**9, monkeypatch) == []


def test_a_published_bundle_that_was_changed_or_lost_stops_the_server(tmp_path: Path) -> None:
    with opened_agency(tmp_path / "data", is_new=True) as agency:
        publish_street(agency)
        digest = agency.services.desk.registry.get("info_entry", "1.1.0").digest
    place = tmp_path / "data" / "forms" / f"{digest}.json"
    whole = place.read_bytes()

    place.write_bytes(whole.replace("现住街道".encode(), "现住地址".encode()))
    with pytest.raises(Broken, match=r"form\.digest"):
        open_desk(tmp_path / "data")
    place.unlink()
    with pytest.raises(Broken, match=r"form\.not_kept"):
        open_desk(tmp_path / "data")


def test_a_revision_is_written_listed_and_read_on_the_ordinary_pages(tmp_path: Path) -> None:
    with opened_agency(tmp_path / "data", is_new=True) as agency:
        zhu, wang, xiaolin = (agency.browser(who) for who in (ZHU, WANG, XIAOLIN))
        assert f"/entry/new/{REVISION}" in zhu.get("/").text
        assert f"/entry/new/{REVISION}" not in xiaolin.get("/").text
        begun = zhu.post(f"/entry/new/{REVISION}")
        assert begun.status_code == 303
        assert "修订理由" in zhu.get(begun.headers["location"]).text

        doc = publish_street(agency)

        for browser in (zhu, wang, xiaolin):
            assert "制度修订申请表" in browser.get(f"/documents/{doc}").text
        assert zhu.get("/inbox/recent").status_code == 200
        assert wang.get("/inbox/mine").status_code == 200


def _paper(agency: Agency, doc: str) -> object:
    """What the entry's paper draws for 小林, who made it, at one moment of one day."""
    agency.clock.set(THURSDAY + timedelta(hours=1))
    actor = agency.actor(XIAOLIN)
    session = Session("s", actor, None, "", "zh-CN", "林小燕", XIAOLIN, "", timedelta(hours=1))
    return prints.print_form(agency.services, session, doc, "01", "zh-CN")


def test_a_draft_of_the_version_before_is_moved_by_a_button_and_then_filed(tmp_path: Path) -> None:
    with opened_agency(tmp_path / "data", is_new=True) as agency:
        browser = agency.browser(XIAOLIN)
        place = browser.post("/entry/new/info_entry", choice="first_assessment").headers["location"]
        publish_street(agency)
        assert "转入新版本" not in browser.get(place).text
        agency.clock.set(THURSDAY + timedelta(hours=15))

        browser = agency.sign_in(XIAOLIN, PASSPHRASE)
        page = browser.get(place).text
        assert "按 1.0.0 版填写完成" in page and 'name="_lift"' in page
        refused = browser.post(place, _revision="1", _submit="1")
        assert refused.status_code in (409, 422)
        revision = re.search(r'name="_revision" value="(\d+)"', browser.get(place).text)
        assert revision is not None
        moved = browser.post(place, _revision=revision[1], _lift="1")

        assert moved.status_code == 303
        after = browser.get(place).text
        assert "表单版本 1.1.0" in after and "已由 1.0.0 版转入现行版本" in after
        assert 'name="_lift"' not in after
