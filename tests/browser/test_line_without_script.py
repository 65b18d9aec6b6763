"""The whole line with scripts switched off: every step is a plain form and a plain link."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import Sit
from tests.browser.papers import Answers, example_one, scan, typed
from tests.browser.seat import Seat
from tests.browser.verifying import download_paper, verdict_of, verify_offline


def test_the_same_line_works_without_a_script(sit: Sit, tmp_path: Path) -> None:
    lin = sit("YW000231", script=False)
    lin.look()
    lin.page.locator("a[href^='/entry/new/']").first.click()
    lin.look()
    lin.page.get_by_role("button", name="首次评估申请").click()
    lin.look()
    answers = example_one()
    key_without_script(lin, answers, tmp_path)
    lin.look()
    press(lin.page, "_submit")
    assert lin.path.startswith("/entry/done/"), lin.text()
    lin.look()
    doc = lin.path.removeprefix("/entry/done/").partition("?")[0]

    zhou = sit("SH000101", script=False)
    zhou.page.locator(f"a[href='/documents/{doc}']").first.click()
    zhou.look()
    zhou.page.get_by_role("link", name="打开审核页").click()
    zhou.page.get_by_role("button", name="领取").click()
    zhou.look()
    zhou.page.locator("[name='mark:/insured/residence_address']").fill("门牌与身份证不一致")
    zhou.page.locator("[name='mark:/health/onset_month']").fill("病历写明2025年5月")
    decide(zhou, "return", comment="两处与材料不一致，核对后重新提交。", no_interest=True)

    lin.go(f"/documents/{doc}")
    lin.look()
    lin.page.get_by_role("button", name="补正").click()
    lin.look()
    assert "门牌与身份证不一致" in lin.text()
    lin.page.locator("[name='/insured/residence_address']").fill("示范路88弄6号303室")
    press(lin.page, "_check")
    lin.look()
    press(lin.page, "_submit")
    assert lin.path.startswith("/entry/done/"), lin.text()

    zhou.go(f"/documents/{doc}/review")
    zhou.page.get_by_role("button", name="领取").click()
    decide(zhou, "approve", accuracy=True, completeness=True, no_interest=True)
    zhou.look()
    zhou.go(f"/documents/{doc}/review")
    zhou.page.get_by_role("button", name="上传入库").click()
    zhou.go(f"/documents/{doc}")
    zhou.look()
    assert zhou.page.locator("h1 .tag").first.inner_text() == "已入库"

    paper = download_paper(lin, doc)
    anybody = sit(script=False)
    assert verdict_of(anybody, "录入表.pdf", paper).split()[1:2] == ["真实且现行"]
    anybody.look()
    trust = lin.page.request.get(f"{lin.address}/log/trust.json").body()
    assert verify_offline(paper, tmp_path, trust) == 0


def press(page: Page, name: str, value: str = "1") -> None:
    """Press a button of the entry form: the one in sight."""
    page.locator(f"button[name='{name}'][value='{value}']:not(.visually-hidden)").click()


def decide(seat: Seat, transition: str, comment: str = "", **ticks: bool) -> None:
    """Fill in the form of one decision and send it."""
    form = seat.page.locator(f"#form-{transition}")
    if not form.is_visible():
        seat.page.locator("details", has=form).locator("summary").first.click()
    for name in ticks:
        form.locator(f"[name={name}]").check()
    if comment:
        form.locator("[name=comment]").fill(comment)
    form.locator("button").click()


def key_without_script(seat: Seat, answers: Answers, folder: Path) -> None:
    """Fill the form as it stands, with its own buttons for rows, files and parts that depend on answers."""
    page, wanted = seat.page, typed(answers)
    later = [name for name in wanted if name.endswith("_ref")]
    page.locator("[name='/agent/has_agent'][value=true]").check()
    press(page, "_refresh")
    page.locator("button[name=_add][value='/health/diagnoses']").click()
    for name, texts in wanted.items():
        if name not in later:
            answer(page, name, texts)
    for number, item in enumerate(answers["files"]):
        page.select_option("#upload-kind", item["kind"])
        page.set_input_files("#upload-file", scan(folder, number))
        press(page, "_upload")
        assert page.locator("#upload-error").count() == 0
    for name in later:
        answer(page, name, wanted[name])


def answer(page: Page, name: str, texts: list[str]) -> None:
    """Type, choose or tick one answer."""
    found = page.locator(f"[name='{name}']:not([type=hidden])")
    kind = found.first.evaluate("one => one.tagName === 'INPUT' ? one.type : one.tagName")
    if kind == "SELECT":
        found.select_option(texts[0])
    elif kind in ("radio", "checkbox"):
        for text in texts:
            page.locator(f"[name='{name}'][value='{text}']").check()
    else:
        found.fill(texts[0])
