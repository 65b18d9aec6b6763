"""What somebody might type or attach: shown as text, refused with a pointer, or stopped before print."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.papers import example_one
from tests.browser.running import Running
from tests.browser.seat import Seat

OURS = {"Sec-Fetch-Site": "same-origin"}
HTML = "<b style=color:red onclick=alert(1)>x</b>{{7*7}}'\"&lt;"


def png(number: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), (10, 90, 160 + number)).save(out, "PNG")
    return out.getvalue()


NAMES = ("../../../secret.png", "<img src=x onerror=alert(1)>.png", "a\r\nX: y.png", "x" * 300 + ".png")
FILES: dict[str, tuple[str, bytes]] = {
    "a program named as a pdf": ("病历.pdf", b"MZ\x90\x00" + b"\0" * 400),
    "a drawing with a script": (
        "图.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
    ),
    "a page of html named as a picture": ("图.png", b"<!doctype html><script>alert(1)</script>"),
    "an empty file": ("空.png", b""),
    "half a picture": ("半.png", png()[:40]),
    "a file of 21 MiB": ("大.png", png() + b"\0" * (21 * 1024 * 1024)),
}


def test_such_files_are_not_taken_in(sit_here: Sit, agency_here: Running) -> None:
    lin = sit_here("YW000231")
    answers = example_one()
    del answers["files"]
    lin.go(prepared.draft(agency_here, answers))
    refused: dict[str, str] = {}
    for name, (file, data) in FILES.items():
        hand_in(lin, file, data)
        refused[name] = lin.page.locator("#upload-error").inner_text()
        assert lin.page.locator("a.file-link").count() == 0, name
    lin.look()
    assert all(refused.values()), refused
    assert "20 MiB" in refused["a file of 21 MiB"]


def test_hostile_file_names_are_forgotten(sit_here: Sit, agency_here: Running) -> None:
    lin = sit_here("YW000231")
    answers = example_one()
    del answers["files"]
    lin.go(prepared.draft(agency_here, answers))
    for number, name in enumerate(NAMES, 1):
        hand_in(lin, name, png(number))
        assert lin.page.locator("#upload-error").count() == 0
        assert name not in lin.page.content()
    assert lin.page.locator("a.file-link").count() == len(NAMES)
    link = lin.page.locator("a.file-link").first.get_attribute("href")
    reply = lin.page.request.get(f"{lin.address}{link}")
    assert reply.headers["content-disposition"].startswith("inline; filename=")
    assert "sandbox" in reply.headers["content-security-policy"]


def hand_in(seat: Seat, name: str, data: bytes) -> None:
    """Choose a file that calls itself a picture and press 上传."""
    seat.page.set_input_files("#upload-file", {"name": name, "mimeType": "image/png", "buffer": data})
    seat.turn_page(lambda: seat.page.locator("button[name=_upload]").press("Enter"))


def test_markup_in_every_free_text_is_shown_as_text(sit_here: Sit, agency_here: Running) -> None:
    answers = example_one()
    answers["insured"]["residence_address"] = HTML
    answers["agent"]["full_name"] = "周建国"
    answers["health"]["diagnoses"][0]["name"] = HTML[:60]
    answers["statement"]["remark"] = HTML
    lin = sit_here("YW000231")
    lin.go(prepared.draft(agency_here, answers))
    assert lin.page.locator("[name='/insured/residence_address']").input_value() == HTML
    lin.turn_page(lambda: lin.page.keyboard.press("Control+Enter"))
    assert lin.path.startswith("/entry/done/"), lin.text()
    doc = lin.path.removeprefix("/entry/done/").partition("?")[0]
    zhou = sit_here("SH000101")
    zhou.go(f"/documents/{doc}/review")
    zhou.press_button("领取")
    assert zhou.text().count(HTML) >= 2
    assert zhou.page.locator("main b").count() == 0
    form = zhou.page.locator("#form-return")
    zhou.unfold("退回补正")
    form.locator("[name=comment]").fill(HTML * 2)
    form.locator("[name=no_interest]").check()
    zhou.page.locator("[name='mark:/statement/remark']").fill(HTML)
    zhou.turn_page(lambda: form.locator("button").press("Enter"))
    lin.go(f"/documents/{doc}")
    assert HTML in lin.text() and lin.page.locator("main b").count() == 0
    lin.press_button("补正")
    assert HTML in lin.text() and lin.page.locator("main b").count() == 0


def test_direction_controls_are_refused_at_their_field(sit_here: Sit, agency_here: Running) -> None:
    lin = sit_here("YW000231")
    lin.go(prepared.draft(agency_here))
    typed = {"/insured/residence_address": "示范路\u202e号99", "/statement/remark": "行\u2066一"}
    for name, text in typed.items():
        lin.page.locator(f"[name='{name}']").fill(text)
    lin.turn_page(lambda: lin.page.keyboard.press("Control+Enter"))
    assert lin.path.startswith("/drafts/")
    for name in typed:
        assert lin.page.locator(f"#f{name.replace('/', '-')}-error").inner_text() != ""
    lin.look()


def test_a_nul_in_a_posted_form_is_refused_and_nothing_is_stored(sit_here: Sit, agency_here: Running) -> None:
    path = prepared.draft(agency_here)
    lin = sit_here("YW000231")
    lin.go(path)
    pairs: list[list[Any]] = lin.page.locator("#form").evaluate("form => [...new FormData(form).entries()]")
    sent: dict[str, Any] = {name: value for name, value in pairs if isinstance(value, str)}
    sent |= {"/insured/residence_address": "示范路\0一号", "_submit": "1"}
    reply = lin.page.request.post(lin.address + path, form=sent, headers=OURS, max_redirects=0)
    assert reply.status in (400, 422)
    assert "f-insured-residence_address" in reply.text()


def test_a_character_no_font_has_stops_the_print_in_words(sit_here: Sit, agency_here: Running) -> None:
    answers = example_one()
    answers["insured"]["full_name"] = "张\U00030000兰"
    answers["insured"]["residence_address"] = "示范路\U0002e7ff号"
    doc = prepared.document(agency_here, answers=answers)
    lin = sit_here("YW000231")
    reply = lin.go(f"/documents/{doc}/print")
    assert reply is not None and reply.status == 422
    assert "\U00030000" in lin.text() or "30000" in lin.text()
    lin.look()
