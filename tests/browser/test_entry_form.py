"""The entry form under 小林's hands: the keyboard, what the server decides while she types, rows, dates."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, Route

from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.hands import begin_by_keyboard, change
from tests.browser.papers import example, example_one
from tests.browser.running import Running
from tests.browser.seat import Seat

NOT_HIDDEN = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  if (!box.width || box.bottom < 0 || box.right < 0) return at.outerHTML.slice(0, 160);
  const bar = document.querySelector(".entry-bar"), top = bar.getBoundingClientRect().top;
  if (!bar.contains(at) && box.top > top - 4) return "under the bar: " + at.outerHTML.slice(0, 160);
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2);
  const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 2);
  const seen = document.elementFromPoint(x, y);
  const label = seen && seen.closest("label");
  return seen && (at.contains(seen) || seen.contains(at) || label && label.contains(at))
    ? "" : "covered: " + at.outerHTML.slice(0, 160);
}"""


@pytest.fixture
def lin(sit: Sit) -> Seat:
    seat = sit("YW000231")
    begin_by_keyboard(seat)
    return seat


def field(seat: Seat, name: str) -> str:
    return seat.page.locator(f"[name='{name}']:not([type=hidden])").first.input_value()


def error(seat: Seat, name: str) -> str:
    found = seat.page.locator(f"#f{name.replace('/', '-')}-error")
    return found.inner_text() if found.count() else ""


def typed(seat: Seat, name: str, text: str) -> int:
    """Type into a live field and leave it; the status of the server's answer."""
    box = seat.page.locator(f"[name='{name}']").first
    with seat.page.expect_response(lambda reply: reply.url.endswith("/field")) as reply:
        box.focus()
        seat.type_over(text)
        seat.page.keyboard.press("Tab")
    seat.page.wait_for_function("() => !document.querySelector('.htmx-request')")
    return reply.value.status


def test_about_eighteen_fields_are_visible_at_once(lin: Seat) -> None:
    seen = lin.page.evaluate("""() => {
      const floor = document.querySelector(".entry-bar").getBoundingClientRect().top;
      return [...document.querySelectorAll("#entry-body .field")].filter(one => {
        const box = one.getBoundingClientRect();
        return box.height && box.top >= 0 && box.top + 45 <= floor;
      }).length;
    }""")
    assert seen >= 17


def test_the_focus_is_never_hidden(lin: Seat) -> None:
    for _ in range(140):
        lin.page.keyboard.press("Tab")
        assert lin.page.evaluate(NOT_HIDDEN) == ""
        if lin.focused()["name"] == "_submit":
            return
    raise AssertionError("提交 was never reached")


def test_a_birth_date_that_arrives_late_is_typed_over(lin: Seat) -> None:
    held: list[Route] = []
    lin.page.locator("[name='/insured/id_type']").select_option("01")
    lin.page.route("**/field", lambda route: held.append(route))
    lin.page.locator("[name='/insured/id_no']").focus()
    lin.type_over(with_check_digit("31010419420315026"))
    lin.page.keyboard.press("Enter")
    assert lin.focused()["name"] == "/insured/birth_date"
    lin.page.keyboard.press("Control+a")
    held[0].continue_()
    lin.page.wait_for_function("() => document.activeElement.value !== ''")
    lin.page.keyboard.type("19510203")
    assert field(lin, "/insured/birth_date") == "19510203"


def test_enter_moves_on_and_shift_enter_back_and_neither_files(lin: Seat) -> None:
    path = lin.path
    lin.page.locator("[name='/insured/full_name']").focus()
    lin.page.keyboard.press("Enter")
    assert lin.focused()["name"] == "/insured/id_type"
    lin.page.keyboard.press("Enter")
    assert lin.focused()["name"] == "/insured/id_no"
    lin.page.keyboard.press("Shift+Enter")
    lin.page.keyboard.press("Shift+Enter")
    assert lin.focused()["name"] == "/insured/full_name"
    assert lin.path == path


def test_an_accidental_enter_only_checks_where_no_script_runs(sit: Sit) -> None:
    lin = sit("YW000231", script=False)
    lin.go("/entry/new/info_entry")
    lin.page.get_by_role("button", name="首次评估申请").click()
    lin.page.locator("[name='/insured/full_name']").fill("试录一")
    lin.page.locator("[name='/insured/full_name']").press("Enter")
    lin.page.wait_for_selector("#summary-title")
    assert lin.path.startswith("/drafts/")
    lin.look()


def test_ctrl_s_saves_and_says_when(lin: Seat) -> None:
    lin.page.locator("[name='/insured/full_name']").focus()
    lin.page.keyboard.insert_text("试录二")
    with lin.page.expect_response(lambda reply: reply.request.method == "POST") as reply:
        lin.page.keyboard.press("Control+s")
    assert reply.value.status == 200
    lin.page.wait_for_function(
        "() => /\\d\\d:\\d\\d:\\d\\d/.test(document.getElementById('save-state').textContent)"
    )
    lin.page.reload()
    assert field(lin, "/insured/full_name") == "试录二"


def test_a_composed_name_is_sent_once_and_never_half_way(lin: Seat) -> None:
    sent: list[str] = []
    lin.page.on("request", lambda one: sent.append(_field_of(one)) if one.method == "POST" else None)
    lin.page.locator("[name='/insured/full_name']").focus()
    session = lin.page.context.new_cdp_session(lin.page)
    for half in ("z", "zh", "zhang"):
        session.send(
            "Input.imeSetComposition", {"text": half, "selectionStart": len(half), "selectionEnd": len(half)}
        )
        lin.page.wait_for_timeout(250)
    session.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229}
    )
    assert sent == [] and lin.focused()["name"] == "/insured/full_name"
    session.send("Input.insertText", {"text": "张"})
    lin.page.keyboard.press("Tab")
    lin.page.wait_for_timeout(500)
    assert sent == ["/insured/full_name"]
    assert field(lin, "/insured/full_name") == "张"


def test_searching_a_code_by_a_composed_word_asks_once(lin: Seat) -> None:
    asked: list[str] = []
    lin.page.on("request", lambda one: asked.append(one.url) if "/codes/" in one.url else None)
    lin.page.locator("[name='/insured/residence_region']").focus()
    session = lin.page.context.new_cdp_session(lin.page)
    for half in ("x", "xu", "xuhui"):
        session.send(
            "Input.imeSetComposition", {"text": half, "selectionStart": len(half), "selectionEnd": len(half)}
        )
        lin.page.wait_for_timeout(200)
    session.send("Input.insertText", {"text": "徐汇"})
    lin.page.wait_for_selector("#f-insured-residence_region-list [data-code]")
    assert len(asked) == 1
    lin.look(sideways=False)
    lin.page.keyboard.press("ArrowDown")
    lin.page.keyboard.press("Enter")
    assert field(lin, "/insured/residence_region") == "310104"
    assert lin.focused()["name"] == "/insured/residence_street"


def _field_of(one: Request) -> str:
    data = one.post_data or ""
    return (
        "/insured/full_name"
        if one.url.endswith("/field") and "_field" in data
        else "save"
        if "_save" in data
        else one.url
    )


def test_an_id_number_fills_birth_date_sex_and_region_and_corrections_follow(lin: Seat) -> None:
    lin.page.locator("[name='/insured/id_type']").select_option("01")
    assert typed(lin, "/insured/id_no", "31010419420315026X") in (200, 422)
    status = typed(lin, "/insured/id_no", "310104194203150264")
    first = error(lin, "/insured/id_no")
    good = with_check_digit("31010419420315026")
    status = typed(lin, "/insured/id_no", good)
    assert (status, error(lin, "/insured/id_no"), bool(first)) == (200, "", True)
    filled = ("/insured/birth_date", "/insured/gender", "/insured/hukou_region")
    assert [field(lin, name) for name in filled] == ["1942-03-15", "2", "310104"]
    assert field(lin, "/insured/residence_region") == ""
    assert lin.page.get_by_text("由证件号带出").count() == 3

    typed(lin, "/insured/id_no", with_check_digit("31010519500809033"))
    assert [field(lin, name) for name in filled] == ["1950-08-09", "1", "310105"]

    lin.page.locator("[name='/insured/gender']").select_option("2")
    lin.page.wait_for_timeout(300)
    typed(lin, "/insured/id_no", with_check_digit("31010519510809031"))
    assert [field(lin, name) for name in filled] == ["1951-08-09", "2", "310105"]
    assert error(lin, "/insured/gender") != ""


def with_check_digit(body: str) -> str:
    from stdnum.cn import ric

    return body + str(ric.calc_check_digit(body + "0"))


def test_a_live_field_answers_200_or_422_in_words_and_never_moves_the_cursor(lin: Seat) -> None:
    assert typed(lin, "/insured/mobile", "１９９００００００１２") == 200
    assert field(lin, "/insured/mobile") == "19900000012"
    assert lin.focused()["name"] == "/insured/landline"
    assert typed(lin, "/insured/mobile", "12345") == 422
    box = lin.page.locator("[name='/insured/mobile']")
    assert box.get_attribute("aria-invalid") == "true"
    assert (box.get_attribute("aria-describedby") or "") != "" and error(lin, "/insured/mobile") != ""
    lin.look()
    assert typed(lin, "/insured/mobile", "19900000012") == 200
    assert error(lin, "/insured/mobile") == ""


def test_a_day_is_understood_in_six_spellings(lin: Seat) -> None:
    spellings = (
        "19491231",
        "1949-12-30",
        "1949.12.31",
        "1949/12/30",
        "1949年12月31日",
        "１９４９－１２－３０",
    )
    for text in spellings:
        assert typed(lin, "/insured/birth_date", text) == 200
        assert field(lin, "/insured/birth_date") == ("1949-12-31" if "31" in text else "1949-12-30")


def test_a_day_that_is_none_is_said_as_it_was_read(lin: Seat) -> None:
    assert typed(lin, "/insured/birth_date", "2026-02-30") == 422
    assert "2026-02-30" in error(lin, "/insured/birth_date")
    assert field(lin, "/insured/birth_date") == "2026-02-30"
    assert typed(lin, "/insured/birth_date", "49-12-31") == 422


def test_the_type_of_entry_decides_which_parts_are_shown(lin: Seat) -> None:
    def parts() -> list[str]:
        return lin.page.locator("section.section:visible .section-title .letter").all_inner_texts()

    def choose(value: str) -> None:
        with lin.page.expect_response(lambda reply: reply.url.endswith("/field")):
            lin.page.locator("[name='/entry/entry_type']").select_option(value)
        lin.page.wait_for_function("() => !document.querySelector('.htmx-request')")

    first = parts()
    assert "F" not in first and "H" not in first
    choose("benefit_claim")
    assert "H" in parts()
    choose("assessment_result")
    assert "F" in parts() and "H" not in parts()
    lin.look()
    choose("first_assessment")
    assert parts() == first


def test_rows_are_added_and_removed_with_the_cursor_in_place(lin: Seat) -> None:
    change(lin, "/health/diagnoses/0/code", "I69.300", back=False)
    change(lin, "/health/diagnoses/0/name", "脑梗死后遗症", back=False)
    add = lin.page.locator("button[name=_add][value='/health/diagnoses']")
    lin.turn_page(lambda: add.press("Enter"))
    assert lin.focused()["name"] == "/health/diagnoses/1/code"
    lin.page.keyboard.type("F01.900")
    remove = lin.page.locator("button[name=_remove][value='/health/diagnoses/0']")
    lin.turn_page(lambda: remove.press("Enter"))
    assert field(lin, "/health/diagnoses/0/code") == "F01.900"
    assert lin.page.evaluate("document.activeElement.closest('fieldset').id") == "p-health-diagnoses"
    lin.look()
    lin.turn_page(lambda: lin.page.locator("button[name=_undo]").press("Enter"))
    assert [field(lin, f"/health/diagnoses/{row}/code") for row in (0, 1)] == ["I69.300", "F01.900"]


def test_a_computed_value_follows_while_somebody_types(lin: Seat) -> None:
    with lin.page.expect_response(lambda reply: reply.url.endswith("/field")):
        lin.page.locator("[name='/entry/entry_type']").select_option("assessment_result")
    lin.page.wait_for_function("() => !document.querySelector('.htmx-request')")
    names = lin.page.evaluate(
        "() => [...document.querySelectorAll('select[name^=\"/assess/\"]')].map(one => one.name)"
        ".filter(name => /\\/(adl|cog|per)\\//.test(name))"
    )
    assert len(names) == 17
    for name in ("/assess/standard", *names):
        with lin.page.expect_response(lambda reply: reply.url.endswith("/field")):
            lin.page.locator(f"[name='{name}']").select_option(index=1)
        lin.page.wait_for_function("() => !document.querySelector('.htmx-request')")
    assert lin.page.locator("#f-assess-adl_total").inner_text() not in ("", "—")
    assert lin.page.locator("#f-assess-disability_grade").inner_text() not in ("", "—")


def test_the_error_summary_leads_to_each_field_and_shrinks(lin: Seat) -> None:
    lin.turn_page(lambda: lin.page.locator(".entry-bar button[name=_check]").press("Enter"))
    assert lin.page.title().startswith("错误：")
    lin.look()
    assert "summary" in lin.page.evaluate("document.activeElement.className")
    before = lin.page.locator("#summary li").count()
    link = lin.page.locator("#summary a[href='#f-insured-full_name']")
    link.focus()
    lin.page.keyboard.press("Enter")
    assert lin.focused()["name"] == "/insured/full_name"
    assert typed(lin, "/insured/full_name", "试录三") == 200
    assert lin.page.locator("#summary li").count() == before - 1


def test_hidden_answers_stay_in_the_draft_and_are_dropped_and_named_at_submission(
    sit_here: Sit, agency_here: Running
) -> None:
    answers = example_one()
    answers["claim"] = example("ok-3-benefit-claim")["claim"]
    lin = sit_here("YW000231")
    lin.go(prepared.draft(agency_here, answers))
    assert not lin.page.locator("[name='/claim/total_amount']").is_visible()
    assert lin.page.locator("[name='/claim/total_amount']").input_value() != ""
    lin.turn_page(lambda: lin.page.keyboard.press("Control+Enter"))
    assert lin.path.startswith("/entry/done/"), lin.text()
    assert "没有提交的内容" in lin.text() and "理赔" in lin.text()
    lin.look()
