"""`fengjian audit`: every record of the journal again, and the read side against it.

Decides nothing about a record (engine.trust.audit does) and repairs nothing. Ends with 1 on any fault.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine import projection
from engine.errors import Broken, Invalid, NotFound, Problem
from engine.record import Record
from engine.trust import canonical, checkpoint, identifiers, root, snapshot
from engine.trust.audit import Passed, audit
from engine.trust.envelope import EVENT, Envelope
from web.assemble import OpenDesk, open_desk
from web.cli.speaking import print_json, refusals, say, stop

SHARED_FROM = 5_000
"""Records from which a second process pays: forking and gathering cost less than half a second."""


def run_audit(data: Path, since: Path | None, as_json: bool) -> None:
    """Audit a data folder; `since` is a checkpoint of earlier days that the journal must continue."""
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
    """Journal and read side, the journal by two processes where that pays; each fault once, in log order."""
    journal = opened.desk.journal
    if journal.read_only is not None:
        return [Problem("", journal.read_only)]
    if journal.durable_size < SHARED_FROM or (os.cpu_count() or 1) < 2:
        return [*_audit_journal(opened, older, journal.scan()), *_audit_projection(opened)]
    theirs = _given_away(opened)

    def work() -> list[Problem]:
        return _audit_journal(opened, older, _share(opened, lambda n: n in theirs))

    with _other_process(work) as other:
        mine = _audit_journal(opened, older, _share(opened, lambda n: n not in theirs))
        rows = _audit_projection(opened)
        found = {repr(one): one for one in (*mine, *other(), *rows)}
    return sorted(found.values(), key=lambda one: int(one.facts.get("index", journal.durable_size)))


def _given_away(opened: OpenDesk) -> frozenset[int]:
    """The log indexes of the documents the other process examines: two thirds, since rows are made here.

    Which document an index belongs to is taken from the read side. Were that wrong, a document would be split
    and its chain would seem broken: a fault too many, never one too few.
    """
    rows = enumerate(opened.desk.store.rows())
    return frozenset(step["index"] for n, row in rows if n % 3 for step in row["steps"])


def _share(opened: OpenDesk, is_examined: Callable[[int], bool]) -> Iterator[Record | Passed]:
    """The journal with the records of this share; of the others only the leaf, except snapshots and roots."""
    journal = opened.desk.journal
    everybodys = {index for index, _, _ in opened.desk.trust.snapshots()}
    for index in range(journal.durable_size):
        if is_examined(index) or index in everybodys:
            yield journal.read(index)
        else:
            yield Passed(index, journal.leaf_hash(index))


@contextmanager
def _other_process(work: Callable[[], list[Problem]]) -> Iterator[Callable[[], list[Problem]]]:
    """Do some work in a forked process meanwhile; what is given answers with its result. Raises Broken."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)

    def run() -> None:
        try:
            sending.send((work(), ""))
        except Broken as fault:
            sending.send(([], fault.code))

    process = context.Process(target=run, daemon=True)
    process.start()
    sending.close()

    def result() -> list[Problem]:
        try:
            problems, broken = receiving.recv()
        except EOFError:
            raise Broken("audit.process") from None
        if broken:
            raise Broken(broken)
        return list(problems)

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


def _audit_projection(opened: OpenDesk) -> list[Problem]:
    """The rows that are kept against rows made anew from the journal; and no nonce twice in all of it."""
    desk = opened.desk
    rows: dict[str, Any] = {}
    nonces: set[str] = set()
    replayed: list[Problem] = []
    for record in desk.journal.scan():
        if record.envelope.payload_type != EVENT:
            continue
        statement = record.statement()
        if statement["nonce"] in nonces:
            replayed.append(Problem("", "audit.replay", {"index": record.index, "seq": statement["seq"]}))
        nonces.add(statement["nonce"])
        event = identifiers.event_id(record.envelope.pae())
        place = record.kept_at()
        kept = None if place is None else desk.erasable.read(place)
        changes = projection.project(rows.get(statement["doc"]), record, event, statement, kept)
        if changes.row is not None:
            rows[changes.row["doc"]] = changes.row
    shown = {row["doc"]: row for row in desk.store.rows()}
    return replayed + [
        Problem("", "projection.differs", {"doc": doc})
        for doc in sorted(rows.keys() | shown.keys())
        if _plain(rows.get(doc)) != _plain(shown.get(doc))
    ]


def _plain(row: Any) -> Any:
    return json.loads(json.dumps(row)) if row is not None else None
