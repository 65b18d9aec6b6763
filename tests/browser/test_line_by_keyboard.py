"""The whole line by keyboard: 小林 keys, 周敏 returns, 小林 corrects, 周敏 approves and uploads, the paper
verifies."""

from __future__ import annotations

from pathlib import Path

from tests.browser.conftest import Sit
from tests.browser.hands import begin_by_keyboard, change, key_example
from tests.browser.papers import example_one, in_paper_order, typed

MARKS = {
    "/insured/residence_address": "门牌与身份证不一致，核对后填写",
    "/health/onset_month": "病历写明2025年5月起卧床",
}
COMMENT = "两处与材料不一致，核对后重新提交。"


def test_example_one_is_keyed_returned_corrected_approved_and_verifies(sit: Sit, tmp_path: Path) -> None:
    lin = sit("YW000231")
    lin.look()
    draft = begin_by_keyboard(lin)
    lin.look()
    answers = example_one()
    wanted = typed(answers)
    kinds = [item["kind"] for item in answers["files"]]
    passed = key_example(lin, wanted, kinds, tmp_path)
    assert in_paper_order(passed)
    assert {name for name in wanted if name not in passed} == {
        "/health/diagnoses/1/code", "/health/diagnoses/1/name"
    }  # fmt: skip
    lin.look()
    lin.page.screenshot(path="/tmp/shots/keyed.png")
    lin.turn_page(lambda: lin.page.keyboard.press("Control+Enter"))
    lin.page.screenshot(path="/tmp/shots/done.png")
    assert lin.path.startswith("/entry/done/"), lin.text()
    lin.look()
    doc = lin.path.removeprefix("/entry/done/").partition("?")[0]
    assert lin.focused()["words"] == "录入下一份"

    zhou = sit("SH000101")
    zhou.look()
    zhou.tab_to(lambda at: at["href"] == f"/documents/{doc}")
    zhou.turn_page(lambda: zhou.page.keyboard.press("Enter"))
    zhou.look()
    zhou.press_button("打开审核页")
    zhou.look()
    zhou.press_button("领取")
    zhou.look()
    zhou.page.screenshot(path="/tmp/shots/review1.png")
    for pointer, words in MARKS.items():
        zhou.tab_to(lambda at, pointer=pointer: at["name"] == f"mark:{pointer}")
        zhou.page.keyboard.insert_text(words)
    zhou.unfold("退回补正")
    zhou.page.screenshot(path="/tmp/shots/review2.png", full_page=True)
    zhou.tab_to(lambda at: at["name"] == "no_interest")
    zhou.page.keyboard.press("Space")
    zhou.tab_to(lambda at: at["name"] == "comment")
    zhou.page.keyboard.insert_text(COMMENT)
    zhou.press_button("退回补正")
    zhou.look()

    lin.go("/")
    lin.look()
    lin.page.screenshot(path="/tmp/shots/home_lin.png")
    lin.go(f"/documents/{doc}")
    lin.look()
    lin.press_button("补正")
    lin.look()
    lin.page.screenshot(path="/tmp/shots/correct.png")
    assert COMMENT in lin.text()
    for pointer, words in MARKS.items():
        assert words in lin.page.locator(f"#f{pointer.replace('/', '-')}-mark").inner_text()
    change(lin, "/health/onset_month", "2025-05", back=False)
    change(lin, "/insured/residence_address", "示范路88弄6号303室", back=True)
    change(lin, "/health/duration_months", str(answers["health"]["duration_months"] + 1), back=False)
    lin.turn_page(lambda: lin.page.keyboard.press("Control+Enter"))
    lin.page.screenshot(path="/tmp/shots/corrected.png")
    assert lin.path.startswith("/entry/done/"), lin.text()

    zhou.go(f"/documents/{doc}/review")
    zhou.press_button("领取")
    zhou.look()
    zhou.page.screenshot(path="/tmp/shots/review3.png")
    assert "示范路88弄6号303室" in zhou.page.locator("#changes >> xpath=../..").inner_text()
    zhou.unfold("审核通过")
    for name in ("accuracy", "completeness", "no_interest"):
        zhou.tab_to(lambda at, name=name: at["name"] == name and "approve" in at["id"])
        zhou.page.keyboard.press("Space")
    zhou.press_button("审核通过")
    zhou.page.screenshot(path="/tmp/shots/approved.png")
    zhou.look()
    assert zhou.path.startswith(f"/documents/{doc}/review")
    zhou.press_button("上传")
    zhou.page.screenshot(path="/tmp/shots/uploaded.png")
    zhou.look()
    lin.go(f"/documents/{doc}")
    lin.look()
    assert lin.page.locator("h1 .tag").first.inner_text() == "已入库"
    lin.page.screenshot(path="/tmp/shots/effective.png", full_page=True)
