"""Server time of every page that a person can open, with thousands of documents of every form.

Follows the links of each role's pages from the home page on, begins what each role may begin, and times every
kind of page: the application is called in this process (ASGI), so that the figure is the server's own work up
to the last byte, without network and client; processor time, since other work on the machine would count
otherwise, and the time by the clock beside it. Median of twenty, after one unmeasured.

    python -m tests.benchmarks.every_page [DATA]      DATA: a folder that tests.benchmarks.mixed filled before
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from fastapi import FastAPI

import schemas
from engine.desk import drafting, scheduling
from engine.desk.desk import Desk
from engine.errors import Refused
from engine.identity import local_date, local_day
from engine.lifecycle.advance import begin as role_to_begin
from engine.ports import ListView
from tests.benchmarks import mixed
from tests.benchmarks.agency import at_work
from tests.benchmarks.table import Row, markdown
from web.app import create_app
from web.assemble import open_desk
from web.demo.people import PASSPHRASE, PASSWORD, PEOPLE
from web.services import Services, build_services
from web.settings import Settings

GOAL_MS: Final = 60.0
EACH: Final = 2
"""So many addresses of one kind are timed for one person; the slowest counts."""
MOST: Final = 400
OPENED: Final = 60
"""So many of the documents that can be opened are."""
_DOCUMENT = re.compile(r"/documents/([^/?]+)")
_LINK = re.compile(r'href="(/[^"]*)"')
_LEFT_OUT = re.compile(
    r"^/(static|sign-out|verify/fengjian|log|api|documents/[^/]+/(print|files|bundle|papers))"
)


@dataclass(frozen=True, slots=True)
class Timed:
    """A kind of page for one role: where, and the milliseconds it takes, by the clock and of processors."""

    kind: str
    staff_no: str
    path: str
    ms: float
    busy: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Every kind of page for everybody; milliseconds of opening the folder and of each piece of a round."""

    documents: int
    pages: list[Timed]
    opening: float
    rounds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    kind: str
    body: bytes
    ms: float
    busy: float


@dataclass
class Person:
    """Somebody at a browser, with the server in the same process."""

    app: FastAPI
    staff_no: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def sign_in(self) -> None:
        """Sign in and open the signing key."""
        page = (await self.ask("/sign-in")).body.decode()
        token = page.split('name="_csrf" value="', 1)[1].split('"', 1)[0]
        pairs = {"staff_no": self.staff_no, "password": PASSWORD, "passphrase": PASSPHRASE, "_csrf": token}
        answer = await self.ask("/sign-in", urlencode(pairs).encode())
        if answer.status != 303:
            raise RuntimeError(f"{self.staff_no} could not sign in")

    async def ask(self, path: str, body: bytes | None = None) -> Answer:
        """One request, and the time until its last byte."""
        place = urlsplit(path)
        head = [(b"host", b"testserver"), (b"sec-fetch-site", b"same-origin")]
        head += [(b"cookie", "; ".join(f"{n}={v}" for n, v in self.cookies.items()).encode())]
        if body is not None:
            head += [(b"content-type", b"application/x-www-form-urlencoded")]
            head += [(b"content-length", str(len(body)).encode()), (b"origin", b"https://testserver")]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "https",
            "method": "GET" if body is None else "POST", "path": place.path, "raw_path": place.path.encode(),
            "query_string": place.query.encode(), "headers": head, "root_path": "",
            "client": ("127.0.0.1", 1), "server": ("testserver", 443), "state": {},
        }  # fmt: skip
        sent: list[Mapping[str, Any]] = []
        left = [{"type": "http.request", "body": body or b"", "more_body": False}]

        async def receive() -> Mapping[str, Any]:
            return left.pop() if left else await asyncio.Future()

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        began, worked = perf_counter(), process_time()
        await self.app(scope, receive, send)  # type: ignore[arg-type]  # Starlette's types say MutableMapping
        spent, busy = (perf_counter() - began) * 1000, (process_time() - worked) * 1000
        told = [(n.decode().lower(), v.decode("latin-1")) for n, v in sent[0]["headers"]]
        for one in (value for name, value in told if name == "set-cookie"):
            name, _, value = one.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        kind = next((value for name, value in told if name == "content-type"), "")
        text = b"".join(one.get("body", b"") for one in sent[1:])
        return Answer(sent[0]["status"], kind, text, spent, busy)


def kind_of(desk: Desk, path: str) -> str:
    """What kind of page an address is: ids replaced by the form they are of, values by their names."""
    place = urlsplit(path)
    parts = []
    for part in place.path.split("/"):
        row = desk.store.get(part) if len(part) > 20 else None
        if row is not None:
            parts.append(f"<{row['form']} {row['state']}>")
        elif re.fullmatch(r"[a-z]+_[0-9A-Za-z_-]{10,}|[0-9a-f]{16,}", part):
            parts.append("{id}")
        else:
            parts.append("{n}" if part.isdigit() else "{id}" if re.fullmatch(r"[a-z2-7]{26}", part) else part)
    names = sorted({name for name, _ in parse_qsl(place.query, keep_blank_values=True)})
    return "/".join(parts) + ("?" + "&".join(names) if names else "")


async def pages_of(person: Person, desk: Desk, real: Iterable[str]) -> dict[str, list[str]]:
    """Addresses by kind that lead to pages, found by following links."""
    known = frozenset(real)
    found: dict[str, list[str]] = {}
    waiting, seen = ["/", "/search", *(f"/documents/{one}" for one in sorted(known))], set[str]()
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        if path in seen or _LEFT_OUT.match(path):
            continue
        named = _DOCUMENT.match(path)
        if named and named[1] not in known:
            continue
        kind = kind_of(desk, path)
        if len(found.get(kind, ())) >= EACH:
            continue
        seen.add(path)
        answer = await person.ask(path)
        if answer.status >= 500:
            raise RuntimeError(f"{person.staff_no} {path}: {answer.status}")
        if answer.status != 200 or not answer.kind.startswith("text/html"):
            continue
        found.setdefault(kind, []).append(path)
        for link in _LINK.findall(answer.body.decode()):
            waiting.append(quote(unescape(link).split("#", 1)[0], safe="/?&=%~.:+,;@-_"))
    return found


async def timed(person: Person, kind: str, paths: Iterable[str], times: int) -> Timed:
    """The median of the slowest address of a kind."""
    slowest = Timed(kind, person.staff_no, "", 0.0, 0.0)
    for path in paths:
        await person.ask(path)
        answers = [await person.ask(path) for _ in range(times)]
        ms, busy = (statistics.median(one) for one in zip(*((a.ms, a.busy) for a in answers), strict=True))
        if busy > slowest.busy:
            slowest = Timed(kind, person.staff_no, path, ms, busy)
    return slowest


def begin_all(desk: Desk, staff_no: str) -> None:
    """A draft of every form that this person may begin."""
    actor, _ = at_work(desk, staff_no)
    now = desk.clock.now()
    held = {one.form for one in drafting.list_drafts(desk, actor)}
    for form in desk.registry.all_in_force(local_date(now)):
        try:
            role_to_begin(form, actor, local_day(now))
            if form.form not in held:
                drafting.begin(desk, actor, form.form, example_of(form.form, form.version))
        except Refused:
            continue


def example_of(form: str, version: str) -> dict[str, Any]:
    """The answers of the first good example that is shipped with a form."""
    folder = Path(str(schemas.root().joinpath(form, version, "examples")))
    good = sorted(folder.glob("ok-*.json"))
    return dict(json.loads(good[0].read_bytes())["data"]) if good else {}


def measure(
    data: Path,
    real: Iterable[str],
    times: int = 20,
    people: Iterable[str] = (),
    say: Callable[[str], None] = print,
) -> Measured:
    """Open a folder, run the scheduler, and time every kind of page for everybody (or for some people)."""
    began = perf_counter()
    opened = open_desk(data)
    opening = (perf_counter() - began) * 1000
    try:
        services = build_services(opened.desk, Settings(hosts=("testserver",), mode="demo"))
        documents, rounds = opened.desk.store.count(ListView()), rounds_of(opened.desk)
        pages = asyncio.run(_all(services, tuple(real), times, tuple(people), say))
        return Measured(documents, pages, opening, rounds)
    finally:
        opened.close()


def rounds_of(desk: Desk) -> dict[str, float]:
    """Milliseconds of each piece of the scheduler, done a second time: when all that was due is done."""
    spent: dict[str, float] = {}
    for _ in range(2):
        for piece in scheduling.PIECES:
            began = process_time()
            piece.work(desk)
            spent[piece.name] = (process_time() - began) * 1000
    return spent


async def _all(
    services: Services, real: tuple[str, ...], times: int, people: tuple[str, ...], say: Callable[[str], None]
) -> list[Timed]:
    app, out = create_app(services), list[Timed]()
    for one in PEOPLE:
        if people and one.staff_no not in people:
            continue
        person = Person(app, one.staff_no)
        await person.sign_in()
        begin_all(services.desk, one.staff_no)
        pages = await pages_of(person, services.desk, real)
        for kind, paths in sorted(pages.items()):
            took = await timed(person, kind, paths, times)
            out.append(took)
            if took.busy > GOAL_MS:
                say(f"  over: {took.busy:.0f} ms {took.staff_no} {took.kind} {took.path}")
    return out


def family_of(kind: str) -> str:
    """The family of a kind of page: what its address begins with, and which page of a document it is."""
    parts = [one for one in kind.partition("?")[0].split("/") if one and not one.startswith(("<", "{"))]
    if not parts:
        return "home"
    return "/".join(parts[:2]) if parts[0] in ("documents", "drafts", "figures") else parts[0]


def rows_of(measured: Measured) -> list[Row]:
    """The table: each family by its slowest page for anybody, in processor time; then what is not a page."""
    slowest: dict[str, Timed] = {}
    for one in measured.pages:
        known = slowest.get(family_of(one.kind))
        if known is None or one.busy > known.busy:
            slowest[family_of(one.kind)] = one
    size = f"{measured.documents:,} documents of mixed forms"
    rows = [
        Row(f"page, {name}, processor time, p50, {size}", one.busy, "ms", GOAL_MS)
        for name, one in sorted(slowest.items())
    ]
    late = max((one.ms for one in measured.pages), default=0.0)
    rows.append(Row(f"page, slowest of {len(measured.pages)} by the clock, p50, {size}", late, "ms"))
    rows.append(Row(f"opening the folder, {size}", measured.opening / 1000, "s"))
    rounds = [
        Row(f"round of the scheduler, {name}, {size}", ms, "ms") for name, ms in measured.rounds.items()
    ]
    return [*rows, *rounds]


def main(options: list[str]) -> int:
    """Print every kind of page, the slowest first."""
    with tempfile.TemporaryDirectory(prefix="fengjian-pages-") as folder:
        data = Path(options[0]) if options else Path(folder) / "data"
        made = mixed.make(data, 10_000, 4_000)
        measured = measure(data, made.real[:OPENED])
    for one in sorted(measured.pages, key=lambda one: -one.busy):
        print(f"{one.busy:8.1f} {one.ms:8.1f} ms  {one.staff_no}  {one.kind}")
    print(markdown(rows_of(measured)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
