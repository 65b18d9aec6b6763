"""The whole line by keyboard: 小林 keys, 周敏 returns, 小林 corrects, 周敏 approves and uploads, the paper
verifies."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from tests.browser.conftest import Sit
from tests.browser.hands import begin_by_keyboard, change, key_example
from tests.browser.papers import Answers, example_one, in_paper_order, typed
from tests.browser.seat import Seat
from tests.browser.verifying import (
    download_paper,
    text_of,
    verdict_of,
    verify_offline,
    with_a_page_drawn_over,
    with_one_glyph_changed,
)

MARKS = {
    "/insured/residence_address": "门牌与身份证不一致，核对后填写",
    "/health/onset_month": "病历写明2025年5月起卧床",
}
COMMENT = "两处与材料不一致，核对后重新提交。"


def test_example_one_is_keyed_returned_corrected_approved_and_verifies(sit: Sit, tmp_path: Path) -> None:
    lin = sit("YW000231")
    lin.look()
    begin_by_keyboard(lin)
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
    lin.turn_page(lambda: lin.page.keyboard.press("Control+Enter"))
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
    for pointer, words in MARKS.items():
        zhou.tab_to(partial(is_named, f"mark:{pointer}"))
        zhou.page.keyboard.insert_text(words)
    zhou.unfold("退回补正")
    zhou.tab_to(lambda at: at["name"] == "no_interest")
    zhou.page.keyboard.press("Space")
    zhou.tab_to(lambda at: at["name"] == "comment")
    zhou.page.keyboard.insert_text(COMMENT)
    zhou.press_button("退回补正")
    zhou.look()

    lin.go("/")
    lin.look()
    lin.go(f"/documents/{doc}")
    lin.look()
    lin.press_button("补正")
    lin.look()
    assert COMMENT in lin.text()
    for pointer, words in MARKS.items():
        assert words in lin.page.locator(f"#f{pointer.replace('/', '-')}-mark").inner_text()
    change(lin, "/health/onset_month", "2025-05", back=False)
    change(lin, "/insured/residence_address", "示范路88弄6号303室", back=True)
    change(lin, "/health/duration_months", str(answers["health"]["duration_months"] + 1), back=False)
    lin.turn_page(lambda: lin.page.keyboard.press("Control+Enter"))
    assert lin.path.startswith("/entry/done/"), lin.text()

    zhou.go(f"/documents/{doc}/review")
    zhou.press_button("领取")
    zhou.look()
    assert "示范路88弄6号303室" in zhou.page.locator("#changes >> xpath=../..").inner_text()
    zhou.unfold("审核通过")
    for name in ("accuracy", "completeness", "no_interest"):
        zhou.tab_to(partial(is_named, name, within="approve"))
        zhou.page.keyboard.press("Space")
    zhou.press_button("审核通过")
    zhou.look()
    assert f"done={doc}" in zhou.path  # the next that waits is shown, and what was done to this one

    zhou.go(f"/documents/{doc}/review")
    zhou.press_button("上传入库")
    zhou.look()
    lin.go(f"/documents/{doc}")
    lin.look()
    assert lin.page.locator("h1 .tag").first.inner_text() == "已入库"
    judge_the_paper(sit, lin, doc, answers, tmp_path)


def is_named(name: str, at: dict[str, Any], within: str = "") -> bool:
    """Whether the focused control has a name, and an id that tells its form."""
    return bool(at["name"] == name and within in at["id"])


def judge_the_paper(sit: Sit, lin: Seat, doc: str, answers: Answers, folder: Path) -> None:
    """郑老师 gets the paper, an edited paper, the proof bundle, and an edited one."""
    trust = lin.page.request.get(f"{lin.address}/log/trust.json").body()
    paper, bundle = download_paper(lin, doc), download_paper(lin, doc, "bundle?disclose=all")
    assert answers["insured"]["full_name"] in text_of(paper)
    zheng = sit()
    zheng.go("/verify")
    zheng.look()
    assert verdict_of(zheng, "录入表.pdf", paper).split()[1:2] == ["真实且现行"]
    zheng.look()
    for name, edited in (
        ("一字.pdf", with_one_glyph_changed(paper)),
        ("盖住.pdf", with_a_page_drawn_over(paper)),
        ("证明.json", bundle.replace("303室".encode(), "305室".encode())),
    ):
        assert edited not in (paper, bundle)
        assert "内容被改动" in verdict_of(zheng, name, edited)
        zheng.look()
        assert [verify_offline(edited, folder, known) for known in (trust, None)] == [1, 1]
    assert "真实且现行" in verdict_of(zheng, "证明.json", bundle)
    assert [verify_offline(one, folder, trust) for one in (paper, bundle)] == [0, 0]
    assert [verify_offline(one, folder) for one in (paper, bundle)] == [2, 2]  # nobody's seal is known
