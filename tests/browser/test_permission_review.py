"""A review of permissions by its pages: it has opened by itself, heads judge, a right ends under the hands of
whoever holds it, signed in or with an API token.

王建平 heads the acceptance department, 徐向东 the next level; 方志强 loses his right, the partner theirs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Sit
from tests.browser.running import Running
from tests.browser.seat import Seat
from tests.browser.supervising import decide, file, fill_in, first_in, judge, open_document
from tests.browser.verifying import download_paper, trust_of, verify_offline, width_and_height
from web.demo.people import PARTNER_STAFF_NO, PASSPHRASE
from web.tokens import make_token

HEAD, ABOVE, CLERK, OTHER = "YW000001", "XX000001", "YW000231", "YW000232"
OPERATOR, AUDIT_ADMIN, MANAGER, SECURITY = "IT000004", "XX000009", "XX000002", "XX000008"
WAITING = "permission_review.opened.attest"
REASON = "已调离受理岗位，不再需要"


@pytest.mark.parametrize("english", [False, True])
def test_the_pages_of_a_review_have_no_fault(sit: Sit, english: bool) -> None:
    head = sit(HEAD, english=english)
    doc = first_in(head, WAITING)
    head.look()
    assert {"王建平", "林小燕", "方志强"} <= set(head.page.locator("main th strong").all_inner_texts())
    fill_in(head, doc)
    head.look()
    assert head.page.locator("table.grants textarea").count() == 2  # nobody judges their own
    head.page.locator("button[name=_check]").last.click()
    head.page.wait_for_load_state("load")
    head.look()

    security = sit(SECURITY, english=english)
    begin(security)
    security.look()
    asked = security.page.locator("form#form .field").evaluate_all("all => all.map(one => one.id)")
    assert asked == ["p-round-kind", "p-round-dept_code", "p-round-person_staff_no"]


def begin(seat: Seat) -> None:
    """A new review, begun from the home page."""
    seat.go("/entry/new/permission_review")
    seat.page.locator("main form button").last.click()
    seat.page.wait_for_url("**/drafts/*")


def test_a_revoked_right_ends_under_the_hands_of_whoever_holds_it(
    sit_here: Sit, agency_here: Running, tmp_path: Path
) -> None:
    head = sit_here(HEAD)
    doc = first_in(head, WAITING)
    fill_in(head, doc)
    judge(head, "林小燕", "keep")
    judge(head, "方志强", "revoke", REASON)
    head.page.locator('textarea[name="/summary/text"]').fill("逐项审查完毕，一项撤销，其余保留。")
    file(head)
    above = sit_here(ABOVE)
    above.go("/")
    assert "审查主管本人权限" in above.text()
    assert first_in(above, "permission_review.attesting.attest.1") == doc
    fill_in(above, doc)
    judge(above, "王建平", "keep")
    file(above)

    decide(head, doc, "confirm", secret=True)
    other = sit_here(OTHER)
    other.go("/entry/new/info_entry")
    assert other.page.locator("main form button").count()
    operator = sit_here(OPERATOR)
    assert first_in(operator, "permission_review.confirmed.execute") == doc
    decide(operator, doc, "execute", secret=True)

    refused = other.go("/entry/new/info_entry")  # the same window, signed in before
    assert refused is not None and refused.status == 403
    operator.look()
    open_document(head, doc)
    assert "孙浩执行" in head.text()
    decide(sit_here(AUDIT_ADMIN), doc, "verify")
    manager = sit_here(MANAGER)
    decide(manager, doc, "close")
    paper = download_paper(manager, doc)
    assert verify_offline(paper, tmp_path, trust_of(manager)) == 0
    assert width_and_height(paper) == (842, 595)  # the layout asks for a sheet that lies


def test_an_api_token_ends_with_the_right_it_was_given_for(sit_here: Sit, agency_here: Running) -> None:
    """The partner has no head of its own: the next level judges."""
    token = token_of_the_partner(agency_here)
    above = sit_here(ABOVE)
    above.go(f"/inbox/{WAITING}")
    above.page.locator("main tr", has_text="外部合作单位").locator("a").first.click()
    above.page.wait_for_url("**/documents/*")
    doc = above.path.removeprefix("/documents/")
    fill_in(above, doc)
    rows = above.page.locator("table.grants tbody tr")
    for place in range(rows.count()):
        rows.nth(place).locator("input[type=radio][value=revoke]").check()
        rows.nth(place).locator("textarea").fill("合作合同终止")
    above.page.locator('textarea[name="/summary/text"]').fill("合作合同终止，权限全部撤销。")
    file(above)
    decide(above, doc, "confirm", secret=True)
    assert numbers_listed(above, token) != []

    decide(sit_here(OPERATOR), doc, "execute", secret=True)

    assert numbers_listed(above, token) == []


def token_of_the_partner(running: Running) -> str:
    """A token of the partner's account, as two administrators would have given it."""
    assert running.services is not None
    desk = running.services.desk
    account = desk.directory.by_staff_no(PARTNER_STAFF_NO)
    assert account is not None
    return make_token(desk, account, PASSPHRASE, "评估所系统", "2027-12-31")


def numbers_listed(seat: Seat, token: str) -> list[str]:
    """The numbers of the documents that the interface lists for a token."""
    reply = seat.page.request.get(
        f"{seat.address}/api/v1/documents", headers={"Authorization": f"Bearer {token}"}
    )
    return [one["doc_no"] for one in reply.json()["documents"]] if reply.ok else []
