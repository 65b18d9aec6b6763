"""The process that reads PDFs handed in by strangers, and the pool of it for the public verification page.

Decides limits only. The file is parsed in a child without network and with bounded memory and time, because a
crafted file may make any parser loop or grow.
"""

from __future__ import annotations

import base64
import logging
import os
import resource
import sys
from typing import Any

from engine.errors import Unavailable
from web.pdf.children import Child, Children
from web.pdf.job import read_frame, write_frame
from web.pdf.reading import PdfFile, Unreadable, pdf_from_json, read_pdf

MEMORY_LIMIT = 1024**3


class PdfReaders:
    """Reads PDFs in child processes; `close` ends them."""

    def __init__(self, processes: int = 2, limit_seconds: float = 10.0) -> None:
        self._children = Children("web.pdf.reader", processes, limit_seconds)

    def read(self, data: bytes) -> PdfFile:
        """As `web.pdf.reading.read_pdf`; a file that takes too long or kills the reader is Unreadable too.

        Raises Unavailable when every reader is busy: that says nothing about the file.
        """
        frame = {"pdf": base64.b64encode(data).decode()}

        def ask(child: Child) -> dict[str, Any]:
            try:
                return child.ask(frame)
            except Unavailable:
                return {"unreadable": True}

        return pdf_from_json(self._children.lend(ask))

    def close(self) -> None:
        """End the reading processes."""
        self._children.close()


def serve() -> None:
    """Answer frames until standard input closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    source = sys.stdin.buffer
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    write_frame(target, {"ready": True})
    while (value := read_frame(source)) is not None:
        try:
            write_frame(target, read_pdf(base64.b64decode(value["pdf"])).as_json())
        except (Unreadable, MemoryError):
            write_frame(target, {"unreadable": True})


if __name__ == "__main__":
    serve()
