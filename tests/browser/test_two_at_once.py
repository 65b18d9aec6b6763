"""Two windows, two presses, two reviewers: one wins, nobody loses what was typed."""

from __future__ import annotations

from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.hands import change
from tests.browser.papers import example_one
from tests.browser.running import Running
from tests.browser.seat import Seat


def type_quietly(seat: Seat, name: str, text: str) -> None:
    """Type without leaving the field: nothing is sent yet."""
    seat.page.locator(f"[name='{name}']").focus()
    seat.type_over(text)


def test_a_second_window_on_one_draft_is_shown_both_values_and_loses_nothing(
    sit_here: Sit, agency_here: Running
) -> None:
    path = prepared.draft(agency_here)
    first = sit_here("YW000231")
    first.go(path)
    second = Seat(first.page.context.new_page(), first.address)
    second.go(path)
    change(first, "/insured/residence_address", "示范路1号", back=False)
    first.turn_page(lambda: press_in_bar(first, "_save"))
    change(second, "/insured/residence_address", "示范路2号", back=False)
    second.page.wait_for_selector(".save-state.trouble")
    assert "林小燕" in second.page.locator("#save-state").inner_text()
    second.turn_page(lambda: press_in_bar(second, "_save"))
    words = second.text()
    assert "示范路1号" in words and "示范路2号" in words and "林小燕" in words
    second.look()
    second.press_button("用本页的内容")
    assert second.page.locator("[name='/insured/residence_address']").input_value() == "示范路2号"


def test_a_double_press_on_submit_makes_one_document(sit_here: Sit, agency_here: Running) -> None:
    answers = example_one()
    seat = sit_here("YW000231")
    seat.go(prepared.draft(agency_here, answers))
    before = len(list(services(agency_here).desk.store.rows()))
    button = seat.page.locator(".entry-bar button[name=_submit]")
    seat.turn_page(lambda: button.dblclick(no_wait_after=True))
    seat.page.wait_for_url("**/entry/done/**")
    first = seat.path
    assert len(list(services(agency_here).desk.store.rows())) == before + 1
    seat.page.go_back()
    seat.page.go_forward()
    assert seat.path == first


def test_the_same_form_sent_twice_from_two_windows_gives_the_same_receipt(
    sit_here: Sit, agency_here: Running
) -> None:
    seat = sit_here("YW000231")
    path = prepared.draft(agency_here)
    seat.go(path)
    second = Seat(seat.page.context.new_page(), seat.address)
    second.go(path)
    for one in (seat, second):
        one.turn_page(lambda one=one: press_in_bar(one, "_submit"))  # type: ignore[misc]
    assert seat.path == second.path and seat.path.startswith("/entry/done/")


def test_a_stale_review_page_is_told_who_was_first(sit_here: Sit, agency_here: Running) -> None:
    doc = prepared.document(agency_here)
    he, zhou = sit_here("SH000102"), sit_here("SH000101")
    for seat in (he, zhou):
        seat.go(f"/documents/{doc}/review")
    zhou.press_button("领取")
    he.press_button("领取")
    assert "周敏" in he.text()
    he.look()
    rows = [row for row in services(agency_here).desk.store.rows() if row["doc"] == doc]
    assert [step["transition"] for step in rows[0]["steps"]] == ["submit", "claim"]


def test_the_same_approval_twice_does_nothing_twice(sit_here: Sit, agency_here: Running) -> None:
    doc = prepared.document(agency_here, ("SH000101", "claim"))
    zhou = sit_here("SH000101")
    zhou.go(f"/documents/{doc}/review")
    form = zhou.page.locator("#form-approve")
    pairs = form.evaluate("form => [...new FormData(form).entries()]")
    sent = dict(pairs) | {
        "accuracy": "true", "completeness": "true", "no_interest": "true"
    }  # fmt: skip
    address = f"{zhou.address}/documents/{doc}/transitions/approve"
    headers = {"Sec-Fetch-Site": "same-origin"}
    replies = [zhou.page.request.post(address, form=sent, headers=headers, max_redirects=0) for _ in range(2)]
    assert [reply.status for reply in replies] == [303, 303]
    row = next(row for row in services(agency_here).desk.store.rows() if row["doc"] == doc)
    assert [step["transition"] for step in row["steps"]] == ["submit", "claim", "approve"]


def test_nobody_may_review_what_she_submitted_and_the_page_says_why(
    sit_here: Sit, agency_here: Running
) -> None:
    doc = prepared.document(agency_here)
    lin = sit_here("YW000231")
    lin.go(f"/documents/{doc}")
    assert lin.page.locator("button", has_text="领取").count() == 0
    lin.look()


def press_in_bar(seat: Seat, name: str) -> None:
    seat.page.locator(f".entry-bar button[name={name}]").focus()
    seat.page.keyboard.press("Enter")


def services(running: Running):  # type: ignore[no-untyped-def]
    assert running.services is not None
    return running.services
