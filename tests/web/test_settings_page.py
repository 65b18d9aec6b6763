"""The pages of settings and notices by HTTP: what stands there, and a change from form to log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.desk import mail_wishes, noticing, people, periodic, ruling
from engine.identity import local_day
from engine.notice_ports import NOT_OPENED
from tests.web.agency import XIAOLIN, ZHOUMIN, Agency, open_agency
from web.assemble import open_desk
from web.cli import auditing
from web.demo.people import PASSPHRASE, PEOPLE
from web.mail.letters import letter_of

HEAD = "XX000001"
KEY = "sla.review_working_days"


def test_every_group_of_settings_has_a_heading_in_both_languages(agency: Agency) -> None:
    groups = {f"settings.group.{key.partition('.')[0]}" for key in agency.services.desk.settings.now().table}

    known = agency.services.catalogue.sentences
    assert {lang: sorted(groups - set(known[lang])) for lang in known} == {lang: [] for lang in known}


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    with open_agency(tmp_path_factory.mktemp("settings") / "data") as opened:
        people.enrol(opened.services.desk, [one.as_newcomer() for one in PEOPLE if one.staff_no == HEAD])
        yield opened


def test_a_change_goes_through_the_passphrase_into_the_log_and_onto_the_page(agency: Agency) -> None:
    head = agency.browser(HEAD)
    page = head.get(f"/settings/{KEY}").text
    assert 'action="/settings/' + KEY in page
    tomorrow = local_day(agency.clock.now() + timedelta(days=1))
    wish = {"value": "5", "effective_on": tomorrow, "reason": "业务量增加，放宽审核期限", "document": ""}
    asked = head.post(f"/settings/{KEY}", **wish)
    assert asked.status_code == 423
    done = head.post(f"/settings/{KEY}", **wish, _passphrase=PASSPHRASE)
    assert (done.status_code, done.headers["location"]) == (303, f"/settings/{KEY}")
    after = head.get(f"/settings/{KEY}").text
    assert "业务量增加，放宽审核期限" in after and tomorrow in after
    change = agency.services.desk.settings.now().changes[KEY][-1]
    said = agency.services.desk.journal.read(change.index).statement()
    assert said["type"] == "setting.change" and json.dumps(said["body"]).count("5") >= 1
    again = head.post(f"/settings/{KEY}", **wish, _passphrase=PASSPHRASE)
    assert again.status_code == 422 and "与该日已定的值相同" in again.text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(agency: Agency) -> None:
    head = agency.browser(HEAD)
    answer = head.post(f"/settings/{KEY}", value="99", effective_on="2020-01-01", reason="短", document="x")
    assert answer.status_code == 422
    for sentence in ("在 1 至 20 之间取值", "生效日期须晚于今天", "写明理由，5 至 500 个字", "没有编号为“x”"):
        assert sentence in answer.text
    assert 'value="99"' in answer.text


def test_nobody_but_the_owner_is_offered_or_allowed_a_change(agency: Agency) -> None:
    lin = agency.browser(XIAOLIN)
    assert "<form method=\"post\" action=\"/settings/" not in lin.get(f"/settings/{KEY}").text
    wish = {"value": "5", "effective_on": "2027-01-01", "reason": "业务量增加，放宽审核期限", "document": ""}
    assert lin.post(f"/settings/{KEY}", **wish, _passphrase=PASSPHRASE).status_code == 403
    assert lin.get("/settings/no.such").status_code == 404


def test_notices_are_counted_in_the_head_of_every_page_until_they_are_read(agency: Agency) -> None:
    agency.submitted()
    zhou = agency.browser(ZHOUMIN)
    before = agency.services.desk.notices.unread(agency.actor(ZHOUMIN).person)
    noticing.run(agency.services.desk)
    person = agency.actor(ZHOUMIN).person
    count = agency.services.desk.notices.unread(person)
    assert count > before
    assert f"通知（{count}）" in zhou.get("/").text
    page = zhou.get("/notices").text
    assert "临近时限" in page or "已超时限" in page
    assert zhou.post("/notices/read").status_code == 303
    assert agency.services.desk.notices.unread(person) == 0


def test_what_could_not_open_by_itself_is_told_on_the_page_and_in_a_letter(agency: Agency) -> None:
    """Nobody in this agency can lead an inspection: none is planned, and the head hears of it."""
    desk = agency.services.desk
    periodic.run(desk)
    head = agency.browser(HEAD)
    [one] = [
        one for one in desk.notices.of_person(agency.actor(HEAD).person)
        if (one.kind, one.state, one.key.split(":")[1]) == (NOT_OPENED, "info_mgmt", "inspection_report")
    ]  # fmt: skip

    page = head.get("/notices").text
    wishes = mail_wishes.Wishes("head@agency.test", "en", "each")
    letter = letter_of(agency.services, wishes, [one], desk.clock.now())

    assert "未能自动开启：须人工开启" in page and one.doc_no in page and "信息管理部门" in page
    assert 'href="/documents/"' not in page
    assert letter.subject == f"Not opened by itself: {one.doc_no}"
    assert "information management" in letter.text and "/notices" in letter.text


def test_mail_wishes_are_kept_sealed_with_the_account(agency: Agency) -> None:
    zhou = agency.browser(ZHOUMIN)
    wrong = zhou.post("/notices/mail", address="not one", rhythm="each", language="en")
    assert wrong.status_code == 422 and "不像电子邮箱地址" in wrong.text
    assert zhou.post(
        "/notices/mail", address="zhou@agency.example", rhythm="digest", language="en"
    ).status_code == 303
    account = agency.services.desk.directory.by_staff_no(ZHOUMIN)
    assert account is not None
    assert dict(account.mail) == {"address": "zhou@agency.example", "language": "en", "rhythm": "digest"}
    assert 'value="zhou@agency.example"' in zhou.get("/notices").text


def test_an_audit_finds_nothing_wrong_with_a_log_that_has_changes_and_a_start_reads_them(
    tmp_path: Path,
) -> None:
    with open_agency(tmp_path / "data") as opened:
        desk = opened.services.desk
        people.enrol(desk, [one.as_newcomer() for one in PEOPLE if one.staff_no == HEAD])
        actor = opened.actor(HEAD)
        unlock = desk.vault.unlock(actor.person, PASSPHRASE, actor.session)
        day = local_day(opened.clock.now() + timedelta(days=1))
        for value in (5, 6):
            ruling.change(desk, actor, KEY, value, day, "业务量增加，放宽审核期限", "", unlock)
        before = desk.settings.now().changes
    again = open_desk(tmp_path / "data")
    try:
        assert auditing._audit_all(again, "") == []
        assert again.desk.settings.now().changes == before
    finally:
        again.close()
