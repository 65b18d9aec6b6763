"""A person asks at the counter for copies: 小林 takes it down, 朱琳 answers, 小林 hands them over."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from engine.identity import SHANGHAI
from tests.browser.conftest import Sit
from tests.browser.papers import scan
from tests.browser.seat import Seat
from tests.engine.desk.office import example
from web.verification.judge import judge

LIN, ZHU = "YW000231", "XX000002"


def _fill(seat: Seat, name: str, text: str) -> None:
    control = seat.page.locator(f'[name="{name}"]').first
    kind = control.evaluate("one => one.type")
    if kind == "select-one":
        control.select_option(text)
    elif kind == "radio":
        seat.page.locator(f'[name="{name}"][value="{text}"]').check()
    elif kind == "checkbox":
        control.check()
    else:
        control.fill(text)


def _unfold(seat: Seat) -> None:
    seat.page.locator("main details").evaluate_all("all => all.forEach(one => one.open = true)")


def _decide(seat: Seat, step: str) -> None:
    button = seat.page.locator(f'form[action$="/transitions/{step}"] button').first
    seat.turn_page(lambda: button.press("Enter"))


def test_copies_from_the_counter_to_the_hand(sit: Sit, tmp_path: Path) -> None:
    lin, insured = sit(LIN, script=False), example()["insured"]
    lin.go("/entry/new/subject_request")
    lin.look()
    lin.turn_page(lambda: lin.page.locator("main form button").first.press("Enter"))
    today = datetime.now(SHANGHAI).date().isoformat()
    said = {
        "/request/kind": "copy", "/request/received_on": today, "/request/via": "counter",
        "/request/detail": "申请复制本机构持有的本人全部信息。", "/subject/full_name": insured["full_name"],
        "/subject/id_no": insured["id_no"], "/requester/who": "self", "/identity/method": "original",
        "/identity/checked_on": today, "/statement/truthful": "true",
    }  # fmt: skip
    for name, text in said.items():
        _fill(lin, name, text)
    lin.page.select_option("#upload-kind", "id_card")
    lin.page.set_input_files("#upload-file", scan(tmp_path, 0))
    lin.turn_page(lambda: lin.page.get_by_role("button", name="上传").first.press("Enter"))
    lin.look()
    lin.turn_page(lambda: lin.page.get_by_role("button", name="提交").first.press("Enter"))
    assert lin.path.startswith("/entry/done/"), lin.text()
    doc = lin.path.removeprefix("/entry/done/").partition("?")[0]

    zhu = sit(ZHU)
    zhu.go(f"/documents/{doc}")
    _unfold(zhu)
    zhu.look()
    zhu.page.locator('[name="identity_proved"]').check()
    _decide(zhu, "accept")
    assert "长护录" in zhu.text()
    _unfold(zhu)
    zhu.page.locator('form[action$="/transitions/tell"] textarea').fill("复制件已备妥，查阅记录见附表。")
    _decide(zhu, "tell")
    assert "查阅记录" in zhu.text()
    zhu.look()

    reader = sit(ZHU, english=True)
    reader.go(f"/documents/{doc}")
    assert "Who read it" in reader.text()
    reader.look()

    hands = sit(LIN)
    hands.go(f"/documents/{doc}")
    hands.look()
    with hands.page.expect_download(timeout=120_000) as fetched:
        hands.page.locator('a[href$="/copies"]').click(no_wait_after=True)
    fetched.value.save_as(tmp_path / "copies.zip")
    files = ZipFile(tmp_path / "copies.zip")
    bundles = [one for one in files.namelist() if one.endswith("/bundle.json")]
    trust = files.read("trust.json")
    assert bundles
    now = datetime.now(SHANGHAI)
    assert {judge(files.read(one), trust=trust, now=now).exit_code for one in bundles} == {0}


def test_the_archive_page_has_no_fault_in_both_languages(sit: Sit) -> None:
    for english in (False, True):
        zhu = sit(ZHU, english=english)
        zhu.go("/archive")
        zhu.look()


def test_the_forms_of_keeping_have_no_fault_in_both_languages(sit: Sit) -> None:
    for english in (False, True):
        zhu = sit(ZHU, english=english)
        for form in ("legal_hold", "appraisal"):
            zhu.go(f"/entry/new/{form}")
            zhu.turn_page(partial(zhu.page.locator("main form button").first.press, "Enter"))
            assert zhu.path.startswith("/drafts/")
            zhu.look()
