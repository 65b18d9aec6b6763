"""The print process: takes jobs on standard input, answers with PDF bytes on standard output, and knows nothing else.

Decides nothing about content. It has no network, fetches only packaged fonts by exact name, has a limit on memory,
and ends when its standard input closes. Started by web.pdf.renderer as `python -m web.pdf.worker`.
"""

from __future__ import annotations

import base64
import logging
import os
import resource
import socket
import sys
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from web.pdf.fonts import faces, font_face_css, missing_characters
from web.pdf.job import PrintJob, job_from_json, read_frame, write_frame

MEMORY_LIMIT = 2 * 1024**3
# PDF/A-3u: archivable, files may be embedded, and every glyph maps back to Unicode (ISO 19005-3).
VARIANT = "pdf/a-3u"


class PackagedOnly(URLFetcher):  # type: ignore[misc]
    """Serves the print faces as `font:0`, `font:1` and refuses every other address, fatally."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._files = {f"font:{n}": face.path for n, face in enumerate(faces()) if not face.is_installed}

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The file behind one of the exact names. Raises FatalURLFetchingError for anything else."""
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
            string=font_face_css() + css, font_config=self._fonts, url_fetcher=self._fetcher, base_url="print:"
        )

    def render(self, job: PrintJob) -> dict[str, Any]:
        """The answer frame: `pdf` (base64) and `pages`, or `missing` characters, or `refused`."""
        page = HTML(string=job.html, url_fetcher=self._fetcher, base_url="print:")
        missing = missing_characters(page.etree_element.itertext())
        if missing:
            return {"missing": list(missing)}
        when = datetime.strptime(job.created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        # An Attachment can be used once only, so they are made for each render.
        enclosures = [
            Attachment(
                string=e.data, name=e.name, description=e.description, created=when, modified=when,
                relationship="Data", url_fetcher=self._fetcher, base_url="print:",
            )
            for e in job.enclosures
        ]
        document = page.render(
            font_config=self._fonts, stylesheets=[self._sheet], attachments=enclosures, pdf_variant=VARIANT,
            pdf_identifier=job.identifier, presentational_hints=False,
        )
        data = document.write_pdf(
            attachments=enclosures, pdf_variant=VARIANT, pdf_identifier=job.identifier
        )
        return {"pdf": base64.b64encode(data).decode(), "pages": len(document.pages)}


def _refuse_network(*_: Any, **__: Any) -> NoReturn:
    raise OSError("a print process has no network")


def serve() -> None:
    """Answer jobs until standard input closes. Each answer is one frame; faults are named by type, never by text."""
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
        try:
            answer = press.render(job_from_json(value))
        except FatalURLFetchingError:
            answer = {"refused": "print.address"}
        except MemoryError:
            answer = {"refused": "print.memory"}
        except Exception as fault:
            answer = {"refused": "print.failed", "fault": type(fault).__name__}
        write_frame(target, answer)


if __name__ == "__main__":
    serve()
