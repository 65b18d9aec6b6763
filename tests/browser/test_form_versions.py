"""An administrator changes a live form by the pages alone: from a draft to the day it is in force.

朱琳 writes and proposes, 王建平 and 赵立群 agree for their departments, 徐向东 publishes what 朱琳 ordered.
小林 keys an entry before and after that day.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from engine.identity import SHANGHAI
from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.running import Running
from tests.browser.seat import Seat
from web.demo.people import PASSPHRASE

LIN, ZHU, XU = "YW000231", "XX000002", "XX000001"
WANG, ZHAO = "YW000001", "SH000001"
REASON = "街道承担上门服务对接，录入表须记录参保人所在街道，便于派单和回访。"


def test_the_way_of_a_draft_works_without_a_script(sit_here: Sit) -> None:
    zhu = sit_here(ZHU, script=False)
    at = begin_draft(zhu, "info_entry")
    page = zhu.page
    page.locator("#step-compare a").click()
    zhu.look()
    page.get_by_role("link", name="回到办理步骤").click()
    page.locator("#step-trial a").click()
    page.get_by_role("button", name="开始试跑").click()
    for _ in range(100):
        if page.get_by_text("检验完毕").count():
            break
        page.get_by_role("link", name="刷新").click()
    zhu.look()
    assert "份全部有效。" in zhu.text()
    page.get_by_role("link", name="回到办理步骤").click()
    page.locator("#step-effect a").click()
    page.locator("#on").fill("2099年1月1日")
    page.get_by_role("button", name="看这一天").click()
    zhu.look()
    assert "2099-01-01 星期四" in zhu.text()
    assert zhu.path.startswith(f"{at}/effect")


def test_an_optional_field_is_in_force_tomorrow_and_nothing_old_changes(
    sit_here: Sit, agency_here: Running
) -> None:
    assert agency_here.clock is not None
    old = prepared.document(agency_here, ("SH000101", "claim"), ("SH000101", "approve"))
    begun_today = prepared.draft(agency_here)
    again, before = printed(sit_here, f"documents/{old}/print?checkpoint=newest")

    zhu = sit_here(ZHU)
    at = begin_draft(zhu, "info_entry")
    add_street(zhu, at)
    compare_and_try(zhu, at)
    tomorrow = day_after(zhu)
    number, doc = propose(zhu, at, tomorrow, REASON, "新增选填项“现住街道”")
    publish(sit_here, zhu, doc)
    zhu.go("/versions")
    zhu.look()
    form = zhu.page.locator(".panel", has=zhu.page.get_by_role("heading", name="长护险信息录入表"))
    rows = form.locator("table.versions tbody tr")
    listed = [row.split()[:2] for row in rows.all_inner_texts()]
    assert listed[-2:] == [["1.1.0", "已发布，未生效"], ["1.0.0", "现行"]]

    lin = sit_here(LIN)
    assert new_entry(lin) == "1.0.0"  # published for tomorrow: not in force today

    agency_here.clock.shift = until(tomorrow)
    lin = sit_here(LIN)
    assert new_entry(lin) == "1.1.0"
    assert lin.page.locator("[name='/statement/street_name']").count() == 1
    lin.go(begun_today)
    lin.look()
    assert "表单版本 1.0.0" in lin.text()
    assert lin.page.locator("[name='/statement/street_name']").count() == 0
    done = filed(lin)
    lin.go(f"/documents/{done}")
    assert "版本 1.0.0" in lin.text()

    lin.go("/versions/info_entry/1.1.0")
    lin.look()
    assert "新增选填项“现住街道”" in lin.text()
    zhu = sit_here(ZHU)
    zhu.go(f"/regulation?on={tomorrow}")
    zhu.look()
    carried = zhu.page.locator("tr#R5\\.6\\.1").inner_text()
    assert "长护险信息录入表 1.1.0" in carried
    zhu.go("/versions/info_entry/1.1.0")
    assert zhu.page.locator("h1 .tag").inner_text() == "现行"
    assert zhu.page.get_by_role("link", name=number).count() == 1

    # The old document, at the address it was printed under: the same file, days and a version later.
    assert printed(sit_here, again) == (again, before)


def begin_draft(zhu: Seat, form: str) -> str:
    """From home to the task list of a new draft; its address."""
    zhu.page.get_by_role("link", name="表单与版本").click()
    zhu.look()
    zhu.page.locator(f"form:has(input[name=form][value={form}]) button").first.click()
    zhu.page.wait_for_url("**/versions/drafts/*")
    zhu.look()
    return zhu.path


def add_street(zhu: Seat, at: str) -> None:
    """An optional text at the end of the declaration, through the table of fields."""
    page = zhu.page
    page.get_by_role("link", name="字段表").click()
    page.locator("a[href$='?add=%2Fstatement'], a[href$='?add=/statement']").first.click()
    said = {"label": "现住街道", "label_en": "street", "name": "street_name", "most": "40"}
    for name, text in said.items():
        page.locator(f"#{name}").fill(text)
    page.select_option("#kind", "text")
    page.select_option("#class", "customer")
    page.select_option("#sensitivity", "none")
    page.locator("button[name=_add]").click()
    page.wait_for_load_state("load")
    assert page.locator(".notice.good").first.is_visible(), zhu.text()[:600]
    zhu.go(at)
    assert "检查没有发现问题" in zhu.text(), zhu.text()
    zhu.look()


def compare_and_try(zhu: Seat, at: str) -> None:
    """What changed, compatible and minor; the trial run to its end."""
    page = zhu.page
    page.locator("#step-compare a").click()
    zhu.look()
    assert "新增选填项“现住街道”" in zhu.text()
    assert page.locator("#answer").inner_text().startswith("兼容，升中位（次版本）。")
    zhu.go(at)
    page.locator("#step-trial a").click()
    page.get_by_role("button", name="开始试跑").click()
    page.get_by_text("检验完毕").wait_for(timeout=60_000)
    zhu.look()
    assert "份全部有效。" in zhu.text(), zhu.text()
    zhu.go(at)
    zhu.look()
    assert page.locator("#step-trial .tag").inner_text() == "已完成"


def day_after(zhu: Seat) -> str:
    """Tomorrow, as the pages count days."""
    zhu.go("/regulation")
    return (date.fromisoformat(zhu.page.locator("#on").input_value()) + timedelta(days=1)).isoformat()


def printed(sit_here: Sit, place: str) -> tuple[str, str]:
    """A paper fetched by 小林 as of a checkpoint: the address it is printed under again, and its SHA-256."""
    lin = sit_here(LIN)
    doc = place.split("/")[1]
    lin.go(f"/documents/{doc}")
    assert lin.page.locator(f"a[href='/documents/{doc}/print?checkpoint=newest']").is_visible()
    reply = lin.page.request.get(f"{lin.address}/{place}", timeout=60_000)
    if reply.status == 503:  # the press was busy and said so; a person would try again too
        reply = lin.page.request.get(f"{lin.address}/{place}", timeout=60_000)
    assert reply.ok, reply.text()[:2000]
    assert re.search(r"checkpoint=[0-9]+$", reply.url) is not None
    return reply.url.removeprefix(f"{lin.address}/"), sha256(reply.body()).hexdigest()


def until(day: str) -> timedelta:
    """From now to the first minute of a day in the office: today's entries are not yet late then."""
    begins = datetime.combine(date.fromisoformat(day), time(0, 1), SHANGHAI)
    return begins - datetime.now(SHANGHAI)


def propose(zhu: Seat, at: str, day: str, why: str, change: str) -> tuple[str, str]:
    """The day, then the revision form, to a document that is proposed and sent: (number, id)."""
    page = zhu.page
    zhu.go(at)
    page.locator("#step-review a").click()
    page.locator("#on").fill(day)
    page.get_by_role("button", name="看这一天").click()
    zhu.look()
    page.select_option("#clause", "R5.6.1")
    page.get_by_role("button", name="起草修订申请").click()
    page.wait_for_url("**/drafts/*")
    page.locator("[name='/reason/kind'][value=business_change]").check()
    page.locator("[name='/reason/text']").fill(why)
    page.locator("button[name=_add][value='/reviews']").click()
    page.locator("[name='/reviews/1/dept_code']").wait_for()
    for row, department in enumerate(("business_acceptance", "audit")):
        page.select_option(f"[name='/reviews/{row}/dept_code']", department)
        page.locator(f"[name='/reviews/{row}/required'][value=true]").check()
    doc = filed(zhu)
    zhu.go(f"/documents/{doc}")
    zhu.look()
    assert change in zhu.text()
    decide(zhu, "send")
    zhu.go(at)
    zhu.look()
    number = page.locator("#step-review a").inner_text()
    assert page.locator("#step-review .steps-said").inner_text() == f"{number}：部门审核"
    return number, doc


def filed(seat: Seat) -> str:
    """Submit the entry page that is open; the id of the document."""
    button = seat.page.locator("button[name='_submit']:not(.visually-hidden)")
    seat.turn_page(button.click)
    assert seat.path.startswith("/entry/done/"), seat.page.locator(".summary").all_inner_texts()
    return seat.path.removeprefix("/entry/done/").partition("?")[0]


def publish(sit_here: Sit, zhu: Seat, doc: str) -> None:
    """Both departments agree, one person orders the publication, another publishes."""
    for staff_no, transition in ((WANG, "agree"), (ZHAO, "agree_last")):
        head = sit_here(staff_no)
        head.go(f"/documents/{doc}")
        head.look()
        assert "新增选填项“现住街道”" in head.text()
        decide(head, transition)
    zhu.go(f"/documents/{doc}")
    decide(zhu, "order_publication")
    zhu.go(f"/documents/{doc}")
    assert zhu.page.locator("#form-publish").count() == 0  # who ordered it does not publish it
    xu = sit_here(XU)
    xu.go(f"/documents/{doc}")
    decide(xu, "publish")
    xu.look()
    assert "已发布" in xu.page.locator("h1 .tag").first.inner_text(), xu.text()[:400]


def decide(seat: Seat, transition: str) -> None:
    """Take one decision on the document page; the passphrase again where it is asked for."""
    form = seat.page.locator(f"#form-{transition}")
    if not form.is_visible():
        seat.page.locator("details.decision-fold", has=form).locator("summary").first.click()
    seat.turn_page(lambda: form.locator("button").first.click())
    asked = seat.page.locator("main input[type=password]")
    if asked.count():
        asked.first.fill(PASSPHRASE)
        seat.turn_page(lambda: asked.first.press("Enter"))
    assert "?done=" in seat.path, seat.text()[:800]


def new_entry(lin: Seat) -> str:
    """Begin a new entry; the version it is begun under."""
    lin.go("/entry/new/info_entry")
    lin.page.get_by_role("button", name="首次评估申请").click()
    lin.page.wait_for_url("**/drafts/*")
    found = re.search(r"表单版本 (\d+\.\d+\.\d+)", lin.page.locator("main").inner_text())
    assert found is not None
    return found[1]
