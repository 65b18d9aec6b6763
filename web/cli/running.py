"""`fengjian serve` and `fengjian demo`: one event loop, a quiet end; a vault process beside the served one.

Decides the server's limits and that the address printed is one a browser's secure cookies work on. Closing
the desk at the end stores the projection and releases the folder.
"""

from __future__ import annotations

import errno
import gc
import logging
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from engine.desk.desk import Desk
from engine.identity import local_day
from web.assemble import assemble, is_agency, read_agency
from web.cli.speaking import language, refusals, say, stop
from web.settings import Settings

_KEEP_ALIVE_SECONDS = 20
_GRACE_SECONDS = 10
# The journal's thread asks for the interpreter several times a batch; the default of 5 ms would be its pace.
_SWITCH_SECONDS = 0.0005
_DEMO_TOKEN_LASTS = timedelta(days=30)


def run_serve(data: Path, host: str, port: int) -> None:
    """Serve a data folder that has been set up."""
    _see_that_it_is_free(host, port)
    if not is_agency(data):
        stop(say("cli.serve.not_set_up", path=data))
    _run_behind_a_vault(data, Settings(mode="serve"), host, port)


def run_demo(data: Path, host: str, port: int) -> None:
    """Serve the invented agency; made at the first start."""
    from web.demo.people import PASSPHRASE, PASSWORD, PEOPLE, ROLES

    _see_that_it_is_free(host, port)
    if not is_agency(data):
        from web.demo.seed import seed

        began = time.monotonic()
        print(say("cli.demo.making", path=data), flush=True)
        with refusals():
            secret = seed(data, datetime.now(UTC))
        print(say("cli.demo.made", seconds=f"{time.monotonic() - began:.1f}"), flush=True)
        print(say("cli.demo.recovery", secret=in_groups(secret)), flush=True)
    title = "title_en" if language() == "en" else "title_zh"
    print(say("cli.demo.sign_ins", password=PASSWORD, passphrase=PASSPHRASE))
    for one in PEOPLE:
        print(f"  {one.staff_no}  {one.name:　<4}{ROLES[one.role][title]}")
    print(say("cli.demo.honest"), flush=True)
    _run(data, Settings(mode="demo"), host, port, _print_token)


def _see_that_it_is_free(host: str, port: int) -> None:
    """Say so before anything is made when nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as fault:
        taken = fault.errno == errno.EADDRINUSE
        key = "cli.serve.port_taken" if taken else "cli.serve.no_address"
        stop(say(key, host=host, port=port))
    except OverflowError:
        stop(say("cli.serve.no_address", host=host, port=port))


def in_groups(secret: bytes) -> str:
    """A secret as people copy it: hexadecimal, four digits a group."""
    return secret.hex(" ", 2)


def _print_token(desk: Desk) -> None:
    """A token for the invented partner's machine, new at every start."""
    from web.demo.people import PARTNER_STAFF_NO, PASSPHRASE
    from web.tokens import make_token

    account = desk.directory.by_staff_no(PARTNER_STAFF_NO)
    if account is None:
        return
    last_day = local_day(desk.clock.now() + _DEMO_TOKEN_LASTS)
    token = make_token(desk, account, PASSPHRASE, "demo", last_day)
    print(say("cli.demo.token", staff_no=PARTNER_STAFF_NO, day=last_day, token=token), flush=True)


def _run(
    data: Path, settings: Settings, host: str, port: int, before: Callable[[Desk], None] | None = None
) -> None:
    """Serve with the keys inside the application (the demo's way)."""
    from web.app import create_app

    _prepare(logging.WARNING)  # the person who tries it out reads the same window
    with refusals():
        services, opened = assemble(data, settings)
    try:
        reason = opened.desk.journal.read_only
        if reason is not None:
            _say_read_only(reason)
        elif before is not None:
            before(opened.desk)
        services.renderer.warm_up()
        Announcing(_server(create_app(services), host, port)).run()
    finally:
        opened.close()
    sys.stdout.flush()


def _run_behind_a_vault(data: Path, settings: Settings, host: str, port: int) -> None:
    """Serve with the keys in a process of their own, shut or open."""
    from web.app import create_app
    from web.pdf.reader import PdfReaders
    from web.sealed.gate import Gate, Inside
    from web.sealed.pages import create_sealed_app
    from web.sealed.vaults import start_vault

    def inside() -> Inside:
        services, opened = assemble(data, settings, vault=vault)
        if opened.desk.journal.read_only is not None:
            _say_read_only(opened.desk.journal.read_only)
        services.renderer.warm_up()
        app = create_app(services)
        settle_memory()
        return Inside(app, opened.close)

    _prepare()
    with refusals():
        vault, end = start_vault(data, settings)
        is_open, agency = vault.state().is_open, read_agency(data)
    readers = PdfReaders()
    try:
        sealed = create_sealed_app(data, agency, vault, settings, readers)
        with refusals():
            gate = Gate(vault, sealed, inside, inside() if is_open else None)
        server = Announcing(_server(gate, host, port))
        if not is_open:
            server.after = "cli.serve.sealed"
        server.run()
    finally:
        readers.close()
        end()
    sys.stdout.flush()


def _prepare(least: int = logging.INFO) -> None:
    from web.logs import configure

    configure(least)
    sys.setswitchinterval(_SWITCH_SECONDS)


def settle_memory() -> None:
    """What a server holds when it begins stays: the collector of cycles need not look at it again.

    Every look at a hundred thousand rows stops all requests for a quarter of a second; what a request makes
    has hardly a cycle, so that looking seldom costs little memory.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def _say_read_only(reason: str) -> None:
    print(say("cli.read_only", reason=say(f"status.reason.{reason}")), file=sys.stderr, flush=True)


def _server(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app, host=host, port=port, loop="uvloop", http="httptools", log_level="warning",
        access_log=False, server_header=False, timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS, proxy_headers=False,
    )  # fmt: skip


class Announcing(uvicorn.Server):
    """Says its address when it listens, and one sentence more."""

    after = ""

    async def startup(self, sockets: object = None) -> None:
        await super().startup(sockets)  # type: ignore[arg-type]
        if not self.started:
            return
        settle_memory()
        port = self.servers[0].sockets[0].getsockname()[1]
        # Browsers keep Secure cookies on http://localhost; not every one does so on 127.0.0.1.
        shown = "localhost" if self.config.host in ("127.0.0.1", "::1", "0.0.0.0") else self.config.host
        address = f"http://{shown}:{port}/"
        print(say("cli.listening", address=address), flush=True)
        if self.after:
            print(say(self.after, address=address), flush=True)
