"""Jobs to PDF bytes, through print processes.

Decides the two steps of a print: lay out, then enclose. Between them the caller learns the digests of the
pages as drawn, so that it can sign them and put the signature into the same file. Never lays out a page in
this process.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import Invalid, Problem, Unavailable
from web.pdf.children import Child, Children
from web.pdf.job import Enclosure, PrintJob, enclosures_as_json


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished PDF: its bytes, the digests of its pages as drawn, the SHA-256 of the file in hex."""

    data: bytes
    drawn: tuple[str, ...]
    sha256: str


def sealed_as_a_whole(printed: Printed, data: bytes) -> Printed:
    """The same print in the file that carries the seal."""
    return Printed(data, printed.drawn, hashlib.sha256(data).hexdigest())


Enclose = Callable[[tuple[str, ...]], tuple[Enclosure, ...]]


def enclose_nothing(_drawn: tuple[str, ...]) -> tuple[Enclosure, ...]:
    """For papers that carry no proof of their own."""
    return ()


class Renderer:
    """The press, shared by all threads of the application; `close` ends its processes."""

    def __init__(self, processes: int = 2, limit_seconds: float = 30.0) -> None:
        self._children = Children("web.pdf.worker", processes, limit_seconds)

    def warm_up(self) -> None:
        """Start one process in the background."""
        self._children.warm_up()

    def render(self, job: PrintJob, enclose: Enclose = enclose_nothing) -> Printed:
        """Lay out one job; `enclose` gets the page digests and returns what to embed.

        Invalid with `print.glyph_missing` per character that a print face cannot draw; Unavailable when the
        press is busy beyond the limit, died, or refused the page.
        """

        def work(child: Child) -> Printed:
            answer = child.ask(job.as_json())
            if "missing" in answer:
                raise Invalid(
                    "print.glyph_missing",
                    problems=[
                        Problem("", "print.glyph_missing", {"character": c, "code_point": f"U+{ord(c):04X}"})
                        for c in answer["missing"]
                    ],
                )
            if "drawn" not in answer:
                raise Unavailable(str(answer.get("refused", "print.failed")))
            drawn = tuple(str(one) for one in answer["drawn"])
            try:
                enclosed = enclose(drawn)
            except BaseException:
                # The child waits for the second frame; an empty one sets it free.
                child.ask({"enclosures": None})
                raise
            answer = child.ask({"enclosures": enclosures_as_json(enclosed)})
            if "pdf" not in answer:
                raise Unavailable(str(answer.get("refused", "print.failed")))
            data = base64.b64decode(answer["pdf"])
            return Printed(data, drawn, hashlib.sha256(data).hexdigest())

        return self._children.lend(work)

    def close(self) -> None:
        """End every print process."""
        self._children.close()
