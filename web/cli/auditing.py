"""`fengjian audit`: every record of the journal again, and the read side against it.

Decides nothing about a record (engine.trust.audit does) and repairs nothing. Ends with 1 on any fault.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson

from engine import projection
from engine.desk import revisions, shipping
from engine.errors import Broken, Invalid, NotFound, Problem
from engine.record import Record
from engine.trust import amends, canonical, checkpoint, identifiers, root, snapshot
from engine.trust.audit import Passed, audit
from engine.trust.envelope import EVENT, Envelope
from engine.versions.published import Published, shipped_in
from web.assemble import OpenDesk, open_desk
from web.cli.speaking import print_json, refusals, say, stop

T = TypeVar("T")
SHARED_FROM = 5_000
"""Records from which a second process pays: forking and gathering cost less than half a second."""


def run_audit(data: Path, since: Path | None, as_json: bool) -> None:
    """Audit a data folder; `since` is a checkpoint of earlier days that the journal must continue."""
    gc.disable()  # what an audit makes has no cycles, and looking for them takes a tenth of its time
    with refusals():
        older = _read_checkpoint(since) if since is not None else ""
        opened = open_desk(data)
        try:
            size, _, _ = opened.desk.journal.checkpoint()
            problems = _audit_all(opened, older)
        finally:
            opened.close()
    if as_json:
        found: dict[str, Any] = {"records": size, "problems": [problem.as_json() for problem in problems]}
        if older:
            found["since"] = checkpoint.open(older).size
        print_json(found)
    else:
        for problem in problems:
            print(say("cli.audit.problem", code=problem.code, index=problem.facts.get("index", "–")))
        if older and not problems:
            print(say("cli.audit.since", size=checkpoint.open(older).size))
        print(say("cli.audit.good" if not problems else "cli.audit.bad", records=size, count=len(problems)))
    raise SystemExit(1 if problems else 0)


def _read_checkpoint(place: Path) -> str:
    try:
        note = place.read_text("utf-8")
        checkpoint.open(note)
        return note
    except (OSError, UnicodeDecodeError):
        stop(say("cli.file", path=place))
    except Invalid:
        stop(say("cli.audit.no_checkpoint", path=place))


def _audit_all(opened: OpenDesk, older: str) -> list[Problem]:
    """Journal, read side and published forms, by two processes where that pays; in log order."""
    journal = opened.desk.journal
    if journal.read_only is not None:
        return [Problem("", journal.read_only)]
    if journal.durable_size < SHARED_FROM or (os.cpu_count() or 1) < 2:
        alone = _examine(opened, older, Reading(opened))
        forms = _judge_forms(opened, alone.ships)
        linked = amends.judge(alone.links)
        return [*alone.problems, *_replayed(alone.nonces), *linked, *alone.rows, *forms]
    docs = _given_away(opened)
    given = (row for row in opened.desk.store.rows() if row["doc"] in docs)
    theirs = frozenset(step["index"] for row in given for step in row["steps"])

    def work() -> Examined:
        return _examine(opened, older, Reading(opened, lambda n: n in theirs, lambda doc: doc in docs))

    with _other_process(work) as other:
        rest = Reading(opened, lambda n: n not in theirs, lambda doc: doc not in docs)
        mine = _examine(opened, older, rest)
        yours = other()
    twice = _replayed(sorted((*mine.nonces, *yours.nonces)))
    rows = sorted((*mine.rows, *yours.rows), key=lambda one: str(one.facts["doc"]))
    forms = _judge_forms(opened, [*mine.ships, *yours.ships])
    linked = amends.judge([*mine.links, *yours.links])
    found = {repr(one): one for one in (*mine.problems, *yours.problems, *twice, *linked, *rows, *forms)}
    return sorted(found.values(), key=lambda one: int(one.facts.get("index", journal.durable_size)))


def _judge_forms(opened: OpenDesk, ships: list[Published]) -> list[Problem]:
    """Published and shipped versions against what is kept and in force."""
    shipped = [problem for entry in ships for problem in shipping.judge(opened.desk, entry)]
    return [*revisions.audit(opened.desk), *shipped]


def _given_away(opened: OpenDesk) -> frozenset[str]:
    """The documents the other process examines: every second one.

    Which document an index belongs to is taken from the read side. Were that wrong, a document would be split
    and its chain would seem broken: a fault too many, never one too few.
    """
    return frozenset(row["doc"] for n, row in enumerate(opened.desk.store.rows()) if n % 2)


@dataclass(frozen=True, slots=True)
class Examined:
    """What one process found: faults of records, faults of rows, (index, seq, nonce) of its events, what they
    record as shipped, and what they say of changes across documents."""

    problems: list[Problem]
    rows: list[Problem]
    nonces: list[tuple[int, int, str]]
    ships: list[Published]
    links: list[amends.Link]


def _examine(opened: OpenDesk, older: str, reading: Reading) -> Examined:
    problems = _audit_journal(opened, older, reading.records())
    return Examined(problems, reading.differences(), reading.nonces, reading.ships, reading.links)


def _replayed(nonces: Iterable[tuple[int, int, str]]) -> list[Problem]:
    """Every event whose nonce an earlier one in the log has."""
    seen: set[str] = set()
    found = []
    for index, seq, nonce in nonces:
        if nonce in seen:
            found.append(Problem("", "audit.replay", {"index": index, "seq": seq}))
        seen.add(nonce)
    return found


@contextmanager
def _other_process(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do some work in a forked process meanwhile; what is given answers with its result. Raises Broken."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)

    def run() -> None:
        try:
            sending.send((work(), ""))
        except Broken as fault:
            sending.send((None, fault.code))

    process = context.Process(target=run, daemon=True)
    process.start()
    sending.close()

    def result() -> T:
        try:
            found, broken = receiving.recv()
        except EOFError:
            raise Broken("audit.process") from None
        if broken:
            raise Broken(broken)
        return cast(T, found)

    try:
        yield result
    finally:
        receiving.close()
        process.join()


def _audit_journal(opened: OpenDesk, older: str, records: Iterable[Record | Passed]) -> list[Problem]:
    desk = opened.desk
    people = {
        snapshot.read(Envelope.from_json(canonical.parse(envelope)).payload).version: json.loads(entries)
        for _, envelope, entries in desk.trust.snapshots()
    }

    def form_bytes(digest: str) -> bytes | None:
        try:
            form = desk.registry.by_digest(digest).bundle
        except NotFound:
            return None
        return canonical.encode_bundle(
            {"schema": form.schema, "states": form.states, "layout": form.layout, "locale": form.locale}
        )

    def people_of(one: snapshot.Snapshot) -> Any:
        return people.get(one.version, [])

    chain = root.walk(root.read_trust_file(desk.trust.root_chain()))
    _, _, note = desk.journal.checkpoint()
    return list(
        audit(
            records,
            trust=chain,
            forms=form_bytes,
            people=people_of,
            checkpoints=[note, older] if older else [note],
        )
    )


class Reading:
    """The records of one share, read once: handed to the audit, and made into rows on the way."""

    def __init__(
        self,
        opened: OpenDesk,
        is_examined: Callable[[int], bool] = lambda _: True,
        is_shown: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """`is_examined` says which indexes are of this share, `is_shown` which documents."""
        self.nonces: list[tuple[int, int, str]] = []
        self.ships: list[Published] = []
        self.links: list[amends.Link] = []
        self._desk, self._is_examined, self._is_shown = opened.desk, is_examined, is_shown
        self._rows: dict[str, Any] = {}

    def records(self) -> Iterator[Record | Passed]:
        """The journal with the records of this share; of the others only the leaf, except snapshots."""
        journal = self._desk.journal
        everybodys = {index for index, _, _ in self._desk.trust.snapshots()}
        for index in range(journal.durable_size):
            is_mine = self._is_examined(index)
            if is_mine or index in everybodys:
                record = journal.read(index)
                if is_mine and record.envelope.payload_type == EVENT:
                    self._make_row(record)
                yield record
            else:
                yield Passed(index, journal.leaf_hash(index))

    def _make_row(self, record: Record) -> None:
        statement = record.statement()
        self.nonces.append((record.index, statement["seq"], statement["nonce"]))
        self.ships.extend(shipped_in(statement, record.index))
        event = identifiers.event_id(record.envelope.pae())
        link = amends.link_of(statement, event, record.index)
        if link is not None:
            self.links.append(link)
        place = record.kept_at()
        kept = None if place is None else self._desk.erasable.read(place)
        changes = projection.project(self._rows.get(statement["doc"]), record, event, statement, kept)
        if changes.row is not None:
            self._rows[changes.row["doc"]] = changes.row

    def differences(self) -> list[Problem]:
        """The rows that are kept against those made anew from the records that were handed out."""
        shown = {row["doc"]: row for row in self._desk.store.rows() if self._is_shown(row["doc"])}
        return [
            Problem("", "projection.differs", {"doc": doc})
            for doc in sorted(self._rows.keys() | shown.keys())
            if _plain(self._rows.get(doc)) != _plain(shown.get(doc))
        ]


def _plain(row: Any) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
