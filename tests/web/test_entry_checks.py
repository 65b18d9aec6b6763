"""What a draft's page answers while 小林 types: one field at a time, nothing lost, nobody overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from tests.web.entry_office import Counter, PageForm, multi, open_counter

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
ZHANG, ZHANG_WRONG = "31019919420315026X", "310199194203150268"


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    with open_counter(Path(tmp_path_factory.mktemp("agency")) / "data") as opened:
        opened.sign_in()
        yield opened


def change(counter: Counter, address: str, form: PageForm, pointer: str) -> Any:
    return counter.client.post(
        f"{address}/field", data=multi([*form.pairs(), ("_field", pointer)]), headers=PART
    )


def swapped(reply: Any) -> list[str]:
    return re.findall(r'<hx-partial hx-target="#([^"]+)"', reply.text)


def test_an_id_number_fills_birth_date_and_sex_and_says_so(counter: Counter) -> None:
    address = counter.begin()
    form = (
        counter.read(address)
        .set("/insured/id_type", "01")
        .set("/insured/id_no", "３１０１９９ 19420315 026x")
    )
    reply = change(counter, address, form, "/insured/id_no")
    assert reply.status_code == 200
    assert {"p-insured-id_no", "p-insured-birth_date", "p-insured-gender"} <= set(swapped(reply))
    assert f'value="{ZHANG}"' in reply.text and 'value="1942-03-15"' in reply.text
    assert "由证件号带出" in reply.text and "已带出：" in reply.text


def test_a_wrong_check_digit_is_said_at_the_field_with_422(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address).set("/insured/id_type", "01").set("/insured/id_no", ZHANG_WRONG)
    reply = change(counter, address, form, "/insured/id_no")
    assert reply.status_code == 422
    assert 'aria-invalid="true"' in reply.text and 'id="f-insured-id_no-error"' in reply.text


def test_a_day_that_does_not_exist_is_read_back(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address).set("/insurance/insured_since", "2026年2月30日")
    reply = change(counter, address, form, "/insurance/insured_since")
    assert reply.status_code == 422
    assert "读作 2026-02-30，没有这一天" in reply.text and 'value="2026年2月30日"' in reply.text


def test_a_changed_field_never_hears_that_others_are_missing(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address).set("/insured/mobile", "199 0000 0012")
    reply = change(counter, address, form, "/insured/mobile")
    assert (reply.status_code, "填写" in reply.text) == (200, False)
    assert 'value="19900000012"' in reply.text


def test_another_entry_type_changes_the_sections(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address).set("/entry/entry_type", "benefit_claim")
    reply = change(counter, address, form, "/entry/entry_type")
    found = set(swapped(reply))
    assert {"s-claim", "s-health", "s-consent", "contents"} <= found
    assert "s-entry" not in found
    assert re.search(r'<section class="section off" id="s-health"', reply.text)
    assert re.search(r'<section class="section" id="s-claim"', reply.text)


def test_hidden_answers_stay_in_the_draft(counter: Counter) -> None:
    address = counter.begin()
    form = (
        counter.read(address)
        .set("/insurance/psn_no", "31000000000000123456")
        .set("/entry/entry_type", "statistics")
    )
    counter.press(address, form, "_save")
    assert counter.read(address).value("/insurance/psn_no") == "31000000000000123456"


def test_an_unreadable_text_is_kept_as_typed(counter: Counter) -> None:
    address = counter.begin()
    counter.press(address, counter.read(address).set("/health/duration_months", "九个月"), "_save")
    form = counter.read(address)
    assert form.value("/health/duration_months") == "九个月"
    assert "失能持续月数只填数字" in form.text


def test_a_draft_saved_elsewhere_is_not_overwritten_but_compared(counter: Counter) -> None:
    address = counter.begin()
    here, there = counter.read(address), counter.read(address)
    counter.press(address, there.set("/insured/full_name", "张文兰"), "_save")
    reply = counter.press(address, here.set("/insured/full_name", "张文蓝"), "_save")
    assert reply.status_code == 409
    assert "林小燕" in reply.text and "张文兰" in reply.text and "张文蓝" in reply.text
    assert counter.read(address).value("/insured/full_name") == "张文兰"


def test_the_same_save_twice_is_no_conflict(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address).set("/insured/full_name", "张文兰")
    replies = [counter.press(address, form, "_save", Accept="application/json") for _ in range(2)]
    assert [(r.status_code, r.json()["revision"]) for r in replies] == [(200, 2), (200, 2)]


def test_a_deleted_row_comes_back(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address).set("/health/diagnoses/0/code", "I69.300")
    address = counter.press(address, form, "_add", "/health/diagnoses").headers["location"]
    address = counter.press(address, counter.read(address), "_remove", "/health/diagnoses/0").headers[
        "location"
    ]
    form = counter.read(address)
    assert "撤销删除" in form.text and form.value("/health/diagnoses/0/code") == ""
    address = counter.press(address, form, "_undo").headers["location"]
    assert counter.read(address).value("/health/diagnoses/0/code") == "I69.300"


def test_a_new_row_gets_the_cursor(counter: Counter) -> None:
    address = counter.begin()
    reply = counter.press(address, counter.read(address), "_add", "/health/diagnoses")
    assert reply.headers["location"].endswith("#f-health-diagnoses-1-code")
    assert 'id="f-health-diagnoses-1-code"' in counter.client.get(reply.headers["location"]).text


def test_a_region_is_found_by_pinyin_initials(counter: Counter) -> None:
    reply = counter.client.get(
        "/codes/regions", params={"form": "info_entry", "version": "1.0.0", "q": "bjdc"}
    )
    assert re.findall(r'data-code="(\d+)" data-name="([^"]+)"', reply.text)[0] == ("110101", "北京市东城区")


def test_without_a_script_codes_are_found_by_a_button(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address).set("/insured/residence_region", "shxh")
    address = counter.press(address, form, "_lookup", "/insured/residence_region").headers["location"]
    form = counter.read(address).set("/insured/residence_region", "shxh")
    radio = next(item for item in form.items if item[0] == "/insured/residence_region" and item[2] == "radio")
    assert radio[1] == "310104"
    radio[3] = True
    counter.press(address, form, "_save")
    assert counter.read(address.partition("?")[0]).value("/insured/residence_region") == "310104"


def test_a_region_typed_by_its_name_becomes_its_code(counter: Counter) -> None:
    address = counter.begin()
    counter.press(address, counter.read(address).set("/insured/residence_region", "上海市徐汇区"), "_save")
    form = counter.read(address)
    assert form.value("/insured/residence_region") == "310104" and "上海市徐汇区" in form.text


def test_a_check_puts_all_that_is_missing_into_one_box(counter: Counter) -> None:
    address = counter.begin()
    reply = counter.press(address, counter.read(address), "_check")
    assert reply.status_code == 422
    assert reply.text.count("<title>错误：") == 1
    links = re.findall(r'<li><a href="#([^"]+)">', reply.text[reply.text.index('id="summary-title"') :])
    assert "f-insurance-psn_no" in links and "f-health-diagnoses-0-code" in links
    assert [link for link in links if f'id="{link}"' not in reply.text] == []


def test_a_file_that_is_no_picture_or_pdf_is_refused_in_words(counter: Counter) -> None:
    address = counter.begin()
    reply = counter.press(
        address, counter.read(address), "_upload", files={"_file": ("a.png", b"MZ\x90\x00", "image/png")}
    )
    assert reply.status_code == 422
    assert "只收图片（JPG、PNG）和 PDF，这个文件不是" in reply.text


def test_nobody_else_opens_the_draft(counter: Counter) -> None:
    address = counter.begin()
    counter.client.cookies.clear()
    try:
        counter.sign_in("LP000117")
        assert counter.client.get(address).status_code == 404
    finally:
        counter.client.cookies.clear()
        counter.sign_in()


def test_a_field_is_checked_and_a_page_drawn_in_time(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address).set("/insured/id_type", "01").set("/insured/id_no", ZHANG)
    checks, pages = [], []
    for _ in range(15):
        start = perf_counter()
        change(counter, address, form, "/insured/id_no")
        checks.append(perf_counter() - start)
        start = perf_counter()
        counter.client.get(address)
        pages.append(perf_counter() - start)
    middle = [f"{sorted(times)[7] * 1000:.1f} ms" for times in (checks, pages)]
    print(f"field check {middle[0]}, page {middle[1]} (medians, through the test client)")
    assert sorted(checks)[7] < 0.25 and sorted(pages)[7] < 0.3


def test_a_field_in_a_row_is_answered_in_its_row(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address).set("/health/diagnoses/0/code", "６９.３００")
    reply = change(counter, address, form, "/health/diagnoses/0/code")
    assert reply.status_code == 422
    assert "p-health-diagnoses-0-code" in swapped(reply)
    assert 'aria-label="疾病诊断代码 1"' in reply.text and 'value="69.300"' in reply.text
