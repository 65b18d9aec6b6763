"""The pages of form versions: who reads what, the way of a draft, the trial run, the day, the signed file."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from engine.desk import people, submitting, version_drafts
from engine.version_ports import VersionDraft
from tests.engine.desk.revising import STREET, line, proposal
from tests.web.agency import WANGJU, XIAOLIN, ZHOUMIN, Agency, Browser, open_agency
from web.demo.people import PASSPHRASE, PEOPLE

ZHULIN, XUXIANGDONG, ZHAO = "XX000002", "XX000001", "SH000001"


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        with open_agency(tmp_path_factory.mktemp("agency") / "data") as opened:
            chosen = {ZHULIN, XUXIANGDONG, ZHAO}
            newcomers = [one.as_newcomer() for one in PEOPLE if one.staff_no in chosen]
            people.enrol(opened.services.desk, newcomers)
            yield opened


@pytest.fixture
def zhu(agency: Agency) -> Browser:
    return agency.browser(ZHULIN)


def street(agency: Agency, version: str = "1.1.0", **changes: Any) -> VersionDraft:
    """朱琳's draft with an optional field more; `changes` are members of the schema of 姓名."""
    desk, actor = agency.services.desk, agency.actor(ZHULIN)
    draft = version_drafts.begin(desk, actor, "info_entry", version)
    files = {name: json.loads(draft.files[name]) for name in ("schema.json", "layout.json", "locale/en.json")}
    parts = files["schema.json"]["properties"]
    parts["statement"]["properties"]["street_name"] = STREET
    parts["insured"]["properties"]["full_name"] |= changes
    section = next(one for one in files["layout.json"]["sections"] if one["pointer"] == "/statement")
    section["rows"].append([{"p": "/statement/street_name", "w": 12, "widget": "text"}])
    files["locale/en.json"]["/statement/street_name"] = "street"
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in files.items()}
    texts["CHANGES.md"] = f"# {version}\n"
    return version_drafts.save(desk, actor, draft.id, draft.revision, texts)


def words(browser: Browser, path: str) -> str:
    """The main part of a page as text."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text[:300]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.split("<main", 1)[1]).split())


def test_what_is_in_force_everybody_reads_and_drafts_only_those_who_write_them(
    agency: Agency, zhu: Browser
) -> None:
    draft = street(agency)
    assert "草稿" in words(zhu, "/versions")
    lin = agency.browser(XIAOLIN)
    seen = words(lin, "/versions")
    assert "1.0.0 现行 自 2020-01-01 起" in seen
    assert "1.1.0" not in seen and "起草" not in seen
    assert agency.services.desk.registry.get("info_entry", "1.0.0").digest in words(
        lin, "/versions/info_entry/1.0.0"
    )
    at = f"/versions/drafts/{draft.id}"
    refused = [lin.get(at + page).status_code for page in ("", "/compare", "/trial")]
    assert refused == [403, 403, 403]
    assert lin.get("/versions/info_entry/9.0.0").status_code == 404


def test_the_steps_say_where_a_draft_stands_and_one_thing_to_do_next(agency: Agency, zhu: Browser) -> None:
    draft = street(agency)
    page = zhu.get(f"/versions/drafts/{draft.id}").text
    steps = re.findall(r'<span class="steps-name">(.*?)</span>', page)
    assert steps == ["比较", "结论", "试跑", "预览", "会审", "双人发布", "生效"]
    said = words(zhu, f"/versions/drafts/{draft.id}")
    assert "兼容：旧单据在新版本下仍然有效。" in said
    assert "版本号：至少升中位（兼容变更），即 1.1.0；现编 1.1.0，够。" in said
    way = page.split('<ol class="steps">')[1]
    assert re.findall(r'class="button primary" href="([^"]*)"', way) == [f"/versions/drafts/{draft.id}/trial"]


def test_a_number_that_says_too_little_is_named_and_cannot_be_proposed(agency: Agency, zhu: Browser) -> None:
    draft = street(agency, "1.0.1")
    said = words(zhu, f"/versions/drafts/{draft.id}")
    assert "版本号偏小：至少升中位（兼容变更），即 1.1.0；现编 1.0.1" in said
    answer = zhu.post(f"/versions/drafts/{draft.id}/propose", effective_on="2026-03-06", number="1.0.1")
    assert answer.status_code == 422


def test_an_incompatible_draft_shows_its_witness_as_a_form(agency: Agency, zhu: Browser) -> None:
    draft = street(agency, "2.0.0", maxLength=4)
    said = words(zhu, f"/versions/drafts/{draft.id}/compare")
    assert "不兼容，须升首位（主版本）。" in said
    assert "“姓名”的字数上限由 50 改为 4（收紧）" in said
    assert "姓名太长，最多 4 个字" in said
    page = zhu.get(f"/versions/drafts/{draft.id}/compare").text
    assert re.search(r'<div class="fact hit"><dt>姓名</dt>', page)
    assert page.count("<pre") == len(re.findall(r"<details><summary>[^<]*</summary><pre", page))


def test_a_draft_that_cannot_be_read_says_what_to_correct(agency: Agency, zhu: Browser) -> None:
    desk, actor = agency.services.desk, agency.actor(ZHULIN)
    draft = version_drafts.begin(desk, actor, "info_entry", "1.1.0")
    version_drafts.save(desk, actor, draft.id, draft.revision, {"schema.json": "{"})
    at = f"/versions/drafts/{draft.id}"
    assert "先改好编写中的 1 处问题" in words(zhu, at)
    assert [zhu.get(at + page).status_code for page in ("/compare", "/trial", "/effect")] == [200, 200, 200]
    assert zhu.post(f"{at}/propose", effective_on="2026-03-06").status_code == 422


def test_a_trial_run_counts_by_cause_with_links_and_writes_only_the_access_log(
    agency: Agency, zhu: Browser
) -> None:
    receipt = agency.submitted()
    desk = agency.services.desk
    draft = street(agency, "2.0.0", maxLength=2)
    at, size = f"/versions/drafts/{draft.id}/trial", desk.journal.durable_size
    assert zhu.post(at, most="500").status_code == 303
    for _ in range(200):
        if "检验完毕" in zhu.get(at).text:
            break
        time.sleep(0.05)
    said = words(zhu, at)
    count = sum(row["form"] == "info_entry" for row in desk.store.rows())
    assert f"检验完毕：{count} 份" in said and f"{count} 份单据全部检验。" in said
    assert "姓名太长，最多 2 个字" in said
    assert f'href="/documents/{receipt.doc}"' in zhu.get(at).text
    assert desk.journal.durable_size == size
    part = zhu.client.get(at, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert part.text.lstrip().startswith('<div id="trial">')
    assert f"试过 {count} 份，{count} 份在新版本下通不过。" in words(zhu, at.removesuffix("/trial"))

    actor = agency.actor(ZHULIN)
    version_drafts.save(desk, actor, draft.id, draft.revision, {"CHANGES.md": "# 2.0.0\n\n另写\n"})
    assert "检验完毕" in zhu.get(at).text  # what was judged is unchanged
    changed = street_again(agency, draft)
    assert "结果不再适用" in words(zhu, f"/versions/drafts/{changed}/trial")


def street_again(agency: Agency, draft: VersionDraft) -> str:
    """The same draft with another limit."""
    desk, actor = agency.services.desk, agency.actor(ZHULIN)
    seen = version_drafts.open_draft(desk, actor, draft.id)
    schema = json.loads(seen.files["schema.json"])
    schema["properties"]["insured"]["properties"]["full_name"]["maxLength"] = 3
    version_drafts.save(desk, actor, draft.id, seen.revision, {"schema.json": json.dumps(schema)})
    return draft.id


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("2026年3月6日", "2026-03-06 星期五 · 工作日 · 距今 1 个工作日"),
        ("20260307", "2026-03-07 星期六 · 休息日 · 距今 1 个工作日"),
        ("2026-03-04", "这一天已过：换今天或以后的日期。"),
    ],
)
def test_a_day_is_said_with_its_working_days(agency: Agency, zhu: Browser, on: str, said: str) -> None:
    draft = street(agency)
    assert said in words(zhu, f"/versions/drafts/{draft.id}/effect?on={on}")


def test_a_day_that_does_not_exist_is_asked_again(agency: Agency, zhu: Browser) -> None:
    draft = street(agency)
    answer = zhu.get(f"/versions/drafts/{draft.id}/effect?on=2026-02-30")
    assert answer.status_code == 422
    assert "没认出日期" in answer.text and 'value="2026-02-30"' in answer.text


def test_the_regulation_is_read_on_any_day(agency: Agency) -> None:
    lin = agency.browser(XIAOLIN)
    assert "2026-03-05 施行的是 1.0.0 版，自 2020-01-01 生效。" in words(lin, "/regulation")
    assert "还没有施行的条文" in words(lin, "/regulation?on=2019-12-31")
    assert lin.get("/regulation?on=tomorrow").status_code == 422


def test_a_proposal_is_begun_with_what_the_draft_knows_and_published_by_two(
    agency: Agency, zhu: Browser
) -> None:
    desk = agency.services.desk
    draft = street(agency)
    answer = zhu.post(
        f"/versions/drafts/{draft.id}/propose", effective_on="2026-3-6", clause="R5.6.1", drafts="finish",
        drafts_until="20260405", number="1.1.0",
    )  # fmt: skip
    assert answer.status_code == 303
    begun = desk.drafts.get(answer.headers["location"].removeprefix("/drafts/"))
    assert begun is not None
    content = version_drafts.content_of(draft)
    expected = line(
        draft, drafts="finish", drafts_until="2026-04-05", form="info_entry", follows="1.0.0",
        version="1.1.0", sha256=content.bundle.digest,
    )  # fmt: skip
    assert begun.answers == {
        "base": {"regulation_version": "1.0.0", "new_version": "1.1.0"},
        "impact": {"forms": ["info_entry"], "schema_changes": [expected]},
        "publish": {"effective_on": "2026-03-06"},
    }
    assert "申请已起草，尚未提出。" in words(zhu, f"/versions/drafts/{draft.id}")

    answers = {**proposal(expected), **begun.answers}
    wanted = submitting.Submission(begun.form, answers, "propose", draft_id=begun.id)
    unlock = desk.vault.unlock(agency.actor(ZHULIN).person, PASSPHRASE, agency.actor(ZHULIN).session)
    doc = submitting.submit(desk, agency.actor(ZHULIN), wanted, unlock).wait().doc
    for staff_no, transition in (
        (ZHULIN, "send"), (WANGJU, "agree"), (ZHAO, "agree_last"), (ZHULIN, "order_publication"),
        (XUXIANGDONG, "publish"),
    ):  # fmt: skip
        page = words(agency.browser(staff_no), f"/documents/{doc}")
        assert "本文件发布的表单版本" in page and "新增选填项“现住街道”" in page, staff_no
        done = agency.browser(staff_no).decide(doc, transition, _passphrase=PASSPHRASE)
        assert done.status_code == 303, (transition, done.text[:2000])

    assert desk.registry.in_force("info_entry", date(2026, 3, 6)).version == "1.1.0"
    lin = agency.browser(XIAOLIN)
    assert "1.1.0 已发布，未生效 自 2026-03-06 起" in words(lin, "/versions")
    agency.submitted()  # the comparison is made anew where other documents stand
    version = words(zhu, "/versions/info_entry/1.1.0")
    assert "新增选填项“现住街道”" in version and "R5.6.1" in version and content.bundle.digest in version
    tomorrow = words(lin, "/regulation?on=2026-03-06")
    assert "2026-03-06 施行的是 1.1.0 版" in tomorrow and "长护险信息录入表 1.1.0" in tomorrow
    assert "长护险信息录入表 1.1.0" not in words(lin, "/regulation")

    file = zhu.get("/versions/info_entry/1.1.0/export")
    assert json.loads(file.content)["sha256"] == content.bundle.digest
    assert lin.get("/versions/info_entry/1.1.0/export").status_code == 403
    taken = send_files(zhu, file.content, desk.trust.root_chain())
    assert (taken.status_code, "已经发布" in taken.text) == (409, True)
    forged = file.content.replace("现住街道".encode(), "现住小区".encode())
    assert send_files(zhu, forged, desk.trust.root_chain()).status_code == 422


def send_files(browser: Browser, version: bytes, trust: bytes) -> Any:
    """Take a version file in."""
    page = browser.get("/versions").text
    csrf = page.split('name="_csrf" value="', 1)[1].split('"', 1)[0]
    files = {"version": ("v.json", version), "trust": ("trust.json", trust)}
    return browser.client.post("/versions/import", data={"_csrf": csrf}, files=files, follow_redirects=False)


def test_the_pages_speak_english(agency: Agency) -> None:
    zhou = agency.browser(ZHOUMIN)
    zhou.post("/language", lang="en", next="/versions")
    assert "On any day each form has one version in force." in words(zhou, "/versions")
    assert "is in force, since" in words(zhou, "/regulation")
