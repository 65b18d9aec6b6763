"""`fengjian print`: a document as PDF, as somebody may see it, also as of an older checkpoint.

Decides whose paper it is (`--by`): that person's right of today is asked, and the access log says that it was
made at the command line. Never shows more than that person would see.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from engine.desk import people
from engine.desk.desk import Desk
from engine.errors import NotFound
from engine.identity import utc_text
from engine.lifecycle.people import Actor
from engine.ports import Access
from web.assemble import open_desk
from web.cli.bundling import find_row
from web.cli.speaking import refusals, say
from web.settings import Settings


@dataclass(frozen=True, slots=True)
class AtTheCommandLine:
    """Whose paper is made."""

    actor: Actor
    name: str
    staff_no: str


def run_print(
    document: str, by: str, checkpoint: int | None, copy: str, lang: str, out: Path | None, data: Path
) -> None:
    """Write the PDF to `out` or to standard output."""
    from web.pdf.pades import load_sealer
    from web.pdf.prints import print_form
    from web.pdf.renderer import Renderer
    from web.services import build_services

    settings = Settings()
    with refusals():
        sealer = None
        if settings.seal_pkcs12 is not None:
            sealer = load_sealer(settings.seal_pkcs12, settings.seal_passphrase)
        opened, renderer = open_desk(data), Renderer(processes=1)
        try:
            desk = opened.desk
            services = build_services(desk, settings, renderer=renderer, data=data, sealer=sealer)
            row, printer = find_row(desk, document), _printer(desk, by)
            about = ("print:form", f"by:{printer.staff_no}")
            now = utc_text(desk.clock.now())
            desk.access.write(Access(now, "command-line", "operator", row["doc"], about, "print"))
            made = print_form(services, printer, row["doc"], copy, lang, checkpoint).data
        finally:
            renderer.close()
            opened.close()
    if out is None:
        sys.stdout.buffer.write(made)
        return
    out.write_bytes(made)
    print(say("cli.print.written", path=out, size=len(made)))


def _printer(desk: Desk, staff_no: str) -> AtTheCommandLine:
    account = desk.directory.by_staff_no(staff_no)
    if account is None:
        raise NotFound("person", staff_no=staff_no)
    return AtTheCommandLine(people.actor_of(account, "", "command-line"), account.name, account.staff_no)
