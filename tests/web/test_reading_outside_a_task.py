"""A tired clerk opens what is not hers: she is told where it stands, and what she can do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.desk import people, reading
from engine.identity import utc_text
from engine.ports import Access
from tests.web.agency import HEJING, WANGJU, XIAOLIN, ZHOUMIN, Agency, open_agency
from web.demo.people import PEOPLE

ZHAO, ZHULIN, HUMING = "YW000232", "XX000002", "XX000009"
TICKS = {"accuracy": "true", "completeness": "true", "no_interest": "true"}
NAME = "张文兰"


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    folder: Path = tmp_path_factory.mktemp("agency")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        with open_agency(folder / "data") as opened:
            desk = opened.services.desk
            more = [one for one in PEOPLE if one.staff_no in (ZHAO, ZHULIN, HUMING)]
            missing = [one for one in more if desk.directory.by_staff_no(one.staff_no) is None]
            people.enrol(desk, [one.as_newcomer() for one in missing])
            yield opened


@pytest.fixture(scope="module")
def effective(agency: Agency) -> str:
    """A document of 小林's in force."""
    doc, auditor = agency.submitted().doc, agency.browser(ZHOUMIN)
    for step, ticks in (("claim", {}), ("approve", TICKS), ("upload", {})):
        assert auditor.decide(doc, step, **ticks).status_code == 303
    return doc


def test_the_closed_page_says_where_it_stands_and_what_can_be_done(agency: Agency, effective: str) -> None:
    answer = agency.browser(ZHAO).get(f"/documents/{effective}")

    assert answer.status_code == 403
    assert "未打开" in answer.text and "已入库" in answer.text and "申请查询" in answer.text
    assert NAME not in answer.text and "张*兰" not in answer.text and "199" not in answer.text
    last = list(agency.services.desk.access.entries())[-1]
    assert (last.doc, last.purpose, last.what) == (effective, "refused", ("open", "reading.no_task"))


def test_the_application_carries_the_document_and_shows_nobody(agency: Agency, effective: str) -> None:
    clerk = agency.browser(ZHAO)
    answer = clerk.post("/queries", doc=effective)

    page = clerk.get(answer.headers["location"]).text
    row = reading.row_of(agency.services.desk, effective)
    assert row["doc_id"] in page and row["region"] in page
    assert re.search(r'value="[0-9a-f]{64}"', page)
    assert NAME not in page


def test_a_search_beyond_ones_tasks_leads_to_an_application_with_what_was_typed(agency: Agency) -> None:
    clerk = agency.browser(ZHAO)
    found = clerk.post("/search", q=NAME).text
    assert "没有找到" in found and 'action="/queries"' in found

    page = clerk.get(clerk.post("/queries", q=NAME).headers["location"]).text
    assert f'value="{NAME}"' in page


def test_whoever_cannot_apply_is_told_who_can(agency: Agency, effective: str) -> None:
    head = agency.browser(WANGJU)
    page = head.get(f"/documents/{effective}").text
    assert "本岗位不能提出查询申请" in page and 'action="/queries"' not in page
    assert head.post("/queries", doc=effective).status_code == 403


def test_other_ways_in_are_closed_in_the_same_words(agency: Agency, effective: str) -> None:
    clerk = agency.browser(ZHAO)
    papers = "papers/1/acceptance_receipt"
    for path in ("review", "revisions/1", "files/F-0001", "bundle?disclose=all", papers):
        answer = clerk.get(f"/documents/{effective}/{path}")
        assert (answer.status_code, "不是本人手上的办理任务" in answer.text) == (403, True), path
    answer = clerk.post(f"/documents/{effective}/reveal", pointer="/insured/id_no")
    assert answer.status_code == 403


def test_an_update_can_be_begun_without_reading_and_then_it_can_be_read(agency: Agency) -> None:
    doc, auditor, clerk = agency.submitted().doc, agency.browser(ZHOUMIN), agency.browser(ZHAO)
    for step, ticks in (("claim", {}), ("approve", TICKS), ("upload", {})):
        assert auditor.decide(doc, step, **ticks).status_code == 303
    assert f'action="/documents/{doc}/begin/info_update"' in clerk.get(f"/documents/{doc}").text

    assert clerk.post(f"/documents/{doc}/begin/info_update").status_code == 303
    assert clerk.get(f"/documents/{doc}").status_code == 200


def test_a_step_taken_from_the_closed_page_keeps_what_was_typed_when_it_is_refused(agency: Agency) -> None:
    doc, auditor, manager = agency.submitted().doc, agency.browser(ZHOUMIN), agency.browser(ZHULIN)
    for step, ticks in (("claim", {}), ("approve", TICKS), ("upload", {})):
        assert auditor.decide(doc, step, **ticks).status_code == 303
    said = {"reason": "duplicate", "evidence": "重复录入，见另一份", "_passphrase": "shifan-qianming-2026"}
    answer = manager.decide(doc, "propose_void", **said, comment="短")
    assert answer.status_code == 422 and "重复录入，见另一份" in answer.text and "未打开" in answer.text

    assert manager.decide(doc, "propose_void", **said, comment="与前一份重复录入").status_code == 303
    assert manager.get(f"/documents/{doc}").status_code == 200


def test_the_log_names_every_reading_and_only_its_overseer_sees_it(agency: Agency, effective: str) -> None:
    overseer = agency.browser(HUMING)
    assert 'href="/access-log"' in overseer.get("/").text
    agency.browser(ZHAO).get(f"/documents/{effective}")
    page = overseer.get("/access-log").text
    number = reading.row_of(agency.services.desk, effective)["doc_no"]
    assert ZHAO in page and number in page and "未予打开" in page
    assert NAME not in page
    assert "access.what" not in page and "reading.no_task" not in page
    assert agency.browser(XIAOLIN).get("/access-log").status_code == 404


def test_the_log_is_narrowed_by_person_document_day_purpose_and_ground(
    agency: Agency, effective: str
) -> None:
    overseer, desk = agency.browser(HUMING), agency.services.desk
    agency.browser(HEJING).get(f"/documents/{agency.submitted().doc}")
    agency.browser(ZHOUMIN).post("/search", q=NAME)
    agency.browser(ZHAO).get(f"/documents/{effective}")
    number = reading.row_of(desk, effective)["doc_no"]

    def rows(query: str) -> list[str]:
        return re.findall(r"<tr>.*?</tr>", overseer.get(f"/access-log?{query}").text, re.DOTALL)[1:]

    assert rows("person=SH000102") and all("SH000102" in one for one in rows("person=SH000102"))
    assert rows(f"document={number}") and all(number in one for one in rows(f"document={number}"))
    assert rows("view=refused") and all("未予打开" in one for one in rows("view=refused"))
    assert rows("purpose=search") and all("查找" in one for one in rows("purpose=search"))
    assert rows("view=without") == []
    assert rows("first=2026-03-06") == [] and rows("last=2026-03-04") == []
    assert rows("person=YW999999") == []


def test_the_log_calls_a_ground_by_its_official_number(agency: Agency, effective: str) -> None:
    desk = agency.services.desk
    row, actor = reading.row_of(desk, effective), agency.actor(XIAOLIN)
    at = utc_text(desk.clock.now())
    basis = f"update:{row['doc_id']}"
    desk.access.write(Access(at, actor.person, "acceptance_clerk", effective, ("other",), "task", basis))

    log = agency.browser(HUMING).get("/access-log?purpose=task").text
    first = re.findall(r"<tr>.*?</tr>", log, re.DOTALL)[1]
    assert f"正在更新 {row['doc_no']}" in first and row["doc_id"] not in first
