"""The print process: takes jobs on standard input, answers with PDF bytes on standard output, and knows
nothing else.

Decides nothing about content. It has no network, fetches only packaged fonts by exact name, has a limit on
memory, and ends when its standard input closes. Started by web.pdf.renderer as `python -m web.pdf.worker`.
"""

from __future__ import annotations

import base64
import logging
import os
import resource
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from weasyprint import CSS, HTML, Attachment, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from web.pdf.drawn import drawn_pages
from web.pdf.fonts import faces, font_face_css, missing_characters
from web.pdf.job import PrintJob, enclosures_from_json, job_from_json, read_frame, write_frame

MEMORY_LIMIT = 2 * 1024**3
# PDF/A-3u: archivable, files may be embedded, and every glyph maps back to Unicode (ISO 19005-3).
VARIANT = "pdf/a-3u"


class PackagedOnly(URLFetcher):  # type: ignore[misc]
    """Serves the print faces as `font:0`, `font:1` and the job's code as `print:qr`; refuses every other
    address, fatally."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self.qr = b""
        self._files = {f"font:{n}": face.path for n, face in enumerate(faces()) if not face.is_installed}

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The file behind one of the exact names. Raises FatalURLFetchingError for anything else."""
        if url == "print:qr" and self.qr:
            return URLFetcherResponse(url, self.qr, {"Content-Type": "image/png"})
        path: Path | None = self._files.get(url)
        if path is None:
            raise FatalURLFetchingError("address not allowed in print")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": "font/otf"})


class Press:
    """The style sheet and fonts, read once per process."""

    def __init__(self) -> None:
        self._fetcher = PackagedOnly()
        self._fonts = FontConfiguration()
        css = resources.files("web").joinpath("static/css/print.css").read_text(encoding="utf-8")
        self._sheet = CSS(
            string=font_face_css() + css, font_config=self._fonts, url_fetcher=self._fetcher,
            base_url="print:",
        )

    def lay_out(self, job: PrintJob) -> tuple[Document | None, dict[str, Any]]:
        """The laid-out document with the answer frame `drawn`, or None with `missing` characters."""
        self._fetcher.qr = job.qr
        page = HTML(string=job.html, url_fetcher=self._fetcher, base_url="print:")
        missing = missing_characters(page.etree_element.itertext())
        if missing:
            return None, {"missing": list(missing)}
        document = page.render(font_config=self._fonts, stylesheets=[self._sheet], pdf_variant=VARIANT)
        return document, {"drawn": list(drawn_pages(_write(document, job)))}

    def enclose(self, document: Document, job: PrintJob, listed: list[dict[str, str]]) -> dict[str, Any]:
        """The answer frame `pdf`: the same pages with the files embedded."""
        when = datetime.strptime(job.created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        # An Attachment can be used once only, so they are made for each file.
        document.metadata.attachments = [
            Attachment(
                string=e.data, name=e.name, description=e.description, created=when, modified=when,
                relationship="Data", url_fetcher=self._fetcher, base_url="print:",
            )
            for e in enclosures_from_json(listed)
        ]
        return {"pdf": base64.b64encode(_write(document, job)).decode()}


def _write(document: Document, job: PrintJob) -> bytes:
    data: bytes = document.write_pdf(pdf_variant=VARIANT, pdf_identifier=job.identifier)
    return data


def _refuse_network(*_: Any, **__: Any) -> NoReturn:
    raise OSError("a print process has no network")


def serve() -> None:
    """Answer jobs until standard input closes. Each answer is one frame; faults are named by type, never by
    text."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    socket.socket = _refuse_network  # type: ignore[assignment,misc]
    logging.disable(logging.CRITICAL)
    source = sys.stdin.buffer
    # Standard output carries frames only; what a library prints goes to standard error.
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    press = Press()
    write_frame(target, {"ready": True})
    while (value := read_frame(source)) is not None:
        if not _print(press, job_from_json(value), source, target):
            return


def _print(press: Press, job: PrintJob, source: BinaryIO, target: BinaryIO) -> bool:
    """One job in its two frames each way. False when the parent has gone."""
    document, answer = _guarded(lambda: press.lay_out(job))
    write_frame(target, answer)
    if document is None:
        return True
    second = read_frame(source)
    if second is None:
        return False
    listed = second["enclosures"]
    if listed is not None:
        _, answer = _guarded(lambda: (None, press.enclose(document, job, listed)))
    write_frame(target, answer)
    return True


def _guarded(work: Callable[[], tuple[Document | None, dict[str, Any]]]) -> tuple[Any, dict[str, Any]]:
    try:
        return work()
    except FatalURLFetchingError:
        # Derives from BaseException in WeasyPrint 70.
        return None, {"refused": "print.address"}
    except MemoryError:
        return None, {"refused": "print.memory"}
    except Exception as fault:
        return None, {"refused": "print.failed", "fault": type(fault).__name__}


if __name__ == "__main__":
    serve()
