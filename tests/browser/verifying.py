"""郑老师's side: the paper that came out, judged by the public page and by the command on another machine."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ContentStream, NameObject

from tests.browser.running import CLI, ROOT
from tests.browser.seat import Seat


def download_paper(seat: Seat, doc: str, kind: str = "print") -> bytes:
    """What the link 打印 of a document leads to, fetched with the seat's own session."""
    reply = seat.page.request.get(f"{seat.address}/documents/{doc}/{kind}", timeout=60_000)
    if reply.status == 503:  # the press was busy and said so; a person would try again too
        reply = seat.page.request.get(f"{seat.address}/documents/{doc}/{kind}", timeout=60_000)
    assert reply.ok, reply.text()[:2000]
    return reply.body()


def verdict_of(seat: Seat, name: str, data: bytes) -> str:
    """Hand a file to the public page, in Chinese or English; the words of its verdict."""
    seat.go("/verify")
    mime = "application/pdf" if name.endswith(".pdf") else "application/json"
    seat.page.set_input_files("#file", {"name": name, "mimeType": mime, "buffer": data})
    words = seat.page.locator("form[data-verifier] button").first.inner_text()
    seat.tab_to(lambda at: at["tag"] == "BUTTON" and at["words"] == words)
    if seat.has_script:
        # The file is judged in the page: no other page follows.
        seat.page.keyboard.press("Enter")
        seat.page.locator(".verdict, main [role=alert]").first.wait_for()
    else:
        seat.page.keyboard.press("Enter")
    seat.page.wait_for_selector(".verdict:visible, main .summary:visible", timeout=60_000)
    shown = seat.page.locator(".verdict:visible")
    return shown.inner_text() if shown.count() else seat.text()


def trust_of(seat: Seat) -> bytes:
    """The agency's trust file."""
    return seat.page.request.get(f"{seat.address}/log/trust.json").body()


def width_and_height(paper: bytes) -> tuple[int, int]:
    """Of the first page, in points."""
    box = PdfReader(BytesIO(paper)).pages[0].mediabox
    return round(float(box.width)), round(float(box.height))


def verify_offline(data: bytes, folder: Path, trust: bytes | None = None) -> int:
    """The exit code of `fengjian verify FILE` in an empty home."""
    file = folder / "handed-in.bin"
    file.write_bytes(data)
    command = [*CLI, "verify", str(file)]
    if trust is not None:
        (folder / "trust.json").write_bytes(trust)
        command += ["--trust", str(folder / "trust.json")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode in (0, 1, 2), done.stderr
    return done.returncode


def with_one_glyph_changed(paper: bytes) -> bytes:
    """The paper with one drawn character of its first page replaced by another of the same font."""
    writer = PdfWriter(clone_from=BytesIO(paper))
    page = writer.pages[0]
    stream = ContentStream(page["/Contents"].get_object(), writer)
    for operands, operator in stream.operations:
        texts = operands[0] if operator == b"TJ" else operands if operator == b"Tj" else []
        for place, text in enumerate(texts):
            raw = getattr(text, "original_bytes", b"")
            if len(raw) >= 4 and raw[:2] != raw[2:4]:
                texts[place] = type(text)(raw[2:4] + raw[2:])
                page[NameObject("/Contents")] = writer._add_object(stream)
                return _written(writer)
    raise AssertionError("no text was found on the page")


def with_a_page_drawn_over(paper: bytes) -> bytes:
    """The paper with something drawn over its first page, its enclosures kept."""
    writer = PdfWriter(clone_from=BytesIO(paper))
    contents: Any = writer.pages[0]["/Contents"].get_object()
    contents.set_data(contents.get_data() + b"\nq 1 1 1 rg 60 600 200 40 re f Q\n")
    return _written(writer)


def a_blank_page() -> bytes:
    """A sound PDF that nobody sealed."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    return _written(writer)


def text_of(paper: bytes) -> str:
    """All text that can be selected."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages)


def _written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
