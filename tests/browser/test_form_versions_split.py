"""An administrator splits an address by the pages alone: incompatible, shown by a witness, bridged by a lift.

朱琳 writes and proposes 2.0.0, two departments agree, 徐向东 publishes; the next day 小林 keys the new form.
"""

from __future__ import annotations

from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.running import Running
from tests.browser.seat import Seat
from tests.browser.test_form_versions import (
    WANG,
    XU,
    ZHAO,
    ZHU,
    begin_draft,
    day_after,
    decide,
    new_entry,
    propose,
    until,
)

LIN = "YW000231"
WHY = "居住地址分成路名小区和门牌室号两项，便于按小区派单；原地址整串保留，不猜门牌。"
CHANGES = "# 长护险信息录入表 2.0.0\n\nR5.6.1: 居住地址分成两项；旧文档的地址整串读作路名小区。\n"
ROAD = {
    "label": "居住路名小区", "label_en": "road and estate", "name": "residence_road", "fewest": "5",
    "most": "200",
}  # fmt: skip
ROOM = {"label": "居住门牌室号", "label_en": "house and room", "name": "residence_room", "most": "60"}


def test_a_split_address_is_incompatible_by_witness_and_published_with_its_lift(
    sit_here: Sit, agency_here: Running
) -> None:
    assert agency_here.clock is not None
    old = prepared.document(agency_here, ("SH000101", "claim"), ("SH000101", "approve"))
    zhu = sit_here(ZHU)
    at = begin_draft(zhu, "info_entry")

    add(zhu, at, ROAD)
    add(zhu, at, ROOM, unknown=("旧表没有分开填写", "the old form did not part them"))
    retire_into(zhu, at, "/insured/residence_address", "/insured/residence_road")
    correct_mentions(zhu, "residence_address", "residence_road")
    carry_examples(zhu, at)
    raise_number(zhu, at)
    write_changes(zhu, at)
    look_at_lift(zhu, at)
    look_at_preview(zhu, at)

    zhu.go(at)
    zhu.look()
    assert "检查没有发现问题" in zhu.text(), zhu.text()
    zhu.page.locator("#step-compare a").click()
    zhu.page.wait_for_load_state("load")
    zhu.look()
    assert "不兼容" in zhu.page.locator("#answer").inner_text()
    witness = zhu.page.locator("#witness, .witness").first
    assert "居住地址" in witness.inner_text()

    tomorrow = day_after(zhu)
    _, doc = propose(zhu, at, tomorrow, WHY, "居住路名小区")
    for staff_no, transition in ((WANG, "agree"), (ZHAO, "agree_last")):
        head = sit_here(staff_no)
        head.go(f"/documents/{doc}")
        assert "居住路名小区" in head.text()
        decide(head, transition)
    zhu.go(f"/documents/{doc}")
    decide(zhu, "order_publication")
    xu = sit_here(XU)
    xu.go(f"/documents/{doc}")
    decide(xu, "publish")

    lin = sit_here(LIN)
    assert new_entry(lin) == "1.0.0"
    agency_here.clock.shift += until(tomorrow)
    lin = sit_here(LIN)
    assert new_entry(lin) == "2.0.0"
    assert lin.page.locator("[name='/insured/residence_room']").count() == 1
    assert lin.page.locator("[name='/insured/residence_address']").count() == 0
    lin.go(f"/documents/{old}")
    assert "版本 1.0.0" in lin.text()


def add(zhu: Seat, at: str, said: dict[str, str], unknown: tuple[str, str] | None = None) -> None:
    """A text in the part of the insured person; with `unknown`, what an old document reads as, and why."""
    page = zhu.page
    zhu.go(f"{at}/fields")
    page.locator("a[href$='?add=%2Finsured'], a[href$='?add=/insured']").first.click()
    page.locator("#label").wait_for()
    for name, text in said.items():
        page.locator(f"#{name}").fill(text)
    page.select_option("#class", "customer")
    page.select_option("#sensitivity", "sensitive")
    page.select_option("#seal", "identity")
    page.select_option("#mask", "address")
    if unknown is not None:
        page.locator("input[name=old][value=unknown]").check()
        page.locator("#reason-new").fill(unknown[0])
        page.locator("#reason_en-new").fill(unknown[1])
    zhu.look()
    zhu.turn_page(page.locator("button[name=_add]").click)
    assert f"已增加“{said['label']}”" in zhu.text(), zhu.text()[:600]


def retire_into(zhu: Seat, at: str, pointer: str, target: str) -> None:
    """Retire a field; old answers move to another."""
    page = zhu.page
    zhu.go(f"{at}/fields?at={pointer}")
    page.locator("input[name=fate][value=move]").check()
    page.select_option("#move-target", target)
    zhu.turn_page(page.locator("button[name=_retire]").click)
    assert "已停用“居住地址”" in zhu.text(), zhu.text()[:600]
    zhu.look()


def correct_mentions(zhu: Seat, old: str, new: str) -> None:
    """Go to each place that still speaks of the field, by its link, and type the other name over its line."""
    page = zhu.page
    links = page.locator(".notice.warn a[href*='/files/']")
    found = [links.nth(number).get_attribute("href") for number in range(links.count())]
    assert found
    for href in found:
        assert href is not None
        zhu.go("/")  # an address that differs in its #line alone would not open the page anew
        zhu.go(href)
        line = page.evaluate(_SELECTED)
        assert old in line, (href, line)
        page.keyboard.insert_text(line.replace(old, new))
        zhu.turn_page(page.locator("#save").click)
        assert "已保存" in zhu.text()


def carry_examples(zhu: Seat, at: str) -> None:
    """All examples as the lift reads them: nothing is wrong any more."""
    zhu.go(f"{at}/fields")
    zhu.look()
    zhu.turn_page(zhu.page.locator("button[name=_carry]").click)
    assert "份样例" in zhu.text() and "文件没有问题" in zhu.text(), zhu.text()[:2000]


def raise_number(zhu: Seat, at: str) -> None:
    """The page says that 1.1.0 is too small; one press puts it right."""
    zhu.go(f"{at}/fields")
    assert "改动至少要升到 2.0.0，现为 1.1.0" in zhu.text()
    zhu.turn_page(zhu.page.get_by_role("button", name="改为 2.0.0").click)
    assert "版本号已改为 2.0.0" in zhu.text()


def write_changes(zhu: Seat, at: str) -> None:
    """What changed and by which clause, in the text editor."""
    zhu.go(f"{at}/files/CHANGES.md")
    zhu.page.locator("#text").fill(CHANGES)
    zhu.turn_page(zhu.page.locator("#save").click)
    zhu.look()


def look_at_lift(zhu: Seat, at: str) -> None:
    """The rules for old documents, and an old example read by them beside the text."""
    zhu.go(f"{at}/files/lift.json")
    zhu.look()
    assert "居住路名小区" in zhu.page.locator("#checked").inner_text()
    assert "旧表没有分开填写" in zhu.page.locator("#checked").inner_text()


def look_at_preview(zhu: Seat, at: str) -> None:
    """The new form beside the old, as it is keyed and as it is printed."""
    for way in ("form", "paper"):
        zhu.go(f"{at}/preview?show={way}")
        zhu.look()
        assert "居住门牌室号" in zhu.text() and "居住地址" in zhu.text()


_SELECTED = "(box => box.value.slice(box.selectionStart, box.selectionEnd))(document.getElementById('text'))"
