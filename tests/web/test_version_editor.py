"""The pages on which a form version is written: table of fields, files, preview, and two who save at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from time import monotonic
from typing import Any

import pytest

from engine.desk import people, version_drafts
from engine.desk.people import NewPerson
from engine.version_ports import VersionDraft
from tests.web.agency import XIAOLIN, Agency, Browser, open_agency
from web.demo.people import PASSPHRASE, PASSWORD, PEOPLE, REGION

ZHULIN, SHENLAN = "XX000002", "XX000012"
COLLEAGUE = NewPerson(
    staff_no=SHENLAN, name="沈岚", unit="info_mgmt", region=REGION, title="信息管理",
    roles=(("info_manager", "2026-01-01", None),), password=PASSWORD, passphrase=PASSPHRASE,
)  # fmt: skip
CONTACT = {
    "label": "紧急联系人", "label_en": "emergency contact", "name": "emergency_contact", "kind": "text",
    "most": "50", "class": "customer", "sensitivity": "personal", "seal": "identity", "index": "none",
    "mask": "name",
}  # fmt: skip


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    place = tmp_path_factory.mktemp("versions")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CONFIG_HOME", str(place / "config"))
        with open_agency(place / "data") as opened:
            newcomers = [one.as_newcomer() for one in PEOPLE if one.staff_no == ZHULIN]
            people.enrol(opened.services.desk, [*newcomers, COLLEAGUE])
            yield opened


@pytest.fixture(scope="module")
def untouched(agency: Agency) -> str:
    """A draft that nobody saves again."""
    return begin(agency.browser(ZHULIN))


def begin(browser: Browser, form: str = "info_entry", **pairs: str) -> str:
    answer = browser.post("/versions/drafts", form=form, **pairs)
    assert answer.status_code == 303, answer.text
    return re.sub("/fields$", "", str(answer.headers["location"]))


def stored(agency: Agency, place: str) -> VersionDraft:
    return version_drafts.stored(agency.services.desk, place.rpartition("/")[2])


def press(agency: Agency, browser: Browser, place: str, **pairs: str) -> Any:
    """One press on the page of fields, at the revision that is stored now."""
    return browser.post(f"{place}/fields", _revision=str(stored(agency, place).revision), **pairs)


def write(agency: Agency, browser: Browser, place: str, name: str, text: str, **pairs: str) -> Any:
    revision = pairs.pop("_revision", str(stored(agency, place).revision))
    return browser.post(f"{place}/files/{name}", _revision=revision, text=text, **(pairs or {"_save": "1"}))


def words(answer: Any) -> str:
    """The words of a page as they stand there."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def files(agency: Agency, place: str, name: str) -> Any:
    return json.loads(stored(agency, place).files[name])


def test_a_draft_says_its_number_wherever_the_form_does(agency: Agency) -> None:
    place = begin(agency.browser(ZHULIN), step="major")
    draft = stored(agency, place)
    assert draft.version == "2.0.0"
    assert files(agency, place, "schema.json")["x-version"] == "2.0.0"
    assert files(agency, place, "layout.json")["print"]["form_no"] == "录入表 2.0.0"
    assert version_drafts.problems(agency.services.desk, draft) == ()


def test_whoever_is_no_information_manager_begins_nothing(agency: Agency) -> None:
    assert agency.browser(XIAOLIN).post("/versions/drafts", form="info_entry").status_code == 403


def test_an_added_field_stands_in_schema_layout_and_labels_and_nothing_is_left_to_change(
    agency: Agency,
) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser)
    assert press(agency, browser, place, _add="/insured", **CONTACT).status_code == 303
    schema = files(agency, place, "schema.json")
    added = schema["properties"]["insured"]["properties"]["emergency_contact"]
    order = added.pop("x-order")
    assert added == {
        "title": "紧急联系人", "x-class": "customer", "x-sensitivity": "personal", "x-seal": "identity",
        "x-index": "none", "x-mask": "name", "type": "string", "minLength": 1, "maxLength": 50,
    }  # fmt: skip
    assert order > 1
    insured = next(one for one in files(agency, place, "layout.json")["sections"] if one["letter"] == "B")
    assert insured["rows"][-1] == [{"p": "/insured/emergency_contact", "w": 12, "widget": "text"}]
    assert files(agency, place, "locale/en.json")["/insured/emergency_contact"] == "emergency contact"
    page = words(browser.get(f"{place}/fields"))
    assert "文件没有问题" in page and "紧急联系人 新增" in page


def test_a_wish_that_lacks_something_is_said_at_its_boxes_and_nothing_is_saved(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser)
    before = stored(agency, place)
    wrong = {**CONTACT, "name": "Emergency", "label_en": "", "kind": "choice", "choices": "a = 甲"}
    answer = press(agency, browser, place, _add="/insured", **wrong)
    assert answer.status_code == 422
    for name in ("label", "name", "choices"):
        assert f'id="{name}-fault"' in answer.text
    assert 'value="Emergency"' in answer.text
    assert stored(agency, place) == before


def test_a_moved_field_changes_places_and_rows_stay_full(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser)
    assert press(agency, browser, place, _down="/insured/full_name").status_code == 303
    insured = next(one for one in files(agency, place, "layout.json")["sections"] if one["letter"] == "B")
    assert [cell["p"] for cell in insured["rows"][0][:2]] == ["/insured/id_type", "/insured/full_name"]
    assert press(agency, browser, place, _up="/insured/ethnicity").status_code == 303
    insured = next(one for one in files(agency, place, "layout.json")["sections"] if one["letter"] == "B")
    assert {sum(cell["w"] for cell in row) for row in insured["rows"]} == {12}
    assert version_drafts.problems(agency.services.desk, stored(agency, place)) == ()


def test_a_retired_field_leaves_a_rule_for_old_documents_and_a_list_of_what_speaks_of_it(
    agency: Agency,
) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser)
    said = {"reason": "不再收集", "reason_en": "no longer collected"}
    answer = press(agency, browser, place, _retire="/agent/address", fate="drop", **said)
    assert answer.status_code == 303
    lift = files(agency, place, "lift.json")
    assert lift == {
        "form": "info_entry", "from": "1.0.0", "to": "1.1.0",
        "steps": [{"op": "drop", "at": "/agent/address", **said}],
    }  # fmt: skip
    assert "address" not in files(agency, place, "schema.json")["properties"]["agent"]["properties"]
    page = words(browser.get(str(answer.headers["location"])))
    assert "已停用“代理人地址”" in page and "条件 9 › 否则" in page


def test_a_number_that_is_too_small_is_said_and_put_right_by_one_press(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser)
    said = {"reason": "不再收集", "reason_en": "no longer collected"}
    press(agency, browser, place, _retire="/agent/address", fate="drop", **said)
    assert "改动至少要升到 2.0.0，现为 1.1.0" in words(browser.get(f"{place}/fields"))
    assert press(agency, browser, place, version="2.0.0", _number="1").status_code == 303
    assert stored(agency, place).version == "2.0.0"
    assert files(agency, place, "lift.json")["to"] == "2.0.0"
    assert "改动至少要升到" not in words(browser.get(f"{place}/fields"))


def test_a_retired_field_may_move_to_another(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser)
    press(agency, browser, place, _add="/agent", **{**CONTACT, "name": "full_address", "most": "200"})
    assert press(agency, browser, place, _retire="/agent/address", fate="move").status_code == 422
    answer = press(
        agency, browser, place, _retire="/agent/address", fate="move", target="/agent/full_address"
    )
    assert answer.status_code == 303
    assert files(agency, place, "lift.json")["steps"] == [
        {"op": "move", "from": "/agent/address", "to": "/agent/full_address"}
    ]


def test_examples_are_carried_over_by_the_lift(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser, step="major")
    said = {"reason": "不再收集", "reason_en": "no longer collected"}
    press(agency, browser, place, _retire="/insured/marital_status", fate="drop", **said)
    assert version_drafts.problems(agency.services.desk, stored(agency, place)) != ()
    assert press(agency, browser, place, _carry="1").status_code == 303
    example = files(agency, place, "examples/ok-1-first-assessment.json")
    assert "marital_status" not in example["data"]["insured"] and "context" in example
    assert version_drafts.problems(agency.services.desk, stored(agency, place)) == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("schema.json", '"x-index": "blind",', '"x-index": "blind"', "不是有效的 JSON：第 471 行第 11 字"),
        ("schema.json", '"x-sensitivity":', '"x-sensitivty":', "不认识注记“x-sensitivty”"),
        ("schema.json", '"x-class": "customer",', "", "参保人信息 › 姓名 › 信息类别 缺少“信息类别”。补上"),
        ("schema.json", '"x-legal-basis": "statutory_duty",', "", "缺少“处理依据”。补上"),
        ("schema.json", "!has(data.entry", "!has(dta.entry", "公式第 1 行第 6 字的“dta”没有定义"),
        ("schema.json", "!has(data.entry.collected_at) ||", "!has(data.entry.collected_at |", "读不下去"),
        ("states.json", '"to": "archived"', '"to": "effective"', "没有一条路能到状态“已归档”"),
        ("layout.json", '"w": 4,', '"w": 3,', "这一行的宽度加起来是 11，应为 12"),
        ("locale/en.json", '"#/title"', '"#/titel"', "缺少英文：#/title"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_said_with_its_place_and_what_to_do(
    agency: Agency, untouched: str, name: str, old: str, new: str, said: str
) -> None:
    browser, place = agency.browser(ZHULIN), untouched
    text = stored(agency, place).files[name]
    count = -1 if name == "states.json" else 1
    answer = write(agency, browser, place, name, text.replace(old, new, count), _check="1")
    assert said in words(answer)
    assert name.startswith("locale") or re.search(r'data-line="[1-9]', answer.text)
    assert stored(agency, place).revision == 2  # a check stores nothing


def test_a_pause_in_typing_is_answered_with_the_part_beside_the_text(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser, "regulation_revision")
    text = stored(agency, place).files["schema.json"].replace('"title":', '"titel":', 1)
    answer = browser.post(f"{place}/check/schema.json", text=text)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="checked"')
    assert "不认识“titel”" in words(answer)


def test_two_administrators_who_save_at_once_are_both_kept(agency: Agency) -> None:
    zhulin, shenlan = agency.browser(ZHULIN), agency.browser(SHENLAN)
    place = begin(zhulin, "regulation_revision")
    seen = str(stored(agency, place).revision)
    assert write(agency, zhulin, place, "CHANGES.md", "# 朱琳写的\n").status_code == 303
    answer = write(agency, shenlan, place, "CHANGES.md", "# 沈岚写的\n", _revision=seen, _save="1")
    assert answer.status_code == 409
    assert "# 朱琳写的" in answer.text and "# 沈岚写的" in answer.text and "朱琳 在" in words(answer)
    assert stored(agency, place).files["CHANGES.md"] == "# 朱琳写的\n"
    shown = re.search(r'name="_revision" value="(\d+)"', answer.text)
    assert shown is not None
    again = write(agency, shenlan, place, "CHANGES.md", "# 两人写的\n", _revision=shown[1], _save="1")
    assert again.status_code == 303
    assert stored(agency, place).files["CHANGES.md"] == "# 两人写的\n"


def test_two_who_change_fields_at_once_see_both_texts_too(agency: Agency) -> None:
    zhulin, shenlan = agency.browser(ZHULIN), agency.browser(SHENLAN)
    place = begin(zhulin)
    seen = stored(agency, place).revision
    assert press(agency, zhulin, place, _add="/insured", **CONTACT).status_code == 303
    answer = shenlan.post(f"{place}/fields", _revision=str(seen), _down="/insured/full_name")
    assert answer.status_code == 409
    assert "emergency_contact" in answer.text


def test_the_preview_is_a_form_that_works_and_keeps_nothing(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser)
    press(agency, browser, place, _add="/insured", **CONTACT)
    shown = browser.get(f"{place}/preview")
    assert 'name="/insured/emergency_contact"' in shown.text
    assert 'name="old-/insured/full_name"' in shown.text
    assert 'name="old-/insured/emergency_contact"' not in shown.text
    before = stored(agency, place)
    answer = browser.post(f"{place}/preview", _example="-", _check="1", **{"/insured/full_name": ""})
    assert answer.status_code == 422 and 'id="summary-title"' in answer.text
    assert stored(agency, place) == before
    paper = words(browser.get(f"{place}/preview?show=paper"))
    assert "录入表 1.0.0" in paper and "录入表 1.1.0" in paper and paper.count("紧急联系人") > 0


def test_a_new_form_is_made_from_parts_and_fields_without_any_json(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser, "visit_note", kind="new", title="走访记录")
    part = {"label": "走访", "label_en": "visit", "name": "visit", "basis": "statutory_duty"}
    assert press(agency, browser, place, _part="1", **part).status_code == 303
    choice = {
        "label": "方式", "label_en": "way", "name": "way", "kind": "choice",
        "choices": "door = 上门 = door\nphone = 电话 = phone", "class": "business", "sensitivity": "none",
        "seal": "other", "index": "exact", "mask": "", "required": "1",
    }  # fmt: skip
    assert press(agency, browser, place, _add="/visit", **choice).status_code == 303
    visit = files(agency, place, "schema.json")["properties"]["visit"]
    assert visit["required"] == ["way"]
    assert visit["properties"]["way"]["x-enum"] == {"door": "上门", "phone": "电话"}
    assert files(agency, place, "locale/en.json")["/visit/way#door"] == "door"
    found = {one.code for one in version_drafts.problems(agency.services.desk, stored(agency, place))}
    assert not {code for code in found if code.startswith(("field.", "layout."))}
    shown = browser.get(f"{place}/files/schema.json").text
    assert 'name="p-/visit/way"' in shown
    assert browser.post(f"{place}/discard").status_code == 303
    assert browser.get(f"{place}/fields").status_code == 404


def test_every_page_speaks_english_too(agency: Agency) -> None:
    browser = agency.sign_in(SHENLAN, PASSPHRASE)
    browser.post("/language", lang="en", next="/")
    place = begin(browser)
    press(agency, browser, place, _add="/insured", **CONTACT)
    for path in ("fields", "fields?at=/agent/address", "fields?add=/agent", "files/schema.json",
                 "files/states.json", "files/lift.json", "preview"):  # fmt: skip
        answer = browser.get(f"{place}/{path}")
        assert answer.status_code == 200
        headings = " ".join(re.findall(r"<h[12][^>]*>(.*?)</h[12]>", answer.text, re.DOTALL))
        assert re.search("[\u4e00-\u9fff]", headings) is None, (path, headings)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, '{"properties": []}', "null", "\x00\u202e{}"]
)
def test_a_hostile_text_is_answered_at_once_and_in_words(agency: Agency, untouched: str, text: str) -> None:
    begun = monotonic()
    answer = agency.browser(ZHULIN).post(f"{untouched}/check/schema.json", text=text)
    assert answer.status_code == 200 and 'class="findings"' in answer.text
    assert monotonic() - begun < 10  # seconds; one that grew as the square of the depth took thirty
    assert agency.browser(ZHULIN).get(untouched).status_code == 200


def test_two_files_that_cannot_be_read_are_named_on_the_page_of_fields(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser, "regulation_revision")
    write(agency, browser, place, "schema.json", '{"title": "坏"')
    write(agency, browser, place, "layout.json", "[1, 2")
    page = words(browser.get(f"{place}/fields"))
    assert "文件里有读不懂的内容" in page and "layout.json" in page
    assert press(agency, browser, place, _down="/reason/text").status_code == 422


def boxes(page: str) -> dict[str, str]:
    """What the boxes of the page of a field hold, as a browser would send them."""
    form = page[page.index('class="panel medium stack field-form"') :]
    form = form[: form.index("</form>")]
    found = dict(re.findall(r'<input id="(\w+)" name="\w+" value="([^"]*)"', form))
    for name, inside in re.findall(r'<select id="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', inside)
        found[name] = (chosen[2] if chosen[1] is None else chosen[1]) if chosen else ""
    for name, text in re.findall(r'<textarea id="(\w+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found[name] = text
    if re.search(r'name="required" value="1" checked', form):
        found["required"] = "1"
    return {name: unescape(text) for name, text in found.items()}


@pytest.mark.parametrize(
    "pointer", ["/entry/info_category", "/insured/id_type", "/health/duration_months", "/insured/mobile"]
)
def test_another_label_leaves_what_a_field_holds_as_it_is(agency: Agency, pointer: str) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser)
    before = stored(agency, place).files
    said = boxes(browser.get(f"{place}/fields?at={pointer}").text)
    assert press(agency, browser, place, _change=pointer, **{**said, "label": "另一名称"}).status_code == 303
    section, name = pointer.strip("/").split("/")

    def part(schema: Any) -> Any:
        return schema["properties"][section]["properties"][name]

    schema, expected = files(agency, place, "schema.json"), json.loads(before["schema.json"])
    part(expected)["title"] = "另一名称"
    assert schema == expected
    assert files(agency, place, "layout.json") == json.loads(before["layout.json"])
    assert files(agency, place, "locale/en.json") == json.loads(before["locale/en.json"])


def test_one_choice_more_changes_the_choices_and_nothing_else(agency: Agency) -> None:
    browser = agency.browser(ZHULIN)
    place = begin(browser)
    at = "/entry/info_category"
    said = boxes(browser.get(f"{place}/fields?at={at}").text)
    said["choices"] += "\nmanagement = 管理信息 = management"
    before = files(agency, place, "schema.json")["properties"]["entry"]["properties"]["info_category"]
    assert press(agency, browser, place, _change=at, **said).status_code == 303
    after = files(agency, place, "schema.json")["properties"]["entry"]["properties"]["info_category"]
    assert after["items"]["enum"] == [*before["items"]["enum"], "management"]
    assert {**after, "items": 0, "maxItems": 0} == {**before, "items": 0, "maxItems": 0}
    assert files(agency, place, "locale/en.json")[f"{at}#management"] == "management"
