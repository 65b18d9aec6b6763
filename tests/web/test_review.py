"""Reviewing through the pages: four eyes, stale requests, ticks, marks, an unlock in the middle, masks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.desk import drafting, people
from tests.web.agency import (
    HEJING,
    MENGSHUANG,
    SUNHAO,
    XIAOLIN,
    ZHOUMIN,
    Agency,
    open_agency,
)
from tests.web.office import token_in
from tests.web.scans import picture
from web.demo.people import PASSPHRASE

TICKS = {"accuracy": "true", "completeness": "true", "no_interest": "true"}


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    folder: Path = tmp_path_factory.mktemp("agency")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        with open_agency(folder / "data") as opened:
            yield opened


def state_of(agency: Agency, doc: str) -> str:
    row = agency.services.desk.store.get(doc)
    assert row is not None
    return row["state"]


def test_a_document_goes_from_submitted_to_effective_by_plain_forms(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.browser(ZHOUMIN)
    assert zhoumin.decide(doc, "claim").headers["location"] == f"/documents/{doc}/review?done={doc}"
    assert zhoumin.decide(doc, "approve", **TICKS).status_code == 303
    assert zhoumin.decide(doc, "upload").status_code == 303
    assert state_of(agency, doc) == "effective"
    page = zhoumin.get(f"/documents/{doc}").text
    assert [word in page for word in ("上传入库", "审核通过", "领取", "提交", "周敏", "林小燕")] == [True] * 6


def test_who_submitted_a_document_is_not_asked_to_review_it(agency: Agency) -> None:
    doc, xiaolin = agency.submitted().doc, agency.browser(XIAOLIN)
    answer = xiaolin.decide(doc, "claim")
    assert answer.status_code == 403
    assert state_of(agency, doc) == "submitted"


def test_who_keyed_a_document_cannot_review_it_in_a_second_post(agency: Agency) -> None:
    doc, mengshuang = agency.submitted(by=MENGSHUANG).doc, agency.browser(MENGSHUANG)
    why = "本人采集、制单、提交或已审核过这份文档，由另一人办理。"
    assert why in mengshuang.get(f"/documents/{doc}").text
    answer = mengshuang.decide(doc, "claim")
    assert answer.status_code == 403 and why in answer.text
    assert state_of(agency, doc) == "submitted"


def test_of_two_reviewers_one_wins_and_the_other_is_told_who_was_first(agency: Agency) -> None:
    doc = agency.submitted().doc
    zhoumin, hejing = agency.browser(ZHOUMIN), agency.browser(HEJING)
    seen = hejing.seen(doc)
    assert zhoumin.decide(doc, "claim").status_code == 303
    answer = hejing.post(f"/documents/{doc}/transitions/claim", **seen)
    assert answer.status_code == 409
    assert "周敏 已于" in answer.text and "领取" in answer.text and "没有生效，也没有签名" in answer.text
    row = agency.services.desk.store.get(doc)
    assert row is not None and row["seq"] == 2


def test_the_same_approval_sent_twice_does_nothing_twice(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.browser(ZHOUMIN)
    zhoumin.decide(doc, "claim")
    seen = zhoumin.seen(doc) | TICKS
    first = zhoumin.post(f"/documents/{doc}/transitions/approve", **seen)
    again = zhoumin.post(f"/documents/{doc}/transitions/approve", **seen)
    assert first.headers["location"] == again.headers["location"] == f"/documents/{doc}?done=3"
    row = agency.services.desk.store.get(doc)
    assert row is not None and row["seq"] == 3


def test_an_approval_without_its_ticks_comes_back_with_what_is_missing(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.browser(ZHOUMIN)
    zhoumin.decide(doc, "claim")
    answer = zhoumin.decide(doc, "approve", accuracy="true", comment="与病历核对过", _from="review")
    assert answer.status_code == 422
    assert "没有办理：有 2 处需要处理" in answer.text
    assert "与病历核对过" in answer.text
    assert 'id="d-approve-accuracy" name="accuracy" value="true" checked' in answer.text
    assert state_of(agency, doc) == "under_review"


def test_a_return_carries_its_marks_to_the_clerk(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.browser(ZHOUMIN)
    zhoumin.decide(doc, "claim")
    bare = zhoumin.decide(doc, "return", comment="手机号与材料不一致", no_interest="true")
    assert bare.status_code == 422 and "至少标出一个需要补正的字段" in bare.text
    answer = zhoumin.decide(
        doc,
        "return",
        comment="手机号与材料不一致",
        no_interest="true",
        **{"mark:/insured/mobile": "按身份证登记核对", "mark:/insured/full_name": "  "},
    )
    assert answer.status_code == 303
    page = agency.browser(XIAOLIN).get(f"/documents/{doc}").text
    assert "手机号与材料不一致" in page and "<strong>手机号码</strong>：按身份证登记核对" in page
    assert f'action="/documents/{doc}/correct"' in page


def test_a_locked_key_asks_for_the_passphrase_and_then_goes_on_without_loss(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.sign_in(ZHOUMIN, "")
    asked = zhoumin.decide(doc, "claim")
    assert asked.status_code == 423
    assert f'action="/documents/{doc}/transitions/claim"' in asked.text
    kept = dict(
        zip(
            (part.split('"')[0] for part in asked.text.split('type="hidden" name="')[1:]),
            (part.split('value="')[1].split('"')[0] for part in asked.text.split('type="hidden" name="')[1:]),
            strict=True,
        )
    )
    path = f"/documents/{doc}/transitions/claim"
    wrong = zhoumin.client.post(path, data=kept | {"_passphrase": "不对"}, follow_redirects=False)
    assert wrong.status_code == 423 and "签名口令不对" in wrong.text
    right = zhoumin.client.post(path, data=kept | {"_passphrase": PASSPHRASE}, follow_redirects=False)
    assert right.headers["location"] == f"/documents/{doc}/review?done={doc}"


def test_a_rejection_asks_for_the_passphrase_every_time(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.browser(ZHOUMIN)
    zhoumin.decide(doc, "claim")
    reasons = {
        "ground": "conditions_not_met",
        "how_to_object": "可自收到通知之日起30日内提出复核申请。",
        "comment": "失能持续时间不足六个月。",
        "no_interest": "true",
    }
    assert zhoumin.decide(doc, "reject", **reasons).status_code == 423
    assert zhoumin.decide(doc, "reject", **reasons, _passphrase=PASSPHRASE).status_code == 303
    assert state_of(agency, doc) == "rejected"


def test_showing_a_masked_value_is_a_post_that_is_logged_first(agency: Agency) -> None:
    doc, hejing = agency.submitted().doc, agency.browser(HEJING)
    page = hejing.get(f"/documents/{doc}").text
    assert "199****0012" in page and "19900000012" not in page
    before = len(list(agency.services.desk.access.entries()))
    shown = hejing.post(f"/documents/{doc}/reveal", pointer="/insured/mobile").text
    assert "19900000012" in shown
    written = list(agency.services.desk.access.entries())[before:]
    assert ("/insured/mobile",) in [entry.what for entry in written]


def test_a_hidden_list_is_hidden_and_shown_as_a_whole(agency: Agency) -> None:
    doc, hejing = agency.submitted().doc, agency.browser(HEJING)
    page = hejing.get(f"/documents/{doc}").text
    assert 'name="pointer" value="/health/tubes"' in page
    shown = hejing.post(f"/documents/{doc}/reveal", pointer="/health/tubes").text
    fact = shown.split('id="f-health-tubes"', 1)[1].split("</div>", 1)[0]
    assert "无" in fact and "已隐藏" not in fact


def test_looking_at_pages_changes_nothing(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.browser(ZHOUMIN)
    size, row = agency.services.desk.journal.next_index, agency.services.desk.store.get(doc)
    for path in (
        "/",
        "/inbox/recent",
        f"/documents/{doc}",
        f"/documents/{doc}/review",
        f"/documents/{doc}/transitions/claim",
        f"/documents/{doc}/receipts/1",
        f"/documents/{doc}/revisions/1",
        f"/documents/{doc}/bundle",
        "/status",
    ):
        assert zhoumin.get(path).status_code in (200, 405), path
    assert agency.services.desk.journal.next_index == size
    assert agency.services.desk.store.get(doc) == row


def test_a_visitor_is_sent_to_sign_in_from_every_address_of_a_document(agency: Agency) -> None:
    doc = agency.submitted().doc
    visitor = TestClient(agency.app, base_url="https://testserver")
    for tail in ("", "/review", "/bundle", "/receipts/1", "/revisions/1", "/files/F-0001"):
        answer = visitor.get(f"/documents/{doc}{tail}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), tail


def test_who_has_no_right_to_a_document_cannot_tell_that_there_is_one(agency: Agency) -> None:
    doc, sunhao = agency.submitted().doc, agency.browser(SUNHAO)
    absent, pointer = "a" * 26, "/insured/id_no"
    gets = ("", "/review", "/bundle", "/receipts/1", "/receipts/1/proof", "/revisions/1", "/files/F-0001")
    posts = ("/transitions/claim", "/transitions/upload", "/reveal", "/correct")
    answers = {tail: [sunhao.get(f"/documents/{one}{tail}") for one in (doc, absent)] for tail in gets}
    answers |= {
        tail: [sunhao.post(f"/documents/{one}{tail}", pointer=pointer) for one in (doc, absent)]
        for tail in posts
    }
    codes = {tail: [one.status_code for one in both] for tail, both in answers.items()}
    assert codes == {tail: [404, 404] for tail in answers}
    for one, other in answers.values():
        assert plain(one.text).replace(doc, absent) == plain(other.text)
    assert "没有找到" in sunhao.post("/search", q="张文兰").text


def plain(html: str) -> str:
    """A page without its session countdown."""
    return re.sub(r'data-session="[0-9]+"', "", html)


def test_a_second_revision_is_shown_beside_the_first(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.browser(ZHOUMIN)
    zhoumin.decide(doc, "claim")
    marks = {"mark:/insured/mobile": "按身份证登记核对"}
    zhoumin.decide(doc, "return", comment="手机号与材料不一致", no_interest="true", **marks)
    agency.corrected(doc, mobile="19900000077")
    zhoumin.decide(doc, "claim")
    page = zhoumin.get(f"/documents/{doc}/review").text
    assert re.findall(r'<tr class="change-(\w+)">', page) == ["changed"]
    assert re.search(r"<td>19900000012</td>\s*<td>19900000077", page)
    every = re.findall(r'<tr class="change-(\w+)">', zhoumin.get(f"/documents/{doc}/review?all=1").text)
    assert len(every) > 40 and set(every) == {"same", "changed"}
    assert "19900000012" in zhoumin.get(f"/documents/{doc}/revisions/1").text


def test_a_document_that_is_not_there_is_not_found(agency: Agency) -> None:
    assert agency.browser(ZHOUMIN).get("/documents/" + "a" * 26).status_code == 404


def test_the_list_shows_masked_values_only_and_the_next_page_by_key(agency: Agency) -> None:
    for _ in range(3):
        agency.submitted()
    zhoumin = agency.browser(ZHOUMIN)
    page = zhoumin.get("/inbox/info_entry.submitted.claim").text
    assert "张*兰" in page and "张文兰" not in page
    assert "310199********" in page


def test_search_finds_a_document_by_its_official_number_and_opens_it(agency: Agency) -> None:
    receipt, zhoumin = agency.submitted(), agency.browser(ZHOUMIN)
    assert zhoumin.post("/search", q=receipt.doc_no).headers["location"] == f"/documents/{receipt.doc}"
    assert "没有找到" in zhoumin.post("/search", q="长护录〔2026〕999999号").text


def test_search_by_a_whole_name_finds_only_what_may_be_shown_and_is_logged(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.browser(ZHOUMIN)
    before = len(list(agency.services.desk.access.entries()))
    assert f"/documents/{doc}" in zhoumin.post("/search", q="张文兰").text
    written = list(agency.services.desk.access.entries())[before:]
    assert len(written) == 1 and written[0].what[0] == "search" and doc in written[0].what
    assert "没有找到" in zhoumin.post("/search", q="张文").text


def test_an_upload_is_judged_by_its_bytes_and_served_without_power(agency: Agency) -> None:
    xiaolin = agency.browser(XIAOLIN)
    desk = agency.services.desk
    account = desk.directory.by_staff_no(XIAOLIN)
    assert account is not None
    draft = drafting.begin(desk, people.actor_of(account, "f" * 64, "password"), "info_entry")
    csrf = token_in(xiaolin.get("/unlock").text)
    path, accept = f"/drafts/{draft.id}/files", {"accept": "application/json"}
    disguised = {"file": ("身份证.png", b"<script>alert(1)</script>", "image/png")}
    assert xiaolin.client.post(path, data={"_csrf": csrf}, files=disguised, headers=accept).status_code == 422
    scan = picture("PNG")
    taken = xiaolin.client.post(path, data={"_csrf": csrf}, files={"file": ("x.exe", scan)}, headers=accept)
    assert taken.status_code == 201
    digest = taken.json()["files"][0]["sha256"]
    served = xiaolin.get(f"{path}/{digest}")
    assert served.content == scan
    assert served.headers["content-type"] == "image/png"
    assert served.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert agency.browser(ZHOUMIN).get(f"{path}/{digest}").status_code == 404


def test_the_files_of_a_document_open_for_its_reviewer_and_are_logged(agency: Agency) -> None:
    doc, zhoumin = agency.submitted().doc, agency.browser(ZHOUMIN)
    before = len(list(agency.services.desk.access.entries()))
    served = zhoumin.get(f"/documents/{doc}/files/F-0001")
    assert (served.status_code, served.headers["content-type"]) == (200, "image/png")
    assert served.headers["content-disposition"] == 'inline; filename="F-0001.png"'
    written = list(agency.services.desk.access.entries())[before:]
    assert [entry.what for entry in written] == [("file:F-0001",)]
    assert f'src="/documents/{doc}/files/F-0001"' in zhoumin.get(f"/documents/{doc}/review").text
