"""The press: limits of print processes, what a page may fetch, which characters it draws, equal bytes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from engine.errors import Invalid, Unavailable
from web.pdf import children
from web.pdf.children import Children
from web.pdf.drawn import drawn_pages
from web.pdf.job import Enclosure, PrintJob
from web.pdf.qr import qr_png
from web.pdf.reading import Unreadable, read_pdf
from web.pdf.renderer import Renderer

WHEN = "2026-03-05T02:10:00Z"


def page(body: str) -> PrintJob:
    html = f'<html lang="zh-CN"><head><title>页</title></head><body>{body}</body></html>'
    return PrintJob(html, b"identifier-16-by", WHEN, qr_png(b"code"))


@pytest.fixture(scope="module")
def press() -> Iterator[Renderer]:
    renderer = Renderer(processes=1)
    yield renderer
    renderer.close()


def test_two_processes_make_the_same_bytes(press: Renderer) -> None:
    job = page('<p>长护险信息录入表 √</p><img src="print:qr" alt="">')
    enclosed = (Enclosure("bundle.json", "proof", b'{"a":1}'),)
    other = Renderer(processes=1)
    try:
        again = other.render(job, lambda drawn: enclosed)
    finally:
        other.close()
    assert press.render(job, lambda drawn: enclosed) == again


def test_what_was_enclosed_comes_out_again_with_the_digests_the_sealer_was_told(press: Renderer) -> None:
    told: list[tuple[str, ...]] = []

    def enclose(drawn: tuple[str, ...]) -> tuple[Enclosure, ...]:
        told.append(drawn)
        return (Enclosure("bundle.json", "proof", b"{}"), Enclosure("page.json", "seal", b"[]"))

    printed = press.render(page("<p>一</p>"), enclose)
    found = read_pdf(printed.data)
    assert found.enclosures == {"bundle.json": b"{}", "page.json": b"[]"}
    assert [found.drawn] == told
    assert not found.is_appended


@pytest.mark.parametrize(
    "body",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="stylesheet" href="https://example.org/x.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<p style="background: url(http://127.0.0.1:9/)">x</p>',
        '<style>@import url("http://127.0.0.1:9/x.css");</style>',
        '<object data="file:///etc/passwd"></object>',
        '<embed src="file:///etc/passwd">',
    ],
)
def test_a_page_fetches_nothing_but_what_is_packaged(press: Renderer, body: str) -> None:
    with pytest.raises(Unavailable) as refusal:
        press.render(page(body))
    assert refusal.value.code == "print.address"


def test_after_a_refused_page_the_same_process_prints_the_next(press: Renderer) -> None:
    with pytest.raises(Unavailable):
        press.render(page('<img src="file:///etc/passwd">'))
    assert len(press.render(page("<p>下一份</p>")).drawn) == 1


def test_a_character_without_a_glyph_stops_the_print_and_is_named(press: Renderer) -> None:
    with pytest.raises(Invalid) as refusal:
        press.render(page("<p>张\U0002a6d0\u2611</p>"))
    assert [one.facts["code_point"] for one in refusal.value.problems] == ["U+2611", "U+2A6D0"]
    assert {one.code for one in refusal.value.problems} == {"print.glyph_missing"}


def test_a_sealer_that_fails_leaves_the_press_usable(press: Renderer) -> None:
    def enclose(drawn: tuple[str, ...]) -> tuple[Enclosure, ...]:
        raise Unavailable("vault.sealed")

    with pytest.raises(Unavailable) as refusal:
        press.render(page("<p>一</p>"), enclose)
    assert refusal.value.code == "vault.sealed"
    assert len(press.render(page("<p>二</p>")).drawn) == 1


def test_a_child_that_takes_too_long_is_ended_and_the_next_job_gets_a_new_one() -> None:
    pool = Children("tests.web.slow_child", processes=1, limit_seconds=2.0)
    try:
        first = pool.lend(lambda child: child.ask({}))["pid"]
        with pytest.raises(Unavailable):
            pool.lend(lambda child: child.ask({"sleep": 60}))
        second = pool.lend(lambda child: child.ask({}))["pid"]
        with pytest.raises(Unavailable):
            pool.lend(lambda child: child.ask({"die": True}))
        third = pool.lend(lambda child: child.ask({}))["pid"]
    finally:
        pool.close()
    assert len({first, second, third}) == 3


def test_a_child_is_replaced_after_its_share_of_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "JOBS_PER_PROCESS", 2)
    pool = Children("tests.web.slow_child", processes=1, limit_seconds=5.0)
    try:
        pids = [pool.lend(lambda child: child.ask({}))["pid"] for _ in range(4)]
    finally:
        pool.close()
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_the_digest_of_a_page_does_not_depend_on_object_numbers(press: Renderer) -> None:
    printed = press.render(page("<p>甲</p><p style='break-before: page'>乙</p>"))
    writer = PdfWriter(clone_from=BytesIO(printed.data))
    out = BytesIO()
    writer.write(out)
    assert out.getvalue() != printed.data
    assert drawn_pages(out.getvalue()) == printed.drawn


def test_one_changed_glyph_changes_the_digest_of_its_page_only(press: Renderer) -> None:
    before = press.render(page("<p>甲</p><p style='break-before: page'>金额 100</p>")).data
    writer = PdfWriter(clone_from=BytesIO(before))
    contents: Any = writer.pages[1]["/Contents"].get_object()
    stream = contents.get_data()
    contents.set_data(stream.replace(b"Tj", b"Tj 0 0 0 rg", 1) if b"Tj" in stream else stream + b" q Q")
    out = BytesIO()
    writer.write(out)
    old, new = drawn_pages(before), drawn_pages(out.getvalue())
    assert [a == b for a, b in zip(old, new, strict=True)] == [True, False]


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"%PDF-1.7\n" + b"[" * 5000, b"not a pdf", b"\x00" * 100], ids=range(5)
)
def test_bytes_that_are_no_readable_pdf_are_unreadable_and_nothing_else(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_pdf(data)


def test_every_cut_of_a_pdf_is_read_or_unreadable(press: Renderer) -> None:
    data = press.render(page("<p>一</p>")).data
    for end in range(0, len(data), max(1, len(data) // 40)):
        try:
            read_pdf(data[:end])
        except Unreadable:
            continue


def test_an_encrypted_pdf_is_unreadable(press: Renderer) -> None:
    writer = PdfWriter(clone_from=BytesIO(press.render(page("<p>一</p>")).data))
    writer.encrypt("secret", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    with pytest.raises(Unreadable):
        read_pdf(out.getvalue())


def test_text_can_be_copied_out(press: Renderer) -> None:
    data = press.render(page("<p>长护险信息录入表</p>")).data
    assert "长护险信息录入表" in PdfReader(BytesIO(data)).pages[0].extract_text()
