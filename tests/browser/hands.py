"""Keying the entry form by keyboard alone: Enter from field to field in the order of the paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.browser.papers import scan
from tests.browser.seat import Seat


def begin_by_keyboard(seat: Seat, kind: str = "首次评估申请") -> str:
    """From the home page to an empty draft; returns its path."""
    seat.tab_to(lambda at: at["href"].startswith("/entry/new/"))
    seat.turn_page(lambda: seat.page.keyboard.press("Enter"))
    seat.press_button(kind)
    assert seat.path.startswith("/drafts/")
    return seat.path.partition("?")[0].partition("#")[0]


def key_in(seat: Seat, wanted: Mapping[str, list[str]], last: str = "") -> list[str]:
    """From the focused field onwards: type, choose, tick, and Enter to the next (Tab where Enter is a new
    line). Returns the names passed, in order; ends after `last`, or when Enter leads nowhere any more.
    """
    passed: list[str] = []
    press = seat.page.keyboard.press
    for _ in range(400):
        at = seat.focused()
        name = at["name"]
        if name in wanted:
            _answer(seat, at, wanted[name])
        if not passed or passed[-1] != name:
            passed.append(name)
        if name == last:
            return passed
        here = seat.focused()
        press("Tab" if at["tag"] == "TEXTAREA" else "Enter")
        seat.page.wait_for_function("() => !document.body.dataset.moving")
        there = seat.focused()
        if there["id"] == here["id"] or not there["name"]:
            return passed
    raise AssertionError("the form has no end")


def _answer(seat: Seat, at: dict[str, object], texts: list[str]) -> None:
    keyboard = seat.page.keyboard
    kind = at["type"]
    if kind == "radio":
        if not at["checked"] or at["value"] != texts[0]:
            names = seat.page.evaluate(
                "name => [...document.getElementsByName(name)].map(one => one.value)", at["name"]
            )
            keyboard.press(str(names.index(texts[0]) + 1))
    elif kind == "checkbox":
        if bool(at["checked"]) != (at["value"] in texts):
            keyboard.press("Space")
    elif at["tag"] == "SELECT":
        values = at["values"]
        assert isinstance(values, list) and isinstance(at["index"], int)
        steps = values.index(texts[0]) - at["index"]
        for _ in range(abs(steps)):
            keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    elif at["value"] != texts[0]:
        seat.type_over(texts[0])


def attach(seat: Seat, kinds: list[str], folder: Path, first: int = 0) -> None:
    """Upload one scan for each kind, by keyboard; the file itself is handed to the file field."""
    for number, kind in enumerate(kinds, first):
        seat.tab_to(lambda at: at["id"] == "upload-kind", back=number > first)
        _answer(seat, seat.focused(), [kind])
        seat.page.set_input_files("#upload-file", scan(folder, number))
        seat.press_button("上传")
        assert seat.page.locator("#upload-error").count() == 0, seat.page.locator(
            "#upload-error"
        ).inner_text()


def add_row(seat: Seat, pointer: str, back: bool = True) -> None:
    """Press the button that adds a row to a list; the cursor is then in the new row."""
    seat.tab_to(lambda at: at["name"] == "_add" and at["value"] == pointer, back)
    seat.turn_page(lambda: seat.page.keyboard.press("Enter"))


def change(seat: Seat, name: str, text: str, back: bool = True) -> None:
    """Reach one field by Tab, answer it, and leave it."""
    at = seat.tab_to(lambda at: at["name"] == name, back)
    _answer(seat, at, [text])
    seat.page.keyboard.press("Tab")


def key_example(seat: Seat, wanted: Mapping[str, list[str]], kinds: list[str], folder: Path) -> list[str]:
    """The whole of an entry: the fields, the second diagnosis, the scans, what names a scan."""
    later = [name for name in wanted if name.endswith("_ref")]
    passed = key_in(seat, {name: texts for name, texts in wanted.items() if name not in later})
    add_row(seat, "/health/diagnoses")
    row = {name: texts for name, texts in wanted.items() if name.startswith("/health/diagnoses/1/")}
    assert seat.focused()["name"] == next(iter(row))
    key_in(seat, row, list(row)[-1])
    attach(seat, kinds, folder)
    for name in reversed(later):
        change(seat, name, wanted[name][0])
    return passed
