"""小林 opens an entry in force, presses 更新, picks fields beside what stands there, and files it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from engine.desk import attaching, reading, submitting, updating
from tests.web.agency import HEJING, SUNHAO, WANGJU, XIAOLIN, ZHOUMIN, Agency, id_number, open_agency
from tests.web.entry_office import PageForm, multi
from tests.web.scans import picture
from web.demo.people import PASSPHRASE

TICKS = {"each_change": "true", "evidence": "true", "no_interest": "true"}
FACTS = {
    "/change/reason": "contact_change",
    "/change/requested_by": "self",
    "/change/occurred_on": "2026-03-04",
    "/change/known_on": "2026-03-04",
    "/effect/affects_benefit": "false",
    "/effect/needs_reassessment": "false",
    "/effect/notify_subject": "true",
    "/effect/effective_on": "2026-03-05",
    "/statement/truthful": "true",
}


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    with open_agency(tmp_path_factory.mktemp("agency") / "data") as opened:
        yield opened


def effective(agency: Agency) -> str:
    doc = agency.submitted().doc
    in_force(agency, doc)
    return doc


def begun(agency: Agency, doc: str) -> str:
    """The address of the draft that an update was begun with."""
    answer = agency.browser(XIAOLIN).post(f"/documents/{doc}/begin/info_update")
    assert answer.status_code == 303
    return answer.headers["location"].removesuffix("/changes")


def picked(agency: Agency, draft: str, mobile: str, **more: str) -> int:
    """Pick the telephone number on the page of fields; the status of the answer."""
    xiaolin = agency.browser(XIAOLIN)
    form = PageForm(xiaolin.get(f"{draft}/changes").text)
    kept = {name: form.value(name) for name in ("_revision", "_target_revision")}
    pairs = {**kept, "_pick": "/insured/mobile", "/insured/mobile": mobile, **more}
    return xiaolin.post(f"{draft}/changes", **pairs).status_code


def filed(agency: Agency, doc: str, mobile: str) -> str:
    draft, xiaolin = begun(agency, doc), agency.browser(XIAOLIN)
    assert picked(agency, draft, mobile) == 303
    form = PageForm(xiaolin.get(draft).text)
    for name, value in FACTS.items():
        form.set(name, value)
    answer = xiaolin.client.post(draft, data=multi([*form.pairs(), ("_submit", "1")]), follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix("/entry/done/").partition("?")[0]


def approved(agency: Agency, doc: str, mobile: str) -> str:
    update, zhoumin = filed(agency, doc, mobile), agency.browser(ZHOUMIN)
    zhoumin.decide(update, "claim")
    zhoumin.decide(update, "approve", **TICKS)
    return update


def test_the_button_stands_only_where_an_update_may_be_begun(agency: Agency) -> None:
    doc, waiting = effective(agency), agency.submitted().doc

    button = "/begin/info_update"
    assert button in agency.browser(XIAOLIN).get(f"/documents/{doc}").text
    assert button not in agency.browser(ZHOUMIN).get(f"/documents/{doc}").text
    assert button not in agency.browser(XIAOLIN).get(f"/documents/{waiting}").text


def test_the_fields_stand_with_what_is_there_masked_and_a_control_of_their_own(agency: Agency) -> None:
    draft = begun(agency, effective(agency))
    page = agency.browser(XIAOLIN).get(f"{draft}/changes").text

    assert "199****0012" in page and "19900000012" not in page
    assert '<option value="30">丧偶</option>' in page
    assert 'value="/assess/' not in page and 'value="/entry/' not in page


def test_what_was_answered_with_yes_stands_there_as_yes(agency: Agency) -> None:
    xiaolin = agency.browser(XIAOLIN)
    page = xiaolin.get(f"{begun(agency, effective(agency))}/changes").text
    assert (">是</td>" in page, ">true</td>" in page) == (True, False)


def test_a_telephone_number_that_is_none_is_told_at_its_row_and_kept_as_typed(agency: Agency) -> None:
    draft = begun(agency, effective(agency))
    xiaolin = agency.browser(XIAOLIN)

    answer = xiaolin.post(f"{draft}/changes", _pick="/insured/birth_date", **{"/insured/birth_date": "19421"})

    assert answer.status_code == 422
    assert 'value="19421"' in answer.text


def test_an_update_goes_from_the_page_into_the_document(agency: Agency) -> None:
    doc = effective(agency)
    update = approved(agency, doc, "199 0000 0077")
    review = agency.browser(ZHOUMIN).get(f"/documents/{update}").text
    assert "199****0012" in review and "199****0077" in review

    agency.browser(ZHOUMIN).decide(update, "apply")

    desk = agency.services.desk
    row = reading.row_of(desk, doc)
    assert (row["state"], row["revision"]) == ("effective", 2)
    assert reading.answers_of(desk, row)["insured"]["mobile"] == "19900000077"
    page = agency.browser(XIAOLIN).get(f"/documents/{doc}").text
    assert reading.row_of(desk, update)["doc_id"] in page and "更新替代" in page
    assert "19900000012" in agency.browser(XIAOLIN).get(f"/documents/{doc}/revisions/1").text


def test_the_second_of_two_updates_is_refused_with_both_values(agency: Agency) -> None:
    doc, hejing = effective(agency), agency.browser(HEJING)
    first, second = approved(agency, doc, "19900000077"), approved(agency, doc, "19900000088")
    agency.browser(ZHOUMIN).decide(first, "apply")

    answer = hejing.decide(second, "apply")

    assert answer.status_code == 409
    assert "199****0077 / 199****0088" in answer.text and "周敏" in answer.text


def test_a_page_of_fields_that_is_older_than_the_target_shows_it_as_it_is_now(agency: Agency) -> None:
    doc = effective(agency)
    draft = begun(agency, doc)
    agency.browser(ZHOUMIN).decide(approved(agency, doc, "19900000077"), "apply")

    assert picked(agency, draft, "19900000088", _target_revision="1") == 409
    assert "199****0077" in agency.browser(XIAOLIN).get(f"{draft}/changes").text
    assert picked(agency, draft, "19900000088") == 303


def test_old_and_new_stand_side_by_side_and_are_shown_only_to_who_asks_and_is_logged(agency: Agency) -> None:
    doc = effective(agency)
    update, zhoumin = filed(agency, doc, "199 0000 0077"), agency.browser(ZHOUMIN)
    zhoumin.decide(update, "claim")
    page = zhoumin.get(f"/documents/{update}/review").text
    folded = page.partition('<details class="panel proofs">')

    assert ("19900000077" in page, "19900000012" in page) == (False, False)
    paths = ["/insured/mobile" in part for part in (folded[0], folded[2])]
    assert paths == [False, True]
    assert not re.search("[0-9a-f]{64}</", folded[0]) and re.search("[0-9a-f]{64}</code>", folded[2])

    before = len(list(agency.services.desk.access.entries()))
    shown = zhoumin.post(f"/documents/{update}/changes/reveal", place="/changes/0", _from="review")

    assert ("19900000077" in shown.text, "19900000012" in shown.text) == (True, True)
    reads = list(agency.services.desk.access.entries())
    logged = {(one.doc, one.what, one.purpose) for one in reads[before:]}
    assert {(update, ("/changes/0/new_value",), "review"), (doc, ("/insured/mobile",), "review")} <= logged


def test_a_rule_of_the_target_is_told_in_the_readers_language(agency: Agency) -> None:
    draft, xiaolin = begun(agency, effective(agency)), agency.browser(XIAOLIN)
    gender = {"_pick": "/insured/gender", "/insured/gender": "1"}
    assert xiaolin.post(f"{draft}/changes", **gender).status_code == 303
    form = PageForm(xiaolin.get(draft).text)
    for name, value in FACTS.items():
        form.set(name, value)
    pairs = [*form.pairs(), ("_submit", "1")]

    words = {}
    for lang in ("en", "zh-CN"):
        xiaolin.post("/language", lang=lang, next="/")
        answer = xiaolin.client.post(draft, data=multi(pairs), follow_redirects=False)
        words[lang] = answer.text

    english, chinese = "The sex differs from the 17th digit", "性别与身份证号码第17位不一致"
    assert {lang: (english in text, chinese in text) for lang, text in words.items()} == {
        "en": (True, False),
        "zh-CN": (False, True),
    }


def test_a_draft_of_another_form_has_no_such_page(agency: Agency) -> None:
    xiaolin = agency.browser(XIAOLIN)
    draft = xiaolin.post("/entry/new/info_entry", choice="first_assessment").headers["location"]

    assert xiaolin.get(f"{draft}/changes").status_code == 404


def test_whoever_may_not_read_the_document_is_told_there_is_none(agency: Agency) -> None:
    doc = effective(agency)

    assert agency.browser(SUNHAO).post(f"/documents/{doc}/begin/info_update").status_code == 404


def test_an_applied_update_is_taken_back_from_its_page_and_both_pages_say_so(agency: Agency) -> None:
    doc, xiaolin = effective(agency), agency.browser(XIAOLIN)
    update = approved(agency, doc, "19900000077")
    assert "/take-back" not in xiaolin.get(f"/documents/{update}").text
    agency.browser(ZHOUMIN).decide(update, "apply")
    assert f"/documents/{update}/take-back" in xiaolin.get(f"/documents/{update}").text

    draft = xiaolin.post(f"/documents/{update}/take-back").headers["location"]
    form = PageForm(xiaolin.get(draft).text)
    for name, value in FACTS.items():
        form.set(name, value)
    form.set("/change/reason_text", "来电号码记错，恢复原号码")
    answer = xiaolin.client.post(draft, data=multi([*form.pairs(), ("_submit", "1")]), follow_redirects=False)

    assert answer.status_code == 303, answer.text
    back = answer.headers["location"].removeprefix("/entry/done/").partition("?")[0]
    row = reading.row_of(agency.services.desk, update)
    assert row["doc_no"] in xiaolin.get(f"/documents/{back}").text
    page = xiaolin.get(f"/documents/{update}").text
    assert f'/documents/{back}"' in page and "/take-back" not in page


def test_the_other_document_of_a_corrected_person_is_begun_from_the_list(agency: Agency) -> None:
    """Two entries of one person; what the page lists once the correction of the first is applied."""
    desk, first = agency.services.desk, effective(agency)
    number = reading.answers_of(desk, reading.row_of(desk, first))["insured"]["id_no"]
    second = another_of(agency, first)
    update, xiaolin = corrected(agency, first), agency.browser(XIAOLIN)

    page = xiaolin.get(f"/documents/{update}").text
    assert "同一人的其他文档" in page and f"/documents/{second}/begin-alike" in page
    assert number not in page
    waits = xiaolin.get("/follow-ups").text
    assert f"/documents/{second}" in waits and "同一人的其他文档" in waits and number not in waits

    answer = xiaolin.post(f"/documents/{second}/begin-alike", update=update, name="same_person")
    assert answer.status_code == 303
    draft = desk.drafts.get(answer.headers["location"].removeprefix("/drafts/"))
    assert draft is not None
    assert draft.answers["target"]["doc_id"] == reading.row_of(desk, second)["doc_id"]
    assert [one["path"] for one in draft.answers["changes"]] == ["/insured/id_no"]


def another_of(agency: Agency, doc: str) -> str:
    """Another entry in force of the same person."""
    desk, actor = agency.services.desk, agency.actor(XIAOLIN)
    answers = reading.answers_of(desk, reading.row_of(desk, doc))
    for place, listed in enumerate(answers["files"]):
        scan = picture("PNG", (60 + place, 60))
        listed["sha256"] = attaching.attach(desk, actor, scan, "image/png").sha256
    wanted = submitting.Submission("info_entry", answers, f"2-{doc}", confirmed=frozenset({"V11.late"}))
    second = submitting.submit(desk, actor, wanted, agency._unlocked[XIAOLIN]).wait().doc
    in_force(agency, second)
    return second


def in_force(agency: Agency, doc: str) -> None:
    zhoumin = agency.browser(ZHOUMIN)
    zhoumin.decide(doc, "claim")
    zhoumin.decide(doc, "approve", accuracy="true", completeness="true", no_interest="true")
    zhoumin.decide(doc, "upload")


def corrected(agency: Agency, doc: str) -> str:
    """A correction of the number, co-approved by 王局 and applied."""
    desk, actor = agency.services.desk, agency.actor(XIAOLIN)
    scan = attaching.attach(desk, actor, picture("PNG", (44, 44)), "image/png")
    begun = updating.begin(desk, actor, doc, "info_update")
    day = {"occurred_on": "2026-03-04", "known_on": "2026-03-04", "requested_by": "department"}
    said = {"reason": "identity_correction", "reason_text": "录入时证件号码抄错，按证件更正"}
    number = id_number("31019919420315988")
    new = {"path": "/insured/id_no", "new_value": number, "evidence_file_id": "F-0901"}
    effect = {"affects_benefit": False, "needs_reassessment": False, "notify_subject": True}
    answers = {
        **begun.answers,
        "change": day | said,
        "changes": [new],
        "effect": {**effect, "effective_on": "2026-03-06"},
        "files": [{"kind": "id_card", "file_id": "F-0901", "sha256": scan.sha256}],
        "statement": {"truthful": True},
    }
    wanted = submitting.Submission("info_update", answers, f"identity-{doc}")
    update = submitting.submit(desk, actor, wanted, agency._unlocked[XIAOLIN]).wait().doc
    zhoumin, wangju = agency.browser(ZHOUMIN), agency.browser(WANGJU)
    for browser, name, more in (
        (zhoumin, "claim", {}),
        (zhoumin, "approve_first", TICKS),
        (wangju, "co_approve", TICKS | {"_passphrase": PASSPHRASE}),
        (zhoumin, "apply", {}),
    ):
        assert browser.decide(update, name, **more).status_code == 303
    return update


def test_a_new_value_without_its_tick_is_asked_about_once_and_never_lost(agency: Agency) -> None:
    draft, xiaolin = begun(agency, effective(agency)), agency.browser(XIAOLIN)
    form = PageForm(xiaolin.get(f"{draft}/changes").text)
    kept = {name: form.value(name) for name in ("_revision", "_target_revision")}
    typed = {**kept, "/insured/mobile": "19900000077"}

    asked = xiaolin.post(f"{draft}/changes", **typed)
    assert asked.status_code == 422 and "现已勾选：手机号码" in asked.text
    assert 'value="19900000077"' in asked.text
    assert re.search(r'name="_pick" value="/insured/mobile" id="[^"]+" checked', asked.text)

    unticked = xiaolin.post(f"{draft}/changes", **typed, _asked="/insured/mobile")
    assert unticked.status_code == 303 and "19900000077" not in xiaolin.get(draft).text


def test_fields_left_alone_are_not_asked_about(agency: Agency) -> None:
    draft, xiaolin = begun(agency, effective(agency)), agency.browser(XIAOLIN)
    untouched = PageForm(xiaolin.get(f"{draft}/changes").text, "changes").pairs()
    answer = xiaolin.client.post(f"{draft}/changes", data=multi(untouched), follow_redirects=False)
    assert answer.status_code == 303


def test_what_updates_left_stands_only_before_those_who_read_updates(agency: Agency) -> None:
    link = 'href="/follow-ups"'
    assert all(link in agency.browser(one).get("/").text for one in (XIAOLIN, ZHOUMIN, WANGJU))
    assert link not in agency.browser(SUNHAO).get("/").text


def test_what_was_ticked_with_a_step_stands_line_by_line_in_the_timeline(agency: Agency) -> None:
    update = approved(agency, effective(agency), "19900000066")
    page = agency.browser(ZHOUMIN).get(f"/documents/{update}").text
    timeline = page[page.index('<ol class="timeline">') :]
    said = re.findall(r"<div><dt>[^<]+</dt><dd>是</dd></div>", timeline)
    assert len(said) == len(TICKS) and timeline.count("<dt>") == len(TICKS)
