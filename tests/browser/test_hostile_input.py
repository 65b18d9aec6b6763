"""What somebody might type or attach: shown as text, refused with a pointer, or stopped before print."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter

from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.papers import example_one
from tests.browser.running import Running

OURS = {"Sec-Fetch-Site": "same-origin"}
HTML = "<b style=color:red onclick=alert(1)>x</b>{{7*7}}'\"&lt;"


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), (10, 90, 160)).save(out, "PNG")
    return out.getvalue()


def pdf() -> bytes:
    out, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()


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


@pytest.mark.parametrize("name", FILES)
def test_such_a_file_is_not_taken_in(sit_here: Sit, agency_here: Running, name: str) -> None:
    lin = sit_here("YW000231")
    answers = example_one()
    del answers["files"]
    lin.go(prepared.draft(agency_here, answers))
    file, data = FILES[name]
    lin.page.set_input_files("#upload-file", {"name": file, "mimeType": "image/png", "buffer": data})
    lin.turn_page(lambda: lin.page.locator("button[name=_upload]").press("Enter"))
    assert lin.page.locator("#upload-error").inner_text() != ""
    lin.look()


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd.png", "<img src=x onerror=alert(1)>.png", "a\r\nX: y.png"]
)
def test_a_hostile_file_name_is_forgotten(sit_here: Sit, agency_here: Running, name: str) -> None:
    lin = sit_here("YW000231")
    answers = example_one()
    del answers["files"]
    lin.go(prepared.draft(agency_here, answers))
    lin.page.set_input_files("#upload-file", {"name": name, "mimeType": "image/png", "buffer": png()})
    lin.turn_page(lambda: lin.page.locator("button[name=_upload]").press("Enter"))
    assert lin.page.locator("#upload-error").count() == 0
    assert name not in lin.page.content()
    link = lin.page.locator("a.file-link").first.get_attribute("href")
    reply = lin.page.request.get(f"{lin.address}{link}")
    assert reply.headers["content-disposition"].startswith(("inline; filename=", "attachment; filename="))
    assert "sandbox" in reply.headers["content-security-policy"]


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


@pytest.mark.parametrize(("name", "text"), [
    ("/insured/residence_address", "示范路\u202e号99"),
    ("/statement/remark", "行\u2066一"),
])  # fmt: skip
def test_direction_controls_are_refused_at_their_field(
    sit_here: Sit, agency_here: Running, name: str, text: str
) -> None:
    lin = sit_here("YW000231")
    lin.go(prepared.draft(agency_here))
    lin.page.locator(f"[name='{name}']").fill(text)
    lin.turn_page(lambda: lin.page.keyboard.press("Control+Enter"))
    assert lin.path.startswith("/drafts/")
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
