"""What clients were promised while servers were killed under them, and the checks after each restart.

Decides what counts as kept: the receipt's proof, the place in the log, the same answer to the same key, and
no document that nobody can open. Reads the server only from outside, and the journal only in a copy.
"""

from __future__ import annotations

import base64
import http.client
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from engine import projection
from engine.registry.registry import Registry
from engine.trust import checkpoint, identifiers, root, tlogproof
from engine.trust.envelope import EVENT
from engine.trust.log import Tree, tile_path
from tests.attack.house import Answer, Place, Server
from tests.benchmarks.agency import AUDITOR, CLERK, Prepared
from tests.benchmarks.material import FORM, Answers
from web.assemble import open_desk

WIDTH = 256
CLIENTS = 6
SAME = ("doc", "doc_id", "doc_no", "form", "version", "seq", "transition", "state", "revision", "event",
        "index", "received_at")  # fmt: skip
Rows = dict[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Request:
    """One writing call, to be repeated as it was."""

    path: str
    staff_no: str
    body: Mapping[str, Any]
    key: str


@dataclass
class History:
    """Every call that was begun and every receipt that was given."""

    prepared: Prepared
    begun: dict[str, Request] = field(default_factory=dict)
    receipts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    unexpected: list[tuple[str, int, bytes]] = field(default_factory=list)
    in_flight: int = 0
    tree: Tree = field(default_factory=Tree)
    roots: dict[int, bytes] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._answers = Answers(self.prepared.digests)

    # -- the load --

    def load(self, server: Server, workers: int, seconds: float, *, is_patient: bool) -> None:
        """So many clients submit and claim until the server is killed: so many seconds after the first
        receipt, or, not patient, after the first request."""
        threads = [threading.Thread(target=self._work, args=(server,)) for _ in range(workers)]
        before, until = len(self.receipts), time.monotonic() + 20
        for one in threads:
            one.start()
        while is_patient and len(self.receipts) == before and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(seconds)
        server.kill()
        for one in threads:
            one.join()

    def _work(self, server: Server) -> None:
        connection = server.connect()
        while True:
            number = next(self._numbers)
            body = {"form": FORM, "answers": self._answers.about(number)}
            receipt = self._take(server, connection, Request("/documents", CLERK, body, f"s-{number}"))
            if receipt is None:
                return
            if number % 2:
                continue
            path = f"/documents/{receipt['doc']}/transitions/claim"
            claim = Request(path, AUDITOR, {"expected_head": receipt["event"]}, f"c-{number}")
            if self._take(server, connection, claim) is None:
                return

    def _take(
        self, server: Server, connection: http.client.HTTPConnection, wanted: Request
    ) -> Mapping[str, Any] | None:
        self.begun[wanted.key] = wanted
        try:
            answer = self.ask(server, wanted, connection)
        except (OSError, http.client.HTTPException):
            return None
        if answer.status not in (200, 201):
            self.unexpected.append((wanted.key, answer.status, answer.body))
            return None
        receipt: Mapping[str, Any] = answer.json()
        self.receipts[wanted.key] = receipt
        return receipt

    def ask(
        self, server: Server, wanted: Request, connection: http.client.HTTPConnection | None = None
    ) -> Answer:
        token = self.prepared.tokens[wanted.staff_no]
        return server.call("POST", wanted.path, token, wanted.body, wanted.key, connection)

    # -- what has to hold after a restart --

    def repeat(self, server: Server, keys: list[str]) -> list[str]:
        """Ask each again with its key. The faults: another receipt for one that was acknowledged, or none."""
        faults = []
        connection = server.connect()
        for key in keys:
            known = self.receipts.get(key)
            answer = self.ask(server, self.begun[key], connection)
            if answer.status not in (200, 201):
                faults.append(f"{key}: {answer.status} {answer.body[:300]!r}")
                continue
            receipt = answer.json()
            if known is None:
                self.in_flight += 1
                self.receipts[key] = receipt
            elif any(receipt[name] != known[name] for name in SAME):
                faults.append(f"{key}: another receipt")
        connection.close()
        return faults

    def read_log(self, server: Server) -> None:
        """Follow the public log from its tiles: it continues what was seen, as its checkpoint says."""
        note = checkpoint.open(server.send("GET", "/log/checkpoint").body.decode())
        chain = root.walk(root.read_trust_file(server.send("GET", "/log/trust.json").body))
        assert checkpoint.is_signed_by(note, chain[-1].log[0].vkey) and note.size >= len(self.tree)
        for number in range(len(self.tree) // WIDTH, (note.size - 1) // WIDTH + 1):
            width = min(WIDTH, note.size - number * WIDTH)
            data = server.send("GET", "/log/" + tile_path(0, number, width)).body
            assert len(data) == width * 32
            for place in range(width):
                leaf, index = data[place * 32 : place * 32 + 32], number * WIDTH + place
                if index < len(self.tree):
                    assert self.tree.leaf(index) == leaf, "the log was rewritten"
                else:
                    self.tree.append(leaf)
                    self.roots[index + 1] = self.tree.root()
        assert self.roots[note.size] == note.root

    def unproved(self, keys: list[str]) -> list[str]:
        """Receipts whose proof does not hold, or whose checkpoint the log of today does not continue."""
        faults = []
        for key in keys:
            receipt = self.receipts[key]
            proof = tlogproof.parse(receipt["proof"])
            head = checkpoint.open(proof.note)
            holds = (
                proof.index == receipt["index"]
                and self.roots.get(head.size) == head.root
                and tlogproof.is_included(proof, self.tree.leaf(proof.index), head)
            )
            if not holds or receipt["checkpoint"] != proof.note:
                faults.append(key)
        return faults

    def documents(self, server: Server) -> Rows:
        """Every document the clerk's list shows."""
        token, rows, after = self.prepared.tokens[CLERK], dict[str, tuple[Any, ...]](), ""
        while True:
            page = server.call("GET", f"/documents?limit=100{after}", token).json()
            for row in page["documents"]:
                assert row["doc"] not in rows
                rows[row["doc"]] = shown(row)
            if page["next"] is None:
                assert page["total"] == len(rows)
                return rows
            after = "&after=" + quote(page["next"])

    def half(self, server: Server, rows: Rows, chosen: list[str]) -> list[str]:
        """Documents of the list that do not open, or open as something else than the list says."""
        faults = []
        connection = server.connect()
        token = self.prepared.tokens[CLERK]
        for doc in chosen:
            answer = server.call("GET", f"/documents/{doc}", token, connection=connection)
            if answer.status != 200 or shown(answer.json()) != rows[doc]:
                faults.append(f"{doc}: {answer.status}")
        connection.close()
        return faults


def shown(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a list and a document page have in common."""
    return tuple(row[name] for name in ("doc_id", "doc_no", "state", "revision", "head"))


@dataclass(frozen=True, slots=True)
class Told:
    """What the journal itself says: events by index, and the rows that follow from them."""

    events: dict[int, str]
    rows: Rows
    size: int

    def newest(self, rows: Rows) -> set[str]:
        """The documents of the last records: those that a kill may have cut in two."""
        heads = {row[-1]: doc for doc, row in rows.items()}
        last = sorted(self.events)[-2 * CLIENTS :]
        return {heads[self.events[index]] for index in last if self.events[index] in heads}


def told_by_a_copy(place: Place, folder: Path, registry: Registry) -> Told:
    """Open a copy of a killed server's folders and fold its journal from the beginning."""
    with place.copy(folder).at_home() as data:
        opened = open_desk(data, registry=registry)
        try:
            journal = opened.desk.journal
            assert journal.read_only is None, journal.read_only
            events: dict[int, str] = {}
            rows: dict[str, Any] = {}
            for record in journal.scan():
                if record.envelope.payload_type != EVENT:
                    continue
                event, statement = identifiers.event_id(record.envelope.pae()), record.statement()
                kept_at = record.kept_at()
                kept = None if kept_at is None else opened.desk.erasable.read(kept_at)
                changes = projection.project(rows.get(statement["doc"]), record, event, statement, kept)
                if changes.row is None:
                    continue  # the house's own record: what is shipped, what a setting says
                rows[statement["doc"]] = changes.row
                events[record.index] = event
            stored = {row["doc"]: json.dumps(row, sort_keys=True) for row in opened.desk.store.rows()}
            made = {doc: json.dumps(row, sort_keys=True) for doc, row in rows.items()}
            assert stored == made, "the projection is not what the journal says"
            size, _, note = journal.checkpoint()
            assert note.split("\n")[1:3] == [str(size), base64.b64encode(checkpoint.open(note).root).decode()]
            return Told(events, {doc: shown(row) for doc, row in rows.items()}, size)
        finally:
            opened.close()


def moment(chance: Random) -> float:
    """When to kill, in seconds after the load began: mostly amid it, sometimes at once."""
    return chance.random() * chance.choice((0.05, 0.4, 1.0))
